"""Makes sides on disks: this system's own, by path only (as on Windows), without hard links, and an NTFS that ignores case."""

import os
import shutil
import subprocess
import time
import warnings
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from synctool.sides.drive import DriveSide, folder
from tests.conformance.rig import Rig

HOUR = 3600 * 10**9


def rig(root, **options):
    """A drive whose clock is an hour ahead: every document is old enough to trust its stamp."""

    def clock():
        return time.time_ns() + HOUR

    back = BackDoor(root)
    return Rig(
        side=DriveSide("drive", root=root, clock=clock, **options),
        put=back.put,
        delete=back.delete,
        rename=back.rename,
        touch=back.touch,
        tree=back.tree,
        kept=back.kept,
        lost=DriveSide("drive", root=root / "not there", clock=clock),
    )


class BackDoor:
    """What people do on a disk, without the side."""

    def __init__(self, root):
        self.root = root

    def put(self, path, data):
        place = self.root / path
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        # A disk's clock may not tick between two writes of a test as it does between two of a person.
        os.utime(place, ns=(place.stat().st_atime_ns, time.time_ns() // 100 * 100))

    def delete(self, path):
        place = self.root / path
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    def rename(self, old, new):
        (self.root / old).replace(self.root / new)

    def touch(self, path):
        os.utime(self.root / path)

    def tree(self):
        return {
            path.relative_to(self.root).as_posix() + ("/" if path.is_dir() else ""): b""
            if path.is_dir()
            else path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.relative_to(self.root).parts[0] != ".synctool"
        }

    def kept(self):
        return bytes_in(self.root / ".synctool" / "trash")


def bytes_in(folder):
    return {path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def on_this_disk(request):
    yield rig(request.getfixturevalue("tmp_path"), names="posix")


@contextmanager
def for_windows_users(request):
    yield rig(request.getfixturevalue("tmp_path"))


@contextmanager
def by_path(request):
    request.getfixturevalue("monkeypatch").setattr(folder, "RELATIVE", False)
    yield rig(request.getfixturevalue("tmp_path"))


@contextmanager
def without_links(request):
    patch = request.getfixturevalue("monkeypatch")
    patch.setattr(folder.Folder, "link", lambda *_: False)
    patch.setattr(folder, "renamed", lambda *_: False)
    made = rig(request.getfixturevalue("tmp_path"))
    yield replace(made, stamps_last=False)  # a copy is another file


@contextmanager
def trash_elsewhere(request):
    base = request.getfixturevalue("tmp_path")
    (base / "case").mkdir()
    made = rig(base / "case", trash="../kept")
    yield replace(made, kept=lambda: bytes_in(base / "kept"))


@contextmanager
def on_ntfs(request):
    """A fresh folder on an NTFS image that ignores case; it lists names in lower case, and rounds times to 100 ns."""
    root = ntfs(request) / f"root{time.monotonic_ns()}"
    root.mkdir()
    made = rig(root)
    yield replace(made, spelling=str.lower, ignores_case=True, mtime_step_ns=100)


def ntfs(request):
    """The mounted image, made once for the whole run."""
    if not hasattr(request.config, "ntfs_mount"):
        stack = ExitStack()
        request.config.ntfs_mount = stack.enter_context(
            mounted(request.getfixturevalue("tmp_path_factory").mktemp("ntfs"))
        )
        request.session.addfinalizer(stack.close)
    if request.config.ntfs_mount is None:
        pytest.skip("no NTFS can be mounted here: this needs ntfs-3g, root and /dev/fuse")
    return request.config.ntfs_mount


@contextmanager
def mounted(base):
    tools = [
        shutil.which(tool, path=f"{os.defpath}:/usr/sbin:/sbin")
        for tool in ("mkntfs", "lowntfs-3g", "umount")
    ]
    if not all(tools) or os.geteuid() or not Path("/dev/fuse").exists():
        warnings.warn("the case-insensitive drive is not tested", pytest.PytestWarning, stacklevel=2)
        yield None
        return
    make, mount, unmount = tools
    image, place = base / "image", base / "mount"
    with image.open("wb") as file:
        file.truncate(96 << 20)
    place.mkdir()
    subprocess.run([make, "-F", "-q", image], check=True, capture_output=True)
    subprocess.run(
        [mount, "-o", "windows_names,ignore_case", image, place], check=True, start_new_session=True
    )
    try:
        yield place
    finally:
        subprocess.run([unmount, place], check=True)


MAKERS = {
    "drive": on_this_disk,
    "drive-windows": for_windows_users,
    "drive-by-path": by_path,
    "drive-without-links": without_links,
    "drive-trash-elsewhere": trash_elsewhere,
    "drive-ntfs": on_ntfs,
}
