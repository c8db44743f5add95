"""Listens through Linux's inotify, and tells what watchdog only logs or dies of: what was dropped, left out, mixed up."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from watchdog.observers.api import BaseObserver
from watchdog.observers.inotify import InotifyEmitter, InotifyObserver, InotifyWatchGroup
from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
)

Tell = Callable[[Path], None]
"""Is told of a folder, from any thread."""


class _Line(InotifyFD):
    def __init__(self, dropped: Callable[[], None], no_room: Tell, mixed_up: Tell) -> None:
        super().__init__()
        self.no_room = no_room
        self.mixed_up = mixed_up
        self._dropped = dropped

    def _add_callback(
        self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
    ) -> WatchDescriptor:
        """Listen to a folder once, however often it is found, as happens where folders come and go quickly."""
        watch = self._get_or_create_watch(path, mask)
        watch.callbacks[id_] = callback
        return watch.wd

    def handle_event(self, event: InotifyEvent) -> None:
        super().handle_event(event)
        if event.is_queue_overflow:
            self._dropped()


class _Group(InotifyWatchGroup):
    """The folders below one root.

    Where folders of one name come and go quickly, watchdog 7.1 takes one for another: then what it tells carries wrong
    names, and once it misses an entry of its own, its only reading thread ends.
    """

    _inotify_fd: _Line

    def _add_callback(self, path: bytes) -> None:
        try:
            wd = self._inotify_fd.add_callback(path, self.event_mask, self, self._id)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self._inotify_fd.no_room(Path(os.fsdecode(path)))
            if path == self.path:
                raise
            return  # it went meanwhile, or may not be listened to
        known, name = self._active_callbacks_by_path, self._active_callbacks_by_watch
        if known.get(path, wd) != wd or name.get(wd, path) != path:
            self._mixed_up()
        known[path], name[wd] = wd, path

    def _remove_watch_internally(self, wd: WatchDescriptor) -> None:
        try:
            super()._remove_watch_internally(wd)
        except KeyError:
            self._mixed_up()

    def _mixed_up(self) -> None:
        self._inotify_fd.mixed_up(Path(os.fsdecode(self.path)))


class _Emitter(InotifyEmitter):
    _inotify_fd: _Line

    def on_thread_start(self) -> None:
        root, mask = os.fsencode(self.watch.path), self.get_event_mask_from_filter()
        self._inotify = _Group(self._inotify_fd, root, is_recursive=self.watch.is_recursive, event_mask=mask)


class Inotify(InotifyObserver):
    """An observer that tells more.

    dropped: is called when events were lost; no_room: with a folder that it cannot listen to; mixed_up: with a root
    below which it may take one folder for another from now on.
    """

    def __init__(self, dropped: Callable[[], None], no_room: Tell, mixed_up: Tell) -> None:
        self._inotify_fd = _Line(dropped, no_room, mixed_up)
        self._inotify_fd.start()
        BaseObserver.__init__(self, _Emitter, inotify_fd=self._inotify_fd)
