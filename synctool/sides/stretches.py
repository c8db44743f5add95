"""Cuts listings into stretches that can be told by a digest, so that what is known need not be told again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import TypeVar
from zlib import crc32

from synctool.core.model import Entry, Handle, Stretch, Unlisted

Facts = TypeVar("Facts")
Row = tuple[Handle, str, Facts]
"""Where an entry is, all else that tells it from others, and what it is made of."""

MAKING = b"1"
"""To be raised when a side makes other entries of the same facts, so that no stretch of before is taken for known."""

ROWS = 64  # of a stretch, on average


def digest_of(after: Handle, *facts: bytes) -> str:
    """The digest of a stretch, by the handle it begins after and everything that its entries are made of."""
    digest = blake2b(MAKING, digest_size=16)
    for each in (after.encode(), *facts):
        digest.update(b"%d:" % len(each))
        digest.update(each)
    return digest.hexdigest()


def stretched(
    rows: Iterable[Row[Facts] | Unlisted],
    entry: Callable[[Facts], Entry],
    known: Mapping[str, Stretch],
    average: int = ROWS,
) -> Iterator[Entry | Unlisted | Stretch]:
    """The entries of rows in the order of handles, in stretches; those of stretches that are known are not even made.

    A row's own checksum says whether a stretch ends with it, so what comes and goes elsewhere moves no end.
    """
    after, due, told = "", list[Facts](), list[bytes]()
    for row in rows:
        if isinstance(row, Unlisted):
            yield row
            continue
        handle, evidence, facts = row
        line = f"{handle}\0{evidence}\0".encode()
        due.append(facts)
        told.append(line)
        if crc32(line) % average:
            continue
        digest = digest_of(after, b"".join(told))
        if stretch := known.get(digest):
            yield stretch
        else:
            yield from map(entry, due)
            yield Stretch(after, handle, digest, len(due))
        after, due, told = handle, [], []
    yield from map(entry, due)
