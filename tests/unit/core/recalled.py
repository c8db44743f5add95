"""What is remembered, as plain values: for a decision that is asked by hand, or once more."""

from dataclasses import dataclass, field
from functools import cached_property

from synctool.core import names
from synctool.core.item import ROOT
from synctool.store.remembered import THE_ROOT, Remembered


@dataclass
class Recalled:
    """agreed: item → Agreed; stands: item → side → Row; next_item: the number that the next new item gets."""

    agreed: dict = field(default_factory=dict)
    stands: dict = field(default_factory=dict)
    next_item: int = 1000

    @classmethod
    def of(cls, remembered):
        """The same as a state remembers now."""
        known = Remembered(remembered._db)  # one whose answers nobody else is given
        items = known.everything()
        return cls({i: known.item(i) for i in items}, {i: known.rows(i) for i in items}, known.next_item)

    def item(self, item):
        return THE_ROOT if item == ROOT else self.agreed[item]

    def rows(self, item):
        return self.stands.get(item, {})

    def at_handle(self, side, handle):
        return next((i for i, held in self._held.get(side, ()) if held.handle == handle), None)

    def named(self, folder, key):
        return tuple(i for i in self.lying_in(folder) if names.fold(self.agreed[i].value.name) == key)

    def lying_in(self, folder):
        return self._inside.get(folder, ())

    def held_in(self, side, folder):
        return tuple(i for i, held in self._held.get(side, ()) if held.parent == folder)

    def held_named(self, side, folder, key):
        found = (each for each in self._held.get(side, ()) if each[1].parent == folder)
        return tuple(i for i, held in found if names.fold(held.name) == key)

    @cached_property
    def _inside(self):
        living = [(i, a.value.folder) for i, a in sorted(self.agreed.items()) if a.value.exists]
        return {folder: tuple(i for i, lies in living if lies == folder) for _, folder in living}

    @cached_property
    def _held(self):
        found = {}
        for item, rows in sorted(self.stands.items()):
            for side, row in rows.items():
                if row.held:
                    found.setdefault(side, []).append((item, row.held))
        return found
