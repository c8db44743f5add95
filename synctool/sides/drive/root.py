"""Holds on to the folder that a drive side stands for, and notices when it is no longer there."""

import os
from contextlib import suppress
from pathlib import Path

from synctool.core.model import SideName
from synctool.errors import Missing, Stale
from synctool.sides.drive.folder import Folder
from synctool.sides.drive.trouble import border


class Root:
    """The folder at a path, opened once: what comes to lie at the path later is another one."""

    def __init__(self, path: Path, side: SideName) -> None:
        self.path = path
        self._side = side
        self._opened: tuple[Folder, os.stat_result] | None = None

    def open(self) -> None:
        """Reach it. Raises Missing when it is not there."""
        try:
            with border(self._side, "root"):
                folder = Folder.at(str(self.path))
                self._opened = folder, folder.status()
        except (Missing, Stale) as error:
            raise self._lost() from error

    def close(self) -> None:
        """Let go of it. May be called twice."""
        if self._opened:
            self._opened[0].close()
            self._opened = None

    def folder(self) -> Folder:
        """The folder, open. Raises Missing when it is not."""
        if not self._opened:
            raise self._lost()
        return self._opened[0]

    def check(self) -> None:
        """Raise Missing unless the path still leads to the folder that was opened (and not to a bare mount)."""
        with border(self._side, "root"), suppress(FileNotFoundError, NotADirectoryError):
            if self._opened and os.path.samestat(self.path.stat(), self._opened[1]):
                return
        raise self._lost()

    def _lost(self) -> Missing:
        return Missing(
            f"{self.path} is not there", side=self._side, path="root", hint="is the drive connected?"
        )
