"""Which entry is which item: each rule, and the case beside it in which it must not hold."""

import pytest

from synctool.sides.memory import PATHS
from tests.properties.people import DRIVE, FILEVINE, KEPT, S3, house
from tests.properties.questions import Asker


@pytest.fixture
def rig(tmp_path):
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE})
    yield rig
    rig.ledger.close()


@pytest.fixture
def drive(rig):
    """The drive of a rig that has settled with a few documents in folders."""
    for path in ("Discovery/1.pdf", "Discovery/2.pdf", "Discovery/3.pdf", "brief.docx", "note.txt"):
        rig.sides["filevine"].put(path, path.encode())
    rig.run()
    return rig.sides["zdrive"]


def plan(rig):
    asker = Asker(rig)
    return asker.answer(asker.differences())


def to_do(rig, side="filevine"):
    """What one side must do: the action, the path before, the path after."""
    steps = [step for step in plan(rig).steps if step.side == side and step.settles]
    return sorted((s.action.value, s.path, s.to_path) for s in steps)


@pytest.mark.parametrize("side", ["filevine", "s3", "zdrive"])
def test_a_touch_transfers_nothing(rig, drive, side):
    rig.sides[side].touch("brief.docx")
    outcome = rig.run()
    assert not outcome.failed
    assert not [done for done in outcome.done if done.size or done.step.action.value != "write"]
    assert not plan(rig).steps


def test_a_rename_is_one_move(rig, drive):
    drive.rename("brief.docx", "Discovery/motion.docx")
    assert to_do(rig) == [("move", "brief.docx", "Discovery/motion.docx")]


def test_a_ref_knows_its_document_whatever_it_is_called_and_holds(rig, drive):
    filevine = rig.sides["filevine"]
    filevine.rename("brief.docx", "motion.docx")
    filevine.put("motion.docx", b"another text")
    assert to_do(rig, "zdrive") == [
        ("move", "brief.docx", "motion.docx"),
        ("write", "brief.docx", "motion.docx"),
    ]


def test_a_renamed_folder_is_one_move(rig, drive):
    drive.rename("Discovery", "02 Discovery")
    assert to_do(rig) == [("move", "Discovery", "02 Discovery")]


def test_a_renamed_folder_in_a_renamed_folder_is_two_moves(rig, drive):
    drive.put("Discovery/Exhibits/A.pdf", b"a")
    rig.run()
    drive.rename("Discovery/Exhibits", "Discovery/Ex")
    drive.rename("Discovery", "02")
    assert to_do(rig) == [
        ("move", "Discovery", "02"),
        ("move", "Discovery/Exhibits", "02/Ex"),
    ]


def test_a_moved_folder_takes_its_folders_along(rig, drive):
    drive.put("Discovery/Exhibits/A.pdf", b"a")
    rig.run()
    drive.rename("Discovery", "02")
    assert to_do(rig) == [("move", "Discovery", "02")]


def test_most_children_decide_where_a_folder_went(rig, drive):
    drive.put("New/")
    drive.put("Other/")
    for name in ("1", "2"):
        drive.rename(f"Discovery/{name}.pdf", f"New/{name}.pdf")
    drive.rename("Discovery/3.pdf", "Other/3.pdf")
    drive.delete("Discovery")
    assert to_do(rig) == [
        ("make folder", "Other", "Other"),
        ("move", "Discovery", "New"),
        ("move", "Discovery/3.pdf", "Other/3.pdf"),
    ]


def test_a_tie_is_no_move(rig, drive):
    drive.delete("Discovery/3.pdf")
    rig.run()
    drive.put("New/")
    drive.put("Other/")
    drive.rename("Discovery/1.pdf", "New/1.pdf")
    drive.rename("Discovery/2.pdf", "Other/2.pdf")
    drive.delete("Discovery")
    assert to_do(rig) == [
        ("make folder", "New", "New"),
        ("make folder", "Other", "Other"),
        ("move", "Discovery/1.pdf", "New/1.pdf"),
        ("move", "Discovery/2.pdf", "Other/2.pdf"),
        ("remove", "Discovery", "Discovery"),
    ]


def test_a_swap_is_two_moves(rig, drive):
    drive.rename("Discovery/1.pdf", "x")
    drive.rename("Discovery/2.pdf", "Discovery/1.pdf")
    drive.rename("x", "Discovery/2.pdf")
    assert to_do(rig) == [
        ("move", "Discovery/1.pdf", "Discovery/2.pdf"),
        ("move", "Discovery/2.pdf", "Discovery/1.pdf"),
    ]


def test_exhibits_renumbered_are_moves(rig, drive):
    for number in (3, 2, 1):
        drive.rename(f"Discovery/{number}.pdf", f"Discovery/{number + 1}.pdf")
    assert to_do(rig) == [("move", f"Discovery/{n}.pdf", f"Discovery/{n + 1}.pdf") for n in (1, 2, 3)]


def test_a_copy_kept_beside_is_new_and_the_document_edited(rig, drive):
    drive.put("brief OLD.docx", b"brief.docx")
    drive.put("brief.docx", b"went on")
    assert to_do(rig) == [
        ("write", "brief OLD.docx", "brief OLD.docx"),
        ("write", "brief.docx", "brief.docx"),
    ]


def test_a_document_moved_over_another_replaces_it(rig, drive):
    drive.rename("note.txt", "brief.docx")
    assert to_do(rig) == [
        ("remove", "brief.docx", "brief.docx"),
        ("replace", "note.txt", "brief.docx"),
    ]
    rig.run()
    assert all("note.txt" not in side.tree() for side in rig.sides.values())
    assert {side.tree()["brief.docx"] for side in rig.sides.values()} == {b"note.txt"}


@pytest.mark.parametrize("copies", [("a.docx", "b.docx")])
def test_equal_contents_that_are_not_unique_prove_no_move(rig, drive, copies):
    for name in copies:
        drive.put(name, b"brief.docx")
    drive.delete("brief.docx")
    assert to_do(rig) == [
        ("remove", "brief.docx", "brief.docx"),
        *(("write", name, name) for name in copies),
    ]


def test_an_empty_file_proves_no_move(rig, drive):
    drive.put("empty.txt", b"")
    rig.run()
    drive.rename("empty.txt", "void.txt")
    assert to_do(rig) == [
        ("remove", "empty.txt", "empty.txt"),
        ("write", "void.txt", "void.txt"),
    ]


def test_equal_size_alone_proves_no_move(rig, drive):
    drive.delete("note.txt")
    drive.put("memo.txt", b"NOTE.TXT")
    assert to_do(rig) == [("remove", "note.txt", "note.txt"), ("write", "memo.txt", "memo.txt")]


def test_a_word_save_is_an_edit(rig, drive):
    drive.put("brief.docx.new", b"a newer text")
    drive.delete("brief.docx")
    drive.rename("brief.docx.new", "brief.docx")
    assert to_do(rig) == [("write", "brief.docx", "brief.docx")]


@pytest.mark.parametrize("path", ["brief.docx", "Discovery/1.pdf"])
def test_what_is_uploaded_again_under_its_name_is_the_same_document(rig, drive, path):
    rig.sides["filevine"].delete(path)
    rig.sides["filevine"].put(path, b"uploaded again")
    assert to_do(rig, "zdrive") == [("write", path, path)]


def test_a_folder_made_again_with_its_documents_is_the_same_folder(rig, drive):
    filevine = rig.sides["filevine"]
    filevine.delete("Discovery")
    for number in (1, 2, 3):
        filevine.put(f"Discovery/{number}.pdf", f"Discovery/{number}.pdf".encode())
    assert {action for action, *_ in to_do(rig, "zdrive")} == {"write"}
    assert not [done for done in rig.run().done if done.size]
    assert not plan(rig).steps


def test_equal_documents_made_on_two_sides_are_one(rig, drive):
    for side in ("filevine", "zdrive"):
        rig.sides[side].put("New/memo.docx", b"memo")
    assert to_do(rig) == to_do(rig, "zdrive") == []
    assert {a for a, *_ in to_do(rig, "s3")} == {"make folder", "write"}


def test_a_stand_in_joins_the_document_it_stands_for(rig, drive):
    rig.sides["filevine"].put("re: x.txt", b"re")
    drive.put("re%3A x.txt", b"re")
    assert to_do(rig) == to_do(rig, "zdrive") == []


def test_a_name_that_only_looks_like_a_stand_in_is_a_name(rig, drive):
    drive.put("50%3A.txt", b"x")
    rig.run()
    assert "50%3A.txt" in rig.sides["filevine"].tree()


def test_a_new_folder_leaves_the_remains_of_a_deleted_one_alone(rig, drive):
    rig.down = {"s3"}
    drive.delete("Discovery")
    rig.run()
    drive.put("Discovery/4.pdf", b"4")
    rig.down = set()
    rig.run()
    rig.run()
    assert not to_do(rig) + to_do(rig, "s3") + to_do(rig, "zdrive")
    assert all(
        sorted(side.tree()) == ["Discovery/", "Discovery/4.pdf", "brief.docx", KEPT, "note.txt"]
        for side in rig.sides.values()
    )


def test_stamps_that_are_content_prove_moves_unread(tmp_path):
    bucket = PATHS.__class__(lasting_refs=False, stamps_are_content=True)
    rig = house(tmp_path, {"one": PATHS, "bucket": bucket})
    rig.sides["one"].put("a.txt", b"a")
    rig.run()
    rig.sides["bucket"].rename("a.txt", "b.txt")
    assert to_do(rig, "one") == [("move", "a.txt", "b.txt")]
    rig.ledger.close()
