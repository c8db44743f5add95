"""What each side must do, and in which order: layers, waves, circles, followers, labels, replacements."""

from dataclasses import replace

import pytest

from synctool.core.model import Content, Entry, Kind
from synctool.core.plan import Action, Layer, Step, Why
from synctool.core.policy import MappedFolder, Refused, Role
from tests.engine.rig import tree
from tests.properties.people import DRIVE, FILEVINE, KEPT, PATHS, S3, house
from tests.properties.questions import Asker


@pytest.fixture
def rig(tmp_path):
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE})
    rig.run()
    yield rig
    rig.ledger.close()


def put(rig, *paths):
    for path in paths:
        rig.sides["filevine"].put(path, path.encode())
    rig.run()


def plan(rig):
    asker = Asker(rig)
    return asker.answer(asker.differences())


def steps(rig, side):
    """Layer, wave, action and the name it is given, in the order of the plan."""
    chosen = [step for step in plan(rig).steps if step.side == side]
    return [(s.layer.name, s.wave, s.action.name, s.name or s.path) for s in chosen]


def said(rig, side):
    return {(notice.path, notice.text) for notice in plan(rig).notices if notice.side == side}


def test_folders_come_before_documents_and_parents_before_children(rig):
    rig.sides["filevine"].put("a/b/c.txt", b"c")
    assert steps(rig, "s3") == [
        ("STRUCTURE", 0, "MAKE", "a"),
        ("STRUCTURE", 1, "MAKE", "b"),
        ("WRITE", 0, "WRITE", "c.txt"),
    ]


def test_a_folder_is_renamed_when_what_leaves_it_has_left(rig):
    put(rig, "a/b/c.txt", "a/b/stays.txt")
    filevine = rig.sides["filevine"]
    filevine.rename("a/b/c.txt", "c.txt")
    filevine.rename("a/b", "a/bb")
    filevine.rename("a", "aa")
    assert steps(rig, "zdrive") == [
        ("STRUCTURE", 0, "MOVE", "c.txt"),
        ("STRUCTURE", 1, "MOVE", "aa"),
        ("STRUCTURE", 2, "MOVE", "bb"),
    ]
    rig.run()
    assert set(tree(rig.sides["zdrive"])) == {"aa/", "aa/bb/", "aa/bb/stays.txt", "c.txt", KEPT}


def test_documents_go_before_folders_and_the_deepest_folders_first(rig):
    put(rig, "a/b/c.txt")
    rig.sides["filevine"].delete("a")
    assert steps(rig, "zdrive") == [
        ("REMOVE", 0, "REMOVE", "a/b/c.txt"),
        ("REMOVE_FOLDERS", -1, "REMOVE", "a/b"),
        ("REMOVE_FOLDERS", 0, "REMOVE", "a"),
    ]


def test_a_chain_of_moves_begins_at_its_free_end(rig):
    put(rig, "1.pdf", "2.pdf", "3.pdf")
    for number in (3, 2, 1):
        rig.sides["filevine"].rename(f"{number}.pdf", f"{number + 1}.pdf")
    assert steps(rig, "zdrive") == [
        ("STRUCTURE", 0, "MOVE", "4.pdf"),
        ("STRUCTURE", 1, "MOVE", "3.pdf"),
        ("STRUCTURE", 2, "MOVE", "2.pdf"),
    ]


@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_circle_of_moves_is_cut_once(rig, size):
    put(rig, *(f"{number}.pdf" for number in range(size)))
    filevine = rig.sides["filevine"]
    filevine.rename("0.pdf", "x")
    for number in range(1, size):
        filevine.rename(f"{number}.pdf", f"{number - 1}.pdf")
    filevine.rename("x", f"{size - 1}.pdf")
    on_drive = steps(rig, "zdrive")
    assert len(on_drive) == size + 1
    assert [wave for _, wave, _, _ in on_drive] == list(range(size + 1))
    assert "moving" in on_drive[0][3]
    outcome = rig.run()
    assert not outcome.failed
    assert not [done for done in outcome.done if done.size]
    assert rig.sides["zdrive"].tree()[f"{size - 1}.pdf"] == b"0.pdf"


def test_two_circles_are_each_cut_once(rig):
    put(rig, "a", "b", "c", "d")
    for one, two in (("a", "b"), ("c", "d")):
        rig.sides["filevine"].rename(one, "x")
        rig.sides["filevine"].rename(two, one)
        rig.sides["filevine"].rename("x", two)
    assert sum("moving" in name for *_, name in steps(rig, "zdrive")) == 2


def test_what_is_removed_makes_room_first(rig):
    put(rig, "a.txt", "b.txt")
    rig.sides["filevine"].delete("a.txt")
    rig.sides["filevine"].rename("b.txt", "a.txt")
    assert steps(rig, "zdrive") == [
        ("STRUCTURE", 0, "REMOVE", "a.txt"),
        ("STRUCTURE", 1, "MOVE", "a.txt"),
    ]


def test_a_folder_that_goes_steps_aside_for_a_document_of_its_name(rig):
    put(rig, "d/x.txt")
    rig.sides["filevine"].delete("d")
    rig.sides["filevine"].put("d", b"now a file")
    assert steps(rig, "zdrive") == [
        ("STRUCTURE", 0, "MOVE", "d (moving 2)"),
        ("WRITE", 0, "WRITE", "d"),
        ("REMOVE", 0, "REMOVE", "d/x.txt"),
        ("REMOVE_FOLDERS", 0, "REMOVE", "d"),
    ]


def test_a_changed_extension_is_a_replacement_where_extensions_are_fixed(rig):
    put(rig, "a.doc")
    rig.sides["zdrive"].rename("a.doc", "a.docx")
    assert steps(rig, "filevine") == [("WRITE", 0, "REPLACE", "a.docx")]
    assert steps(rig, "s3") == [("STRUCTURE", 0, "MOVE", "a.docx"), ("LABEL", 0, "LABEL", "a.docx")]


def test_documents_that_swap_extensions_step_aside_and_are_replaced(rig):
    put(rig, "a.doc", "b.docx")
    drive = rig.sides["zdrive"]
    for old, new in (("a.doc", "x"), ("b.docx", "a.doc"), ("x", "b.docx")):
        drive.rename(old, new)
    assert not rig.run().failed
    assert rig.sides["filevine"].tree() == {"a.doc": b"b.docx", "b.docx": b"a.doc", KEPT: b"kept"}
    assert not plan(rig).steps


def test_what_lies_in_a_folder_follows_it_where_folders_do_not_take_it_along(rig):
    put(rig, "a/b/c.txt")
    rig.sides["filevine"].rename("a", "z")
    assert steps(rig, "zdrive") == [("STRUCTURE", 0, "MOVE", "z")]
    assert steps(rig, "s3") == [
        ("STRUCTURE", 0, "MOVE", "z"),
        ("STRUCTURE", 1, "MOVE", "b"),
        ("STRUCTURE", 2, "MOVE", "c.txt"),
    ]


def test_a_folder_waits_where_what_lies_in_it_cannot_be_seen_and_would_not_follow(rig):
    put(rig, "a/b/c.txt")
    rig.sides["filevine"].rename("a", "z")
    rig.sides["s3"].unreadable = {"a/b/"}
    assert steps(rig, "s3") == []
    rig.sides["s3"].unreadable = set()
    assert len(steps(rig, "s3")) == 3


def test_nothing_is_done_in_a_folder_that_could_not_be_listed(rig):
    put(rig, "a/b.txt")
    rig.sides["zdrive"].unreadable = {"a/"}
    rig.sides["filevine"].put("a/new.txt", b"new")
    rig.sides["filevine"].delete("a/b.txt")
    assert steps(rig, "zdrive") == []
    assert {name for *_, name in steps(rig, "s3")} == {"new.txt", "a/b.txt"}


def test_labels_are_brought_up_to_date_once_the_document_has_a_number(rig):
    rig.down = {"filevine"}
    rig.sides["s3"].put("a.txt", b"a")
    rig.run()
    rig.down = set()
    assert steps(rig, "filevine") == [("WRITE", 0, "WRITE", "a.txt")]
    assert steps(rig, "s3") == [("LABEL", 0, "LABEL", "a.txt")]
    rig.run()
    assert not plan(rig).steps


def test_names_that_differ_in_case_stand_apart_where_case_is_folded(rig):
    put(rig, "A.txt", "a.txt")
    assert sorted(rig.sides["s3"].tree()) == ["A.txt", "a.txt", KEPT]
    assert sorted(rig.sides["zdrive"].tree()) == ["A.txt", "a [fv-5].txt", KEPT]
    assert not plan(rig).steps


def test_a_name_one_side_cannot_hold_is_spelled_otherwise_there_only(rig):
    put(rig, "re: x.txt")
    assert sorted(rig.sides["zdrive"].tree()) == [KEPT, "re%3A x.txt"]
    rig.sides["zdrive"].rename("re%3A x.txt", "of x.txt")
    rig.run()
    assert all("of x.txt" in side.tree() for side in rig.sides.values())


def test_a_source_is_never_written_and_it_is_told(rig):
    rig.policy(roles={"filevine": Role.SOURCE})
    put(rig, "a.txt")
    rig.sides["zdrive"].put("b.txt", b"b")
    assert steps(rig, "filevine") == []
    assert said(rig, "filevine") == {("b.txt", "differs by role")}


def test_a_mirror_is_corrected_and_its_own_documents_are_left_alone(rig):
    rig.policy(roles={"s3": Role.MIRROR})
    put(rig, "a.txt")
    rig.sides["s3"].put("a.txt", b"edited")
    rig.sides["s3"].put("mine.txt", b"mine")
    rig.sides["s3"].rename(KEPT, "other.txt")
    assert sorted(steps(rig, "s3")) == [
        ("STRUCTURE", 0, "MOVE", KEPT),
        ("WRITE", 0, "WRITE", "a.txt"),
    ]
    rig.run()
    rig.run()
    assert rig.sides["s3"].tree() == {"a.txt": b"a.txt", "mine.txt": b"mine", KEPT: b"kept"}
    assert said(rig, "s3") == {("mine.txt", "only here; a mirror's own documents are left alone")}


def test_an_archive_keeps_what_others_delete(rig):
    rig.policy(roles={"s3": Role.ARCHIVE})
    put(rig, "a.txt")
    rig.sides["filevine"].delete("a.txt")
    assert steps(rig, "s3") == []
    assert said(rig, "s3") == {("a.txt", "deleted elsewhere; kept in the archive")}
    assert steps(rig, "zdrive") == [("REMOVE", 0, "REMOVE", "a.txt")]


@pytest.mark.parametrize(
    ("refused", "expected"), [(Refused.RESTORE, [("WRITE", 0, "WRITE", "a.txt")]), (Refused.LEAVE, [])]
)
def test_a_delete_that_is_not_obeyed_is_put_back_or_left(rig, refused, expected):
    rig.policy(deletes_from=frozenset({"filevine"}), refused=refused)
    put(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    assert steps(rig, "zdrive") == expected
    assert steps(rig, "s3") == []


def test_what_is_too_large_for_a_side_is_told_and_the_others_have_it(rig):
    rig.policy(max_sizes={"zdrive": 3})
    put(rig, "a.txt")
    assert "a.txt" in rig.sides["s3"].tree()
    assert "a.txt" not in rig.sides["zdrive"].tree()
    assert said(rig, "zdrive") == {("a.txt", "is not held there: too large")}


def test_a_folder_that_a_side_does_not_hold_is_not_made_there(rig):
    rig.policy(folders=(MappedFolder("Notes", {"zdrive": None}),))
    put(rig, "Notes/a.txt", "Notes 2/b.txt")
    assert sorted(rig.sides["zdrive"].tree()) == ["Notes 2/", "Notes 2/b.txt", KEPT]


def test_a_folder_that_the_profile_names_is_neither_moved_nor_removed(rig):
    rig.policy(folders=(MappedFolder("Notes", {}),))
    put(rig, "Notes/a.txt")
    rig.sides["filevine"].rename("Notes", "Other")
    assert not [s for s in plan(rig).steps if s.action.name in ("MOVE", "REMOVE")]


def test_a_folder_that_the_profile_names_and_that_is_gone_is_not_deleted_elsewhere(rig):
    rig.policy(folders=(MappedFolder("Notes", {}),))
    put(rig, "Notes/a.txt")
    asker = Asker(rig)
    asked = asker.differences()
    item = asker.known.at_handle("zdrive", "Notes/")
    torn = replace(asked.looks["zdrive"], missing={"Notes/": item})
    assert not asker.answer(replace(asked, looks={**asked.looks, "zdrive": torn})).steps


def test_a_listing_that_misses_a_folder_and_not_what_lies_in_it_deletes_nothing(rig):
    put(rig, "Notes/a.txt")
    asker = Asker(rig)
    asked = asker.differences()
    item = asker.known.at_handle("zdrive", "Notes/")
    torn = replace(asked.looks["zdrive"], missing={"Notes/": item})
    found = asker.answer(replace(asked, looks={**asked.looks, "zdrive": torn})).steps
    assert [(s.side, s.action.name) for s in found] == [("zdrive", "MAKE")]


def test_nothing_is_said_of_what_lies_nobody_knows_where(rig):
    asker = Asker(rig)
    asked = asker.differences()
    stray = Entry(Kind.FILE, "nowhere/a.txt", "nowhere/", "a.txt", "1", 1)
    torn = replace(asked.looks["zdrive"], seen={stray.handle: stray})
    assert not asker.answer(replace(asked, looks={**asked.looks, "zdrive": torn})).steps


def test_a_folder_that_is_only_implied_gets_a_placeholder(rig):
    put(rig, "Notes/a.txt")
    asker = Asker(rig)
    asked = asker.differences()
    known = asker.known.held_by("s3", asker.known.at_handle("s3", "Notes/"))
    implied = replace(asked.looks["s3"], seen={known.handle: known._replace(stamp="")})
    found = asker.answer(replace(asked, looks={**asked.looks, "s3": implied})).steps
    assert [(s.side, s.action.name, s.name) for s in found] == [("s3", "MAKE", "Notes")]


def test_bytes_that_only_an_unseen_side_holds_are_waited_for(rig):
    rig.down = {"zdrive"}
    put(rig, "a.txt")
    rig.down = {"filevine", "s3"}
    rig.run()
    rig.down = {"filevine"}
    rig.sides["s3"].delete("a.txt")
    rig.policy(deletes_from=frozenset({"filevine"}))
    assert steps(rig, "zdrive") == []
    assert said(rig, "zdrive") == {("a.txt", "its bytes are on a side that cannot be seen now")}


def test_the_nearest_side_that_holds_the_bytes_is_read(tmp_path):
    far = replace(PATHS, cheap_reads=False)
    rig = house(tmp_path, {"far": far, "near": PATHS, "new": PATHS})
    rig.down = {"new"}
    for side in ("far", "near"):
        rig.sides[side].put("a.txt", b"a")
    rig.run()
    rig.down = set()
    (step,) = plan(rig).steps
    assert (step.side, step.source) == ("new", "near")
    rig.ledger.close()


def test_a_step_is_named_by_what_it_was_planned_from(rig):
    put(rig, "a.txt")
    rig.sides["filevine"].rename("a.txt", "b.txt")
    first, second = plan(rig).steps
    assert first.id != second.id
    assert [s.id for s in plan(rig).steps] == [first.id, second.id]
    rig.sides[first.side].touch("a.txt")
    assert first.id not in {s.id for s in plan(rig).steps}


def test_a_step_is_named_by_what_lasts_of_a_stamp():
    named = (
        "?zdrive/a~b.txt/9:1~7",
        "?zdrive/a~b.txt/9:1~8",
        "?zdrive/a~b.txt/9:1",
        "?zdrive/a~b.txt/9:2",
        "ab" * 32,
    )
    young, later, settled, other, read = (Content(9, digest).lasting for digest in named)
    assert young == later == settled != other
    assert read == Content(9, "ab" * 32)


def test_the_name_of_a_step_is_made_of_what_is_done_to_what_and_not_of_why():
    entry = Entry(Kind.FILE, "a.txt", "", "a.txt", "1~x")
    step = Step(
        layer=Layer.WRITE,
        action=Action.WRITE,
        side="zdrive",
        item=7,
        kind=Kind.FILE,
        path="a.txt",
        to_path="b.txt",
        why=Why.EDITED,
        entry=entry,
        name="b.txt",
        content=Content(1, "ab" * 32),
        source="s3",
    )
    others = (
        {"action": Action.MOVE},
        {"side": "filevine"},
        {"path": "c.txt"},
        {"to_path": "c.txt"},
        {"name": "c.txt"},
        {"content": Content(1, "cd" * 32)},
        {"source": "filevine"},
        {"entry": entry._replace(handle="c.txt")},
        {"entry": entry._replace(stamp="2~x")},
        {"entry": None},
        {"content": None},
    )
    assert len({step.id, *(replace(step, **other).id for other in others)}) == 1 + len(others)
    same = ({"why": Why.NEW}, {"wave": 1}, {"item": 8}, {"entry": entry._replace(stamp="1~y")})
    assert {replace(step, **other).id for other in same} == {step.id}
    assert len(step.id) == 12
