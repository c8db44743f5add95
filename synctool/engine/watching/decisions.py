"""Notices what people decide about conflicts while a watch goes on."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from synctool.config.profile import Profile
from synctool.engine.tools import Tools
from synctool.errors import StateError
from synctool.store.db import last_decided_ns

Sign = tuple[tuple[int, int], ...]


class Decisions:
    """What was decided since this was last asked; belongs to one thread.

    Of a state that is shared nothing lies here between two rounds: there, the next round finds it.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._signs: dict[str, Sign] = {}
        self._decided: dict[str, int] = {}

    def news(self, profiles: Iterable[Profile]) -> Iterator[Profile]:
        """Those for which somebody decided something; at first nothing is new, as all is looked at then anyway."""
        for profile in profiles:
            database = self._tools.database(profile.name)
            sign = _sign(database)
            if not sign or sign == self._signs.get(profile.name):
                continue
            with suppress(StateError):  # the next round tells what is wrong with it
                decided = last_decided_ns(database)
                if decided > self._decided.get(profile.name, decided):
                    yield profile
                self._signs[profile.name], self._decided[profile.name] = sign, decided


def _sign(database: Path) -> Sign:
    """What is another when a database was written."""
    files = [database, database.with_name(f"{database.name}-wal")]
    return tuple(sign for file in files for sign in _stat(file))


def _stat(file: Path) -> Iterator[tuple[int, int]]:
    with suppress(OSError):  # SQLite takes its second file away when nobody needs it
        status = file.stat()
        yield status.st_mtime_ns, status.st_size
