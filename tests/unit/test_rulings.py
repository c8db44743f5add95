"""What follows from a person's word about one item: steps, bytes, folders, brakes, and what is kept of the losers."""

import hashlib
from itertools import product

import pytest

from synctool.core.model import Content
from synctool.core.plan import Action, Why
from synctool.core.policy import Brakes, Refused, Role
from synctool.core.ruling import Ruling, Word
from tests.properties.people import DRIVE, FILEVINE, KEPT, S3, house


@pytest.fixture
def rig(tmp_path):
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE})
    rig.run()
    yield rig
    rig.ledger.close()


def content(data):
    return Content(len(data), hashlib.sha256(data).hexdigest())


def take(data, **more):
    return Ruling(Word.TAKE, content(data), **more)


def put(rig, **documents):
    for name, data in documents.items():
        rig.sides["filevine"].put(f"{name}.txt", data)
    rig.run()


def item_of(rig, path):
    """The number of the item that has, or last had, this path."""
    return next(s.item for s in reversed(rig.ledger.journal.happened()) if path in (s.path, s.to_path))


def tree(rig):
    """What all sides hold, without the document that is always there."""
    first, *others = rig.trees().values()
    assert all(other == first for other in others), rig.trees()
    return {path: data for path, data in first.items() if path != KEPT}


def test_of_two_edits_the_chosen_one_wins_and_the_conflict_is_over(rig):
    put(rig, a=b"one")
    rig.sides["s3"].put("a.txt", b"two")
    rig.sides["zdrive"].put("a.txt", b"three")
    rig.rulings = {item_of(rig, "a.txt"): take(b"three")}
    plan = rig.plan()
    assert {(s.side, s.action, s.why, s.causes) for s in plan.steps} == {
        (side, Action.WRITE, Why.DECIDED, ("zdrive",)) for side in ("filevine", "s3")
    }
    assert not plan.standoffs
    rig.run()
    rig.rulings = {}
    assert tree(rig) == {"a.txt": b"three"}
    assert not rig.plan().steps


def test_a_document_comes_back_with_its_folders_from_what_another_item_holds(rig):
    rig.sides["filevine"].put("f/g/a.txt", b"same")
    rig.sides["filevine"].put("copy.txt", b"other")
    rig.run()
    gone = item_of(rig, "f/g/a.txt")
    rig.sides["filevine"].delete("f")
    rig.run()
    rig.sides["filevine"].put("copy.txt", b"same")
    rig.run()
    rig.rulings = {gone: take(b"same", origin=item_of(rig, "copy.txt"))}
    assert not rig.run().failed
    assert tree(rig) == {"f/": b"", "f/g/": b"", "f/g/a.txt": b"same", "copy.txt": b"same"}


def test_bytes_of_an_item_that_has_others_by_now_are_not_taken_for_it(rig):
    put(rig, a=b"one", b=b"two")
    rig.rulings = {item_of(rig, "a.txt"): take(b"three", origin=item_of(rig, "b.txt"))}
    assert not rig.plan().steps


def test_what_nobody_can_give_is_said_and_forgotten(rig):
    put(rig, a=b"one")
    rig.sides["filevine"].delete("a.txt")
    rig.run()
    rig.rulings = {item_of(rig, "a.txt"): take(b"never")}
    assert {n.text for n in rig.plan().notices} == {"its bytes are on a side that cannot be seen now"}
    rig.run()
    rig.rulings = {}
    rig.run()
    plan = rig.plan()
    assert not plan.notices
    assert not rig.ledger.remembered().waiting()


def test_gone_is_gone_everywhere_however_it_was_edited(rig):
    put(rig, a=b"one")
    rig.sides["s3"].put("a.txt", b"two")
    rig.rulings = {item_of(rig, "a.txt"): Ruling(Word.GONE)}
    plan = rig.plan()
    assert {(s.side, s.action, s.why) for s in plan.steps} == {
        (side, Action.REMOVE, Why.DECIDED) for side in rig.sides
    }
    rig.run()
    assert tree(rig) == {}


def test_a_void_word_is_said(rig):
    put(rig, a=b"one")
    rig.sides["s3"].put("a.txt", b"two")
    rig.rulings = {item_of(rig, "a.txt"): take(b"one", seen={"s3": content(b"one")})}
    assert ("a.txt", "what was decided no longer fits what the sides hold; decide again") in {
        (n.path, n.text) for n in rig.plan().notices
    }
    rig.run()
    assert tree(rig) == {"a.txt": b"two"}


def test_roles_hold_against_a_person_too(rig):
    put(rig, a=b"one")
    rig.policy(roles={"s3": Role.SOURCE, "zdrive": Role.ARCHIVE})
    rig.rulings = {item_of(rig, "a.txt"): Ruling(Word.GONE)}
    rig.run()
    assert [side for side, held in rig.trees().items() if "a.txt" in held] == ["s3", "zdrive"]


def test_a_delete_that_was_left_so_is_put_back_when_a_person_says_so(rig):
    put(rig, a=b"one")
    rig.policy(deletes_from=frozenset(("filevine",)), refused=Refused.LEAVE)
    rig.sides["zdrive"].delete("a.txt")
    rig.run()
    assert "a.txt" not in rig.trees()["zdrive"]
    rig.rulings = {item_of(rig, "a.txt"): take(b"one")}
    rig.run()
    assert tree(rig) == {"a.txt": b"one"}


def test_what_a_person_decided_needs_no_brake_and_counts_towards_none(rig):
    put(rig, **{f"d{n}": b"%d" % n for n in range(20)})
    rig.policy(brakes=Brakes(deletes_count=3, deletes_share=1, overwrites_share=1, shrunk=0))
    rig.rulings = {item_of(rig, f"d{n}.txt"): Ruling(Word.GONE) for n in range(15)}
    assert not rig.run().planned.plan.brakes
    rig.rulings = {}
    rig.sides["filevine"].delete("d19.txt")
    assert not rig.plan().brakes


DEEDS = ("nothing", "edit", "delete", "rename")


@pytest.mark.parametrize("deeds", [d for d in product(DEEDS, repeat=3) if "edit" in d or d[0] == "nothing"])
def test_a_content_that_a_person_takes_wins_on_every_side_and_no_bytes_are_lost(rig, deeds):
    put(rig, a=b"agreed")
    item = item_of(rig, "a.txt")
    for (name, side), deed in zip(rig.sides.items(), deeds, strict=True):
        if deed == "edit":
            side.put("a.txt", name.encode())
        elif deed == "delete":
            side.delete("a.txt")
        elif deed == "rename":
            side.rename("a.txt", f"{name}.txt")
    before = every_byte(rig)
    wanted = next(
        (name.encode() for name, deed in zip(rig.sides, deeds, strict=True) if deed == "edit"), b"agreed"
    )
    rig.rulings = {item: take(wanted)}
    assert not rig.run().failed
    rig.rulings = {}
    assert list(tree(rig).values()) == [wanted]
    assert before <= every_byte(rig)
    assert not rig.plan().steps


def every_byte(rig):
    """All bytes that are on some side or in its trash; the earlier revisions of Filevine are no trash."""
    held = {data for side in rig.sides.values() for data in side.tree().values()}
    kept = {data for side in rig.sides.values() for data in side.trash.values()}
    return held | kept
