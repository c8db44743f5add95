"""Reaches files and folders name by name, so that no link is ever followed below a root.

Where the system allows it, every call is relative to an open folder (``openat`` and its kin), and cannot be led astray by
a folder that becomes a link meanwhile. Elsewhere (Windows) it goes by path, and looks before it goes.
"""

import ctypes
import errno
import ntpath
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from typing import BinaryIO, Self

from synctool.core.model import TEMPORARY
from synctool.sides.drive.unique import renamed

# ruff: noqa: PTH101, PTH116, PTH118  pathlib knows no call relative to an open folder

RELATIVE = os.open in os.supports_dir_fd and os.scandir in os.supports_fd

TEMP_PREFIX, TEMP_SUFFIX = TEMPORARY, ".tmp"

_NO_LINKS = {
    errno.EPERM,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EXDEV,
    errno.EMLINK,
    errno.EINVAL,
}
_NO_SYNC = {
    errno.EINVAL,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EBADF,
    errno.EACCES,
    errno.EPERM,
}
_NAME_SURROGATE = 0x20000000  # the reparse tags of symbolic links and junctions (MS-FSCC 2.1.2.1)
_FILE_RIGHTS, _FOLDER_RIGHTS = 0o666, 0o2777
_HIDDEN = 2  # FILE_ATTRIBUTE_HIDDEN
_BINARY, _NO_FOLLOW, _NO_WAIT, _DIRECTORY = (
    getattr(os, flag, 0) for flag in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY")
)
_OPEN_FOLDER = os.O_RDONLY | _DIRECTORY
_READ = os.O_RDONLY | _BINARY | _NO_FOLLOW | _NO_WAIT
_LINK_FOLLOWS = os.link not in os.supports_follow_symlinks  # asked not to, such a system would refuse
_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY


def temp_name() -> str:
    """A name that nobody has, for what is not finished."""
    return f"{TEMP_PREFIX}{secrets.token_hex(8)}{TEMP_SUFFIX}"


_PLAIN = (stat.S_IFREG, stat.S_IFDIR)
_JUNCTIONS = hasattr(os.stat_result, "st_reparse_tag")


def is_link(status: os.stat_result) -> bool:
    """Whether it leads elsewhere: a symbolic link, or a junction of Windows."""
    return stat.S_ISLNK(status.st_mode) or bool(getattr(status, "st_reparse_tag", 0) & _NAME_SURROGATE)


def travels(status: os.stat_result) -> bool:
    """Whether it is a file or a folder: no link, no pipe, no device."""
    kind = stat.S_IFMT(status.st_mode)
    return kind in _PLAIN and not (_JUNCTIONS and is_link(status))


def extended(root: str) -> str:
    r"""A Windows path in the form that is not cut at 260 characters: ``\\?\Z:\Cases``, ``\\?\UNC\srv\share``."""
    path = ntpath.abspath(root)
    if path.startswith("\\\\?\\"):
        return path
    return f"\\\\?\\UNC{path[1:]}" if path.startswith("\\\\") else f"\\\\?\\{path}"


def _dress(file: str | int, mtime_ns: int, mode: int | None) -> None:
    if mtime_ns:
        os.utime(file, ns=(mtime_ns, mtime_ns))
    if mode is not None:
        os.chmod(file, stat.S_IMODE(mode))


class Folder:
    """One folder, open; every method takes the name of something in it, and raises what the system raises.

    path is for messages, and for systems without relative calls, where fd is None.
    """

    def __init__(self, path: str, fd: int | None) -> None:
        self.path = path
        self.fd = fd

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @classmethod
    def at(cls, path: str) -> "Folder":
        """The folder of this path, which alone may lead over links."""
        if RELATIVE:
            return cls(path, os.open(path, _OPEN_FOLDER))
        os.scandir(path).close()
        return cls(path, None)

    def close(self) -> None:
        """Let go of it. May be called twice."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def folder(self, name: str) -> "Folder":
        """A folder in this one. Raises ELOOP when it is a link, ENOTDIR when it is a file."""
        path = os.path.join(self.path, name)
        if self.fd is not None:
            with suppress(NotADirectoryError):
                return Folder(path, os.open(name, _OPEN_FOLDER | _NO_FOLLOW, dir_fd=self.fd))
        status = os.stat(self.spot(name), dir_fd=self.fd, follow_symlinks=False)
        if is_link(status):
            raise OSError(errno.ELOOP, "a link", name)
        if self.fd is not None or not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "not a folder", name)
        return Folder(path, None)

    @contextmanager
    def below(self, names: Sequence[str]) -> Iterator["Folder"]:
        """The folder that many names down."""
        with ExitStack() as stack:
            here = self
            for name in names:
                here = stack.enter_context(here.folder(name))
            yield here

    @contextmanager
    def grown(self, names: Sequence[str]) -> Iterator["Folder"]:
        """The folder that many names down, made where it is not there yet."""
        with ExitStack() as stack:
            here = self
            for name in names:
                with suppress(FileExistsError):
                    here.mkdir(name)
                    here.sync()
                here = stack.enter_context(here.folder(name))
            yield here

    def names(self) -> set[str]:
        """What is in it, as the disk spells it."""
        return {name for name, _ in self.rows()}

    def status(self) -> os.stat_result:
        """What the system says of this folder itself."""
        return os.stat(self.path if self.fd is None else self.fd)

    def has_room(self, size: int) -> bool:
        """Whether so many bytes fit, as far as the disk tells."""
        usage = shutil.disk_usage(self.path if self.fd is None else self.fd)
        return usage.free >= size or not usage.total

    def look(self, name: str) -> os.stat_result | None:
        """What the system says of this name, without following it; None when nothing is there."""
        with suppress(FileNotFoundError):
            return os.stat(self.spot(name), dir_fd=self.fd, follow_symlinks=False)
        return None

    def rows(self) -> list[tuple[str, os.stat_result]]:
        """All that is in it, with its status; what vanishes meanwhile is left out."""
        rows = []
        with os.scandir(self.path if self.fd is None else self.fd) as found:
            for row in found:
                try:
                    rows.append((row.name, row.stat(follow_symlinks=False)))
                except FileNotFoundError:
                    continue
        return rows

    def open(self, name: str) -> FileIO:
        """The bytes of a file, unbuffered. Raises ELOOP when it is a link; never waits for a pipe."""
        return FileIO(self.spot(name), opener=lambda path, _: os.open(path, _READ, dir_fd=self.fd))

    def create(self, name: str) -> BinaryIO:
        """A new file, for whom its folder is, whatever the umask. Raises FileExistsError."""
        number = os.open(self.spot(name), _CREATE, 0o600, dir_fd=self.fd)
        self._admit(name, _FILE_RIGHTS)
        return os.fdopen(number, "wb")

    def mkdir(self, name: str) -> None:
        """Make a folder in this one, for the same people."""
        os.mkdir(self.spot(name), dir_fd=self.fd)
        self._admit(name, _FOLDER_RIGHTS)

    def rmdir(self, name: str) -> None:
        """Remove an empty folder."""
        os.rmdir(self.spot(name), dir_fd=self.fd)

    def unlink(self, name: str) -> None:
        """Remove a file."""
        os.unlink(self.spot(name), dir_fd=self.fd)

    def dress(self, name: str, *, mtime_ns: int = 0, mode: int | None = None) -> None:
        """Set a file's time (nanoseconds since the epoch; 0: leave it) and its permissions (None: leave them)."""
        if self.fd is None:
            _dress(self.spot(name), mtime_ns, mode)
        else:
            with self.open(name) as file:  # which is no link
                _dress(file.fileno(), mtime_ns, mode)

    def link(self, name: str, to: "Folder", new: str) -> bool:
        """Give a file a second name; False where links are not known. Raises FileExistsError."""
        try:
            os.link(
                self.spot(name),
                to.spot(new),
                src_dir_fd=self.fd,
                dst_dir_fd=to.fd,
                follow_symlinks=_LINK_FOLLOWS,
            )
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            return False
        return True

    def replace(self, name: str, to: "Folder", new: str) -> None:
        """Rename, replacing a file that is there."""
        os.replace(self.spot(name), to.spot(new), src_dir_fd=self.fd, dst_dir_fd=to.fd)

    def rename(self, name: str, to: "Folder", new: str) -> None:
        """Rename, replacing nothing; the old name is gone for good only after the new one is there for good.

        Raises FileExistsError. Where the system cannot do it in one step, a link refuses a taken name at once; where
        there are no links (folders; some shares) a look must do, and Windows itself renames onto nothing.
        """
        if os.name != "nt" and renamed(name, self.fd, new, to.fd):
            to.sync()
        elif os.name != "nt" and self.link(name, to, new):
            to.sync()
            try:
                self.unlink(name)
            except OSError:
                to.unlink(new)
                raise
        elif to.look(new):
            raise FileExistsError(errno.EEXIST, "taken", new)
        else:
            os.rename(self.spot(name), to.spot(new), src_dir_fd=self.fd, dst_dir_fd=to.fd)
            to.sync()

    def sync(self) -> None:
        """Make the names in this folder survive a power cut, where the system can do that for a folder."""
        try:
            if self.fd is not None:
                os.fsync(self.fd)
        except OSError as error:
            if error.errno not in _NO_SYNC:
                # Whatever it was, it came too late.
                raise OSError(errno.EIO, "not kept", self.path) from error

    def hide(self) -> None:
        """Keep it out of people's sight on Windows; elsewhere a leading dot does."""
        if sys.platform == "win32":
            ctypes.windll.kernel32.SetFileAttributesW(self.path, _HIDDEN)

    def _admit(self, name: str, rights: int) -> None:
        """Let those at what was made here who are let at this folder; Windows hands that down by itself."""
        if os.name != "nt":
            with suppress(OSError):  # some shares know no rights
                os.chmod(self.spot(name), self.status().st_mode & rights, dir_fd=self.fd)

    def spot(self, name: str) -> str:
        """What to call this name in a call that is given ``dir_fd=self.fd``."""
        return os.path.join(self.path, name) if self.fd is None else name
