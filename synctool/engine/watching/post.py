"""Turns events that wait in the spool into hints for profiles, and lets go of those that a round has followed."""

import logging
from collections.abc import Callable, Collection
from pathlib import Path

from synctool.core.events import Aimed, Home, hints_of, unclaimed
from synctool.core.pacing import Hint
from synctool.errors import StateError
from synctool.store.spool import Spool

log = logging.getLogger(__name__)


class Post:
    """Events on their way from the spool to rounds; belongs to one thread.

    put: notes a hint for a profile, and says under which name it is watched; waits: whether one is not followed yet.
    """

    def __init__(self, state: Path, put: Callable[[Aimed], str], waits: Callable[[str, Hint], bool]) -> None:
        self._spool = Spool(state)
        self._put = put
        self._waits = waits
        self._on_the_way: dict[int, list[tuple[str, Hint]]] = {}
        self._heard: set[int | None] = set()
        self._said: set[object] = set()

    def deliver(self, homes: Collection[Home]) -> None:
        """Pass on what is new, and forget what was followed; without the spool, the next full look finds it all the same."""
        try:
            for number, event in self._spool.waiting():
                if number not in self._on_the_way:
                    self._heard.add(event.org)
                    aimed = hints_of(event, homes)
                    self._on_the_way[number] = [(self._put(each), each.hint) for each in aimed]
                    if unclaimed(event, homes):
                        self._say(event.project, f"Filevine's project {event.project} has no profile here")
            done = [
                n for n, hints in self._on_the_way.items() if not any(self._waits(*hint) for hint in hints)
            ]
            if done:
                self._spool.done(done)
                self._on_the_way = {n: h for n, h in self._on_the_way.items() if n not in done}
        except StateError as error:
            self._say(str(error), str(error))

    def heard(self) -> frozenset[int | None]:
        """The organisations that events came of since this was last asked; None is among them when one did not say."""
        heard, self._heard = frozenset(self._heard), set()
        return heard

    def close(self) -> None:
        """Let go of the spool; what waits there waits on."""
        self._spool.close()

    def _say(self, what: object, text: str) -> None:
        """Say something once."""
        if what not in self._said:
            self._said.add(what)
            log.warning("%s", text)
