"""Tries an unavailable side again, and keeps a source from being written."""

import io
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import BinaryIO, TypeVar, cast

from synctool.core.model import Entry, Handle, Ids, Kept, Meta, Place, SideName, Stretch, Traits, Unlisted
from synctool.errors import Denied, Unavailable
from synctool.sides.base import Remark, Side

LONGEST_WAIT = 60.0  # seconds

BLOCK = 1 << 16  # bytes

T = TypeVar("T")
Told = TypeVar("Told", bound=Entry | Unlisted | Stretch)


class Hardened:
    """A side that does not give up at the first ``Unavailable``.

    Every operation of a side is conditional and idempotent, so all are tried again, attempts times at most, with waits
    that double and scatter, or as long as the side asked for. sleep takes seconds; random gives 0…1. A listing that
    breaks off is taken up after the last entry, a document after its last byte, and what is kept is told once. Under
    read_only everything that changes the side is Denied.
    """

    def __init__(
        self,
        side: Side,
        *,
        sleep: Callable[[float], None],
        random: Callable[[], float],
        attempts: int = 5,
        read_only: bool = False,
    ) -> None:
        self._side = side
        self._sleep = sleep
        self._random = random
        self._attempts = attempts
        self._read_only = read_only

    @property
    def name(self) -> SideName:
        return self._side.name

    @property
    def traits(self) -> Traits:
        return self._side.traits

    def open(self) -> None:
        self._again(self._side.open)

    def close(self) -> None:
        self._side.close()

    def list(self, folders: Collection[Handle] | None = None) -> Iterator[Entry | Unlisted]:
        return self._listed(lambda _: self._side.list() if folders is None else self._side.list(folders))

    def relist(self, known: Mapping[str, Stretch]) -> Iterator[Entry | Unlisted | Stretch]:
        return self._listed(lambda begun: self._side.list() if begun else self._side.relist(known))

    def stat(self, entry: Entry) -> Entry | None:
        return self._again(lambda: self._side.stat(entry))

    def read(self, entry: Entry, start: int = 0) -> BinaryIO:
        def opened(offset: int) -> BinaryIO:
            return self._side.read(entry, offset)

        return io.BufferedReader(_Resumed(opened, entry.size, start, self._again, self._wait), BLOCK)

    def write(self, at: Entry | Place, data: BinaryIO, meta: Meta) -> Entry:
        def attempt() -> Entry:
            data.seek(0)
            return self._side.write(at, data, meta)

        return self._change(attempt)

    def make_folder(self, at: Place) -> Entry:
        return self._change(lambda: self._side.make_folder(at))

    def move(self, entry: Entry, to: Place, meta: Meta | None = None) -> Entry:
        return self._change(lambda: self._side.move(entry, to, meta))

    def remove(self, entry: Entry) -> None:
        self._change(lambda: self._side.remove(entry))

    def kept(self) -> Iterator[Kept]:
        told: set[Handle] = set()
        failures = 0
        while True:
            try:
                for kept in self._side.kept():
                    if kept.entry.handle not in told:
                        told.add(kept.entry.handle)
                        failures = 0
                        yield kept
            except Unavailable as error:
                failures += 1
                self._wait(error, failures)
            else:
                return

    def purge(self, kept: Kept) -> None:
        self._change(lambda: self._side.purge(kept))

    def sweep(self, before_ns: int) -> None:
        self._change(lambda: self._side.sweep(before_ns))

    def label(self, entry: Entry, meta: Meta) -> Entry:
        return self._change(lambda: self._side.label(entry, meta))

    def ids(self, entry: Entry, folder_path: str) -> Ids | None:
        return self._side.ids(entry, folder_path)

    def marker(self) -> bytes | None:
        return self._again(self._side.marker)

    def remarks(self) -> Iterator[Remark]:
        return iter(()) if self._read_only else self._side.remarks()

    def mark(self, data: bytes | None) -> None:
        self._change(lambda: self._side.mark(data))

    def _listed(self, attempt: Callable[[bool], Iterator[Told]]) -> Iterator[Told]:
        """A listing, taken up where it breaks off; attempt is told whether it has begun, for no stretch is of two looks."""
        last, failures, begun = "", 0, False
        while True:
            try:
                for row in attempt(begun):
                    if isinstance(row, Entry):
                        if row.handle <= last:
                            continue
                        last, failures = row.handle, 0
                    elif isinstance(row, Stretch):
                        last, failures = row.last, 0
                    yield row
            except Unavailable as error:
                failures, begun = failures + 1, True
                self._wait(error, failures)
            else:
                return

    def _change(self, operation: Callable[[], T]) -> T:
        if self._read_only:
            raise Denied("a source is never written", side=self.name)
        return self._again(operation)

    def _again(self, operation: Callable[[], T]) -> T:
        failures = 0
        while True:
            try:
                return operation()
            except Unavailable as error:
                failures += 1
                self._wait(error, failures)

    def _wait(self, error: Unavailable, failures: int) -> None:
        """Sleep before the next attempt; raise the error when there is none left."""
        if failures >= self._attempts:
            raise error
        wait = error.retry_after or 2 ** (failures - 1) * (0.5 + self._random() / 2)
        self._sleep(min(wait, LONGEST_WAIT))


class _Resumed(io.RawIOBase):
    """The bytes of one version; where they break off, the next attempt starts at the byte that is missing."""

    def __init__(
        self,
        opened: Callable[[int], BinaryIO],
        size: int,
        offset: int,
        again: Callable[[Callable[[], BinaryIO]], BinaryIO],
        wait: Callable[[Unavailable, int], None],
    ) -> None:
        self._opened = opened
        self._size = size
        self._offset = offset
        self._wait = wait
        self._stream = again(lambda: opened(offset))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        failures = 0
        while True:
            try:
                if self._stream.closed:
                    self._stream = self._opened(self._offset)
                # One read at a time, because one that tears keeps nothing of those before.
                piece = cast("io.BufferedIOBase", self._stream).read1(len(buffer))
            except Unavailable as error:
                self._stream.close()
                if self._offset >= self._size:  # all is there, and what else comes is too much
                    raise
                failures += 1
                self._wait(error, failures)
            else:
                buffer[: len(piece)] = piece
                self._offset += len(piece)
                return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()
