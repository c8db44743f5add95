"""Hears what changes below folders whose file system announces it, and says of which sides it hears nothing.

A folder is listened to where it lies now. ``check`` finds out that it went away, came back or was replaced, or that the
system dropped what it could not deliver, or lost count of its folders; then all of it is to be looked at.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from watchdog import events
from watchdog.observers.api import BaseObserver, ObservedWatch

from synctool.core.model import RESERVED, TEMPORARY, Handle
from synctool.core.pacing import EVERYWHERE
from synctool.store.mounts import on_network

log = logging.getLogger(__name__)

Key = tuple[str, str]
"""A profile's name and a side's."""

Tell = Callable[[Handle], None]
"""Is told what changed, from any thread; "" is everything."""

WANTED: list[type[events.FileSystemEvent]] = [
    events.DirCreatedEvent,
    events.DirDeletedEvent,
    events.DirMovedEvent,
    events.FileCreatedEvent,
    events.FileDeletedEvent,
    events.FileMovedEvent,
    events.FileClosedEvent if sys.platform == "linux" else events.FileModifiedEvent,
]
"""What says that a file or folder is another; Linux also says when one that was written is closed."""


@dataclass(slots=True)
class _Ear:
    """What is heard of one folder. where: it and its number as they are listened to, None while it is not there.

    full: the system has no room for all of it; mixed_up: one folder may be taken for another there; deaf: nothing is announced there, and it is not asked after here, as a
    share that is away would keep everything waiting.
    """

    root: Path
    tell: Tell
    where: tuple[Path, int, int] | None = None
    watch: ObservedWatch | None = None
    full: bool = False
    mixed_up: bool = False
    deaf: bool = False


class Ears:
    """Listens to folders; ``listen``, ``check``, ``forget`` and ``close`` belong to one thread."""

    def __init__(self) -> None:
        self._ears: dict[Key, _Ear] = {}
        self._observer = self._observing()
        self._observer.start()

    def listen(self, key: Key, root: Path, tell: Tell) -> None:
        """Tell from now on what changes below a folder, and that it comes, goes, or is another."""
        if key not in self._ears or self._ears[key].root != root:
            self.forget(key)
            self._ears[key] = _Ear(root, tell)
            self._turn(self._ears[key])

    def forget(self, key: Key) -> None:
        """Listen no longer."""
        if ear := self._ears.pop(key, None):
            self._let_go(ear)

    def hears(self, key: Key) -> bool:
        """Whether changes there are announced, or its coming is; else it must be looked at now and then."""
        return key in self._ears and not self._ears[key].deaf

    def check(self) -> None:
        """Notice folders that came, went, or are others by now, and those of which not all is heard."""
        for ear in self._ears.values():
            if not ear.deaf and (ear.full or ear.mixed_up or _where(ear.root) != ear.where):
                self._turn(ear)
                ear.tell(EVERYWHERE)

    def close(self) -> None:
        """Listen to nothing any more."""
        self._observer.stop()
        self._observer.join()

    def _turn(self, ear: _Ear) -> None:
        """Listen where the folder lies now, if anything is announced there."""
        self._let_go(ear)
        ear.mixed_up = False
        ear.deaf = ear.full or on_network(ear.root)
        ear.where = None if ear.deaf else _where(ear.root)
        if ear.where is None:
            return
        handler = _Handler(str(ear.where[0]), ear.tell)
        try:
            ear.watch = self._observer.schedule(handler, handler.root, recursive=True, event_filter=WANTED)
        except FileNotFoundError:
            ear.where = None  # gone meanwhile; the next check notices when it is back
        except OSError as error:
            ear.deaf = True
            if not ear.full:
                log.warning("%s: changes are not announced, so it is polled: %s", ear.root, error.strerror)

    def _let_go(self, ear: _Ear) -> None:
        if ear.watch is not None:
            with suppress(KeyError):  # it ended by itself when its folder went
                self._observer.unschedule(ear.watch)
            ear.watch = None

    def _observing(self) -> BaseObserver:
        if sys.platform == "linux":
            from synctool.engine.watching.inotify import Inotify  # noqa: PLC0415 - there only

            observer: BaseObserver = Inotify(self._dropped, self._no_room, self._mixed_up)
        else:
            from watchdog.observers import Observer  # noqa: PLC0415 - not on Linux

            observer = Observer()
        return observer

    def _dropped(self) -> None:
        """The system could not deliver something, and does not say what."""
        for ear in list(self._ears.values()):
            ear.tell(EVERYWHERE)

    def _no_room(self, folder: Path) -> None:
        """A folder cannot be listened to: then what lies above it is not heard whole."""
        for ear in list(self._ears.values()):
            if not ear.full and (
                folder.is_relative_to(ear.root) or folder.is_relative_to(ear.root.resolve())
            ):
                ear.full = True
                log.warning(
                    "%s: has more folders than the system announces changes of, so it is polled; "
                    "raise fs.inotify.max_user_watches to be told at once",
                    ear.root,
                )

    def _mixed_up(self, root: Path) -> None:
        for ear in list(self._ears.values()):
            if ear.where is not None and ear.where[0] == root:
                ear.mixed_up = True


class _Handler(events.FileSystemEventHandler):
    """Turns what the system announces into handles."""

    def __init__(self, root: str, tell: Tell) -> None:
        self.root = root
        self._tell = tell

    def on_any_event(self, event: events.FileSystemEvent) -> None:
        """Tell both ends of a move, and the one place of anything else."""
        for handle in handles(event, self.root):
            self._tell(handle)


def handles(event: events.FileSystemEvent, root: str) -> Iterator[Handle]:
    """What an event is about, as a drive calls it; nothing for what is our own, or never travels."""
    for place in (event.src_path, event.dest_path):
        if place:
            parts = Path(os.fsdecode(place)).relative_to(root).parts
            handle = "/".join(parts) + "/" * (bool(parts) and event.is_directory)
            if not _is_ours(parts) and _is_text(handle):
                yield handle


def _is_ours(parts: tuple[str, ...]) -> bool:
    return parts[:1] == (RESERVED,) or any(part.startswith(TEMPORARY) for part in parts)


def _is_text(handle: Handle) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in handle)


def _where(root: Path) -> tuple[Path, int, int] | None:
    """The place of a folder that is there, and what tells it from another at the same place."""
    try:
        status = root.stat()
        return root.resolve(), status.st_dev, status.st_ino
    except OSError:
        return None
