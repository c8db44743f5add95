"""What a profile asks of a decision: ranks, roles, rules, conflicts, deletes, brakes, holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from synctool.core.model import SideName
from synctool.core.patterns import Pattern


class Role(Enum):
    """What a side may do to the others, and they to it."""

    PEER = "peer"
    SOURCE = "source"  # never written
    MIRROR = "mirror"  # never votes
    ARCHIVE = "archive"  # a mirror that keeps what others delete


class Settle(Enum):
    """How a conflict of contents is settled."""

    KEEP_BOTH = "keep-both"
    HOLD = "hold"
    PREFER = "prefer"
    NEWEST = "newest"


class Refused(Enum):
    """What becomes of a document deleted on a side whose deletes are not obeyed."""

    RESTORE = "restore"
    LEAVE = "leave"


class Adopt(Enum):
    """What proves that copies found on a first run are the same document."""

    CONTENT = "content"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of ``rules``: the first whose pattern matches decides; without a match a path is included."""

    pattern: Pattern
    include: bool


@dataclass(frozen=True, slots=True)
class ConflictRule:
    """One line of ``conflicts``; side is the preferred one under PREFER, else ""."""

    pattern: Pattern
    settle: Settle
    side: SideName = ""


@dataclass(frozen=True, slots=True)
class Brakes:
    """Limits beyond which a person should look first; shares are 0…1."""

    deletes_count: int = 50
    deletes_share: float = 0.25
    overwrites_share: float = 0.5
    shrunk: float = 0.5


@dataclass(frozen=True, slots=True)
class MappedFolder:
    """One line of ``folders``: the common path, and where a side keeps it (None: not held there).

    Paths have no outer slashes. A side that is not named keeps the folder at the common path.
    """

    at: str
    sides: Mapping[SideName, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything of a profile that the core decides by. ``ranks`` holds every side, first in rank first."""

    ranks: tuple[SideName, ...]
    roles: Mapping[SideName, Role] = field(default_factory=dict)  # default: PEER
    max_sizes: Mapping[SideName, int] = field(default_factory=dict)  # bytes
    rules: tuple[Rule, ...] = ()
    conflicts: tuple[ConflictRule, ...] = ()
    deletes_from: frozenset[SideName] | None = None  # None: every peer
    refused: Refused = Refused.RESTORE
    brakes: Brakes = Brakes()
    holds: tuple[Pattern, ...] = ()
    folders: tuple[MappedFolder, ...] = ()
    only_folders: bool = False
    adopt: Adopt = Adopt.CONTENT
    timezone: str = "UTC"  # IANA name, for the dates in conflict names

    def role(self, side: SideName) -> Role:
        """The side's role."""
        return self.roles.get(side, Role.PEER)
