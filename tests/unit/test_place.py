"""Every item gets a place of its own, and whatever lives keeps its folders."""

import pytest

from synctool.core.place import day
from tests.properties.people import DRIVE, FILEVINE, KEPT, S3, house
from tests.properties.questions import Asker


@pytest.fixture
def rig(tmp_path):
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE})
    yield rig
    rig.ledger.close()


def settled(rig, runs=1):
    """What all sides hold after this many runs, without the document that is always there."""
    for _ in range(runs):
        outcome = rig.run()
    assert not outcome.failed
    asker = Asker(rig)
    assert not asker.answer(asker.differences()).steps
    tree, *others = rig.trees().values()
    assert all(other == tree for other in others), rig.trees()
    del tree[KEPT]
    return tree


def notices(rig):
    asker = Asker(rig)
    return [(notice.path, notice.text) for notice in asker.answer(asker.differences()).notices]


def test_of_two_documents_moved_to_one_name_the_first_in_rank_order_keeps_it(rig):
    rig.sides["filevine"].put("a.txt", b"a")
    rig.sides["filevine"].put("b.txt", b"b")
    rig.run()
    rig.sides["zdrive"].rename("a.txt", "c.txt")
    rig.sides["filevine"].rename("b.txt", "c.txt")
    tree = settled(rig)
    assert tree.pop("c.txt") == b"b"
    ((name, data),) = tree.items()
    assert data == b"a"
    assert name.startswith("c (conflict filevine ")


def test_whose_place_it_is_keeps_it_against_one_who_comes(rig):
    rig.sides["filevine"].put("a.txt", b"a")
    rig.sides["filevine"].put("b.txt", b"b")
    rig.run()
    rig.down = {"s3"}
    rig.sides["zdrive"].put("a.txt", b"edited")
    rig.sides["zdrive"].delete("b.txt")
    rig.sides["filevine"].delete("a.txt")
    rig.sides["filevine"].rename("b.txt", "a.txt")
    rig.run()
    rig.down = set()
    tree = settled(rig)
    assert tree.pop("a.txt") == b"edited"
    ((name, data),) = tree.items()
    assert (data, name[:12]) == (b"b", "a (conflict ")


def test_a_folder_keeps_the_name_and_the_file_steps_aside(rig):
    rig.sides["filevine"].put("Z", b"file")
    rig.sides["zdrive"].put("Z/inside.txt", b"inside")
    tree = settled(rig)
    (name,) = set(tree) - {"Z/", "Z/inside.txt"}
    assert name.startswith("Z (conflict filevine ")
    assert tree[name] == b"file"


def test_an_untouched_file_steps_aside_for_a_folder_that_its_side_can_tell_apart(rig):
    rig.sides["filevine"].put("\u00e1", b"file")
    rig.run()
    rig.sides["s3"].put("a\u0301/inside.txt", b"inside")
    rig.run()
    rig.run()
    assert sorted(rig.sides["zdrive"].tree().values()) == [b"", b"file", b"inside", b"kept"]
    assert all(len(tree) == 4 for tree in rig.trees().values())


def test_two_folders_renamed_to_one_name_become_one(rig):
    rig.sides["filevine"].put("a/1.txt", b"1")
    rig.sides["filevine"].put("b/2.txt", b"2")
    rig.sides["filevine"].put("b/deep/3.txt", b"3")
    rig.run()
    rig.sides["filevine"].rename("a", "c")
    rig.sides["zdrive"].rename("b", "c")
    assert ("c", "two folders have this name; made one") in notices(rig)
    tree = settled(rig)
    assert sorted(tree) == ["c/", "c/1.txt", "c/2.txt", "c/deep/", "c/deep/3.txt"]


def test_a_folder_renamed_to_the_name_of_a_new_one_becomes_one_with_it(rig):
    rig.sides["filevine"].put("a/1.txt", b"1")
    rig.run()
    rig.sides["filevine"].rename("a", "b")
    rig.sides["zdrive"].put("b/2.txt", b"2")
    assert sorted(settled(rig)) == ["b/", "b/1.txt", "b/2.txt"]


def test_folders_in_folders_that_become_one_become_one_too(rig):
    rig.sides["filevine"].put("a/x/1.txt", b"1")
    rig.sides["filevine"].put("b/x/2.txt", b"2")
    rig.run()
    rig.sides["filevine"].rename("a", "c")
    rig.sides["zdrive"].rename("b", "c")
    assert sorted(settled(rig)) == ["c/", "c/x/", "c/x/1.txt", "c/x/2.txt"]


def test_moves_that_would_make_a_circle_are_not_done_and_told(rig):
    rig.sides["filevine"].put("n1/3.txt", b"3")
    rig.sides["filevine"].put("n2/4.txt", b"4")
    rig.run()
    rig.sides["filevine"].rename("n2", "n1/n2")
    rig.sides["zdrive"].rename("n1", "n2/n1")
    assert [path for path, text in notices(rig) if "within itself" in text] == ["n1", "n2"]
    assert sorted(settled(rig, 2).values()) == [b"", b"", b"3", b"4"]


def test_a_document_edited_elsewhere_keeps_its_deleted_folders(rig):
    rig.sides["filevine"].put("d/e/f.txt", b"1")
    rig.run()
    rig.sides["filevine"].delete("d")
    rig.sides["zdrive"].put("d/e/f.txt", b"22")
    assert settled(rig) == {"d/": b"", "d/e/": b"", "d/e/f.txt": b"22"}


def test_a_new_document_keeps_its_deleted_folders_and_the_others_go(rig):
    rig.sides["filevine"].put("d/e/f.txt", b"1")
    rig.run()
    rig.sides["filevine"].delete("d")
    rig.sides["zdrive"].put("d/e/new.txt", b"new")
    assert settled(rig) == {"d/": b"", "d/e/": b"", "d/e/new.txt": b"new"}


def test_a_folder_in_which_something_unmentioned_lives_is_not_removed(rig):
    rig.sides["filevine"].put("d/f.txt", b"1")
    rig.run()
    rig.sides["zdrive"].unreadable = {"d/"}
    rig.sides["filevine"].rename("d/f.txt", "f.txt")
    rig.sides["filevine"].delete("d")
    rig.run()
    assert rig.sides["zdrive"].tree()["d/f.txt"] == b"1"
    rig.sides["zdrive"].unreadable = set()
    assert settled(rig) == {"f.txt": b"1"}


def test_three_contents_keep_three_names_that_say_whose_they_were(rig):
    for number, side in enumerate(rig.sides.values()):
        side.put("a.txt", b"%d" % number)
    tree = settled(rig)
    assert tree.pop("a.txt") == b"0"
    assert sorted((name.split()[2], data) for name, data in tree.items()) == [("s3", b"1"), ("zdrive", b"2")]


def test_a_sibling_that_holds_the_losers_bytes_is_the_copy(rig):
    rig.sides["filevine"].put("a.txt", b"1")
    rig.run()
    rig.sides["filevine"].put("a.txt", b"22")
    rig.sides["zdrive"].put("a.txt", b"333")
    asker = Asker(rig)
    (standoff,) = asker.answer(asker.differences()).standoffs
    (name,) = standoff.copies
    rig.sides["zdrive"].put(name, b"333")
    assert settled(rig) == {"a.txt": b"22", name: b"333"}


@pytest.mark.parametrize(
    ("time_ns", "zone", "expected"),
    [
        (1_780_000_000 * 10**9, "UTC", "2026-05-28"),
        (1_780_027_200 * 10**9, "America/Denver", "2026-05-28"),
        (1_780_027_200 * 10**9, "Asia/Tokyo", "2026-05-29"),
        (0, "UTC", "undated"),
        (10**30, "UTC", "undated"),
    ],
)
def test_a_date_is_that_of_the_profiles_timezone(time_ns, zone, expected):
    assert day(time_ns, zone) == expected
