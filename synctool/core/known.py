"""Names what a decision may ask: what is remembered, and what a look found different from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from synctool.core.item import Agreed, ItemId, Rows
from synctool.core.model import Entry, Handle, SideName


class Known(Protocol):
    """What is remembered. Every question has one answer all through a decision; the answers are values."""

    @property
    def next_item(self) -> ItemId:
        """The number that the next new item gets."""

    def item(self, item: ItemId) -> Agreed:
        """The agreed value of an item that exists here; of ROOT too."""

    def rows(self, item: ItemId) -> Rows:
        """The rows of an item, by side."""

    def at_handle(self, side: SideName, handle: Handle) -> ItemId | None:
        """The item whose row says that this side held it under this handle."""

    def named(self, folder: ItemId, key: str) -> tuple[ItemId, ...]:
        """Living items agreed to lie in this folder under a name whose ``names.fold`` is key, by number."""

    def lying_in(self, folder: ItemId) -> tuple[ItemId, ...]:
        """Living items agreed to lie directly in this folder, by number."""

    def held_in(self, side: SideName, folder: Handle) -> tuple[ItemId, ...]:
        """Items whose row says that this side held them directly in the folder of this handle, by number."""

    def held_named(self, side: SideName, folder: Handle, key: str) -> tuple[ItemId, ...]:
        """Of those, the ones under a name whose ``names.fold`` is key."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at one side found different from its rows.

    seen: entries that are new or other than the row of the same handle; missing: rows whose handle was not there;
    unseen: items whose rows lie where we could not look; unlisted: those folders and why, "" for the whole side;
    unread: entries that are there, whose bytes could not be had: nothing is said about them;
    occupied: folders that hold something which is not carried (excluded, a link), so that they are not removed;
    withdrawn: items that are there under an excluded name: nothing is said about them; reported: what else a person
    should know, by path; partial: not all places were looked at, so what is missed may lie where nobody looked.
    """

    side: SideName
    seen: Mapping[Handle, Entry] = field(default_factory=dict)
    missing: Mapping[Handle, ItemId] = field(default_factory=dict)
    unseen: frozenset[ItemId] = frozenset()
    unlisted: Mapping[Handle, str] = field(default_factory=dict)
    unread: frozenset[Handle] = frozenset()
    occupied: frozenset[Handle] = frozenset()
    withdrawn: frozenset[ItemId] = frozenset()
    reported: tuple[tuple[str, str], ...] = ()
    partial: bool = False

    @property
    def blind(self) -> bool:
        """Whether nothing of this side could be looked at."""
        return "" in self.unlisted

    @property
    def dim(self) -> bool:
        """Whether some folder could not be, or was not, listed: what is missed elsewhere may have been moved into it."""
        return self.partial or bool(self.unlisted.keys() - self.unread)


Looks = Mapping[SideName, Look]
