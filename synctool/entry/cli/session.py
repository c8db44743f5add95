"""Names what the global options say."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from synctool.engine.clock import SYSTEM, Clock


@dataclass(frozen=True, slots=True)
class Session:
    """Where profiles and state are, whether colours are unwanted, and where time comes from."""

    PROFILES: ClassVar[str] = "profiles"
    STATE: ClassVar[str] = "state"

    profiles: Path
    state: Path
    no_color: bool = False
    clock: Clock = SYSTEM

    @property
    def options(self) -> list[str]:
        """The words by which another command means the same places."""
        profiles = ["--profiles", str(self.profiles)] * (str(self.profiles) != self.PROFILES)
        return profiles + ["--state", str(self.state)] * (str(self.state) != self.STATE)
