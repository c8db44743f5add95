"""Renames in one step and replaces nothing, where the system knows how."""

import ctypes
import errno
import os
import sys

_NO_REPLACE = 1  # RENAME_NOREPLACE (linux/fs.h)
_NOT_KNOWN = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}  # by this kernel, or by this file system
_renameat2 = (
    getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
)


def renamed(name: str, source: int | None, new: str, target: int | None) -> bool:
    """Rename from one open folder to another; False where that is not known. Raises FileExistsError."""
    if _renameat2 is None or source is None or target is None:
        return False
    if not _renameat2(source, os.fsencode(name), target, os.fsencode(new), _NO_REPLACE):
        return True
    code = ctypes.get_errno()
    if code in _NOT_KNOWN:
        return False
    raise OSError(code, os.strerror(code), new)
