"""Says which projects a template has been used for: those that have a state."""

import logging
from math import inf

from synctool.entry.cli.session import Session
from synctool.errors import SideError

log = logging.getLogger(__name__)

AGAIN = 300.0
"""Seconds for which a shelf is not asked again which states lie on it."""


class Projects:
    """The projects of templates; those on a shelf as they were when it last said."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shelved: frozenset[str] = frozenset()
        self._asked = -inf

    def of(self, template: str) -> list[int]:
        """Their numbers, in order."""
        ends = (name.rpartition("-") for name in self.states())
        return sorted(int(number) for name, _, number in ends if name == template and number.isdecimal())

    def states(self) -> frozenset[str]:
        """The names of all states that may be of a template's projects."""
        shelf, now = self._session.shelf, self._session.clock.monotonic()
        if shelf is None:
            return frozenset(file.stem for file in self._session.state.glob("*-*.db"))
        if now >= self._asked + AGAIN:
            self._asked = now
            try:
                names = shelf.names()
            except SideError as error:
                log.warning("which projects of templates have a state is not known: %s", error)
            else:
                self._shelved = frozenset(
                    name.removesuffix(".state") for name in names if name.endswith(".state")
                )
        return self._shelved
