"""Names what the global options say."""

import getpass
import hashlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from synctool.engine.clock import SYSTEM, Clock
from synctool.sides.filevine.account import Accounts
from synctool.store.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Session:
    """Where profiles and state are, whether colours are unwanted, the share of a rate, where time comes from, and who is signed in.

    shelf: where a state that is shared lies; then state is the folder of what is borrowed of it.
    """

    PROFILES: ClassVar[str] = "profiles"
    STATE: ClassVar[str] = "state"

    profiles: Path
    state: Path
    no_color: bool = False
    rate_share: float = 1.0
    clock: Clock = SYSTEM
    accounts: Accounts = field(default_factory=Accounts)
    shelf: Shelf | None = None

    @property
    def options(self) -> list[str]:
        """The words by which another command means the same places."""
        profiles = ["--profiles", str(self.profiles)] * (str(self.profiles) != self.PROFILES)
        state = self.shelf.where("").rstrip("/") if self.shelf else str(self.state)
        return profiles + ["--state", state] * (state != self.STATE)


def is_shared(state: str) -> bool:
    """Whether ``--state`` names something else than a folder of this machine."""
    return "://" in state


def desk(state: str) -> Path:
    """The folder of this machine for a state: that itself, or one of this user for what is borrowed and cached of it."""
    if not is_shared(state):
        return Path(state)
    name = hashlib.sha256(state.encode(errors="backslashreplace")).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"synctool-{getpass.getuser()}" / name
