"""Makes files and folders of the state that nobody but their owner can read, whatever the umask, and follows no link."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from synctool.errors import StateError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""The permissions of everybody but the owner."""

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def folder(path: Path) -> None:
    """Make a folder for the state where there is none. Raises StateError."""
    with border(path):
        path.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)


def own(path: Path) -> None:
    """Make a folder, and those above it, in a place where anybody may make some. Raises StateError for somebody else's."""
    folder(path.parent)
    folder(path)
    with border(path):
        for part in (path.parent, path):
            status = part.lstat()
            ours = os.name == "nt" or (status.st_uid == os.getuid() and not status.st_mode & OTHERS)
            if not (stat.S_ISDIR(status.st_mode) and ours):
                raise StateError(
                    f"{part} is not ours alone", hint="look who made it, move it away, and run again"
                )


@contextmanager
def opened(path: Path, mode: str, buffering: int = -1) -> Iterator[IO[bytes]]:
    """A file of the state, made where there is none, in this mode of ``open``. Raises StateError, also for a link."""
    with border(path):
        file = open(path, mode, buffering, opener=_opener)  # noqa: SIM115 - what fails later is told elsewhere
    with file:
        yield file


def keep_names(path: Path) -> None:
    """Make the names of what is new in a folder survive a power cut; Windows does by itself. Raises StateError."""
    if os.name != "nt":
        with border(path):
            number = os.open(path, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)


def write(path: Path, text: str) -> None:
    """Write a whole file that only its owner may read. Raises what the system raises."""
    with open(path, "wb", opener=_opener) as file:
        file.write(text.encode(errors="backslashreplace"))


def check(path: Path) -> None:
    """Take from others what they may do with a file that is there. Raises StateError for a link, and for no file."""
    with border(path):
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise StateError(
                f"{path} is no file of its own", hint="look who put it there, move it away and run again"
            )
        if status.st_mode & OTHERS:
            path.chmod(stat.S_IRUSR | stat.S_IWUSR)


@contextmanager
def border(path: Path) -> Iterator[None]:
    """Tell what the system refuses about a file of the state as StateError."""
    try:
        yield
    except OSError as error:
        raise StateError(
            f"{path} cannot be used: {(error.strerror or str(error)).lower()}",
            hint="see that the disk has room and that this user may write there, then run again",
        ) from error


def _opener(path: str, flags: int) -> int:
    number = os.open(path, flags | _NO_FOLLOW, stat.S_IRUSR | stat.S_IWUSR)
    writes = flags & (os.O_WRONLY | os.O_RDWR)
    if writes and os.name != "nt" and os.fstat(number).st_mode & OTHERS:
        os.fchmod(number, stat.S_IRUSR | stat.S_IWUSR)
    return number
