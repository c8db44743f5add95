"""Keeps documents on a disk or a mounted share."""

import errno
import io
import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from synctool.core.model import (
    TEMPORARY,
    Entry,
    Handle,
    Ids,
    Kept,
    Kind,
    Meta,
    Place,
    SideName,
    Stretch,
    Traits,
    Unlisted,
)
from synctool.errors import Rejected, SideError
from synctool.sides.base import LONGEST_MARKER, RESERVED, TRASH, Remark, in_order
from synctool.sides.drive.case import folds_case
from synctool.sides.drive.evidence import evidence, same
from synctool.sides.drive.folder import extended
from synctool.sides.drive.paths import Paths, above
from synctool.sides.drive.root import Root
from synctool.sides.drive.scan import Row, Scan, entry_of
from synctool.sides.drive.stream import Exact
from synctool.sides.drive.transfer import received
from synctool.sides.drive.trash import Trash, in_trash
from synctool.sides.drive.trial import tried
from synctool.sides.drive.trouble import border
from synctool.sides.drive.writing import Writing
from synctool.sides.stretches import stretched

_OWN = (RESERVED,)
_MARKER = "marker.json"
_FOLDER_STAMP = "dir"
_OPENABLE = 258  # characters of a whole path that Explorer and Word open, less the separator after the root


class DriveSide:
    """A folder that people work in. A handle is a path, a stamp is ``size:mtime_ns:inode``.

    root is the folder; trash lies in it, or is a path elsewhere on the same volume whose parent exists; names says which
    names the people's systems can hold. clock tells nanoseconds since the epoch. A file younger than settle_ns may
    change again within one tick of its disk's clock, so its stamp carries the time of the look and equals no later one.
    """

    def __init__(
        self,
        name: SideName,
        *,
        root: str | Path,
        clock: Callable[[], int],
        trash: str = TRASH,
        names: str = "windows",
        settle_ns: int = 2 * 10**9,
    ) -> None:
        self.name = name
        path = _absolute(Path(root))
        self._root = Root(path, name)
        self.traits = Traits(
            lasting_refs=False,
            folds_case=True,
            cheap_reads=True,
            names=names,
            max_path=max(1, _OPENABLE - len(str(path))) if names == "windows" else None,
        )
        self._clock = clock
        self._settle_ns = settle_ns
        kept = _absolute(Path(root) / trash)
        hidden = {f"{RESERVED}/"}
        if kept.is_relative_to(path):
            hidden.add(f"{kept.relative_to(path).as_posix()}/".lower())
        self._trash = Trash(kept, path, self._root.folder, clock)
        self._paths = Paths(name, self._root, self._trash, hidden=hidden, holding=names)
        self._writing = Writing(self._root, self._trash, self._paths, self._entry)
        self._scan = Scan(self._row, hidden)

    def open(self) -> None:
        self._root.open()
        if self.traits.names == "posix":
            with border(self.name, "root"):
                self.traits = replace(self.traits, folds_case=folds_case(self._root.folder()))

    def close(self) -> None:
        self._root.close()

    def list(self, folders: Collection[Handle] | None = None) -> Iterator[Entry | Unlisted]:
        if folders is None:
            yield from (each for each in self.relist({}) if not isinstance(each, Stretch))
            return
        self._root.check()
        with border(self.name, "root"):
            yield from in_order(row for each in folders for row in self._inside(each))
        self._root.check()

    def relist(self, known: Mapping[str, Stretch]) -> Iterator[Entry | Unlisted | Stretch]:
        self._root.check()
        with border(self.name, "root"):
            yield from stretched(self._scan.rows(self._root.folder()), entry_of, known)
        self._root.check()

    def stat(self, entry: Entry) -> Entry | None:
        names = self._paths.names(entry.handle)
        with border(self.name, entry.handle):
            status = self._paths.look(names)
        if not status or stat.S_ISDIR(status.st_mode) != (entry.kind is Kind.FOLDER):
            self._root.check()
            return None
        return self._entry(above(names), names[-1], status)

    def read(self, entry: Entry, start: int = 0) -> BinaryIO:
        names = self._paths.names(entry.handle)
        with border(self.name, entry.handle), self._paths.folder(names) as folder:
            raw = folder.open(names[-1])
            stream = Exact(raw, entry.size, partial(same, entry), side=self.name, path=entry.handle)
            try:
                stream.check()
                stream.seek(start)
            except (OSError, SideError):
                stream.close()
                raise
            return io.BufferedReader(stream)

    def write(self, at: Entry | Place, data: BinaryIO, meta: Meta) -> Entry:
        return self._writing.store(self._paths.target(at), at, data, meta)

    def make_folder(self, at: Place) -> Entry:
        return self._writing.make_folder(self._paths.target(at))

    def move(self, entry: Entry, to: Place, meta: Meta | None = None) -> Entry:  # noqa: ARG002  keeps no metadata
        target = self._paths.target(to)
        if in_trash(entry.handle):
            return self._writing.bring(entry, self._paths.names(entry.handle), target)
        return self._writing.move(entry, self._paths.target(entry), target)

    def remove(self, entry: Entry) -> None:
        self._writing.remove(entry, self._paths.target(entry))

    def kept(self) -> Iterator[Kept]:
        with border(self.name, TRASH):
            yield from self._trash.kept(self._row)

    def purge(self, kept: Kept) -> None:
        names = self._paths.names(kept.entry.handle)
        if not in_trash(kept.entry.handle) or kept.entry.kind is Kind.FOLDER:
            raise Rejected("it is no document in trash", side=self.name, path=kept.entry.handle)
        self._writing.purge(kept.entry, names)

    def sweep(self, before_ns: int) -> None:
        """There is nothing that a listing does not show."""

    def label(self, entry: Entry, meta: Meta) -> Entry:  # noqa: ARG002  keeps no metadata
        return entry

    def ids(self, entry: Entry, folder_path: str) -> Ids | None:  # noqa: ARG002  its names do not last
        return None

    def marker(self) -> bytes | None:
        with border(self.name, _MARKER):
            try:
                with self._root.folder().below(_OWN) as own, own.open(_MARKER) as stream:
                    return stream.read(LONGEST_MARKER)
            except FileNotFoundError:
                return None

    def remarks(self) -> Iterator[Remark]:
        with border(self.name, "root"):
            yield from tried(self._root.folder())

    def mark(self, data: bytes | None) -> None:
        if data is None:
            self._unmark()
            return
        meta = Meta(size=len(data), sha256=sha256(data).hexdigest())
        with border(self.name, _MARKER), self._root.folder().grown(_OWN) as own:
            own.hide()
            for name in own.names():
                if name.startswith(TEMPORARY):  # of a run that died at this
                    own.unlink(name)
            with received(own, io.BytesIO(data), meta) as temp:
                own.replace(temp, own, _MARKER)
            own.sync()

    def _unmark(self) -> None:
        with border(self.name, _MARKER), suppress(FileNotFoundError), self._root.folder().below(_OWN) as own:
            own.unlink(_MARKER)
            own.sync()

    def _inside(self, handle: Handle) -> Iterator[Entry | Unlisted]:
        """What lies directly in the folder of a handle; nothing if that is no folder of ours."""
        if (handle and not handle.endswith("/")) or self._paths.is_hidden(handle):
            return
        try:
            names = self._paths.names(handle) if handle else ()
            with self._root.folder().below(names) as folder:
                for row in self._scan.inside(folder, handle):
                    yield row if isinstance(row, Unlisted) else entry_of(row[2])
        except (Rejected, FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            if not handle:
                raise
            if error.errno != errno.ELOOP:
                yield Unlisted(handle, error.strerror or str(error))

    def _entry(self, above: Handle, name: str, status: os.stat_result) -> Entry:
        return entry_of(self._row(above, name, status)[2])

    def _row(self, above: Handle, name: str, status: os.stat_result) -> Row:
        if stat.S_ISDIR(status.st_mode):
            return f"{above}{name}/", _FOLDER_STAMP, (above, name, _FOLDER_STAMP, status)
        now, stamp = self._clock(), evidence(status)
        if abs(now - status.st_mtime_ns) < self._settle_ns:
            stamp += f"~{now}"
        return above + name, stamp, (above, name, stamp, status)


def _absolute(path: Path) -> Path:
    return Path(extended(str(path))) if os.name == "nt" else path.absolute()
