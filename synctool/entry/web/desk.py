"""Does what takes time beside the pages that show it: plans, versions, what a decision would do."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from synctool.engine.clock import Clock
from synctool.entry.cli.ending import fate
from synctool.entry.web.meter import Meter

WORKERS = 4

Act = Callable[[Meter], Any]
"""Does what was asked for, and tells how far it is."""

KEPT = 100
"""So many results are kept; the oldest go first."""


@dataclass
class Job:
    """Something that was asked for. began_ns: since the epoch; result: what came of it; lines: why nothing did; meter: how far it is."""

    began_ns: int
    ended_ns: int | None = None
    result: Any = None
    exit_code: int = 0
    lines: tuple[str, ...] = ()
    future: Future[None] = field(default_factory=Future)
    meter: Meter = field(default_factory=Meter)

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.ended_ns is not None


class Desk:
    """One job of a name at a time; asking again while it goes on is asking after the same one.

    stopped: set once nothing more shall be begun.
    """

    def __init__(self, state: str, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._lock = threading.Lock()
        self.stopped = threading.Event()
        self._jobs: dict[Hashable, Job] = {}
        self._pool = ThreadPoolExecutor(WORKERS, "page")

    def begin(self, name: Hashable, act: Act, secrets: list[str]) -> Job:
        """Begin what was asked for, unless it goes on already."""
        with self._lock:
            former = self._jobs.get(name)
            if former and not former.ended:
                return former
            job = self._jobs.pop(name, None)
            job = self._jobs[name] = Job(self._clock.now_ns())
            for old in [key for key, each in self._jobs.items() if each.ended][
                : max(0, len(self._jobs) - KEPT)
            ]:
                del self._jobs[old]
        job.future = self._pool.submit(self._do, job, act, secrets)
        return job

    def find(self, name: Hashable) -> Job | None:
        """What was asked for last under a name."""
        with self._lock:
            return self._jobs.get(name)

    def close(self) -> None:
        """Begin nothing more, and wait for the step that goes on."""
        self.stopped.set()
        self._pool.shutdown(cancel_futures=True)

    def _do(self, job: Job, act: Act, secrets: list[str]) -> None:
        def done() -> int:
            job.result = act(job.meter)
            return 0

        job.exit_code, lines = fate(done, self._state, secrets, self._clock)
        job.lines = tuple(lines)
        job.ended_ns = self._clock.now_ns()
