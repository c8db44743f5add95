"""What is wrong with a place, a document or a saved plan is told, and nothing is done about it that could lose bytes."""

import json
from dataclasses import replace

import pytest

from synctool.core.model import Entry, Place
from synctool.core.patterns import Pattern
from synctool.core.policy import Adopt, ConflictRule, MappedFolder, Refused, Role, Rule, Settle
from synctool.engine.narrow import SavedPlan
from synctool.errors import Braked, Rejected, StateError, Unavailable
from synctool.sides.memory import MemorySide
from synctool.store.ledger import Ledger
from tests.engine.rig import Rig, StillClock, tree
from tests.engine.test_agreement import DRIVE, FILEVINE, S3


class Moody(MemorySide):
    """A side that keeps a marker, and refuses or fails to read what it is told to."""

    def __init__(self, name, **options):
        super().__init__(name, **options)
        self.refused = set()
        self.unread = set()
        self.deaf = False
        self.full = False

    def write(self, at, data, meta):
        name = at.name
        if self.full:
            raise Unavailable("the disk is full", side=self.name, path=name)
        if name in self.refused:
            raise Rejected("has a virus", side=self.name, path=name)
        return super().write(at, data, meta)

    def read(self, entry, start=0):
        if entry.name in self.unread:
            raise Unavailable("the disk is tired", side=self.name, path=entry.name)
        return super().read(entry, start)

    def stat(self, entry):
        if self.deaf:
            raise Unavailable("gives no answer", side=self.name)
        return super().stat(entry)

    def marker(self):
        if self.deaf:
            raise Unavailable("gives no answer", side=self.name)
        return super().marker()


@pytest.fixture
def rig(tmp_path):
    clock = StillClock()
    kinds = (("filevine", FILEVINE), ("s3", S3), ("zdrive", DRIVE))
    rig = Rig(tmp_path, {n: Moody(n, clock=clock.now_ns, traits=t) for n, t in kinds}, clock)
    yield rig
    rig.ledger.close()


def brakes(outcome):
    return [(brake.rule, brake.side) for brake in outcome.planned.plan.brakes]


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        (b"scribble", "belongs to profile None"),
        (b"[1]", "belongs to profile None"),
        (b'{"profile": "other", "side": "zdrive"}', "belongs to profile 'other', side 'zdrive'"),
        (
            b'{"profile": "case", "side": "zdrive", "state": "x", "by": "J. Deer"}',
            "another installation (J. Deer)",
        ),
    ],
)
def test_a_place_that_is_somebody_elses_is_not_believed_until_a_person_says_so(rig, marker, told):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.run()
    rig.sides["zdrive"].mark(marker)
    rig.sides["zdrive"].delete("a.txt")
    outcome = rig.run()
    assert (outcome.exit_code, brakes(outcome)) == (6, [("place", "zdrive")])
    (brake,) = outcome.planned.plan.brakes
    assert told in brake.text
    assert tree(rig.sides["s3"]) == {"a.txt": b"1"}
    rig.sides["zdrive"].put("b.txt", b"2")
    assert rig.run(accepted=frozenset((brake.code,))).exit_code == 0
    assert tree(rig.sides["s3"]) == {"b.txt": b"2"}
    assert json.loads(rig.sides["zdrive"].marker())["state"] == rig.ledger.get("state")


def test_a_marker_that_vanished_makes_its_side_unknown(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.run()
    rig.sides["zdrive"]._marker = None
    assert brakes(rig.run()) == [("place", "zdrive")]


def test_a_state_older_than_what_a_place_has_seen_is_refused(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.run()
    marker = json.loads(rig.sides["zdrive"].marker())
    rig.sides["zdrive"].mark(json.dumps(marker | {"run": 99}).encode())
    with pytest.raises(StateError, match="older than what zdrive has seen") as told:
        rig.run()
    assert told.value.exit_code == 7


def test_what_a_side_refuses_waits_for_a_person_and_the_rest_goes_on(rig):
    rig.sides["s3"].refused = {"bad.exe"}
    rig.sides["filevine"].put("bad.exe", b"virus")
    rig.sides["filevine"].put("good.txt", b"good")
    first = rig.run()
    assert first.exit_code == 4
    assert [f.reason for f in first.failed] == ["s3: bad.exe: has a virus"]
    rig.sides["filevine"].put("good.txt", b"better")
    second = rig.run()
    assert (second.exit_code, second.failed) == (4, ())
    assert [notice.text for notice in second.planned.plan.refused] == [
        "was refused: has a virus; waits for a person"
    ]
    assert tree(rig.sides["s3"]) == {"good.txt": b"better"}
    assert tree(rig.sides["zdrive"]) == {"bad.exe": b"virus", "good.txt": b"better"}


def test_what_came_back_or_cannot_be_confirmed_gone_is_not_removed(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.sides["filevine"].put("b.txt", b"2")
    rig.run()
    rig.sides["zdrive"].delete("a.txt")

    def come_back(planned):
        rig.sides["zdrive"].put("a.txt", b"1")
        return True

    assert rig.run(confirm=come_back).exit_code == 5
    assert tree(rig.sides["s3"]) == {"a.txt": b"1", "b.txt": b"2"}
    assert rig.run().exit_code == 0
    rig.sides["zdrive"].delete("a.txt")

    def fall_silent(planned):
        rig.sides["zdrive"].deaf = True
        return True

    outcome = rig.run(confirm=fall_silent)
    assert outcome.exit_code == 5
    assert "cannot be confirmed to be gone" in outcome.failed[0].reason
    assert tree(rig.sides["s3"]) == {"a.txt": b"1", "b.txt": b"2"}


def test_nothing_is_done_when_the_answer_is_no(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    outcome = rig.run(confirm=lambda planned: False)
    assert (outcome.done, tree(rig.sides["s3"])) == ((), {})


@pytest.mark.parametrize("part", ["profile", "digest", "state"])
def test_a_saved_plan_of_something_else_is_refused_whole(rig, part):
    rig.sides["filevine"].put("a.txt", b"1")
    saved = SavedPlan("case", "d", rig.ledger.get("state"), frozenset(s.id for s in rig.plan().steps))
    with pytest.raises(Braked, match="the saved plan was made with another"):
        rig.run(replace(saved, **{part: "other"}))
    assert tree(rig.sides["s3"]) == {}


def test_a_saved_plan_is_carried_out_but_for_what_moved_meanwhile(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.sides["filevine"].put("b.txt", b"2")
    saved = SavedPlan("case", "d", rig.ledger.get("state"), frozenset(s.id for s in rig.plan().steps))
    rig.sides["filevine"].put("a.txt", b"changed meanwhile")
    outcome = rig.run(saved)
    assert outcome.exit_code == 5
    assert len(outcome.dropped) == 2
    assert tree(rig.sides["s3"]) == {"b.txt": b"2"}


def test_only_the_asked_paths_are_done_and_the_folders_they_need(rig):
    rig.sides["filevine"].put("d/e/a.txt", b"1")
    rig.sides["filevine"].put("d/b.txt", b"2")
    assert rig.run(only=("a.txt",)).exit_code == 0
    assert tree(rig.sides["s3"]) == {"d/": b"", "d/e/": b"", "d/e/a.txt": b"1"}


def test_what_cannot_be_read_is_unknown_until_it_can(rig):
    for side in ("filevine", "s3"):
        rig.sides[side].put("same.txt", b"1")
    rig.sides["s3"].put("new.txt", b"2")
    rig.sides["filevine"].unread = {"same.txt"}
    outcome = rig.run()
    assert outcome.exit_code == 5
    assert "the disk is tired" in str(outcome.planned.plan.unknown)
    assert tree(rig.sides["filevine"]) == {"same.txt": b"1", "new.txt": b"2"}
    rig.sides["filevine"].unread = set()
    assert rig.run().exit_code == 0
    assert tree(rig.sides["filevine"]) == tree(rig.sides["zdrive"]) == tree(rig.sides["s3"])


def test_a_changed_file_on_the_drive_that_cannot_be_read_is_put_off(rig):
    rig.sides["zdrive"].put("a.txt", b"1")
    rig.run()
    rig.sides["zdrive"].put("a.txt", b"2")
    rig.sides["zdrive"].unread = {"a.txt"}
    plan = rig.plan()
    assert plan.unknown == {"zdrive": ("a.txt: the disk is tired",)}
    assert not plan.steps


def test_bytes_of_another_size_than_promised_are_not_carried(rig):
    rig.sides["filevine"].put("a.txt", b"12345")
    listed = rig.sides["filevine"].list
    rig.sides["filevine"].list = lambda: (e._replace(size=9) if isinstance(e, Entry) else e for e in listed())
    outcome = rig.run()
    assert outcome.exit_code == 5
    assert "5 bytes came, 9 were promised" in outcome.failed[0].reason
    assert tree(rig.sides["s3"]) == {}


def test_a_document_renamed_to_an_excluded_name_is_unknown_and_not_deleted(rig):
    rig.policy(rules=(Rule(Pattern("*.bak"), include=False),))
    rig.sides["filevine"].put("a.txt", b"a")
    rig.sides["filevine"].put("b.txt", b"bb")
    rig.run()
    rig.sides["zdrive"].rename("a.txt", "a.bak")
    rig.sides["filevine"].rename("b.txt", "b.bak")
    plan = rig.plan()
    assert not plan.steps
    assert ("a.txt", "is now a.bak, which is excluded") in [(n.path, n.text) for n in plan.notices]


@pytest.mark.parametrize("side", ["filevine", "zdrive"])
def test_an_included_document_in_an_excluded_folder_travels(rig, side):
    rig.policy(rules=(Rule(Pattern("/d/e/keep.txt"), include=True), Rule(Pattern("/d/"), include=False)))
    rig.sides[side].put("d/e/keep.txt", b"k")
    rig.sides[side].put("d/other.txt", b"o")
    rig.run()
    assert tree(rig.sides["s3"]) == {"d/": b"", "d/e/": b"", "d/e/keep.txt": b"k"}


def test_a_placeholder_with_bytes_is_told_and_does_not_travel(rig):
    rig.sides["filevine"].put("d/.placeholder", b"something")
    rig.sides["filevine"].put("e/.placeholder", b"")
    plan = rig.plan()
    assert [(n.path, n.text) for n in plan.notices] == [
        ("d/.placeholder", "has a reserved name, but holds something")
    ]
    rig.run()
    assert set(tree(rig.sides["s3"])) == {"d/", "e/"}


def test_a_mapped_folder_is_found_in_filevine_by_its_path_and_known_by_its_ref(rig):
    rig.policy(folders=(MappedFolder("Discovery", {"filevine": "02 Discovery", "zdrive": "Disc"}),))
    rig.sides["filevine"].put("02 Discovery/a.txt", b"a")
    rig.sides["zdrive"].put("Disc/b.txt", b"b")
    assert rig.run().exit_code == 0
    assert tree(rig.sides["s3"]) == {"Discovery/": b"", "Discovery/a.txt": b"a", "Discovery/b.txt": b"b"}
    assert set(tree(rig.sides["filevine"])) == {"02 Discovery/", "02 Discovery/a.txt", "02 Discovery/b.txt"}
    rig.sides["filevine"].rename("02 Discovery", "Renamed by somebody")
    rig.sides["filevine"].put("Renamed by somebody/c.txt", b"c")
    rig.run()
    assert set(tree(rig.sides["zdrive"])) == {"Disc/", "Disc/a.txt", "Disc/b.txt", "Disc/c.txt"}


def test_under_adopt_size_nothing_is_read_and_an_edit_is_still_an_edit(rig):
    rig.policy(adopt=Adopt.SIZE)
    for side in rig.sides.values():
        side.put("a.txt", b"1")
        side.unread = {"a.txt"}
    assert {step.action.value for step in rig.plan().steps} == {"label"}


def test_a_copy_of_the_state_in_memory_takes_nothing_along(tmp_path):
    with Ledger(tmp_path / "a.db") as ledger:
        ledger.put("rules", "x")
        with ledger.copy() as twin:
            twin.put("rules", "y")
            assert (twin.get("rules"), ledger.get("rules")) == ("y", "x")


def test_what_could_not_be_put_back_is_put_back_by_the_next_run(rig):
    rig.policy(deletes_from=frozenset({"filevine"}))
    for name in ("a.txt", "b.txt"):
        rig.sides["filevine"].put(name, name.encode())
    assert rig.run().exit_code == 0
    rig.sides["zdrive"].delete("a.txt")
    rig.sides["zdrive"].refused = {"a.txt"}
    assert rig.run().exit_code == 4
    rig.sides["zdrive"].refused = set()
    rig.sides["filevine"].put("a.txt", b"other bytes, which nobody refused")
    rig.run()
    rig.sides["zdrive"].delete("a.txt")
    rig.sides["filevine"].unread = {"a.txt"}
    rig.sides["s3"].unread = {"a.txt"}
    assert rig.run().exit_code == 5
    rig.sides["filevine"].unread = rig.sides["s3"].unread = set()
    assert rig.run().exit_code == 0
    assert tree(rig.sides["zdrive"])["a.txt"] == b"other bytes, which nobody refused"


def test_a_folder_that_was_left_deleted_is_made_again_for_a_new_document_in_it(rig):
    rig.policy(deletes_from=frozenset({"filevine"}), refused=Refused.LEAVE)
    rig.sides["filevine"].put("Letters/Old/a.txt", b"a")
    rig.sides["filevine"].put("b.txt", b"b")
    assert rig.run().exit_code == 0
    rig.sides["zdrive"].delete("Letters/")
    assert rig.run().exit_code == 0
    assert set(tree(rig.sides["zdrive"])) == {"b.txt"}
    rig.sides["filevine"].put("Letters/Old/b.txt", b"b")
    assert rig.run().exit_code == 0
    assert set(tree(rig.sides["zdrive"])) == {"b.txt", "Letters/", "Letters/Old/", "Letters/Old/b.txt"}
    assert not rig.plan().steps


def test_an_empty_folder_under_a_hold_comes_back(rig):
    rig.policy(holds=(Pattern("Letters/"),))
    rig.sides["filevine"].put("Letters/")
    rig.sides["filevine"].put("b.txt", b"b")
    assert rig.run().exit_code == 0
    rig.sides["zdrive"].delete("Letters/")
    assert rig.run().exit_code == 0
    assert "Letters/" in tree(rig.sides["zdrive"])
    assert not rig.plan().steps


def test_a_new_document_deep_in_folders_is_under_the_hold_of_its_whole_path(rig):
    rig.policy(holds=(Pattern("/A/B/**"),))
    rig.sides["filevine"].put("A/B/C/a.txt", b"a")
    rig.sides["filevine"].put("A/B/C/b.txt", b"b")
    assert rig.run().exit_code == 0
    rig.sides["s3"].rename("A/B/C/a.txt", "a.txt")
    rig.sides["zdrive"].delete("A/B/C/b.txt")
    assert rig.run().exit_code == 0
    assert "A/B/C/b.txt" in tree(rig.sides["zdrive"])
    assert tree(rig.sides["zdrive"])["a.txt"] == b"a"


class Forgetful(MemorySide):
    """A side whose list leaves something out, though it is there."""

    def __init__(self, name, **options):
        super().__init__(name, **options)
        self.left_out = set()

    def list(self):
        return (entry for entry in super().list() if entry.name not in self.left_out)


@pytest.mark.parametrize("act", ["edit", "move"])
def test_what_a_list_leaves_out_is_not_made_again_beside_itself(tmp_path, act):
    clock = StillClock()
    sides = {
        "filevine": Forgetful("filevine", clock=clock.now_ns, traits=FILEVINE),
        "zdrive": MemorySide("zdrive", clock=clock.now_ns, traits=DRIVE),
    }
    rig = Rig(tmp_path, sides, clock)
    for name in ("a.txt", "b.txt", "Letters/c.txt"):
        sides["zdrive"].put(name, name.encode())
    assert rig.run().exit_code == 0
    if act == "edit":
        sides["zdrive"].put("a.txt", b"edited")
    else:
        sides["zdrive"].rename("a.txt", "Letters/a.txt")
    sides["filevine"].left_out = {"a.txt"}
    outcome = rig.run()
    assert outcome.exit_code == 5
    assert "a.txt: was missing, and is there again" in outcome.failed[0].reason
    assert tree(sides["filevine"])["a.txt"] == b"a.txt"
    sides["filevine"].left_out = set()
    assert rig.run().exit_code == 0
    assert tree(sides["filevine"]) == tree(sides["zdrive"])
    assert len(tree(sides["filevine"])) == 4
    assert not rig.plan().steps
    rig.ledger.close()


def test_what_waits_for_a_folder_that_a_list_left_out_is_told(tmp_path):
    clock = StillClock()
    filevine = Forgetful("filevine", clock=clock.now_ns, traits=FILEVINE)
    zdrive = MemorySide("zdrive", clock=clock.now_ns, traits=DRIVE)
    rig = Rig(tmp_path, {"filevine": filevine, "zdrive": zdrive}, clock)
    for name in ("a.txt", "b.txt", "c.txt"):
        zdrive.put(name, name.encode())
    zdrive.make_folder(Place("", "Letters"))
    assert rig.run().exit_code == 0
    zdrive.put("Letters/New/d.txt", b"two")
    filevine.left_out = {"Letters"}
    planned = {step.to_path for step in rig.plan().steps}
    outcome = rig.run()
    assert planned >= {"Letters", "Letters/New", "Letters/New/d.txt"}
    assert {failed.step.to_path: failed.exit_code for failed in outcome.failed} == dict.fromkeys(planned, 5)
    filevine.left_out = set()
    assert rig.run().exit_code == 0
    assert tree(filevine) == tree(zdrive)
    rig.ledger.close()


def test_a_copy_of_what_a_source_holds_that_could_not_be_written_is_written_by_the_next_run(rig):
    rig.policy(
        roles={"filevine": Role.SOURCE},
        conflicts=(ConflictRule(Pattern("**"), Settle.PREFER, "zdrive"),),
    )
    for side in rig.sides.values():
        side.put("a.txt", b"one")
    assert rig.run().exit_code == 0
    rig.sides["zdrive"].put("a.txt", b"preferred")
    assert rig.run().exit_code == 0
    rig.sides["filevine"].put("a.txt", b"edited")
    for side in ("s3", "zdrive"):
        rig.sides[side].full = True
    assert rig.run().exit_code == 5
    for side in ("s3", "zdrive"):
        rig.sides[side].full = False
    assert rig.run().exit_code == 0
    for side in ("s3", "zdrive"):
        assert sorted(tree(rig.sides[side]).values()) == [b"edited", b"preferred"]
