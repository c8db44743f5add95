"""Reads a file and notices when it changes under the reader."""

import io
from collections.abc import Callable

from synctool.core.model import SideName
from synctool.errors import Stale
from synctool.sides.drive.trouble import admitted, border


class Exact(io.RawIOBase):
    """The bytes of one version of a file.

    unchanged says whether the open file is still that version; it is asked at every read that reaches the size in bytes
    or the end, and Stale is raised when it is not.
    """

    def __init__(
        self, raw: io.FileIO, size: int, unchanged: Callable[[int], bool], *, side: SideName, path: str
    ) -> None:
        self._raw = raw
        self._size = size
        self._unchanged = unchanged
        self._side = side
        self._path = path

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._raw.seek(offset, whence)

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        with border(self._side, self._path), admitted():
            count = self._raw.readinto(buffer)
            if not count or self._raw.tell() >= self._size:
                self.check()
        return count

    def check(self) -> None:
        """Raise Stale unless the open file is still the version that was asked for."""
        if not self._unchanged(self._raw.fileno()):
            raise Stale("it changed since the look", side=self._side, path=self._path)

    def close(self) -> None:
        self._raw.close()
        super().close()
