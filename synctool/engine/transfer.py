"""Carries the bytes of one document: read once from where they are, given to every side that shall have them."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from synctool.core.model import Content, Entry
from synctool.errors import Stale, Unavailable
from synctool.sides.base import Side

IN_MEMORY = 16 << 20  # bytes; larger documents wait on disk between the sides
CHUNK = 1 << 20


class Carried(NamedTuple):
    """Bytes on their way, and what they are."""

    data: BinaryIO
    content: Content


@contextmanager
def fetched(
    side: Side, entry: Entry, expected: Content | None, path: str, spool_in: Path
) -> Iterator[Carried]:
    """The bytes of an entry, all of them, at hand for as many readings as it takes.

    spool_in: the folder where large documents wait, unnamed, on the way.

    Raises Unavailable when the size is not what the side said, Stale when the bytes are not the ones that were planned.
    """
    with cast("BinaryIO", tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(spool_in))) as spool:
        digest = hashlib.sha256()
        size = 0
        with side.read(entry) as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                spool.write(chunk)
                size += len(chunk)
        if size != entry.size:
            text = f"{size} bytes came, {entry.size} were promised"
            raise Unavailable(text, side=side.name, path=path, hint="the next run tries again")
        content = Content(size, digest.hexdigest())
        if expected is not None and expected.read and expected != content:
            raise Stale("its bytes are not the ones that were planned", side=side.name, path=path)
        spool.seek(0)
        yield Carried(spool, content)


def rewound(carried: Carried) -> BinaryIO:
    """The bytes from their beginning."""
    carried.data.seek(0)
    return carried.data
