"""Names what the global options say."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from synctool.engine.clock import SYSTEM, Clock
from synctool.engine.tools import SILENT, Progress, Tools


@dataclass(frozen=True, slots=True)
class Session:
    """Where profiles and state are, whether colours are unwanted, the share of a rate, and where time comes from."""

    PROFILES: ClassVar[str] = "profiles"
    STATE: ClassVar[str] = "state"

    profiles: Path
    state: Path
    no_color: bool = False
    rate_share: float = 1.0
    clock: Clock = SYSTEM

    def tools(self, progress: Progress = SILENT) -> Tools:
        """What a run works with, here."""
        return Tools(self.state, self.clock, progress, rate_share=self.rate_share)

    @property
    def options(self) -> list[str]:
        """The words by which another command means the same places."""
        profiles = ["--profiles", str(self.profiles)] * (str(self.profiles) != self.PROFILES)
        return profiles + ["--state", str(self.state)] * (str(self.state) != self.STATE)
