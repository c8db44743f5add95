"""Holds everything one decision looks at: what is remembered, what was seen, and the case of each item concerned."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from synctool.core import names
from synctool.core.item import NO_ROW, ROOT, Agreed, ItemId, Row, Rows, Value
from synctool.core.known import Known, Looks
from synctool.core.merge import Merged, Sight, revised
from synctool.core.model import Entry, Gap, Handle, Kind, SideName, Sides
from synctool.core.policy import Policy, Refused, Role
from synctool.core.receiving import lacking


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One item that something is to be said about.

    entries and sights: what each side holds, as the side's entry and as a value. agreed: the new agreed value.
    origin: for a conflict copy, the item and the side whose bytes it keeps.
    """

    item: ItemId
    before: Agreed
    rows: Rows
    entries: Mapping[SideName, Entry | Gap]
    sights: Mapping[SideName, Sight]
    merged: Merged
    agreed: Agreed
    assumed: frozenset[SideName] = frozenset()
    origin: tuple[ItemId, SideName] | None = None

    def revised(self, value: Value) -> "Case":
        """The same case with another agreed value."""
        return replace(self, agreed=revised(self.before, value))

    @property
    def lacking(self) -> dict[SideName, frozenset[str]]:
        """What each visible side must receive."""
        return lacking(self.agreed, self.rows, self.sights, self.merged.conflict)

    def row(self, side: SideName) -> Row:
        """The side's row, or the row of a side that never had the item."""
        return self.rows.get(side, NO_ROW)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the cases of one side lie on: by folder, and by folder and folded name."""

    folders: Mapping[Handle, tuple[ItemId, ...]]
    names: Mapping[tuple[Handle, str], tuple[ItemId, ...]]


def shelf(side: SideName, cases: Mapping[ItemId, Case]) -> Shelf:
    """Where the entries of one side lie."""
    by_folder: dict[Handle, list[ItemId]] = defaultdict(list)
    by_name: dict[tuple[Handle, str], list[ItemId]] = defaultdict(list)
    for item, case in cases.items():
        entry = case.entries[side]
        if isinstance(entry, Entry):
            by_folder[entry.parent].append(item)
            by_name[entry.parent, names.fold(entry.name)].append(item)
    return Shelf(
        {key: tuple(items) for key, items in by_folder.items()},
        {key: tuple(items) for key, items in by_name.items()},
    )


@dataclass(frozen=True, slots=True)
class World:
    """What is remembered and seen, and the cases made of it, in the order of their items."""

    known: Known
    looks: Looks
    traits: Sides
    policy: Policy
    cases: Mapping[ItemId, Case]
    shelves: Mapping[SideName, Shelf]
    next_item: ItemId

    def agreed(self, item: ItemId) -> Agreed:
        """The value agreed on after this decision."""
        case = self.cases.get(item)
        return case.agreed if case else self.known.item(item)

    def path(self, item: ItemId) -> str:
        """The common path after this decision."""
        return path_of(item, lambda i: self.agreed(i).value)

    def path_before(self, item: ItemId) -> str:
        """The common path agreed on before; of a new item, the path it gets."""
        if self.is_new(item):
            return self.path(item)
        return path_of(item, lambda i: self._before(i).value)

    def _before(self, item: ItemId) -> Agreed:
        case = self.cases.get(item)
        if case is None:
            return self.known.item(item)
        return case.agreed if case.before.new else case.before

    def entry(self, item: ItemId, side: SideName) -> Entry | Gap:
        """What a side holds of an item now."""
        if item == ROOT:
            return Gap.UNKNOWN if self.looks[side].blind else ROOT_ENTRY
        if case := self.cases.get(item):
            return case.entries[side]
        look, row = self.looks[side], self.known.rows(item).get(side, NO_ROW)
        if look.blind or item in look.unseen:
            return Gap.UNKNOWN
        return row.held or Gap.ABSENT

    def open_folder(self, folder: ItemId, side: SideName) -> bool:
        """Whether a side's folder could be looked into, so that something may be done in it."""
        entry = self.entry(folder, side)
        return entry is not Gap.UNKNOWN and (
            entry is Gap.ABSENT or entry.handle not in self.looks[side].unlisted
        )

    def is_new(self, item: ItemId) -> bool:
        """Whether nothing was ever agreed about an item."""
        return item in self.cases and self.cases[item].before.new

    def held_in(self, side: SideName, folder: ItemId) -> list[ItemId]:
        """The items a side holds directly in a folder item now, by number."""
        entry = self.entry(folder, side)
        assert isinstance(entry, Entry), "only a folder that is there is looked into"
        known = (i for i in self.known.held_in(side, entry.handle) if i not in self.cases)
        return sorted((*known, *self.shelves[side].folders.get(entry.handle, ())))

    def held_named(self, side: SideName, folder: ItemId, name: str) -> list[ItemId]:
        """Of those, the ones whose name there differs from this one in case at most."""
        entry, key = self.entry(folder, side), names.fold(name)
        if not isinstance(entry, Entry):
            return []
        known = (i for i in self.known.held_named(side, entry.handle, key) if i not in self.cases)
        return sorted((*known, *self.shelves[side].names.get((entry.handle, key), ())))

    def refusal(self, side: SideName, item: ItemId) -> str:
        """Why a side does not hold this item, by its size or by the profile's folders; "" if it does."""
        value = self.agreed(item).value
        limits = (self.policy.max_sizes.get(side), self.traits[side].max_size)
        if value.content and any(limit is not None and value.content.size > limit for limit in limits):
            return "is not held there: too large"
        path = self.path(item)
        away = any(
            mapped.sides.get(side, mapped.at) is None
            and (path == mapped.at or path.startswith(mapped.at + "/"))
            for mapped in self.policy.folders
        )
        return "is not held there, as the profile says" if away else ""

    def is_left(self, side: SideName, case: Case) -> bool:
        """Whether what was deleted there stays so, as the profile says; a folder does not when something goes into it."""
        obeyed = self.policy.deletes_from
        if obeyed is None or side in obeyed or self.policy.refused is not Refused.LEAVE:
            return False
        gone = "exists" in case.lacking.get(side, frozenset()) and case.row(side).value.exists
        if not (gone and case.agreed.value.exists and case.merged.ruling is None):
            return False
        inside = (
            c for c in self.cases.values() if c.agreed.value.exists and c.agreed.value.folder == case.item
        )
        return all(side not in c.lacking or self.is_left(side, c) for c in inside)

    def receives(self, side: SideName) -> bool:
        """Whether a side may be written to at all."""
        return self.policy.role(side) is not Role.SOURCE

    def pinned(self, item: ItemId) -> bool:
        """Whether an item is a folder that the profile names: never moved, never removed."""
        if self.kind(item) is not Kind.FOLDER:
            return False
        return self.path_before(item) in {f.at for f in self.policy.folders}

    def kind(self, item: ItemId) -> Kind:
        """File or folder."""
        return self.cases[item].before.kind if item in self.cases else self.known.item(item).kind


ROOT_ENTRY = Entry(Kind.FOLDER, "", "", "", "root")


def path_of(item: ItemId, value: Callable[[ItemId], Value]) -> str:
    """The path of an item, from the values of the folders it lies in."""
    ways = () if item == ROOT else (item, *folders_of(item, value))
    return "/".join(value(way).name for way in reversed(ways))


def folders_of(item: ItemId, value: Callable[[ItemId], Value]) -> list[ItemId]:
    """The folders an item lies in, nearest first; a circle ends the list."""
    found: list[ItemId] = []
    folder = value(item).folder
    while folder != ROOT and folder not in found:
        found.append(folder)
        folder = value(folder).folder
    return found
