"""What is remembered of one document or folder: the agreed value, and a row for each side."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from synctool.core.model import Content, Entry, Kind, SideName, Traits

ItemId = int
ROOT: ItemId = 0
"""The folder that every side's root stands for; it is never moved, removed or renamed."""


class Value(NamedTuple):
    """The four properties of an item. content is None for folders."""

    exists: bool
    content: Content | None
    folder: ItemId
    name: str


class Versions(NamedTuple):
    """How often each property was decided anew; grows only."""

    exists: int = 0
    content: int = 0
    folder: int = 0
    name: int = 0


PROPERTIES = ("content", "folder", "name")
"""What sides vote on; existence follows from it."""

NOTHING = Value(exists=False, content=None, folder=ROOT, name="")
NEVER = Versions()


@dataclass(frozen=True, slots=True)
class Agreed:
    """An item's value after the last decision."""

    kind: Kind
    value: Value = NOTHING
    versions: Versions = NEVER

    @property
    def new(self) -> bool:
        """Whether nothing was ever agreed."""
        return self.versions == NEVER


@dataclass(frozen=True, slots=True)
class Row:
    """What one side stands for in one item, and what it held when last seen.

    value: a vote is a difference from this; versions: which agreed version each property of it stands for;
    spelled: the side's own spelling that stands for ``value.name``; held: the entry when last seen (None: nothing);
    label: the Filevine ids that the side keeps as metadata, as one text, "" for none; assumed: equal by size only.
    """

    value: Value = NOTHING
    versions: Versions = NEVER
    spelled: str = ""
    held: Entry | None = None
    label: str = ""
    assumed: bool = False

    @property
    def unproved(self) -> "Row":
        """The row once the assumption is dropped: behind in content, so its bytes and the agreed ones are both heard."""
        return replace(self, assumed=False, versions=self.versions._replace(content=0))


Rows = Mapping[SideName, Row]
NO_ROW = Row()


def content_of(side: SideName, entry: Entry, traits: Traits) -> Content | None:
    """The content an entry holds: its SHA-256 if known, else a name that equals only itself."""
    if entry.kind is Kind.FOLDER:
        return None
    if entry.sha256:
        return Content(entry.size, entry.sha256)
    where = "" if traits.stamps_are_content else entry.handle
    return Content(entry.size, f"?{side}/{where}/{entry.stamp}")
