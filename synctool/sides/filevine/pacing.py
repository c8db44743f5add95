"""Spaces requests out, so that every endpoint of an organisation stays under Filevine's rate limit."""

import threading
import time
from collections.abc import Callable, Hashable

BURST = 4
"""Requests that may leave at once after a quiet while."""


class Pacer:
    """Token buckets by key; one value shared by every client of a run, safe to use from several threads.

    clock: seconds, monotonic; sleep: waits for seconds.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._full_at: dict[Hashable, float] = {}  # when the bucket will be full again
        self._lock = threading.Lock()

    def wait(self, key: Hashable, per_second: float) -> None:
        """Take one request's turn, sleeping until it has come."""
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.get(key, now), now) + 1 / per_second
            self._full_at[key] = full_at
        if (delay := full_at - now - BURST / per_second) > 0:
            self._sleep(delay)

    def hold(self, key: Hashable, per_second: float, seconds: float) -> None:
        """Let no request of this key leave for so many seconds: the server said that there were too many."""
        with self._lock:
            full_at = self._clock() + seconds + (BURST - 1) / per_second
            self._full_at[key] = max(self._full_at.get(key, full_at), full_at)
