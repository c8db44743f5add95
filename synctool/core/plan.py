"""The plan as a value: what was decided for each item, and the steps that make the sides agree again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from synctool.core.item import Agreed, ItemId, Row
from synctool.core.merge import Conflict
from synctool.core.model import Content, Entry, Kind, SideName, lasting


class Action(Enum):
    """What a step does to one side."""

    MAKE = "make folder"
    MOVE = "move"
    REMOVE = "remove"
    COPY = "write conflict copy"
    WRITE = "write"
    REPLACE = (
        "replace"  # a new document at the new name, then the old one to trash: extensions are fixed there
    )
    LABEL = "label"
    RESTORE = "restore"  # what this side's trash keeps, put back


class Layer(Enum):
    """When a step is taken; inside a layer and wave any order gives the same result."""

    STRUCTURE = 1  # make folders, move, and remove what stands in the way, in waves
    COPY = 2  # what would lose its place is written beside it first
    WRITE = 3
    LABEL = 4
    REMOVE = 5
    REMOVE_FOLDERS = 6  # deepest first, in waves


class Why(Enum):
    """The cause of a step, kept apart from what it does."""

    NEW = "new"
    EDITED = "edited"
    MOVED = "moved"
    DELETED = "deleted"
    RESTORED = "restored"  # a delete that does not count, or a document that came back
    CONFLICT = "conflict"
    CATCHING_UP = "catching up"  # agreed earlier; this side could not receive it then
    STAND_IN = "stand-in"  # only this side's spelling changes
    LABELS = "labels"
    DECIDED = "decided by a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One conditional operation on one side.

    path is the common path before, to_path after (equal unless moved). entry is what the side held when planned (None:
    nothing). folder and name say where the item shall be on this side. source is the side the bytes come from, origin the item
    they are read as when it is another one.
    settles: the properties the side then stands for. causes: the sides whose change this is. kept: what is read on the
    source, or put back, instead of what a row holds.
    """

    layer: Layer
    action: Action
    side: SideName
    item: ItemId
    kind: Kind
    path: str
    to_path: str
    why: Why
    wave: int = 0
    entry: Entry | None = None
    folder: ItemId = 0
    name: str = ""
    content: Content | None = None
    source: SideName = ""
    origin: ItemId = 0
    settles: frozenset[str] = frozenset()
    causes: tuple[SideName, ...] = ()
    kept: Entry | None = None

    @property
    def id(self) -> str:
        """Twelve hex digits that name this step and what it was planned from; equal in an equal plan."""
        entry = self.entry and (self.entry.handle, lasting(self.entry.stamp))
        facts = (
            self.action.value,
            self.side,
            self.path,
            self.to_path,
            self.name,
            self.content and self.content.lasting,
            self.source,
            entry,
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Decision:
    """One item's new agreed value, and the rows that follow it now because the sides already hold it.

    deleted: what must be missed once more before anything is done about it; not where another item took the place.
    """

    item: ItemId
    agreed: Agreed
    rows: Mapping[SideName, Row]
    path: str
    deleted: Mapping[SideName, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standoff:
    """A conflict as people see it: where, what won, what lost, and under which names and as which items losers are kept."""

    item: ItemId
    path: str
    conflict: Conflict
    copies: tuple[str, ...] = ()
    items: tuple[ItemId, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know that is not a step."""

    path: str
    text: str
    side: SideName = ""


@dataclass(frozen=True, slots=True)
class Brake:
    """A finding that a person should look at first. code serves once, and for this finding only."""

    rule: str
    text: str
    code: str
    side: SideName = ""
    steps: tuple[str, ...] = ()
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one decision says. unknown: sides (and folders of them) that were not seen, and why.

    missed: sides of which a part was looked at, and that may hold elsewhere what was missed there.
    withheld: steps that a brake keeps back; put_off: what is in use; leftovers: what an
    interrupted run left half written; refused: what a side will never accept; to_read:
    contents without which nothing can be said yet.
    """

    decisions: tuple[Decision, ...] = ()
    steps: tuple[Step, ...] = ()
    standoffs: tuple[Standoff, ...] = ()
    notices: tuple[Notice, ...] = ()
    brakes: tuple[Brake, ...] = ()
    withheld: tuple[Step, ...] = ()
    unknown: Mapping[SideName, tuple[str, ...]] = field(default_factory=dict)
    braked_sides: frozenset[SideName] = frozenset()
    put_off: tuple[Notice, ...] = ()
    leftovers: Mapping[SideName, tuple[Entry, ...]] = field(default_factory=dict)
    refused: tuple[Notice, ...] = ()
    to_read: Mapping[SideName, tuple[Entry, ...]] = field(default_factory=dict)
    missed: frozenset[SideName] = frozenset()

    @property
    def waits_for_a_person(self) -> bool:
        """Whether a conflict is held, or a document refused."""
        return bool(self.refused) or any(s.conflict.how.value == "hold" for s in self.standoffs)
