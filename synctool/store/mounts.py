"""Tells whether a folder lies on a network drive, where locks are not safe and changes by others are not announced."""

import sys
from pathlib import Path

NETWORK = frozenset(
    ("9p", "afs", "ceph", "cifs", "davfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs", "nfs", "nfs4", "smb3", "smbfs")
)  # fmt: skip
MOUNTS = Path("/proc/mounts")
REMOTE = 4  # what Windows calls a drive letter that stands for a share


def on_network(folder: Path) -> bool:
    """Whether a folder lies on a network drive, as far as the system tells. Raises OSError when it cannot be asked."""
    folder = folder.resolve()
    if str(folder).startswith("\\\\"):
        return True
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - there only

        return ctypes.windll.kernel32.GetDriveTypeW(f"{folder.drive}\\") == REMOTE
    return MOUNTS.exists() and _kind(folder) in NETWORK


def _kind(folder: Path) -> str:
    """The file system that is mounted nearest above a folder; of several at one point the last."""
    best, kind = -1, ""
    for line in MOUNTS.read_text("utf-8", "replace").splitlines():
        _, point, found, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if folder.is_relative_to(point) and len(point) >= best:
            best, kind = len(point), found
    return kind
