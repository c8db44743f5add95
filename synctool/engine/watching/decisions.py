"""Notices what people decide about conflicts while a watch goes on."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from synctool.config.profile import Profile
from synctool.engine.tools import Tools
from synctool.errors import StateError
from synctool.store.db import Sign, last_decided_ns, sign


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
            seen = sign(database)
            if not seen or seen == self._signs.get(profile.name):
                continue
            with suppress(StateError):  # the next round tells what is wrong with it
                decided = last_decided_ns(database)
                if decided > self._decided.get(profile.name, decided):
                    yield profile
                self._signs[profile.name], self._decided[profile.name] = seen, decided
