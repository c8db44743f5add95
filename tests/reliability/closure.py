"""Sets a scene on sides in memory, breaks one moment of its run, and holds what a clean run makes of it to the promises."""

import json
from collections import Counter
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from synctool.core.model import TEMPORARY, Kind
from synctool.core.plan import Action
from synctool.engine.conflicts import contested
from synctool.engine.resolve import resolve_round
from synctool.errors import SyncError
from synctool.sides.hardened import Hardened
from synctool.sides.memory import MemorySide
from synctool.store.audit import verify
from synctool.store.ledger import Ledger
from tests.engine.rig import Rig, StillClock
from tests.properties.people import DRIVE, FILEVINE, KEPT, LENIENT, S3
from tests.reliability.breaking import Death, Gate, Statements

TRAITS = {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE}
VERBS = {
    Action.MAKE.value: ("make",),
    Action.COPY.value: ("write",),
    Action.REPLACE.value: ("write", "remove"),
    Action.RESTORE.value: ("move",),
}
"""What a step is to a side, where that has another name."""

SHM = Path("/dev/shm")


class House:
    """The sides of a scene and their state, which can be saved, and set up again in another folder."""

    def __init__(self, folder, policy, saved=None):
        self.folder, self.saved_policy = folder, policy
        self.clock = StillClock()
        self.dead = []
        Statements.dead = self.dead
        Statements.moments.rest()
        self.plain = {
            name: MemorySide(name, clock=self.clock.now_ns, traits=traits) for name, traits in TRAITS.items()
        }
        self.gates = {name: Gate(side, self.dead) for name, side in self.plain.items()}
        if saved:
            self._restore(saved)
        self.rig = Rig(folder, self._hardened(), self.clock, brakes=LENIENT, **policy)

    def _hardened(self):
        return {
            name: Hardened(gate, sleep=lambda _: None, random=lambda: 0.0)
            for name, gate in self.gates.items()
        }

    def saved(self):
        """Everything as it is; the house is closed by it."""
        self.rig.ledger.close()
        files = {file.name: file.read_bytes() for file in self.folder.iterdir()}
        nodes = {
            n: (s._nodes._nodes, s._nodes._places, s._nodes._ticks, s._trash._kept, s._marker)
            for n, s in self.plain.items()
        }
        return files, nodes, self.clock.now

    def _restore(self, saved):
        files, nodes, self.clock.now = saved
        for name, data in files.items():
            (self.folder / name).write_bytes(data)
        for name, (held, places, ticks, kept, marker) in nodes.items():
            side = self.plain[name]
            side._nodes._nodes, side._nodes._ticks = dict(held), ticks
            side._nodes._places = {spot: list(keys) for spot, keys in places.items()}
            side._trash._kept, side._marker = dict(kept), marker

    def come_back(self):
        """A new process: everything that is remembered is read from the files again, and nothing fails any more."""
        self.dead.clear()
        Statements.moments.rest()
        for gate in self.gates.values():
            gate.moments.rest()
        self.rig.ledger.close()
        self.rig.ledger = Ledger(self.folder / "case.db")
        self.clock.tick()

    def act(self, deed):
        who, verb, *words = deed.split(" ", 2)
        if who == "wait":
            self.clock.tick(int(verb) * 86400)
            return
        self.clock.tick()
        side, rest = self.plain[who], words[0]
        if verb == "put":
            path, text = cut(rest)
            side.put(path, text.encode())
        elif verb == "rename":
            side.rename(*cut(rest))
        else:
            side.delete(rest)

    def trees(self):
        return {name: side.tree() for name, side in self.plain.items()}

    def everywhere(self):
        held = {data for side in self.plain.values() for path, data in side.tree().items() if path[-1] != "/"}
        return held.union(*(side.trash.values() for side in self.plain.values()))

    def audit(self):
        file = self.folder / "case.audit.jsonl"
        verify(file)
        return [json.loads(line) for line in file.read_bytes().splitlines()]


def cut(words):
    """A path, which may have blanks before its extension or final slash, and what follows it."""
    for end in (".txt ", ".log ", "/ ", " "):
        head, found, tail = words.partition(end)
        if found:
            return head + end.rstrip(), tail
    return words, ""


def set_up(scene):
    """The scene when its run is about to begin, saved."""
    with TemporaryDirectory() as folder:
        house = House(Path(folder), scene.policy)
        for side in house.plain.values():
            side.put(KEPT, b"kept")
        for deeds in scene.first:
            for deed in deeds:
                house.act(deed)
            house.rig.run()
        for deed in scene.now:
            house.act(deed)
        return house.saved()


def people_act(house, scene, **ask):
    """What a person decides, if it is not decided yet, and the run."""
    rig = house.rig
    if scene.decide and contested(rig.ledger) and not rig.ledger.disputes.decided():
        path, choice = scene.decide
        resolve_round(rig.round(actor="kim"), path, choice, record=True)
    return rig.run(**ask)


@contextmanager
def opened(scene, saved):
    """The scene in a folder of its own, just before its run."""
    with TemporaryDirectory(dir=SHM if SHM.exists() else None) as folder:
        house = House(Path(folder), scene.policy | scene.then, saved)
        try:
            yield house
        finally:
            house.dead.clear()
            house.rig.ledger.close()


def undisturbed(scene, saved, records):
    """How many moments of each kind the run has, and what the sides hold after it."""
    with opened(scene, saved) as house:
        counted = {
            **{n: g.moments for n, g in house.gates.items()},
            "database": Statements.moments,
            "audit": records.moments,
        }
        for moments in counted.values():
            moments.rest()
        outcome = people_act(house, scene, **scene.ask)
        assert outcome.exit_code == scene.ends, (outcome.failed, outcome.planned.plan.unknown)
        counts = {name: moments.count for name, moments in counted.items()}
        assert outcome.done
        assert not house.rig.plan().steps
        return counts, house.trees()


def broken(scene, saved, records, where, number, fault, when):
    """Run with one moment broken, then cleanly; what became of the promises is checked. Returns the trees after it, those before it, and the exit code of the broken run, None for death."""
    with opened(scene, saved) as house:
        begun, before = house.trees(), house.everywhere()
        records.dead = house.dead
        moments = {"database": Statements.moments, "audit": records.moments}.get(where) or house.gates[
            where
        ].moments
        moments.arm(number, fault, when)
        told = ""
        try:
            with house.rig.ledger:
                ended = people_act(house, scene, **scene.ask).exit_code
        except Death:
            ended = None
        except SyncError as error:
            ended, told = error.exit_code, str(error)
        assert "\n" not in told
        records.moments.rest()
        house.come_back()
        return check(house, scene, before, begun), begun, ended


def check(house, scene, before, begun):
    """What a clean run makes of it: nothing lost, doubled or left behind, everything on record; the trees after it."""
    outcome = people_act(house, scene)
    assert outcome.exit_code == scene.ends, (outcome.failed, outcome.planned.plan.unknown)
    assert not house.rig.plan().steps
    kept = house.everywhere()
    assert before - scene.purged <= kept, before - kept
    names = [entry.name for side in house.plain.values() for entry in side.list()]
    assert not [name for name in names if "(moving " in name or name.startswith(TEMPORARY)]
    rows_are_true(house)
    on_record(house)
    return house.trees()


def same_end(scene, trees, undisturbed, begun, *, missed):
    """Whether it ended as it does without any trouble.

    A side that was not seen falls behind, and then it may be another version of a conflict that keeps the name (missed).
    An undo that was broken is done for each document or not: a person asks for it again.
    """
    if scene.ask:
        return all(trees[n].items() <= {*undisturbed[n].items(), *begun[n].items()} for n in trees)
    if missed:
        return {n: sorted(t.values()) for n, t in trees.items()} == {
            n: sorted(t.values()) for n, t in undisturbed.items()
        }
    return trees == undisturbed


def rows_are_true(house):
    """Each row says what its side holds now, and of the bytes what they are."""
    for name, side in house.plain.items():
        shown = {entry.handle: entry for entry in side.list()}
        rows = [house.rig.ledger.row(item, name) for item in house.rig.ledger.remembered().everything()]
        for held in (row.held for row in rows if row and row.held):
            entry = shown.pop(held.handle, None)
            if entry:
                assert held.stamp == entry.stamp
                data = side._nodes.find(entry.handle).data
                assert entry.kind is Kind.FOLDER or held.sha256 in ("", sha256(data).hexdigest())


def on_record(house):
    """Whatever changed a side is in the audit, whose chain is sound."""
    recorded = Counter(
        (record.get("side"), verb)
        for record in house.audit()
        for verb in VERBS.get(record["action"], (record["action"],))
    )
    done = Counter(done for gate in house.gates.values() for done in gate.done)
    missing = done - recorded
    assert not missing, missing
