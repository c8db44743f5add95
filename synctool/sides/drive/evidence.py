"""Says by what a file on a disk is known to be unchanged: its size, its time, its inode."""

import os
import stat

from synctool.core.model import Entry, Kind, Place

_FREE_IDS = os.name != "nt"  # a listing on Windows has no file ids, and asking for each costs an open


def evidence(status: os.stat_result) -> str:
    """``size:mtime_ns:inode``, without the inode where there is none."""
    inode = f":{status.st_ino}" if _FREE_IDS and status.st_ino else ""
    return f"{status.st_size}:{status.st_mtime_ns}{inode}"


def is_now(entry: Entry, status: os.stat_result | None) -> bool:
    """Whether what is there is still the entry; its youth does not count."""
    if not status or entry.kind is Kind.FOLDER:
        return bool(status and stat.S_ISDIR(status.st_mode))
    return stat.S_ISREG(status.st_mode) and evidence(status) == entry.stamp.partition("~")[0]


def fits(at: Entry | Place, status: os.stat_result | None) -> bool:
    """Whether the entry is still there, or the place still free."""
    return is_now(at, status) if isinstance(at, Entry) else not status


def same(entry: Entry, fd: int) -> bool:
    """Whether an open file is still the entry."""
    return is_now(entry, os.fstat(fd))
