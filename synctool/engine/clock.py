"""Tells the time and waits, so that nothing else has to."""

import time
from typing import Protocol


class Clock(Protocol):
    """Where time comes from. One clock is one pace: it can be a key."""

    def __hash__(self) -> int: ...

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class _System:
    def now_ns(self) -> int:
        return time.time_ns()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


SYSTEM: Clock = _System()
