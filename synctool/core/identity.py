"""Finds out which entry is which item, before anything is decided.

In this order: by lasting ref; moved folders, found by their children; same path with unchanged content; equal content
whose old place is vacant or taken by another such move; same path; and an entry without a partner joins the item that
another side holds at that place. Size, date or inode alone never prove a move.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from synctool.core import names
from synctool.core.folders_moved import Evidence, Owners, evidence_of, in_moved_folders
from synctool.core.item import NO_ROW, ROOT, ItemId, Row
from synctool.core.known import Known, Look, Looks
from synctool.core.model import Entry, Gap, Handle, Kind, SideName, Sides

Spot = tuple[ItemId, Kind, str]
"""A folder, what lies in it, and its name as systems without cases tell names apart."""


@dataclass(slots=True)
class Pairing:
    """Entries and the items they belong to. items: every item that anything is to be said about.

    kinds: the kind of each new item.
    """

    known: Known
    looks: Looks
    traits: Sides
    owners: dict[SideName, Owners] = field(default_factory=dict)
    entries: dict[ItemId, dict[SideName, Entry]] = field(default_factory=lambda: defaultdict(dict))
    kinds: dict[ItemId, Kind] = field(default_factory=dict)
    places: dict[Spot, list[ItemId]] = field(default_factory=lambda: defaultdict(list))
    passed: dict[tuple[SideName, Spot], int] = field(default_factory=lambda: defaultdict(int))

    def folder_of(self, side: SideName, entry: Entry) -> ItemId | None:
        """The item of the folder an entry lies in; None if nobody can tell."""
        return self.item_at(side, entry.parent)

    def path(self, side: SideName, entry: Entry) -> str | None:
        """The common path at which a side holds an entry; None if nobody can tell."""
        parts = [names.identity(entry.name)]
        folder = self.folder_of(side, entry)
        while folder:
            held = self.sight(side, folder)
            if not isinstance(held, Entry):
                return None
            parts.append(names.identity(held.name))
            folder = self.folder_of(side, held)
        return None if folder is None else "/".join(reversed(parts))

    def row(self, side: SideName, item: ItemId) -> Row:
        """The row of a side, also if it never had the item."""
        return NO_ROW if item in self.kinds else self.known.rows(item).get(side, NO_ROW)

    def sight(self, side: SideName, item: ItemId) -> Entry | Gap:
        """What a side holds of an item."""
        look = self.looks[side]
        if entry := self.entries.get(item, {}).get(side):
            return Gap.UNKNOWN if entry.handle in look.unread else entry
        row = self.row(side, item)
        if look.blind or item in look.unseen or item in look.withdrawn:
            return Gap.UNKNOWN
        if row.held is None or row.held.handle in look.missing:
            implied = row.held is not None and row.held.kind is Kind.FOLDER and not row.held.stamp
            missed = row.held is not None and look.dim
            return Gap.UNKNOWN if implied or missed else Gap.ABSENT
        if row.held.handle in look.seen:
            return Gap.ABSENT  # its old place is taken by another item's entry
        return Gap.UNKNOWN if row.held.handle in look.unread else row.held

    def misses(self, side: SideName) -> bool:
        """Whether a side did not show what it should still hold, and nothing else there is that."""
        look = self.looks[side]
        lost = {i for i in look.missing.values() if side not in self.entries.get(i, {})} - look.withdrawn
        held = (self.row(side, item).held for item in lost)
        return any(entry and (entry.kind is Kind.FILE or entry.stamp) for entry in held)

    def note_places(self, side: SideName) -> None:
        """Remember where the items that this side's rows claim now lie, so that other sides' entries can join them."""
        for handle, item in sorted(self.owners[side].items()):
            entry = self.looks[side].seen[handle]
            folder = self.folder_of(side, entry)
            left_over = not self.known.item(item).value.exists and self.known.rows(item)[side].held == entry
            if folder is not None and not left_over:
                self._settle_at(folder, entry, item)

    def item_at(self, side: SideName, handle: Handle) -> ItemId | None:
        """The item a handle belongs to, found or made; None if the handle means nothing."""
        if not handle:
            return ROOT
        if (item := self.owners[side].get(handle)) is not None:
            return item
        if entry := self.looks[side].seen.get(handle):
            return self._join(side, entry)
        return self.known.at_handle(side, handle)

    def own(self, side: SideName, entry: Entry, item: ItemId) -> ItemId:
        """Say that an entry is of this item."""
        self.owners[side][entry.handle] = item
        self.entries[item][side] = entry
        return item

    def _join(self, side: SideName, entry: Entry) -> ItemId | None:
        """The item of an entry that no row of its side claims: another side's at that place, or a new one."""
        folder = self.item_at(side, entry.parent)
        if folder is None:
            return None
        for item in self._candidates(side, folder, entry):
            if self._lacks(side, item):
                return self.own(side, entry, item)
        item = self.known.next_item + len(self.kinds)
        self.kinds[item] = entry.kind
        self._settle_at(folder, entry, item)
        return self.own(side, entry, item)

    def _candidates(self, side: SideName, folder: ItemId, entry: Entry) -> Iterable[ItemId]:
        """Items that lie, or now lie, where this entry is, under a name that this side would spell so."""
        traits = self.traits[side]
        name = names.identity(entry.name)
        aside = names.makes_room(entry.name)
        if side in self.known.rows(aside) and self.known.item(aside).kind is entry.kind:
            yield aside
        yield from self._carried(side, folder, entry)
        for item in self._lacking(side, (folder, entry.kind, names.fold(name))):
            spoken = {e.name for e in self.entries[item].values()}
            if traits.folds_case or any(name in _spellings(s, traits.names, entry.kind) for s in spoken):
                yield item
        if folder in self.kinds:
            return
        for item in (
            self.known.lying_in(folder) if "%" in name else self.known.named(folder, names.fold(name))
        ):
            agreed = self.known.item(item)
            same = traits.folds_case and names.fold(agreed.value.name) == names.fold(name)
            if agreed.kind is entry.kind and (
                same or name in _spellings(agreed.value.name, traits.names, entry.kind)
            ):
                yield item

    def _lacks(self, side: SideName, item: ItemId) -> bool:
        """Whether a side has an item neither now nor as far as is remembered."""
        return self.row(side, item).held is None and side not in self.entries.get(item, {})

    def _lacking(self, side: SideName, spot: Spot) -> list[ItemId]:
        """The items at a spot that a side may lack; those before that it has are passed over once and for all."""
        here, first = self.places.get(spot, []), self.passed[side, spot]
        while first < len(here) and not self._lacks(side, here[first]):
            first += 1
        self.passed[side, spot] = first
        return here[first:]

    def _carried(self, side: SideName, folder: ItemId, entry: Entry) -> Iterable[ItemId]:
        """The item whose lasting ref a name carries, if it lies here under the rest of that name."""
        handle = names.handle_in(entry.name, folder=entry.kind is Kind.FOLDER)
        for other, traits in self.traits.items():
            lasting = traits.lasting_refs or self.looks[other].blind  # a side that is away tells no traits
            item = self.item_at(other, handle) if handle and lasting else None
            if item is None:
                continue
            sight = self.sight(other, item)
            held = self.row(other, item).held if sight is Gap.UNKNOWN else sight
            if not isinstance(held, Entry) or self.folder_of(other, held) != folder:
                continue
            if names.identity(entry.name) in numbered(held, self.traits[side].names):
                yield item

    def _settle_at(self, folder: ItemId, entry: Entry, item: ItemId) -> None:
        """Remember where an item now lies, also under the names that other sides would give it."""
        keys = {names.fold(names.identity(entry.name))}
        for traits in self.traits.values():
            keys |= {names.fold(s) for s in _spellings(entry.name, traits.names, entry.kind)}
        for key in keys:
            self.places[folder, entry.kind, key].append(item)


def numbered(held: Entry, rules: str) -> tuple[str, ...]:
    """How a side of these rules spells the name of another side's entry with its lasting ref."""
    folder = held.kind is Kind.FOLDER
    spoken = _spellings(held.name, rules, held.kind)
    return tuple(names.with_ref(name, names.ref_of(held.handle), folder=folder) for name in spoken)


def _spellings(name: str, rules: str, kind: Kind) -> tuple[str, ...]:
    name = names.identity(name)
    return name, names.stand_in(name, rules, folder=kind is Kind.FOLDER)


def pair(known: Known, looks: Looks, traits: Sides, ranks: Iterable[SideName]) -> Pairing:
    """Say of every entry in the looks which item it is."""
    pairing = Pairing(known, looks, traits)
    for side in ranks:
        look = looks[side]
        lasting = traits[side].lasting_refs
        owners = _by_ref(known, look) if lasting else _by_path(known, look, evidence_of(traits[side]))
        pairing.owners[side] = owners
        for handle, item in owners.items():
            pairing.entries[item][side] = look.seen[handle]
    for side in ranks:
        pairing.note_places(side)
    for side in ranks:
        if traits[side].lasting_refs:
            _same_place(pairing, side)
        for handle in sorted(looks[side].seen):
            pairing.item_at(side, handle)
    return pairing


def _by_ref(known: Known, look: Look) -> Owners:
    found = ((handle, known.at_handle(look.side, handle)) for handle in look.seen)
    return {handle: item for handle, item in found if item is not None}


def _same_place(pairing: Pairing, side: SideName) -> None:
    """What vanished from a place and what is new at that place is one item, deleted and uploaded again."""
    look, known = pairing.looks[side], pairing.known
    gone: dict[tuple[ItemId | None, Kind, str], ItemId] = {}
    for item in look.missing.values():
        row = known.rows(item)[side]
        assert row.held is not None, "what is missing was held"
        gone[row.value.folder, row.held.kind, names.fold(row.held.name)] = item
    if not gone:
        return
    for entry in sorted(look.seen.values(), key=lambda e: (e.kind is Kind.FILE, e.handle)):
        if entry.handle in pairing.owners[side]:
            continue
        place = (pairing.folder_of(side, entry), entry.kind, names.fold(entry.name))
        if place in gone:
            pairing.own(side, entry, gone.pop(place))


def _by_path(known: Known, look: Look, evidence: Evidence) -> Owners:
    """Whose entries are whose on a side where the path is all there is."""
    homes = _by_ref(known, look)
    rows = {item: known.rows(item)[look.side] for item in (*homes.values(), *look.missing.values())}
    homes |= in_moved_folders(look, rows, homes, evidence)
    now = {h: p for h, entry in look.seen.items() if (p := evidence(entry))}
    was = {item: p for item, row in rows.items() if row.held and (p := evidence(row.held))}
    owners = {handle: item for handle, item in homes.items() if now.get(handle) == was.get(item)}
    left = {h: p for h, p in now.items() if h not in owners and look.seen[h].size}
    found = set(owners.values())
    lost = {item: p for item, p in was.items() if item not in found}
    return homes | owners | _equal_content(left, lost, homes)


def _equal_content(left: Mapping[Handle, str], lost: Mapping[ItemId, str], homes: Owners) -> Owners:
    """Moves proved by bytes: unique on both ends, and the old place is vacant or taken by another such move."""
    times_seen, times_lost = Counter(left.values()), Counter(lost.values())
    by_print = {print_: item for item, print_ in lost.items()}
    moves = {
        handle: by_print[print_]
        for handle, print_ in left.items()
        if times_seen[print_] == 1 == times_lost[print_]
    }
    home_of = {item: handle for handle, item in homes.items()}
    while stuck := [
        h for h, item in moves.items() if (at := home_of.get(item)) is not None and at not in moves
    ]:
        for handle in stuck:
            del moves[handle]
    return moves
