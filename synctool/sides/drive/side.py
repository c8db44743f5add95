"""Keeps documents on a disk or a mounted share."""

import errno
import io
import os
import stat
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
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
    Traits,
    Unlisted,
    instant,
)
from synctool.core.names import holds, is_noise
from synctool.errors import Rejected, SideError, Stale
from synctool.sides.base import LONGEST_MARKER, PLACEHOLDER, RESERVED, TRASH, Remark, in_order
from synctool.sides.drive.case import folds_case, respell, spelled
from synctool.sides.drive.evidence import evidence, fits, is_now, same
from synctool.sides.drive.folder import Folder, extended, travels
from synctool.sides.drive.root import Root
from synctool.sides.drive.scan import Scan
from synctool.sides.drive.stream import Exact
from synctool.sides.drive.transfer import holds_bytes, received
from synctool.sides.drive.trash import Trash, in_trash
from synctool.sides.drive.trial import tried
from synctool.sides.drive.trouble import admitted, border

_OWN = (RESERVED,)
_MARKER = "marker.json"
_FOLDER_STAMP = "dir"
_OPENABLE = 258  # characters of a whole path that Explorer and Word open, less the separator after the root
_SEPARATORS = frozenset(f"\0/{os.sep}" + (":" if os.name == "nt" else ""))


class DriveSide:
    """A folder that people work in. A handle is a path, a stamp is ``size:mtime_ns:inode``.

    root is the folder; trash lies in it, or is a path elsewhere on the same volume whose parent exists; names says which
    names the people's systems can hold. clock tells nanoseconds since the epoch. A file younger than settle_ns may
    change again within one tick of its disk's clock, so its stamp carries the time of the look and equals no later one.

    scan is the latest listing; its lists tell what was passed over.
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
        self._hidden = {f"{RESERVED}/"}
        if kept.is_relative_to(path):
            self._hidden.add(f"{kept.relative_to(path).as_posix()}/".lower())
        self._trash = Trash(kept, path, self._root.folder, clock)
        self._lock = threading.Lock()
        self.scan = Scan(self._entry, self._hidden)

    def open(self) -> None:
        self._root.open()
        if self.traits.names == "posix":
            with border(self.name, "root"):
                self.traits = replace(self.traits, folds_case=folds_case(self._root.folder()))

    def close(self) -> None:
        self._root.close()

    def list(self, folders: Collection[Handle] | None = None) -> Iterator[Entry | Unlisted]:
        self._root.check()
        self.scan = Scan(self._entry, self._hidden)
        with border(self.name, "root"):
            if folders is None:
                yield from self.scan.rows(self._root.folder())
            else:
                yield from in_order(row for each in folders for row in self._inside(each))
        self._root.check()

    def stat(self, entry: Entry) -> Entry | None:
        names = self._names(entry.handle)
        with border(self.name, entry.handle):
            status = self._look(names)
        if not status or stat.S_ISDIR(status.st_mode) != (entry.kind is Kind.FOLDER):
            self._root.check()
            return None
        return self._entry(_above(names), names[-1], status)

    def read(self, entry: Entry, start: int = 0) -> BinaryIO:
        names = self._names(entry.handle)
        with border(self.name, entry.handle), self._folder(names) as folder:
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
        names = self._target(at)
        with border(self.name, "/".join(names)), self._root.folder().below(names[:-1]) as folder:
            if not fits(at, folder.look(names[-1])):
                return self._settled(folder, names, meta)
            with received(folder, data, meta) as temp, self._lock:
                made = folder.look(temp)
                if not self._commit(folder, temp, names, at):
                    return self._settled(folder, names, meta)
                return self._now(folder, names, made)  # somebody may have renamed it already: it was there

    def make_folder(self, at: Place) -> Entry:
        names = self._target(at)
        with border(self.name, "/".join(names)), self._root.folder().below(names[:-1]) as folder:
            try:
                folder.mkdir(names[-1])
                folder.sync()
            except FileExistsError:
                names = (*names[:-1], spelled(folder, names[-1]))
            made = self._now(folder, names)
        if made.kind is Kind.FILE:
            raise self._stale("the place is taken", names)
        return made

    def move(self, entry: Entry, to: Place, meta: Meta | None = None) -> Entry:  # noqa: ARG002  keeps no metadata
        target = self._target(to)
        if in_trash(entry.handle):
            return self._bring(entry, target)
        source = self._target(entry)
        with ExitStack() as stack:
            stack.enter_context(border(self.name, entry.handle))
            old = stack.enter_context(self._root.folder().below(source[:-1]))
            new = stack.enter_context(self._root.folder().below(target[:-1]))
            stack.enter_context(self._lock)
            here, there = old.look(source[-1]), new.look(target[-1])
            if not here and is_now(entry, there):
                return self._now(new, target)
            if not is_now(entry, here):
                raise self._stale("it changed since the look", source)
            if not there:
                old.rename(source[-1], new, target[-1])
            elif not (here and os.path.samestat(here, there) and respell(old, source[-1], new, target[-1])):
                raise self._stale("the place is taken", target)
            old.sync()
            return self._now(new, (*target[:-1], spelled(new, target[-1]) if there else target[-1]))

    def remove(self, entry: Entry) -> None:
        names = self._target(entry)
        with border(self.name, entry.handle):
            status = self._look(names)
            if not status:
                return
            if not is_now(entry, status):
                raise self._stale("it changed since the look", names)
            with self._root.folder().below(names[:-1]) as folder, self._lock:
                if entry.kind is Kind.FILE:
                    self._trash.take(folder, names)
                else:
                    self._remove_folder(folder, names)
                folder.sync()

    def kept(self) -> Iterator[Kept]:
        with border(self.name, TRASH):
            yield from self._trash.kept(self._entry)

    def purge(self, kept: Kept) -> None:
        names = self._names(kept.entry.handle)
        if not in_trash(kept.entry.handle) or kept.entry.kind is Kind.FOLDER:
            raise Rejected("it is no document in trash", side=self.name, path=kept.entry.handle)
        with border(self.name, kept.entry.handle), self._lock:
            status = self._look(names)
            if status and not is_now(kept.entry, status):
                raise self._stale("it changed since the look", names)
            if status:
                self._trash.drop(in_trash(kept.entry.handle))

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

    def _stale(self, what: str, names: Sequence[str]) -> Stale:
        return Stale(what, side=self.name, path="/".join(names))

    def _inside(self, handle: Handle) -> Iterator[Entry | Unlisted]:
        """What lies directly in the folder of a handle; nothing if that is no folder of ours."""
        if (handle and not handle.endswith("/")) or handle.lower().startswith(tuple(self._hidden)):
            return
        try:
            names = self._names(handle) if handle else ()
            with self._root.folder().below(names) as folder:
                yield from self.scan.inside(folder, handle)
        except (Rejected, FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            if not handle:
                raise
            if error.errno != errno.ELOOP:
                yield Unlisted(handle, error.strerror or str(error))

    @contextmanager
    def _folder(self, names: Sequence[str]) -> Iterator[Folder]:
        """The folder that something lies in; a path that leads into trash leads there wherever trash lies."""
        kept = in_trash("/".join(names))
        with self._trash.folder(kept) if kept else self._root.folder().below(names[:-1]) as folder:
            yield folder

    def _names(self, handle: Handle) -> tuple[str, ...]:
        names = tuple(handle.removesuffix("/").split("/"))
        if any(name in {"", ".", ".."} or _SEPARATORS & set(name) for name in names):
            raise Rejected("that is no path below the root", side=self.name, path=handle)
        return names

    def _target(self, at: Entry | Place) -> tuple[str, ...]:
        """The path of what shall be changed; Rejected when it is not ours to change, or no name for this side."""
        handle = at.handle if isinstance(at, Entry) else at.folder + at.name
        if isinstance(at, Place) and (at.name == PLACEHOLDER or not holds(at.name, self.traits.names)):
            raise Rejected("this side cannot hold that name", side=self.name, path=handle)
        if isinstance(at, Place) and at.folder and not at.folder.endswith("/"):
            raise Rejected("that is no folder", side=self.name, path=at.folder)
        if f"{handle}/".lower().startswith(tuple(self._hidden)):
            raise Rejected("that name belongs to synctool", side=self.name, path=handle)
        return self._names(handle)

    def _look(self, names: Sequence[str]) -> os.stat_result | None:
        """What is there; None when positively nothing. A link on the way, or what never travels, raises ELOOP."""
        try:
            with self._folder(names) as folder:
                status = folder.look(names[-1])
        except (FileNotFoundError, NotADirectoryError):
            return None
        if status and not travels(status):
            raise OSError(errno.ELOOP, "a link", names[-1])
        return status

    def _entry(self, above: Handle, name: str, status: os.stat_result) -> Entry:
        if stat.S_ISDIR(status.st_mode):
            return Entry(Kind.FOLDER, f"{above}{name}/", above, name, _FOLDER_STAMP)
        now, saved, stamp = self._clock(), status.st_mtime_ns, evidence(status)
        if abs(now - saved) < self._settle_ns:
            stamp += f"~{now}"
        return Entry(Kind.FILE, above + name, above, name, stamp, status.st_size, instant(saved))

    def _now(self, folder: Folder, names: Sequence[str], made: os.stat_result | None = None) -> Entry:
        status = folder.look(names[-1]) or made
        if not status:
            raise self._stale("it is gone already", names)
        return self._entry(_above(names), names[-1], status)

    def _settled(self, folder: Folder, names: Sequence[str], meta: Meta) -> Entry:
        """What is there, if it is made of the promised bytes; else Stale."""
        name = spelled(folder, names[-1])
        status = folder.look(name)
        if status and stat.S_ISREG(status.st_mode) and holds_bytes(folder, name, meta):
            return self._entry(_above(names), name, status)
        raise self._stale("something else is there" if status else "it is gone", names)

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

    def _bring(self, entry: Entry, target: Sequence[str]) -> Entry:
        """Move a document out of trash."""
        source = self._names(entry.handle)
        with border(self.name, entry.handle), self._root.folder().below(target[:-1]) as new, self._lock:
            here, there = self._look(source), new.look(target[-1])
            if not is_now(entry, here or there):
                raise self._stale("it changed since the look", source)
            if here and there and not os.path.samestat(here, there):
                raise self._stale("the place is taken", target)
            if here:
                self._trash.bring(in_trash(entry.handle), new, target[-1])
                new.sync()
            return self._now(new, target)

    def _remove_folder(self, above: Folder, names: Sequence[str]) -> None:
        """Remove a folder that holds nothing but noise, which goes to trash."""
        with above.folder(names[-1]) as folder:
            rows = folder.rows()
            if not all(_is_litter(*row) for row in rows):
                raise self._stale("the folder is not empty", names)
            for name, _ in rows:
                self._trash.take(folder, (*names, name))
        above.rmdir(names[-1])


def _absolute(path: Path) -> Path:
    return Path(extended(str(path))) if os.name == "nt" else path.absolute()


def _above(names: Sequence[str]) -> Handle:
    return "".join(f"{name}/" for name in names[:-1])


def _is_litter(name: str, status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and (is_noise(name) or (name == PLACEHOLDER and not status.st_size))
