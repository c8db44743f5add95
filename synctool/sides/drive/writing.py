"""Changes what lies on a drive, each change conditional on what was there, so that a repetition finds its work done."""

import os
import stat
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import BinaryIO

from synctool.core.model import Entry, Handle, Kind, Meta, Place
from synctool.core.names import is_noise
from synctool.sides.base import PLACEHOLDER
from synctool.sides.drive.case import respell, spelled
from synctool.sides.drive.evidence import fits, is_now
from synctool.sides.drive.folder import Folder
from synctool.sides.drive.paths import Paths, above
from synctool.sides.drive.root import Root
from synctool.sides.drive.transfer import holds_bytes, received
from synctool.sides.drive.trash import Trash, in_trash
from synctool.sides.drive.trouble import admitted, border

Seen = Callable[[Handle, str, os.stat_result], Entry]
"""The entry of what lies in a folder under a name, with this status."""


class Writing:
    """The ways in which a drive is changed. Paths are names from the root; one change is made at a time.

    All raise Stale when the world moved, and the other SideErrors as the disk says.
    """

    def __init__(self, root: Root, trash: Trash, paths: Paths, entry: Seen) -> None:
        self._root = root
        self._trash = trash
        self._paths = paths
        self._entry = entry
        self._lock = threading.Lock()

    def store(self, names: Sequence[str], at: Entry | Place, data: BinaryIO, meta: Meta) -> Entry:
        """Give a document these bytes, once they are all there."""
        with border(self._paths.side, "/".join(names)), self._root.folder().below(names[:-1]) as folder:
            if not fits(at, folder.look(names[-1])):
                return self._settled(folder, names, meta)
            with received(folder, data, meta) as temp, self._lock:
                made = folder.look(temp)
                if not self._commit(folder, temp, names, at):
                    return self._settled(folder, names, meta)
                return self._now(folder, names, made)  # somebody may have renamed it already: it was there

    def make_folder(self, names: Sequence[str]) -> Entry:
        """Make a folder, or find it."""
        with border(self._paths.side, "/".join(names)), self._root.folder().below(names[:-1]) as folder:
            try:
                folder.mkdir(names[-1])
                folder.sync()
            except FileExistsError:
                names = (*names[:-1], spelled(folder, names[-1]))
            made = self._now(folder, names)
        if made.kind is Kind.FILE:
            raise self._paths.stale("the place is taken", names)
        return made

    def move(self, entry: Entry, source: Sequence[str], target: Sequence[str]) -> Entry:
        """Rename what lies below the root."""
        with ExitStack() as stack:
            stack.enter_context(border(self._paths.side, entry.handle))
            old = stack.enter_context(self._root.folder().below(source[:-1]))
            new = stack.enter_context(self._root.folder().below(target[:-1]))
            stack.enter_context(self._lock)
            here, there = old.look(source[-1]), new.look(target[-1])
            if not here and is_now(entry, there):
                return self._now(new, target)
            if not is_now(entry, here):
                raise self._paths.stale("it changed since the look", source)
            if not there:
                old.rename(source[-1], new, target[-1])
            elif not (here and os.path.samestat(here, there) and respell(old, source[-1], new, target[-1])):
                raise self._paths.stale("the place is taken", target)
            old.sync()
            return self._now(new, (*target[:-1], spelled(new, target[-1]) if there else target[-1]))

    def bring(self, entry: Entry, source: Sequence[str], target: Sequence[str]) -> Entry:
        """Move a document out of trash."""
        with (
            border(self._paths.side, entry.handle),
            self._root.folder().below(target[:-1]) as new,
            self._lock,
        ):
            here, there = self._paths.look(source), new.look(target[-1])
            if not is_now(entry, here or there):
                raise self._paths.stale("it changed since the look", source)
            if here and there and not os.path.samestat(here, there):
                raise self._paths.stale("the place is taken", target)
            if here:
                self._trash.bring(in_trash(entry.handle), new, target[-1])
                new.sync()
            return self._now(new, target)

    def remove(self, entry: Entry, names: Sequence[str]) -> None:
        """Move a document to trash, or remove a folder that holds none."""
        with border(self._paths.side, entry.handle):
            if not self._is_there(entry, names):
                return
            with self._root.folder().below(names[:-1]) as folder, self._lock:
                if entry.kind is Kind.FILE:
                    self._trash.take(folder, names)
                else:
                    self._remove_folder(folder, names)
                folder.sync()

    def purge(self, entry: Entry, names: Sequence[str]) -> None:
        """Destroy a document that lies in trash."""
        with border(self._paths.side, entry.handle), self._lock:
            if self._is_there(entry, names):
                self._trash.drop(in_trash(entry.handle))

    def _is_there(self, entry: Entry, names: Sequence[str]) -> bool:
        """Whether the entry is still there; Stale when something else is."""
        status = self._paths.look(names)
        if status and not is_now(entry, status):
            raise self._paths.stale("it changed since the look", names)
        return bool(status)

    def _now(self, folder: Folder, names: Sequence[str], made: os.stat_result | None = None) -> Entry:
        status = folder.look(names[-1]) or made
        if not status:
            raise self._paths.stale("it is gone already", names)
        return self._entry(above(names), names[-1], status)

    def _settled(self, folder: Folder, names: Sequence[str], meta: Meta) -> Entry:
        """What is there, if it is made of the promised bytes; else Stale."""
        name = spelled(folder, names[-1])
        status = folder.look(name)
        if status and stat.S_ISREG(status.st_mode) and holds_bytes(folder, name, meta):
            return self._entry(above(names), name, status)
        raise self._paths.stale("something else is there" if status else "it is gone", names)

    def _commit(self, folder: Folder, temp: str, names: Sequence[str], at: Entry | Place) -> bool:
        """Give a finished temp its name; False when what is there is not what was there."""
        name = names[-1]
        if isinstance(at, Place):
            try:
                folder.rename(temp, folder, name)
            except FileExistsError:
                return False
        else:
            self._trash.keep(folder, names)
            status = folder.look(name)
            if not status or not is_now(at, status):
                return False
            with suppress(OSError):
                folder.dress(temp, mode=status.st_mode)
            with admitted():
                folder.replace(temp, folder, name)
        folder.sync()
        return True

    def _remove_folder(self, parent: Folder, names: Sequence[str]) -> None:
        """Remove a folder that holds nothing but noise, which goes to trash."""
        with parent.folder(names[-1]) as folder:
            rows = folder.rows()
            if not all(_is_litter(*row) for row in rows):
                raise self._paths.stale("the folder is not empty", names)
            for name, _ in rows:
                self._trash.take(folder, (*names, name))
        parent.rmdir(names[-1])


def _is_litter(name: str, status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and (is_noise(name) or (name == PLACEHOLDER and not status.st_size))
