"""Keeps former bytes in a folder per second, under the path they had."""

import errno
import itertools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from synctool.sides.drive.folder import Folder
from synctool.sides.drive.transfer import copy


class Trash:
    """Where replaced and removed files go: ``20261122T213501Z/<path>``, or ``…Z-1`` when that is taken.

    base opens the trash folder itself; clock tells nanoseconds since the epoch.
    """

    def __init__(self, base: Callable[[], AbstractContextManager[Folder]], clock: Callable[[], int]) -> None:
        self._base = base
        self._clock = clock

    def keep(self, folder: Folder, names: Sequence[str]) -> None:
        """Give a file that is about to be replaced a second name in trash, or a copy where links are not known.

        names is its path from the root; folder is the one it lies in.
        """
        self._place(names, lambda spot: _keep(folder, names[-1], spot))

    def take(self, folder: Folder, names: Sequence[str]) -> None:
        """Move a file into trash; across disks, copy it and remove it."""
        self._place(names, lambda spot: _take(folder, names[-1], spot))

    def _place(self, names: Sequence[str], put: Callable[[Folder], None]) -> None:
        second = datetime.fromtimestamp(self._clock() / 10**9, UTC).strftime("%Y%m%dT%H%M%SZ")
        with self._base() as base:
            for number in itertools.count():
                stamp = f"{second}-{number}" if number else second
                try:
                    _put(base, (stamp, *names[:-1]), put)
                except (FileExistsError, NotADirectoryError):
                    continue
                return


def _put(base: Folder, above: Sequence[str], put: Callable[[Folder], None]) -> None:
    with base.grown(above) as spot:
        put(spot)
        spot.sync()


def _take(folder: Folder, name: str, spot: Folder) -> None:
    try:
        folder.rename(name, spot, name)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy(folder, name, spot)
        folder.unlink(name)


def _keep(folder: Folder, name: str, spot: Folder) -> None:
    if not folder.link(name, spot, name):
        copy(folder, name, spot)
