"""Worlds made by hand: what every side holds of a few items, and the cases of those that something is said about."""

from dataclasses import dataclass, field, replace

from synctool.core.decide import Question, decide
from synctool.core.item import NO_ROW, NOTHING, Agreed, Row, Value, Versions, content_of
from synctool.core.known import Look
from synctool.core.merge import Merged, revised
from synctool.core.model import Content, Entry, Gap, Kind
from synctool.core.policy import Policy
from synctool.core.world import Case, World, shelf
from tests.properties.people import DRIVE, FILEVINE, S3
from tests.unit.core.recalled import Recalled

TRAITS = {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE}


def content(number):
    """Bytes that have been read, by their size."""
    return Content(number, f"{number:064x}")


@dataclass
class Made:
    """Items that all sides hold as agreed, until a case says otherwise. ``world`` is what the functions take."""

    traits: dict = field(default_factory=lambda: dict(TRAITS))
    known: Recalled = field(default_factory=Recalled)
    looks: dict = field(default_factory=dict)
    cases: dict = field(default_factory=dict)
    policy: dict = field(default_factory=dict)

    @property
    def world(self):
        looks = {side: self.looks.get(side, Look(side)) for side in self.traits}
        policy = Policy(ranks=tuple(self.traits), **self.policy)
        shelves = {side: shelf(side, self.cases) for side in self.traits}
        stands = {item: dict(rows) for item, rows in self.known.stands.items()}
        known = Recalled(dict(self.known.agreed), stands, self.known.next_item)
        cases = dict(sorted(self.cases.items()))
        return World(known, looks, self.traits, policy, cases, shelves, known.next_item)

    def show(self, side, *entries, missing=(), **facts):
        """Let a look at a side find these entries, and not find those items."""
        gone = {self.known.rows(item)[side].held.handle: item for item in missing}
        self.looks[side] = Look(side, {entry.handle: entry for entry in entries}, gone, **facts)

    def plan(self, **question):
        """What is decided of what the looks show."""
        return decide(self.question(**question))

    def question(self, **question):
        world = self.world
        return Question(world.known, world.looks, world.traits, world.policy, **question)

    def hold(self, item, name, folder=0, *, on=None, size=1, kind=Kind.FILE, **spelled):
        """Let sides hold an item as agreed; on: which of them; spelled: how one calls it."""
        value = Value(True, content(size) if kind is Kind.FILE else None, folder, name)
        agreed = Agreed(kind, value, Versions(1, 1, 1, 1))
        self.known.agreed[item] = agreed
        self.known.stands[item] = {
            side: Row(value, agreed.versions, held.name, held)
            for side in on or self.traits
            for held in [self.entry(side, item, spelled.get(side, name), folder, value.content)]
        }
        return item

    def folder(self, item, name, folder=0, **facts):
        return self.hold(item, name, folder, kind=Kind.FOLDER, **facts)

    def label(self, item, side, text):
        """Let a side be told already what Filevine calls an item."""
        rows = self.known.stands[item]
        rows[side] = replace(rows[side], label=text)

    def entry(self, side, item, name, folder=0, bytes_=None, **facts):
        """What a side shows of an item of this name in this folder; without bytes a folder."""
        parent = self._held(folder, side).handle if folder else ""
        kind = Kind.FILE if bytes_ else Kind.FOLDER
        handle = f"{'d' if bytes_ else 'f'}{item:012}" if self.traits[side].lasting_refs else parent + name
        handle += "" if bytes_ or self.traits[side].lasting_refs else "/"
        size, digest = bytes_ or (0, "")
        return Entry(kind, handle, parent, name, "stamp", size, sha256=digest)._replace(**facts)

    def say(self, item, *, shows=None, merged=None, **now):
        """Let something be decided about an item; shows: side → what it holds now; now: what is agreed now."""
        before, rows = self.known.item(item), self.known.rows(item)
        entries = {s: rows.get(s, NO_ROW).held or Gap.ABSENT for s in self.traits} | (shows or {})
        sights = {side: self._sight(item, side, entry) for side, entry in entries.items()}
        return self._case(item, before, rows, entries, sights, before.value._replace(**now), merged)

    def come(self, item, name, folder=0, *, on, size=1, kind=Kind.FILE, merged=None):
        """Let something new be seen on some sides."""
        value = Value(True, content(size) if kind is Kind.FILE else None, folder, name)
        shown = {s: self.entry(s, item, name, folder, value.content) for s in on}
        entries = dict.fromkeys(self.traits, Gap.ABSENT) | shown
        sights = dict.fromkeys(self.traits, Gap.ABSENT) | dict.fromkeys(on, value)
        return self._case(item, Agreed(kind), {}, entries, sights, value, merged)

    def _case(self, item, before, rows, entries, sights, value, merged):
        agreed = revised(before, value)
        self.cases[item] = Case(
            item=item,
            before=before,
            rows=rows,
            entries=entries,
            sights=sights,
            merged=merged or Merged(agreed, {}),
            agreed=agreed,
        )
        return self.cases[item]

    def _held(self, item, side):
        case = self.cases.get(item)
        held = case.entries[side] if case else None
        return held if isinstance(held, Entry) else self.known.rows(item)[side].held

    def _sight(self, item, side, entry):
        if isinstance(entry, Gap):
            return entry
        row = self.known.rows(item).get(side, NO_ROW)
        if entry == row.held:
            return row.value
        value = row.value if row.value.exists else NOTHING._replace(exists=True)
        return value._replace(name=entry.name, content=content_of(side, entry, self.traits[side]))
