"""Keeps former bytes in a folder per second, under the path they had."""

import errno
import itertools
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from synctool.core.model import TRASH, Handle, Kept, Unlisted
from synctool.sides.drive.folder import Folder
from synctool.sides.drive.scan import Scan, Shown, entry_of
from synctool.sides.drive.transfer import copy

_SECOND = "%Y%m%dT%H%M%SZ"
_FOLDER = re.compile(r"(\d{8}T\d{6}Z)(-\d+)?", re.IGNORECASE)  # some disks list it in lower case


class Trash:
    """Where replaced and removed files go: ``20261122T213501Z/<path>``, or ``…Z-1`` when that is taken.

    A handle that begins with ``.synctool/trash/`` leads into it, wherever it lies: at path, which may be inside root,
    the folder that opened gives. clock tells nanoseconds since the epoch.
    """

    def __init__(
        self, path: Path, root: Path, opened: Callable[[], Folder], clock: Callable[[], int]
    ) -> None:
        self._path = path
        self._inside = path.relative_to(root).parts if path.is_relative_to(root) else None
        self._opened = opened
        self._clock = clock

    def keep(self, folder: Folder, names: Sequence[str]) -> None:
        """Give a file that is about to be replaced a second name in trash, or a copy where links are not known.

        names is its path from the root; folder is the one it lies in.
        """
        self._place(names, lambda spot: _keep(folder, names[-1], spot))

    def take(self, folder: Folder, names: Sequence[str]) -> None:
        """Move a file into trash; across disks, copy it and remove it."""
        self._place(names, lambda spot: _take(folder, names[-1], spot))

    def kept(self, shown: Shown) -> Iterator[Kept]:
        """Every file in trash; since when tells the name of its folder, for a file's own time is that of its bytes."""
        with suppress(FileNotFoundError), self._base() as base:
            for row in Scan(shown, frozenset()).rows(base):
                if isinstance(row, Unlisted) or row[0].endswith("/"):
                    continue
                entry = entry_of(row[2])
                second, _, was = entry.handle.partition("/")
                since = _since(second)
                if since is not None and was:
                    handle, parent = f"{TRASH}/{entry.handle}", f"{TRASH}/{entry.parent}"
                    yield Kept(entry._replace(handle=handle, parent=parent), was, since)

    @contextmanager
    def folder(self, names: Sequence[str]) -> Iterator[Folder]:
        """The folder in trash that a file with this path in it lies in. Raises FileNotFoundError."""
        with self._base() as base, base.below(names[:-1]) as folder:
            yield folder

    def bring(self, names: Sequence[str], to: Folder, new: str) -> None:
        """Move a file out of trash, to where nothing is yet, or where an interrupted move has brought it already."""
        with self.folder(names) as spot:
            _bring(spot, names[-1], to, new)
        self._tidy(names)

    def drop(self, names: Sequence[str]) -> None:
        """Destroy a file in trash."""
        with self.folder(names) as spot:
            spot.unlink(names[-1])
        self._tidy(names)

    def _place(self, names: Sequence[str], put: Callable[[Folder], None]) -> None:
        second = datetime.fromtimestamp(self._clock() / 10**9, UTC).strftime(_SECOND)
        with self._made() as base:
            for number in itertools.count():
                stamp = f"{second}-{number}" if number else second
                try:
                    _put(base, (stamp, *names[:-1]), put)
                except (FileExistsError, NotADirectoryError):
                    continue
                return

    @contextmanager
    def _base(self) -> Iterator[Folder]:
        """Trash itself, where it is."""
        if self._inside is None:
            with Folder.at(str(self._path)) as base:
                yield base
            return
        with self._opened().below(self._inside) as base:
            yield base

    @contextmanager
    def _made(self) -> Iterator[Folder]:
        """Trash itself, made where it is not there yet."""
        if self._inside is None:
            self._path.mkdir(exist_ok=True)
        else:
            with self._opened().grown(self._inside):
                """Now it is there."""
        with self._base() as base:
            yield base

    def _tidy(self, names: Sequence[str]) -> None:
        """Remove the folders that a file has left empty."""
        with suppress(OSError), self._base() as base:
            for depth in range(len(names) - 1, 0, -1):
                with base.below(names[: depth - 1]) as above:
                    above.rmdir(names[depth - 1])


def in_trash(handle: Handle) -> tuple[str, ...]:
    """The path inside trash that a handle leads to; nothing for one that does not lead to a file that was put there."""
    below = handle.removeprefix(f"{TRASH}/")
    names = tuple(below.split("/"))
    return names if below != handle and len(names) > 1 and _since(names[0]) is not None else ()


def _since(name: str) -> int | None:
    """When what lies in a folder of trash was put there, in nanoseconds since the epoch; None: the folder is not ours."""
    found = _FOLDER.fullmatch(name)
    if found:
        with suppress(ValueError):
            return int(datetime.strptime(found[1].upper(), _SECOND).replace(tzinfo=UTC).timestamp()) * 10**9
    return None


def _put(base: Folder, above: Sequence[str], put: Callable[[Folder], None]) -> None:
    with base.grown(above) as spot:
        put(spot)
        spot.sync()


def _take(folder: Folder, name: str, spot: Folder) -> None:
    try:
        folder.rename(name, spot, name)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy(folder, name, spot, name)
        folder.unlink(name)


def _keep(folder: Folder, name: str, spot: Folder) -> None:
    if not folder.link(name, spot, name):
        copy(folder, name, spot, name)


def _bring(spot: Folder, name: str, to: Folder, new: str) -> None:
    """Rename, or copy across disks, and where the bytes have another name: two documents shall never be one file."""
    here, there = spot.look(name), to.look(new)
    if here and there and os.path.samestat(here, there):
        spot.unlink(name)
        return
    if not here or here.st_nlink == 1:
        try:
            spot.rename(name, to, new)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            return
    copy(spot, name, to, new)
    spot.unlink(name)
