"""Documents move between sides in memory, through the real engine."""

import pytest

from synctool.core.model import Place, Traits
from synctool.core.patterns import Pattern
from synctool.core.policy import ConflictRule, Settle
from synctool.errors import Unavailable
from synctool.sides.memory import MemorySide
from synctool.store.ledger import Ledger
from tests.engine.rig import Rig, StillClock, tree

FILEVINE = Traits(lasting_refs=True, unique_names=False, fixed_extension=True, names="filevine")
S3 = Traits(lasting_refs=False, moves_folders=False, labels=True, cheap_reads=True, names="s3")
DRIVE = Traits(lasting_refs=False, cheap_reads=True, folds_case=True, names="windows")


@pytest.fixture
def rig(tmp_path):
    clock = StillClock()
    sides = {
        name: MemorySide(name, clock=clock.now_ns, traits=traits)
        for name, traits in (("filevine", FILEVINE), ("s3", S3), ("zdrive", DRIVE))
    }
    return Rig(tmp_path, sides, clock)


def settled(rig):
    """All sides hold the same, and another plan is empty."""
    filevine, *others = rig.trees().values()
    assert all(other == filevine for other in others), rig.trees()
    plan = rig.plan()
    assert not plan.steps, plan.steps
    return filevine


@pytest.mark.parametrize("side", ["filevine", "s3", "zdrive"])
def test_new_documents_and_empty_folders_appear_everywhere(rig, side):
    rig.sides[side].put("Pleadings/Answer.docx", b"answer")
    rig.sides[side].put("Discovery/Exhibits/A.pdf", b"a")
    rig.sides[side].put("Empty/Nested/")
    outcome = rig.run()
    assert outcome.exit_code == 0, outcome.failed
    assert settled(rig) == {
        "Discovery/": b"",
        "Discovery/Exhibits/": b"",
        "Discovery/Exhibits/A.pdf": b"a",
        "Empty/": b"",
        "Empty/Nested/": b"",
        "Pleadings/": b"",
        "Pleadings/Answer.docx": b"answer",
    }


@pytest.mark.parametrize("side", ["filevine", "s3", "zdrive"])
def test_edit_rename_move_and_delete_travel_from_every_side(rig, side):
    rig.sides["filevine"].put("Pleadings/Answer.docx", b"answer")
    rig.sides["filevine"].put("Pleadings/Motion.docx", b"motion")
    rig.sides["filevine"].put("Old/Note.txt", b"note")
    rig.sides["filevine"].put("Gone.txt", b"gone")
    rig.run()
    document = {e.name: e.handle for e in rig.sides["filevine"].list()}["Answer.docx"]
    acting = rig.sides[side]
    acting.put("Pleadings/Answer.docx", b"answer, amended")
    acting.rename("Pleadings/Motion.docx", "Pleadings/Motion to Dismiss.docx")
    acting.rename("Old/Note.txt", "Pleadings/Note.txt")
    acting.delete("Gone.txt")
    outcome = rig.run()
    assert outcome.exit_code == 0, outcome.failed
    assert settled(rig) == {
        "Old/": b"",
        "Pleadings/": b"",
        "Pleadings/Answer.docx": b"answer, amended",
        "Pleadings/Motion to Dismiss.docx": b"motion",
        "Pleadings/Note.txt": b"note",
    }
    assert {e.name: e.handle for e in rig.sides["filevine"].list()}["Answer.docx"] == document


@pytest.mark.parametrize("side", ["filevine", "s3", "zdrive"])
def test_a_renamed_folder_takes_everything_along(rig, side):
    for n in range(5):
        rig.sides["zdrive"].put(f"d/sub/{n}.txt", b"%d" % n)
        rig.sides["zdrive"].put(f"d/{n}.txt", b"x%d" % n)
    rig.run()
    rig.sides[side].rename("d", "e")
    rig.sides["filevine"].put("d/new.txt" if side == "zdrive" else "other.txt", b"new")
    outcome = rig.run()
    assert outcome.exit_code == 0, outcome.failed
    assert not any(
        d.size for d in outcome.done if d.step.path != "other.txt" and not d.step.path.endswith("new.txt")
    )
    tree = settled(rig)
    assert "d/" not in tree
    assert tree["e/sub/3.txt"] == b"3"


def test_edit_and_rename_on_opposite_sides_become_one_document(rig):
    rig.sides["filevine"].put("a.docx", b"1")
    rig.run()
    rig.sides["filevine"].rename("a.docx", "b.docx")
    rig.sides["zdrive"].put("a.docx", b"two")
    outcome = rig.run()
    assert outcome.exit_code == 0
    assert settled(rig) == {"b.docx": b"two"}


def test_a_conflict_keeps_both_under_names_that_are_stable(rig):
    rig.sides["filevine"].put("a.docx", b"1")
    rig.run()
    rig.sides["filevine"].put("a.docx", b"from filevine")
    rig.sides["zdrive"].put("a.docx", b"from the drive")
    outcome = rig.run()
    assert outcome.exit_code == 0, outcome.failed
    tree = settled(rig)
    assert tree.pop("a.docx") == b"from filevine"
    ((name, data),) = tree.items()
    assert data == b"from the drive"
    assert name.startswith("a (conflict zdrive 2026-05-2")
    rig.run()
    assert len(settled(rig)) == 2


def test_a_swap_is_a_swap(rig):
    rig.sides["zdrive"].put("Exhibit 1.pdf", b"one")
    rig.sides["zdrive"].put("Exhibit 2.pdf", b"two")
    rig.run()
    drive = rig.sides["zdrive"]
    before = {e.name: e.handle for e in rig.sides["filevine"].list()}
    drive.rename("Exhibit 1.pdf", "x")
    drive.rename("Exhibit 2.pdf", "Exhibit 1.pdf")
    drive.rename("x", "Exhibit 2.pdf")
    outcome = rig.run()
    assert outcome.exit_code == 0, outcome.failed
    assert settled(rig) == {"Exhibit 1.pdf": b"two", "Exhibit 2.pdf": b"one"}
    after = {e.name: e.handle for e in rig.sides["filevine"].list()}
    assert after["Exhibit 1.pdf"] == before["Exhibit 2.pdf"]
    assert not any(done.size for done in outcome.done)


def test_a_side_that_is_down_is_not_asked_and_catches_up(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.sides["filevine"].put("b.txt", b"b")
    rig.run()
    rig.down = {"zdrive"}
    rig.sides["filevine"].put("a.txt", b"2")
    rig.sides["filevine"].delete("b.txt")
    outcome = rig.run()
    assert outcome.exit_code == 5
    assert tree(rig.sides["s3"]) == {"a.txt": b"2"}
    assert tree(rig.sides["zdrive"]) == {"a.txt": b"1", "b.txt": b"b"}
    rig.down = set()
    assert rig.run().exit_code == 0
    assert settled(rig) == {"a.txt": b"2"}


def test_a_drive_that_comes_back_with_an_edit_of_what_was_deleted_brings_it_back(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.run()
    rig.down = {"zdrive"}
    rig.sides["filevine"].delete("a.txt")
    rig.run()
    rig.sides["zdrive"].put("a.txt", b"edited meanwhile")
    rig.down = set()
    assert rig.run().exit_code == 0
    assert settled(rig) == {"a.txt": b"edited meanwhile"}


def test_a_touch_transfers_nothing(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.run()
    for side in rig.sides.values():
        side.touch("a.txt")
    outcome = rig.run()
    assert outcome.exit_code == 0
    assert not any(done.size for done in outcome.done)
    assert settled(rig) == {"a.txt": b"1"}


def test_names_that_windows_cannot_hold_get_a_stand_in_there_only(rig):
    rig.sides["filevine"].put('Motion: re "Smith".docx', b"m")
    assert rig.run().exit_code == 0
    assert list(tree(rig.sides["s3"])) == ['Motion: re "Smith".docx']
    (name,) = tree(rig.sides["zdrive"])
    assert ":" not in name
    assert not rig.plan().steps
    rig.sides["zdrive"].put(name, b"edited")
    rig.run()
    assert tree(rig.sides["filevine"]) == {'Motion: re "Smith".docx': b"edited"}


def test_losing_the_state_loses_nothing_and_copies_nothing(rig, tmp_path):
    for n in range(12):
        rig.sides["filevine"].put(f"d/{n}: x.txt", b"%d" % n)
    rig.run()
    before = rig.trees()
    rig.ledger = Ledger(tmp_path / "new.db")
    outcome = rig.run()
    assert outcome.exit_code == 0, (outcome.failed, outcome.planned.plan.brakes)
    assert rig.trees() == before
    assert not rig.plan().steps


def test_too_many_deletes_wait_for_a_person_and_the_rest_goes_on(rig):
    for n in range(20):
        rig.sides["filevine"].put(f"{n}.txt", b"%d" % n)
    rig.run()
    for n in range(8):
        rig.sides["zdrive"].delete(f"{n}.txt")
    rig.sides["zdrive"].put("new.txt", b"new")
    outcome = rig.run()
    assert outcome.exit_code == 6
    assert len(tree(rig.sides["filevine"])) == 21
    (brake,) = outcome.planned.plan.brakes
    outcome = rig.run(accepted=frozenset((brake.code,)))
    assert outcome.exit_code == 0
    assert len(settled(rig)) == 13


def test_an_emptied_side_is_not_believed(rig):
    for n in range(4):
        rig.sides["filevine"].put(f"{n}.txt", b"%d" % n)
    rig.run()
    for n in range(4):
        rig.sides["zdrive"].delete(f"{n}.txt")
    outcome = rig.run()
    assert outcome.exit_code == 6
    assert len(tree(rig.sides["s3"])) == 4
    assert not tree(rig.sides["zdrive"])


def test_a_folder_is_replaced_by_a_file_of_its_name(rig):
    rig.sides["filevine"].put("d/x.txt", b"x")
    rig.run()
    rig.sides["zdrive"].delete("d/x.txt")
    rig.sides["zdrive"].delete("d")
    rig.sides["zdrive"].put("d", b"now a file")
    rig.run()
    rig.run()
    assert settled(rig) == {"d": b"now a file"}


def test_hold_policy_changes_nothing_and_waits(rig):
    rig.policy(conflicts=(ConflictRule(Pattern("**"), Settle.HOLD),))
    rig.sides["filevine"].put("a.txt", b"1")
    rig.run()
    rig.sides["filevine"].put("a.txt", b"22")
    rig.sides["zdrive"].put("a.txt", b"333")
    for _ in range(2):
        assert rig.run().exit_code == 4
        assert {n: t["a.txt"] for n, t in rig.trees().items()} == {
            "filevine": b"22",
            "s3": b"1",
            "zdrive": b"333",
        }
    rig.sides["zdrive"].put("a.txt", b"22")
    assert rig.run().exit_code == 0
    assert settled(rig) == {"a.txt": b"22"}


def test_a_renamed_document_is_still_known_by_its_bytes(rig):
    rig.sides["zdrive"].put("a.txt", b"1")
    rig.run()
    rig.sides["filevine"].rename("a.txt", "b.txt")
    rig.run()
    rig.sides["zdrive"].touch("b.txt")
    assert not rig.plan().steps
    rig.sides["zdrive"].put("b.txt", b"2")
    outcome = rig.run()
    assert not outcome.planned.plan.standoffs
    assert settled(rig) == {"b.txt": b"2"}


def test_a_conflict_held_on_the_first_run_touches_nothing_and_is_named(rig):
    rig.policy(conflicts=(ConflictRule(Pattern("**"), Settle.HOLD),))
    rig.sides["filevine"].put("d/a.txt", b"22")
    rig.sides["zdrive"].put("d/a.txt", b"333")
    for _ in range(2):
        outcome = rig.run()
        assert outcome.exit_code == 4, outcome.failed
        assert [s.path for s in outcome.planned.plan.standoffs] == ["d/a.txt"]
        assert tree(rig.sides["zdrive"])["d/a.txt"] == b"333"
    rig.sides["zdrive"].put("d/a.txt", b"22")
    assert rig.run().exit_code == 0
    assert settled(rig) == {"d/": b"", "d/a.txt": b"22"}


def test_a_document_renamed_in_two_ways_takes_the_first_name_in_rank_and_says_so(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.run()
    rig.sides["filevine"].rename("a.txt", "b.txt")
    rig.sides["zdrive"].rename("a.txt", "c.txt")
    outcome = rig.run()
    told = [(n.path, n.text) for n in outcome.planned.plan.notices]
    assert told == [("b.txt", "was renamed in more than one way; filevine goes first")]
    assert settled(rig) == {"b.txt": b"1"}


def test_an_edit_outvotes_a_delete_and_that_is_said(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.sides["filevine"].put("b.txt", b"b")
    rig.run()
    rig.sides["filevine"].delete("a.txt")
    rig.sides["zdrive"].put("a.txt", b"edited")
    outcome = rig.run()
    told = [(n.side, n.path, n.text) for n in outcome.planned.plan.notices]
    assert told == [("filevine", "a.txt", "was deleted there and changed elsewhere; the change stands")]
    assert settled(rig) == {"a.txt": b"edited", "b.txt": b"b"}


def lose_one_text_twice(rig):
    """A document and another one under a copy's name beside it; on the drive both become one text, elsewhere two others."""
    one, two = "brief.txt", "brief (conflict zdrive 2026-11-22 3fa9c1).txt"
    rig.sides["zdrive"].put(one, b"one")
    rig.sides["zdrive"].put(two, b"two")
    rig.run()
    for name in (one, two):
        rig.sides["filevine"].put(name, b"in Filevine, " + name.encode())
        rig.sides["zdrive"].put(name, b"the same")
    return one, two


def test_a_text_that_two_documents_lose_at_once_is_kept_once(rig):
    lose_one_text_twice(rig)
    assert rig.run().exit_code == 0
    assert list(settled(rig).values()).count(b"the same") == 1


def test_neither_of_two_documents_loses_a_text_that_could_not_be_kept(rig):
    names = lose_one_text_twice(rig)
    write = rig.sides["s3"].write

    def full(at, data, meta):
        if isinstance(at, Place):
            raise Unavailable("does not answer", side="s3")
        return write(at, data, meta)

    rig.sides["s3"].write = full
    assert rig.run().exit_code == 5
    assert {rig.trees()["zdrive"][name] for name in names} == {b"the same"}
    rig.sides["s3"].write = write
    rig.run()
    assert list(settled(rig).values()).count(b"the same") == 1
