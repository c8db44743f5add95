"""Names what a run is given: what a person asks, the clock, the place of the state, and who is told of progress."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Protocol

from synctool.core.model import Handle, SideName
from synctool.engine.clock import SYSTEM, Clock
from synctool.engine.former import Undo
from synctool.engine.outcome import Adoption, Done, Failed
from synctool.sides.filevine.account import Accounts
from synctool.sides.filevine.pacing import Tally
from synctool.store.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person asks of one run.

    only: patterns of paths whose steps are taken; without: sides that are left out; accepted: codes of brakes that are
    overridden; actor: who asks, for the record; undo: what shall be undone, and nothing else be done.
    hints: around which handles to look, by side ("" is all of it); a side without any is taken to match its rows. None:
    every side is looked at in full. still: whoever hints has waited until nothing more was heard of those places.
    """

    only: tuple[str, ...] = ()
    without: frozenset[SideName] = frozenset()
    accepted: frozenset[str] = frozenset()
    actor: str = ""
    undo: Undo | None = None
    hints: Mapping[SideName, frozenset[Handle]] | None = None
    still: bool = False


class Progress(Protocol):
    """Who is told how far a run is; called from several threads."""

    def looking(self, side: SideName, entries: int) -> None:
        """So many entries of a side have been seen."""

    def reading(self, adoption: Adoption) -> None:
        """Contents far away are read now, so that copies can be compared; it takes long."""

    def planned(self, steps: int, size: int) -> None:
        """So many steps, with so many bytes, will be taken."""

    def carrying(self, path: str, size: int) -> None:
        """So many bytes more of a large document have been read, or given to a side."""

    def took(self, result: Done | Failed) -> None:
        """A step was taken, or failed."""


class Silent:
    """Nobody is told."""

    def looking(self, side: SideName, entries: int) -> None:
        """Say nothing."""

    def reading(self, adoption: Adoption) -> None:
        """Say nothing."""

    def planned(self, steps: int, size: int) -> None:
        """Say nothing."""

    def carrying(self, path: str, size: int) -> None:
        """Say nothing."""

    def took(self, result: Done | Failed) -> None:
        """Say nothing."""


SILENT = Silent()


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with.

    state: the folder of the databases, or of this machine's part of a state that is shared; pool: makes what so many
    things are done side by side in; stopped: once it is set, what is not begun is left for the next run; rate_share: how
    much of each profile's ``requests_per_second`` is this machine's, from 0 to 1; accounts: who is signed in already;
    tally: counts what waiting for Filevine's rate costs;
    shelf: where a shared state lies; copy: where the files of the profile at hand lie, if not in state.
    """

    state: Path
    clock: Clock = SYSTEM
    progress: Progress = SILENT
    pool: Callable[[int], Executor] = ThreadPoolExecutor
    stopped: Event = field(default_factory=Event)
    rate_share: float = 1.0
    accounts: Accounts = field(default_factory=Accounts)
    tally: Tally = field(default_factory=Tally)
    shelf: Shelf | None = None
    copy: Path | None = None

    def database(self, profile: str) -> Path:
        """The file of a profile's state."""
        return (self.copy or self.state) / f"{profile}.db"

    def audit(self, profile: str) -> Path:
        """The file of a profile's audit log."""
        return (self.copy or self.state) / f"{profile}.audit.jsonl"

    def lock(self, profile: str) -> Path:
        """The file that says who acts for a profile on this machine."""
        return self.state / f"{profile}.lock"
