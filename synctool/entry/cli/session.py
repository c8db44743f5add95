"""Names what the global options say."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from synctool.engine.clock import SYSTEM, Clock
from synctool.sides.filevine.account import Accounts


@dataclass(frozen=True, slots=True)
class Session:
    """Where profiles and state are, whether colours are unwanted, the share of a rate, where time comes from, and who is signed in."""

    PROFILES: ClassVar[str] = "profiles"
    STATE: ClassVar[str] = "state"

    profiles: Path
    state: Path
    no_color: bool = False
    rate_share: float = 1.0
    clock: Clock = SYSTEM
    accounts: Accounts = field(default_factory=Accounts)

    @property
    def options(self) -> list[str]:
        """The words by which another command means the same places."""
        profiles = ["--profiles", str(self.profiles)] * (str(self.profiles) != self.PROFILES)
        return profiles + ["--state", str(self.state)] * (str(self.state) != self.STATE)
