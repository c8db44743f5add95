"""Looks at one side: merges its listing with its rows, both in the order of handles, and keeps the differences."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from synctool.core import names
from synctool.core.item import ItemId
from synctool.core.known import Known
from synctool.core.model import Entry, Handle, Kind, SideName, Stretch, Unlisted
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
    said of what was in it; stretches: where the listing and the rows were the same.
    """

    seen: dict[Handle, Entry] = field(default_factory=dict)
    missing: dict[Handle, ItemId] = field(default_factory=dict)
    unlisted: dict[Handle, str] = field(default_factory=dict)
    passed: dict[Handle, str] = field(default_factory=dict)
    unread: set[Handle] = field(default_factory=set)
    listed: int = 0
    whole: bool = True
    gone: bool = False
    stretches: list[Stretch] = field(default_factory=list)

    def count(self) -> int:
        """How many there are by now."""
        return len(self.seen) + len(self.missing) + len(self.unlisted) + len(self.passed)


def merge(
    found: Differences, listing: Iterable[Entry | Stretch], rows_after: Callable[[Handle], Iterator[Line]]
) -> None:
    """Merge a listing with its rows, both in the order of handles; equal pairs leave no trace."""
    merging = _Merging(found, rows_after)
    for each in listing:
        if isinstance(each, Entry):
            merging.entry(each)
        else:
            merging.stretch(each)
    merging.pass_by(None)


class _Merging:
    """A listing and its rows, side by side; what follows one stretch that was left out is asked for after the last of them."""

    def __init__(self, found: Differences, rows_after: Callable[[Handle], Iterator[Line]]) -> None:
        self._found = found
        self._rows_after = rows_after
        self._end = ""  # of the last stretch
        self._differences = 0  # that there were by then
        self._unasked: Handle | None = ""  # after which the rows are still to be asked for
        self._rows: Iterator[Line] = iter(())
        self._row: Line | None = None

    def entry(self, entry: Entry) -> None:
        """Find the row of an entry."""
        if self._unasked is not None:
            self._ask(self._unasked)
        handle = entry.handle
        row = self._row
        if row is not None and row[0] < handle:
            self.pass_by(handle)
            row = self._row
        if row is None or row[0] != handle:
            self._found.seen[handle] = entry
            return
        if row[1:4] != (entry.stamp, entry.parent, entry.name):
            self._found.seen[handle] = entry
        self._row = next(self._rows, None)

    def stretch(self, stretch: Stretch) -> None:
        """Note a stretch without a difference; the rows of one that was left out, having been like it, are not even read."""
        if not stretch.left_out:
            self.pass_by(stretch.last + "\0")
        elif stretch.after != self._unasked:
            self.pass_by(stretch.after + "\0")
        if stretch.left_out:
            self._unasked = stretch.last
        found = self._found
        if stretch.left_out or (stretch.after == self._end and found.count() == self._differences):
            found.stretches.append(stretch)
        self._end, self._differences = stretch.last, found.count()

    def pass_by(self, handle: Handle | None) -> None:
        """What has a row before this handle, None for all that is left, is not there."""
        if self._unasked is not None:
            self._ask(self._unasked)
        while self._row is not None and (handle is None or self._row[0] < handle):
            self._found.missing[self._row[0]] = self._row[4]
            self._row = next(self._rows, None)

    def _ask(self, after: Handle) -> None:
        self._rows = self._rows_after(after)
        self._row = next(self._rows, None)
        self._unasked = None


def entries_of(
    listing: Iterable[Entry | Unlisted | Stretch],
    mapping: Mapping,
    found: Differences,
    progress: Callable[[SideName, int], None],
) -> Iterator[Entry | Stretch]:
    """What a side lists, seen as everybody else sees it; what it could not list is noted."""
    mapped, due = mapping.by_handle, REPORT_EVERY
    for each in listing:
        if isinstance(each, Entry):
            found.listed += 1
            yield mapping.shown(each, mapped[each.handle]) if each.handle in mapped else each
        elif isinstance(each, Unlisted):
            (found.passed if each.passed_over else found.unlisted)[each.folder] = each.reason
        else:
            found.listed += each.entries if each.left_out else 0
            yield each
        if found.listed >= due:
            progress(mapping.side, found.listed)
            due = found.listed + REPORT_EVERY
    progress(mapping.side, found.listed)


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
    listing = entries_of(side.relist(remembered.stretches(side.name)), mapping, found, progress)
    merge(found, listing, partial(remembered.in_order, side.name))
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
