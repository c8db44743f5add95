"""Translates what an operating system refuses into what a side may raise."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from synctool.core.model import SideName
from synctool.errors import Denied, Full, InUse, Missing, Rejected, SideError, Stale, Unavailable

_OURS = "the file system refuses us", "let this user read and write there, then run again"
_GONE = "the drive does not answer", "connect it, then run again"
_BY_ERRNO: dict[int, tuple[type[SideError], str] | tuple[type[SideError], str, str]] = {
    errno.ENOENT: (Missing, "it is not there"),
    errno.EEXIST: (Stale, "the place is taken"),
    errno.ENOTEMPTY: (Stale, "the folder is not empty"),
    errno.ENOTDIR: (Stale, "no folder is there"),
    errno.EISDIR: (Stale, "a folder is there"),
    errno.ELOOP: (Denied, "a link or a device is in the way, and links are not followed"),
    errno.EACCES: (Denied, *_OURS),
    errno.EPERM: (Denied, *_OURS),
    errno.EROFS: (Denied, "the file system is read-only", "make it writable, then run again"),
    errno.EAGAIN: (InUse, "another program has it open"),
    errno.EDEADLK: (InUse, "another program has it open"),
    errno.EBUSY: (InUse, "another program has it open"),
    errno.ETXTBSY: (InUse, "another program has it open"),
    errno.ENAMETOOLONG: (Rejected, "the name is too long for this file system"),
    errno.EINVAL: (Rejected, "this file system cannot do that"),
    errno.EILSEQ: (Rejected, "this file system cannot hold that name"),
    errno.EFBIG: (Rejected, "the document is too large for this file system"),
    errno.ENOSPC: (Full, "the disk is full", "make room, then run again"),
    errno.EDQUOT: (Full, "the quota is used up", "make room, then run again"),
    errno.EIO: (Unavailable, "the disk fails", "check the disk and its cable, then run again"),
    errno.EMFILE: (Unavailable, "too many files are open", "let this user open more, then run again"),
    errno.ENFILE: (Unavailable, "too many files are open", "let this machine open more, then run again"),
    errno.ESTALE: (Unavailable, *_GONE),
    errno.ENOTCONN: (Unavailable, *_GONE),
    errno.EHOSTDOWN: (Unavailable, *_GONE),
    errno.EHOSTUNREACH: (Unavailable, *_GONE),
    errno.ETIMEDOUT: (Unavailable, *_GONE),
    errno.ENODEV: (Unavailable, *_GONE),
}
_SHARING_VIOLATION, _LOCK_VIOLATION = 32, 33  # winerror.h


@contextmanager
def admitted() -> Iterator[None]:
    """Inside, where our rights have been asked already, a refusal means that another program has it open: SMB says so."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EACCES:
            raise
        raise OSError(errno.EBUSY, "in use", error.filename) from error


@contextmanager
def border(side: SideName, path: str) -> Iterator[None]:
    """Inside, an ``OSError`` becomes the ``SideError`` that says the same of this side and path."""
    try:
        yield
    except OSError as error:
        raise translated(error, side, path) from error


def translated(error: OSError, side: SideName, path: str) -> SideError:
    """The failure of a side that an operating system's error amounts to; Unavailable when nothing better is known."""
    if getattr(error, "winerror", None) in {_SHARING_VIOLATION, _LOCK_VIOLATION}:
        return InUse("another program has it open", side=side, path=path)
    kind, what, *hint = _BY_ERRNO.get(error.errno or 0, (Unavailable, error.strerror or str(error)))
    return kind(what, side=side, path=path, hint="".join(hint))
