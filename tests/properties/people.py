"""What people do to a side, by numbers that any generator can draw; and what of it may be gone afterwards."""

from unicodedata import normalize

from synctool.core.model import Traits
from synctool.core.names import holds, split_extension
from synctool.core.policy import Brakes
from synctool.sides.memory import PATHS, REFS, MemorySide
from synctool.store.ledger import Ledger
from tests.engine.rig import Rig, StillClock

FILEVINE = Traits(lasting_refs=True, fixed_extension=True, names="filevine")
S3 = Traits(lasting_refs=False, moves_folders=False, labels=True, cheap_reads=True, names="s3")
DRIVE = Traits(lasting_refs=False, cheap_reads=True, folds_case=True, names="windows", max_path=240)
HOUSES = {
    "pair": {"filevine": FILEVINE, "zdrive": DRIVE},
    "alike": {"one": PATHS, "two": PATHS, "three": PATHS},
    "firm": {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE},
    "four": {"refs": REFS, "drive": DRIVE, "bucket": S3, "plain": PATHS},
}
NAMES = (
    *("a", "b", "c", "d.docx", "d.doc", "A", "D.docx", "á.txt", normalize("NFD", "á.txt")),
    *("a:b.txt", "CON", "x.", " y", "p%3A", "🦊.txt", "é" * 200 + ".txt"),
)
ALIKE = (b"", b"1", b"2", b"33")
KEPT = "kept.txt"  # so that no side is ever empty
LENIENT = Brakes(10**9, 10**9, 10**9, 0)
VERBS = ("put", "edit", "folder", "delete", "rename", "swap", "touch")


def house(folder, traits, kind=MemorySide, **policy):
    """A rig of memory sides, all holding one document."""
    clock = StillClock()
    sides = {name: kind(name, clock=clock.now_ns, traits=t) for name, t in traits.items()}
    rig = Rig(folder, sides, clock, **{"brakes": LENIENT, **policy})
    rig.ledger.close()
    rig.ledger = Ledger(folder.__class__(":memory:"))
    for side in sides.values():
        side.put(KEPT, b"kept")
    return rig


class People:
    """Acts on the sides of a rig, and knows which bytes somebody made, and which somebody knowingly took away."""

    def __init__(self, rig):
        self.rig = rig
        self.made = set()
        self.excused = set()

    def act(self, verb, where, one, two, name, data=None):
        sides = list(self.rig.sides.values())
        side = sides[where % len(sides)]
        self.rig.clock.tick()
        if data is None:
            data = b"%s %d" % (side.name.encode(), self.rig.clock.now)
        if holds(name, side.traits.names) and holds(name, "posix"):
            getattr(self, f"_{verb}")(side, one, two, name, data)

    def lost(self):
        held = {data for side in self.rig.sides.values() for data in side.tree().values()}
        return self.made - self.excused - held

    def _put(self, side, one, two, name, data):
        self._write(side, _pick(folders(side), one) + name, data)

    def _edit(self, side, one, two, name, data):
        if found := files(side):
            self._write(side, _pick(found, one), data)

    def _touch(self, side, one, two, name, data):
        if found := files(side):
            side.touch(_pick(found, one))

    def _folder(self, side, one, two, name, data):
        path = _pick(folders(side), one) + name
        if path.count("/") < 3 and not _at(side, path):
            side.put(path + "/")

    def _delete(self, side, one, two, name, data):
        if found := [*files(side), *folders(side)[1:]]:
            path = _pick(found, one)
            inside = path if path.endswith("/") else f"{path}\0"
            self.excused |= {d for p, d in side.tree().items() if p == path or p.startswith(inside)}
            side.delete(path)

    def _rename(self, side, one, two, name, data):
        if found := [*files(side), *folders(side)[1:]]:
            self._move(side, _pick(found, one), _pick(folders(side), two) + name)

    def _swap(self, side, one, two, name, data):
        found = files(side)
        if len(found) < 2:
            return
        here, there = _pick(found, one), _pick(found, two)
        if here != there and not (side.traits.fixed_extension and _extension(here) != _extension(there)):
            for old, new in ((here, "x (swap)"), (there, here), ("x (swap)", there)):
                side.rename(old, new)

    def _write(self, side, path, data):
        there = _at(side, path)
        if there and there[0].endswith("/"):
            return
        if there and there[1] != data:
            self.excused.add(there[1])
        if data not in ALIKE:
            self.made.add(data)
        side.put(path, data)

    def _move(self, side, old, new):
        there = _at(side, new)
        into_itself = old.endswith("/") and new.startswith(old)
        over = there and there[0] != old and (old.endswith("/") or there[0].endswith("/") or there[0] == KEPT)
        fixed = side.traits.fixed_extension and not old.endswith("/") and _extension(old) != _extension(new)
        if into_itself or over or fixed or new.count("/") > 3:
            return
        if there and there[0] != old:
            self.excused.add(there[1])
        side.rename(old, new)


def files(side):
    return [path for path in side.tree() if not path.endswith("/") and path != KEPT]


def folders(side):
    return ["", *(path for path in side.tree() if path.endswith("/"))]


def _at(side, path):
    """The path and the bytes of what stands at a path, as the side tells names apart."""
    if not isinstance(side, MemorySide):
        return side.standing_at(path)
    node = side._nodes.descend(path)
    return node and (side._nodes.path(node), node.data)


def _pick(found, number):
    return found[number % len(found)]


def _extension(path):
    return split_extension(path.rpartition("/")[2])[1].lower()
