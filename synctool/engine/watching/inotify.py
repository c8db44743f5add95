"""Listens through Linux's inotify, and tells what watchdog only logs: events that were dropped, folders left out."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from watchdog.observers.api import BaseObserver
from watchdog.observers.inotify import InotifyEmitter, InotifyObserver
from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
)


class _Line(InotifyFD):
    def __init__(self, dropped: Callable[[], None], no_room: Callable[[Path], None]) -> None:
        super().__init__()
        self._dropped = dropped
        self._no_room = no_room

    def add_callback(
        self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
    ) -> WatchDescriptor:
        try:
            return super().add_callback(path, mask, callback, id_)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self._no_room(Path(os.fsdecode(path)))
            raise

    def handle_event(self, event: InotifyEvent) -> None:
        super().handle_event(event)
        if event.is_queue_overflow:
            self._dropped()


class Inotify(InotifyObserver):
    """An observer that calls ``dropped`` when events were lost, and ``no_room`` with a folder it cannot listen to."""

    def __init__(self, dropped: Callable[[], None], no_room: Callable[[Path], None]) -> None:
        self._inotify_fd = _Line(dropped, no_room)
        self._inotify_fd.start()
        BaseObserver.__init__(self, InotifyEmitter, inotify_fd=self._inotify_fd)
