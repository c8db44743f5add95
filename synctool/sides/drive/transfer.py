"""Moves bytes onto the disk, so that they are all there before they have a name."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import BinaryIO

from synctool.core.model import Meta
from synctool.sides.drive.folder import Folder, temp_name

CHUNK = 1 << 20  # bytes


@contextmanager
def received(folder: Folder, data: BinaryIO, meta: Meta) -> Iterator[str]:
    """The name of a finished temp that holds the promised bytes; whoever renames it keeps it.

    Raises EBADMSG when the bytes are not the promised ones, and ENOSPC before many of them are written for nothing.
    """
    if meta.size > CHUNK and not folder.has_room(meta.size):
        raise OSError(errno.ENOSPC, "no room")
    temp = temp_name()
    try:
        digest, size = sha256(), 0
        with folder.create(temp) as target:
            while piece := data.read(CHUNK):
                size += target.write(piece)
                digest.update(piece)
            _settle(target)
        if (size, digest.hexdigest()) != (meta.size, meta.sha256):
            raise OSError(errno.EBADMSG, "the bytes that came are not the promised ones")
        folder.dress(temp, mtime_ns=meta.mtime_ns)
        yield temp
    finally:
        with suppress(OSError):
            folder.unlink(temp)


def copy(folder: Folder, name: str, to: Folder, new: str) -> None:
    """Copy a file, and its time, into another folder, where the new name must be free; it appears there whole."""
    temp = temp_name()
    try:
        with folder.open(name) as source, to.create(temp) as target:
            shutil.copyfileobj(source, target, CHUNK)
            _settle(target)
            mtime_ns = os.fstat(source.fileno()).st_mtime_ns
        to.dress(temp, mtime_ns=mtime_ns)
        to.rename(temp, to, new)
    finally:
        with suppress(OSError):
            to.unlink(temp)


def holds_bytes(folder: Folder, name: str, meta: Meta) -> bool:
    """Whether the file of this name is made of the promised bytes."""
    with folder.open(name) as source:
        if os.fstat(source.fileno()).st_size != meta.size:
            return False
        digest = sha256()
        while piece := source.read(CHUNK):
            digest.update(piece)
        return digest.hexdigest() == meta.sha256


def _settle(target: BinaryIO) -> None:
    target.flush()
    os.fsync(target.fileno())
