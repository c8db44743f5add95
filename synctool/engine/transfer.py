"""Carries the bytes of one document: read from where they are, given to every side that shall have them."""

import hashlib
import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

from synctool.core.model import Content, Entry
from synctool.errors import Stale, SyncError, Unavailable
from synctool.sides.base import Side
from synctool.store import private

IN_MEMORY = (
    16 << 20
)  # bytes; larger ones are read anew from a near side, and wait on disk on the way from a far one
CHUNK = 1 << 20
PARTS = "transfers"  # the folder, beside the state, of what has not come whole yet
KEPT_NS = 7 * 86_400 * 10**9  # how long what broke off waits to be gone on with, here and at a side
NOTED_EVERY = 64 << 20  # bytes; what a killed run fetches again at most

Opened = Callable[[int], BinaryIO]
"""The bytes of one document from an offset on."""

Told = Callable[[int], None]
"""Hears how many bytes more of a large document have passed; what it raises ends the transfer."""


class Carried(NamedTuple):
    """Bytes on their way, and what they are. part: where they wait on disk, if they do."""

    data: BinaryIO
    content: Content
    part: Path | None = None


class Way(NamedTuple):
    """What a document goes by. path: for messages; ticket: names it among all that wait in folder."""

    path: str
    folder: Path
    ticket: str
    told: Told


def is_large(size: int) -> bool:
    """Whether so many bytes are too many to be held in memory."""
    return size > IN_MEMORY


@contextmanager
def fetched(side: Side, entry: Entry, expected: Content | None, way: Way) -> Iterator[Carried]:
    """The bytes of an entry, all of them, at hand for as many readings as it takes.

    A small document is read once, into memory. A large one is read once more for each receiver where that is cheap;
    else it is read once, into a part on disk that stays until ``spent``, and that the next run goes on with.

    Raises Unavailable when the size is not what the side said, or there is no room for a part; Stale when the bytes are
    not the ones that were planned.
    """
    if is_large(entry.size) and side.traits.cheap_reads:
        carried = _near(side, entry, expected, way)
    elif is_large(entry.size):
        carried = _spooled(side, entry, way)
    else:
        carried = _small(side, entry, way)
    with carried.data:
        if expected is not None and expected.read and expected != carried.content:
            spent(carried)
            raise Stale("its bytes are not the ones that were planned", side=side.name, path=way.path)
        yield carried


def rewound(carried: Carried) -> BinaryIO:
    """The bytes from their beginning."""
    carried.data.seek(0)
    return carried.data


def spent(carried: Carried) -> None:
    """Nobody needs the bytes any more."""
    if carried.part:
        _forget(carried.part)


def drop_old_parts(folder: Path, now_ns: int) -> None:
    """Forget the parts that nobody went on with for days."""
    for part in (folder / PARTS).glob("*"):
        if now_ns - part.stat().st_mtime_ns > KEPT_NS:
            part.unlink(missing_ok=True)


def _small(side: Side, entry: Entry, way: Way) -> Carried:
    with side.read(entry) as source:
        data = b"".join(iter(lambda: source.read(CHUNK), b""))
    _check(side, entry, len(data), way)
    return Carried(io.BytesIO(data), Content(len(data), hashlib.sha256(data).hexdigest()))


def _near(side: Side, entry: Entry, expected: Content | None, way: Way) -> Carried:
    data = io.BufferedReader(_Rewindable(lambda start: side.read(entry, start), way.told), CHUNK)
    if expected is not None and expected.read:
        return Carried(data, expected)
    digest = hashlib.sha256()
    size = _drained(data, digest.update)
    _check(side, entry, size, way)
    return Carried(data, Content(size, digest.hexdigest()))


def _spooled(side: Side, entry: Entry, way: Way) -> Carried:
    name = f"{way.ticket}\0{side.name}\0{entry.handle}\0{entry.stamp}"
    part = way.folder / PARTS / hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    try:
        content = _completed(side, entry, way, part)
    except OSError as error:
        what = f"it cannot wait in the state's folder on its way ({error.strerror})"
        raise Unavailable(what, path=way.path, hint="make room there") from None
    try:
        _check(side, entry, content.size, way)
    except SyncError:
        _forget(part)
        raise
    data = io.BufferedReader(_Rewindable(lambda start: _at(part, start), way.told), CHUNK)
    return Carried(data, content, part)


def _completed(side: Side, entry: Entry, way: Way, part: Path) -> Content:
    """Add to a part what it lacks, noting every now and then how far it is."""
    private.folder(part.parent)
    with private.opened(part, "a+b") as file:
        digest, have = _proved(file, _note(part))
        _make_sure_of_room(part.parent, entry.size - have, way)
        noted = have
        try:
            with side.read(entry, have) as source:
                while piece := source.read(CHUNK):
                    have += file.write(piece)
                    digest.update(piece)
                    way.told(len(piece))
                    if have - noted >= NOTED_EVERY:
                        _write_note(file, part, have, digest.hexdigest())
                        noted = have
        finally:
            _write_note(file, part, have, digest.hexdigest())
    return Content(have, digest.hexdigest())


def _proved(file: IO[bytes], note: Path) -> tuple["hashlib._Hash", int]:
    """The digest and size of what a part holds for certain; what its note does not prove is cut off."""
    digest, (size, told) = hashlib.sha256(), _noted(note)
    file.seek(0)
    left = size
    while left and (piece := file.read(min(CHUNK, left))):
        digest.update(piece)
        left -= len(piece)
    proved = digest.hexdigest() == told
    file.truncate(size if proved else 0)
    return (digest, size) if proved else (hashlib.sha256(), 0)


def _noted(note: Path) -> tuple[int, str]:
    """The size and digest that a note tells; a torn one tells nothing."""
    if not note.exists():
        return 0, ""
    with private.opened(note, "rb") as file, suppress(ValueError):
        size, told = file.read().decode("ascii").split()
        return int(size), told
    return 0, ""


def _write_note(file: IO[bytes], part: Path, size: int, digest: str) -> None:
    file.flush()
    half = part.with_suffix(".new")
    private.write(half, f"{size} {digest}")
    half.replace(_note(part))  # at once, so that whoever is killed at it leaves the one before


def _note(part: Path) -> Path:
    return part.with_suffix(".sum")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _make_sure_of_room(folder: Path, size: int, way: Way) -> None:
    free = shutil.disk_usage(folder).free
    if free < size + IN_MEMORY:
        what = f"{size / 1e9:.1f} GB must wait in the state's folder on the way, and {free / 1e9:.1f} GB are free"
        raise Unavailable(what, path=way.path, hint="make room there")


def _check(side: Side, entry: Entry, size: int, way: Way) -> None:
    if size != entry.size:
        text = f"{size} bytes came, {entry.size} were promised"
        raise Unavailable(text, side=side.name, path=way.path, hint="the next run tries again")


def _drained(data: BinaryIO, each: Callable[[bytes], None]) -> int:
    size = 0
    while piece := data.read(CHUNK):
        each(piece)
        size += len(piece)
    return size


def _at(part: Path, start: int) -> BinaryIO:
    file = part.open("rb")
    file.seek(start)
    return file


class _Rewindable(io.RawIOBase):
    """A large document that is opened anew wherever it is wanted from."""

    def __init__(self, opened: Opened, told: Told) -> None:
        self._opened = opened
        self._told = told
        self._offset = 0
        self._stream: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._offset

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        to = offset + (self._offset if whence == io.SEEK_CUR else 0)
        if to != self._offset:
            self._let_go()
        self._offset = to
        return to

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._stream = self._stream or self._opened(self._offset)
        piece = self._stream.read(len(buffer))
        self._told(len(piece))
        buffer[: len(piece)] = piece
        self._offset += len(piece)
        return len(piece)

    def close(self) -> None:
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        if self._stream:
            self._stream.close()
            self._stream = None
