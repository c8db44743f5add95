"""Spaces requests out, so that every endpoint of an organisation stays under Filevine's rate limit."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

BURST = 4
"""Requests that may leave at once after a quiet while."""

LONGEST = 600.0
"""Seconds beyond which no bucket can be taken: what says so was written before the machine's clock began anew."""


class Book(Protocol):
    """Until when the turns of each key are taken, for all who share a rate: threads, profiles, processes."""

    def change(self, key: str, change: Callable[[float], float]) -> float:
        """Put what change makes of a key's moment, 0 at first, in its place, between no two others; the new one."""


class OwnBook:
    """A book for the threads of one process."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def change(self, key: str, change: Callable[[float], float]) -> float:
        """See ``Book``."""
        with self._lock:
            self._until[key] = change(self._until.get(key, 0.0))
            return self._until[key]


class Crowd(NamedTuple):
    """What an organisation's rate cost: requests refused as too many, and seconds that requests waited for their turn."""

    refused: int = 0
    waited: float = 0.0


class Tally:
    """Counts that for every organisation, since it was made; safe to use from several threads."""

    def __init__(self) -> None:
        self._crowds: dict[str, Crowd] = {}
        self._lock = threading.Lock()

    def add(self, org: str, *, refused: int = 0, waited: float = 0.0) -> None:
        """Count these too."""
        with self._lock:
            crowd = self._crowds.get(org, Crowd())
            self._crowds[org] = Crowd(crowd.refused + refused, crowd.waited + waited)

    def told(self) -> dict[str, Crowd]:
        """The counts so far, by organisation."""
        with self._lock:
            return dict(self._crowds)


class Pacer:
    """Token buckets by key, safe to use from several threads.

    book: who else takes turns at the same keys; share: how much of each rate is theirs, from 0 to 1. clock: seconds, monotonic, the same for all of them; sleep: waits for
    seconds; tally: counts what that costs.
    """

    def __init__(
        self,
        *,
        book: Book | None = None,
        share: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        tally: Tally | None = None,
    ) -> None:
        self._book = book or OwnBook()
        self._share = share
        self._clock = clock
        self._sleep = sleep
        self.tally = tally or Tally()

    def wait(self, key: str, per_second: float) -> float:
        """Take one request's turn, sleeping until it has come; the seconds slept."""
        per_second *= self._share
        now = self._clock()
        full_at = self._book.change(key, lambda until: max(_sane(until, now), now) + 1 / per_second)
        if (delay := full_at - now - BURST / per_second) <= 0:
            return 0.0
        self._sleep(delay)
        return delay

    def hold(self, key: str, per_second: float, seconds: float) -> None:
        """Let no request of this key leave for so many seconds: the server said that there were too many."""
        per_second *= self._share
        now = self._clock()
        full_at = now + seconds + (BURST - 1) / per_second
        self._book.change(key, lambda until: max(_sane(until, now), full_at))


def _sane(until: float, now: float) -> float:
    return until if until < now + LONGEST else 0.0
