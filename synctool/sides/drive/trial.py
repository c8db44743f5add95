"""Tries what a drive allows and keeps, on a file of synctool's own that is taken away again."""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress

from synctool.core.model import TEMPORARY
from synctool.sides.base import Remark
from synctool.sides.drive.case import folds_case
from synctool.sides.drive.folder import Folder

TRIAL = f"{TEMPORARY}trial"
"""The name of the file: always the same, so that the next trial takes away what a power cut left."""

USUAL = 255  # characters of a name that disks hold
COARSE_NS = 10**9  # longer than this between two times that a disk can tell apart is worth a word

_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_INSTANT = 1_700_000_001_123_456_789  # odd in seconds, with something in every digit


def tried(root: Folder) -> Iterator[Remark]:
    """What came of it. Raises OSError for anything but a refusal; no document is touched."""
    stuck = _taken_away(root)  # what a power cut left
    try:
        tick = 0 if stuck else _tick(root)
        folds = folds_case(root)
    finally:
        stuck = _taken_away(root)
    yield Remark(f"letter case {'makes no' if folds else 'makes a'} difference in names")
    if tick:
        yield Remark(f"times are kept to {_spelled(tick)}", warn=tick > COARSE_NS)
    longest = _longest(root)
    if longest < USUAL:
        yield Remark(f"names longer than {longest} are refused here: shorten them elsewhere", warn=True)
    if refused := stuck or ("" if tick else "write"):
        yield Remark(
            f"we may not {refused} here: give this account the right, or say role: source", warn=True, code=5
        )
    else:
        yield Remark("we may write and delete here")


def _tick(root: Folder) -> int:
    """The smallest difference of times (nanoseconds) that the disk keeps, by what it makes of a new file's; 0: refused."""
    try:
        root.create(TRIAL).close()
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        return 0
    root.dress(TRIAL, mtime_ns=_INSTANT)
    status = root.look(TRIAL)
    off = abs(_INSTANT - status.st_mtime_ns) if status else 0
    return next(tick for tick in (1, 100, 1000, 10**6, 10**7, 10**9, 2 * 10**9, 10**18) if off < tick)


def _spelled(tick: int) -> str:
    names = {1: "the nanosecond", 100: "100 ns", 1000: "the microsecond", 10**6: "the millisecond"}
    return names.get(tick) or f"{tick / 10**9:g} s"


def _longest(root: Folder) -> int:
    if not hasattr(os, "statvfs"):
        return USUAL
    return os.statvfs(root.path if root.fd is None else root.fd).f_namemax


def _taken_away(root: Folder) -> str:
    """Take the file away; "delete" where that is refused."""
    try:
        with suppress(FileNotFoundError):
            root.unlink(TRIAL)
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        return "delete"
    return ""
