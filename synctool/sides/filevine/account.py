"""Stays signed in to Filevine, once for all who call it as the same account."""

import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to call the API: the headers of every call, and what a renewal builds on."""

    headers: Mapping[str, str] = field(repr=False)
    user: str
    org: str
    lifetime: float  # seconds
    session: str = field(default="", repr=False)  # key mode only


class Session:
    """A grant that is renewed before it ends; one renewal at a time, whoever asks.

    clock: seconds, monotonic. roots: the root folders of the projects that were asked for, which never change.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.roots: dict[int, int] = {}
        self._clock = clock
        self._grant: Grant | None = None
        self._due = 0.0
        self._lock = threading.Lock()

    def grant(self, renew: Callable[[Grant | None], Grant], refused: Grant | None = None) -> Grant:
        """The grant to call with; never ``refused``, the one that the API answered 401 to.

        renew: makes a new grant, given the former one.
        """
        with self._lock:
            grant = self._grant
            if grant is None or grant is refused or self._clock() >= self._due:
                grant = self._grant = renew(grant)
                self._due = self._clock() + max(grant.lifetime * 0.8, grant.lifetime - 90)
            return grant


class Accounts:
    """The sessions of a process, one for each account, safe to use from several threads."""

    def __init__(self) -> None:
        self._sessions: dict[Hashable, Session] = {}
        self._lock = threading.Lock()

    def session(self, account: Hashable, clock: Callable[[], float]) -> Session:
        """The session of whatever names an account: where it signs in, and as whom."""
        with self._lock:
            return self._sessions.setdefault(account, Session(clock))
