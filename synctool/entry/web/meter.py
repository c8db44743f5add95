"""Says how far a job is that somebody waits for."""

from threading import Lock

from synctool.core.model import SideName
from synctool.engine.outcome import Adoption, Done, Failed
from synctool.engine.tools import Silent
from synctool.entry.show.plan import documents_and_cost
from synctool.entry.show.visible import counted, sized


class Meter(Silent):
    """Is told of progress by several threads, and tells it to whoever looks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[SideName, int] = {}
        self._passed: dict[str, int] = {}
        self._reading = ""
        self._steps = self._size = 0
        self._taken = 0

    def looking(self, side: SideName, entries: int) -> None:
        """So many entries of a side have been seen."""
        with self._lock:
            self._seen[side] = entries

    def reading(self, adoption: Adoption) -> None:
        """Contents far away are read now, so that copies can be compared."""
        self._reading = f"reading {documents_and_cost(adoption)} so that copies can be compared"

    def planned(self, steps: int, size: int) -> None:
        """So many steps, with so many bytes, will be taken."""
        self._steps, self._size = steps, size

    def carrying(self, path: str, size: int) -> None:
        """So many bytes more of a large document have passed."""
        with self._lock:
            self._passed[path] = self._passed.get(path, 0) + size

    def took(self, result: Done | Failed) -> None:
        """A step was taken, or failed: it is over either way."""
        with self._lock:
            self._taken += 1
            self._passed.pop(result.step.to_path, None)

    @property
    def lines(self) -> list[str]:
        """How far it is, for people: what was seen, then what was done."""
        with self._lock:
            lines = [f"{side}: {entries:,} seen" for side, entries in self._seen.items()]
            lines += [self._reading] * bool(self._reading)
            lines += [
                f"{self._taken:,} of {counted(self._steps, 'step')} done, {sized(self._size)} in all"
            ] * bool(self._steps)
            return lines + [f"{path}: {sized(size)}" for path, size in self._passed.items()]
