"""What a look can say that no side in memory ever would: half of a tree, implied folders, rows without digests."""

from dataclasses import replace

import pytest

from synctool.core.decide import decide
from synctool.core.known import Look
from synctool.core.model import Entry, Kind
from tests.engine.rig import tree
from tests.properties.people import DRIVE, FILEVINE, KEPT, S3, house
from tests.properties.questions import Asker


@pytest.fixture
def rig(tmp_path):
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE})
    rig.sides["filevine"].put("d/a.txt", b"a")
    rig.run()
    yield rig
    rig.ledger.close()


def held(rig, name, side="filevine"):
    return next(e for e in rig.sides[side].list() if e.name == name)


def item_of(rig, name):
    return rig.ledger.remembered().at_handle("filevine", held(rig, name).handle)


def planned(rig, *looks):
    """The plan when these sides look so, and the others show nothing new."""
    asker = Asker(rig)
    question = asker.differences()
    return decide(replace(question, looks={**question.looks, **{look.side: look for look in looks}}))


def test_a_document_in_a_folder_that_was_not_listed_is_unknown(rig):
    entry = held(rig, "a.txt")._replace(parent="f000000000099", stamp="new")
    assert not planned(rig, Look("filevine", seen={entry.handle: entry})).steps


def test_a_document_renamed_in_a_folder_that_cannot_be_seen_is_renamed_all_the_same(rig):
    entry = held(rig, "a.txt")._replace(name="b.txt")
    hidden = frozenset((item_of(rig, "d"),))
    plan = planned(rig, Look("filevine", seen={entry.handle: entry}, unseen=hidden))
    assert [(s.side, s.to_path) for s in plan.steps] == [("s3", "d/b.txt"), ("zdrive", "d/b.txt")]


def test_nothing_is_put_into_a_folder_that_a_side_does_not_show(rig):
    rig.sides["filevine"].put("d/new.txt", b"new")
    hidden = frozenset((item_of(rig, "d"),))
    plan = planned(rig, Look("s3", unseen=hidden))
    assert [(s.side, s.path) for s in plan.steps] == [("zdrive", "d/new.txt")]


def test_new_folders_are_told_apart_whatever_their_numbers_are(rig):
    gone = held(rig, "a.txt")
    inner = Entry(Kind.FOLDER, "f000000000501", "f000000000502", "inner", "folder")
    outer = Entry(Kind.FOLDER, "f000000000502", "", "outer", "folder")
    look = Look(
        "filevine",
        seen={inner.handle: inner, outer.handle: outer},
        missing={gone.handle: item_of(rig, "a.txt")},
    )
    made = [s.path for s in planned(rig, look).steps if s.side == "s3" and s.action.name == "MAKE"]
    assert made == ["outer", "outer/inner"]


def test_what_was_never_read_proves_no_moved_folder(rig):
    item = item_of(rig, "a.txt")
    row = rig.ledger.row(item, "zdrive")
    rig.ledger.put_row(item, "zdrive", replace(row, held=row.held._replace(sha256="")), rig.sides)
    rig.sides["zdrive"].rename("d", "e")
    folder, document = held(rig, "e", "zdrive"), held(rig, "a.txt", "zdrive")
    gone = {"d/": item_of(rig, "d"), "d/a.txt": item}
    look = Look("zdrive", seen={folder.handle: folder, document.handle: document}, missing=gone)
    assert not [s for s in planned(rig, look).steps if s.action.name == "MOVE"]


def test_a_file_that_nobody_can_read_now_gives_way_to_a_folder_when_it_can(rig):
    rig.down = {"s3", "zdrive"}
    rig.sides["filevine"].put("x", b"never read")
    rig.run()
    rig.down = {"filevine"}
    rig.sides["zdrive"].put("x/y.txt", b"y")
    rig.run()
    rig.down = set()
    for _ in range(3):
        rig.run()
    assert not rig.plan().steps
    trees = rig.trees()
    assert trees["filevine"] == trees["s3"] == trees["zdrive"]
    assert set(trees["s3"].values()) >= {b"never read", b"y"}


def test_a_name_that_a_side_already_spells_so_needs_no_step_there(rig):
    rig.sides["zdrive"].put("a%3A.txt", b"colon")
    rig.run()
    rig.sides["filevine"].rename("a%3A.txt", "a:.txt")
    rig.run()
    assert set(tree(rig.sides["zdrive"])) == {"a%3A.txt", "d/", "d/a.txt", KEPT}
    assert "a:.txt" in tree(rig.sides["s3"])
    assert not rig.plan().steps


def test_a_folder_that_was_only_implied_is_made_where_it_now_is(rig):
    item = item_of(rig, "d")
    row = rig.ledger.row(item, "s3")
    rig.ledger.put_row(item, "s3", replace(row, held=row.held._replace(stamp="")), rig.sides)
    rig.sides["filevine"].rename("d", "e")
    look = Look("s3", seen={"d/": held(rig, "d", "s3")._replace(stamp="")})
    steps = [(s.action.name, s.to_path) for s in planned(rig, look).steps if s.side == "s3"]
    assert steps == [("MAKE", "e"), ("MOVE", "e/a.txt")]
