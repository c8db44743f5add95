"""Looks at one side: merges its listing with its rows, both in the order of handles, and keeps the differences."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from synctool.core import names
from synctool.core.item import ItemId
from synctool.core.known import Known
from synctool.core.model import Entry, Handle, Kind, SideName, Unlisted
from synctool.core.policy import Policy
from synctool.core.world import path_of
from synctool.engine.folders import Mapping
from synctool.sides.base import Side
from synctool.store.remembered import Remembered

Line = tuple[Handle, str, Handle, str, ItemId]
"""What a side held when last seen: handle, stamp, parent, name, item."""

REPORT_EVERY = 500  # entries between two words of progress


@dataclass(slots=True)
class Differences:
    """What a listing showed that its rows do not say, before it is known what of it belongs to the profile.

    unread: what is there or not, nobody can tell; whole: whether all was listed; gone: a folder is gone, and nothing is
    said of what was in it.
    """

    seen: dict[Handle, Entry] = field(default_factory=dict)
    missing: dict[Handle, ItemId] = field(default_factory=dict)
    unlisted: dict[Handle, str] = field(default_factory=dict)
    passed: dict[Handle, str] = field(default_factory=dict)
    unread: set[Handle] = field(default_factory=set)
    listed: int = 0
    whole: bool = True
    gone: bool = False


def merge(found: Differences, entries: Iterable[Entry], rows: Iterator[Line]) -> None:
    """Merge a listing with its rows, both in the order of handles; equal pairs leave no trace."""
    row = next(rows, None)
    for entry in entries:
        handle = entry.handle
        while row is not None and row[0] < handle:
            found.missing[row[0]] = row[4]
            row = next(rows, None)
        if row is None or row[0] != handle:
            found.seen[handle] = entry
            continue
        if row[1:4] != (entry.stamp, entry.parent, entry.name):
            found.seen[handle] = entry
        row = next(rows, None)
    while row is not None:
        found.missing[row[0]] = row[4]
        row = next(rows, None)


def entries_of(
    side: Side,
    mapping: Mapping,
    found: Differences,
    progress: Callable[[SideName, int], None],
    folders: Collection[Handle] | None = None,
) -> Iterator[Entry]:
    """What a side lists, of these folders or of all, seen as everybody else sees it; what it could not list is noted."""
    mapped = mapping.by_handle
    for entry in side.list() if folders is None else side.list(folders):
        if isinstance(entry, Unlisted):
            (found.passed if entry.passed_over else found.unlisted)[entry.folder] = entry.reason
            continue
        found.listed += 1
        if not found.listed % REPORT_EVERY:
            progress(side.name, found.listed)
        yield mapping.shown(entry, mapped[entry.handle]) if entry.handle in mapped else entry
    progress(side.name, found.listed)


class Paths:
    """Common paths of a side's entries, found through what was seen and what is remembered."""

    def __init__(self, side: SideName, known: Known, seen: dict[Handle, Entry], mapping: Mapping) -> None:
        self._side = side
        self._known = known
        self._seen = seen
        self._mapping = mapping
        self._found: dict[Handle, str | None] = {"": ""}

    def of(self, entry: Entry) -> str | None:
        """The common path of an entry; None if nobody can tell where it lies."""
        folder = self.folder(entry.parent)
        if folder is None:
            return None
        name = names.identity(entry.name)
        return f"{folder}/{name}" if folder else name

    def folder(self, handle: Handle) -> str | None:
        """The common path of the folder of this handle."""
        chain: list[Handle] = []
        above = handle
        while above not in self._found:
            self._found[above] = None  # a circle has no path
            chain.append(above)
            entry = self._seen.get(above)
            above = entry.parent if entry else ""
        for each in reversed(chain):
            self._found[each] = self._path(each)
        return self._found[handle]

    def _path(self, handle: Handle) -> str | None:
        """The path of a folder, that of the folder it lies in being found."""
        if entry := self._seen.get(handle):
            path = self.of(entry)
            mapped = self._mapping.at(path) if path is not None else None
            return mapped.at if mapped else path
        item = self._known.at_handle(self._side, handle)
        return None if item is None else path_of(item, lambda i: self._known.item(i).value)


def differences(
    side: Side, remembered: Remembered, policy: Policy, progress: Callable[[SideName, int], None]
) -> Differences:
    """Everything a side shows that its rows do not say. Raises what the side raises when it cannot be listed."""
    mapping = Mapping(side.name, policy, side.traits)
    found = Differences()
    merge(found, entries_of(side, mapping, found, progress), remembered.in_order(side.name))
    if mapping and side.traits.lasting_refs:
        show_mapped(found, remembered, side, mapping)
    return found


def show_mapped(found: Differences, remembered: Remembered, side: Side, mapping: Mapping) -> None:
    """On a side with lasting refs a mapped folder is known by its path when new, and by its ref ever after."""
    plain = Mapping(side.name, Policy(ranks=()), side.traits)
    paths = Paths(side.name, remembered, dict(found.seen), plain)
    for handle, entry in list(found.seen.items()):
        path = paths.of(entry) if entry.kind is Kind.FOLDER else None
        mapped = mapping.at(path) if path else None
        if mapped is not None and remembered.at_handle(side.name, handle) is None:
            found.seen[handle] = mapping.shown(entry, mapped)
