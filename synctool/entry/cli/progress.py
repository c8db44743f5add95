"""Shows on a terminal how far a run is; elsewhere it is silent."""

from threading import Lock
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from synctool.core.model import SideName
from synctool.engine.outcome import Adoption, Done, Failed
from synctool.entry.show.plan import documents_and_cost
from synctool.entry.show.visible import visible


class Bar:
    """A progress bar, counted in bytes and one more for each step, so that steps without bytes count too."""

    def __init__(self, console: Console) -> None:
        columns = (BarColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        words = TextColumn("{task.description}", markup=False)
        self._shown = Progress(
            words, *columns, console=console, transient=True, disable=not console.is_interactive
        )
        self._task = self._shown.add_task("", total=None)
        self._seen: dict[SideName, int] = {}
        self._lock = Lock()
        self._taken = 0
        self._steps = 0
        self._passed: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._shown.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()

    def pause(self) -> None:
        """Leave the terminal to a question."""
        if self._shown.live.is_started:
            self._shown.stop()

    def looking(self, side: SideName, entries: int) -> None:
        """So many entries of a side have been seen."""
        self._seen[side] = entries
        told = ", ".join(f"{name} {count:,}" for name, count in [*self._seen.items()])
        self._shown.update(self._task, description=f"looking: {told}")

    def reading(self, adoption: Adoption) -> None:
        """Contents far away are read now; said in any case, because it takes long."""
        told = f"reading {documents_and_cost(adoption)} so that copies can be compared"
        self._shown.console.print(told, markup=False, highlight=False)

    def planned(self, steps: int, size: int) -> None:
        """So many steps, with so many bytes, will be taken."""
        self._steps = steps
        self._shown.start()
        self._shown.update(self._task, description=f"0 of {steps:,} steps", total=size + steps)

    def carrying(self, path: str, size: int) -> None:
        """Say which large document is on its way, and how much of it has passed in all readings and writings."""
        with self._lock:
            self._passed[path] = self._passed.get(path, 0) + size
            told = f"{self._counted()}, {visible(path.rpartition('/')[2])}: {self._passed[path] / 1e9:.1f} GB"
        self._shown.update(self._task, description=told)

    def took(self, result: Done | Failed) -> None:
        """A step was taken, or failed: it is over either way."""
        step = result.step
        size = step.content.size if step.content and step.source else 0
        with self._lock:
            self._taken += 1
            description = self._counted()
        self._shown.update(self._task, description=description, advance=size + 1)

    def _counted(self) -> str:
        return f"{self._taken:,} of {self._steps:,} steps"
