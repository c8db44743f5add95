"""Names what the global options say."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Session:
    """Where profiles and state are, and whether colours are unwanted."""

    profiles: Path
    state: Path
    no_color: bool = False
