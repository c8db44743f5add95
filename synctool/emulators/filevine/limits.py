"""Counts requests per endpoint against a rate limit."""

from collections.abc import Callable
from math import ceil


class Limits:
    """One bucket per endpoint: it holds ``burst`` requests and refills evenly over the minute."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._buckets: dict[object, tuple[float, int]] = {}  # requests left, as of ns

    def wait(self, endpoint: object, per_minute: int, burst: int) -> int:
        """Take one request; 0, or the whole seconds after which one is allowed."""
        now, per_ns = self._clock(), per_minute / 60e9
        left, then = self._buckets.get(endpoint, (burst, now))
        left = min(burst, left + (now - then) * per_ns)
        self._buckets[endpoint] = (left - (left >= 1), now)
        return 0 if left >= 1 else max(1, ceil((1 - left) / per_ns / 1e9))
