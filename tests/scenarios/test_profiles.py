"""Follows what a profile says of sides, deletes, holds, folders and rules."""

import pytest


def put(office, side, *paths):
    for path in paths:
        office.people[side].put(path, path.encode())


def documents(tree):
    return {path for path in tree if not path.endswith("/")}


@pytest.fixture
def ten(office):
    put(office, "filevine", *(f"{n}.txt" for n in range(10)))
    return office


def notices(outcome):
    return {(n.side, n.path): n.text for n in outcome.planned.plan.notices}


def test_a_source_is_read_and_never_written(ten):
    ten.says(sides={"zdrive": {"role": "source"}})
    put(ten, "zdrive", "from the drive.txt")
    ten.done()
    outcome = ten.done()
    assert not outcome.done
    assert documents(ten.zdrive.tree()) == {"from the drive.txt"}
    assert documents(ten.filevine.tree()) == documents(ten.s3.tree())
    assert "from the drive.txt" in ten.filevine.tree()
    assert notices(outcome)["zdrive", "0.txt"] == "differs by role"


def test_a_mirror_gets_everything_and_says_nothing(ten):
    ten.says(sides={"s3": {"role": "mirror"}})
    ten.done()
    ten.s3.rename("0.txt", "renamed in the bucket.txt")
    ten.s3.put("1.txt", b"edited in the bucket")
    ten.s3.delete("2.txt")
    put(ten, "s3", "only in the bucket.txt")
    ten.done()
    ten.done()
    expected = {f"{n}.txt": b"%d.txt" % n for n in range(10)}
    assert ten.filevine.tree() == ten.zdrive.tree() == expected
    assert ten.s3.tree() == expected | {"only in the bucket.txt": b"only in the bucket.txt"}
    assert b"edited in the bucket" in ten.s3.kept()
    assert not ten.plan().steps


def test_an_archive_follows_edits_and_moves_and_keeps_what_others_delete(ten):
    ten.says(sides={"s3": {"role": "archive"}})
    ten.done()
    ten.filevine.put("0.txt", b"edited")
    ten.filevine.rename("1.txt", "one.txt")
    ten.filevine.delete("2.txt")
    ten.done()
    assert not ten.plan().steps
    assert ten.filevine.tree() == ten.zdrive.tree()
    assert ten.s3.tree() == ten.filevine.tree() | {"2.txt": b"2.txt"}


def test_a_delete_that_the_profile_does_not_obey_is_undone(ten):
    ten.says(deletes={"from": ["filevine"], "refused": "restore"})
    ten.done()
    ten.zdrive.delete("0.txt")
    ten.s3.delete("1.txt")
    ten.filevine.delete("2.txt")
    ten.done()
    assert documents(ten.settled()) == {f"{n}.txt" for n in range(10)} - {"2.txt"}


def test_a_delete_that_the_profile_does_not_obey_may_be_left_as_it_is(ten):
    ten.says(deletes={"from": ["filevine"], "refused": "leave"})
    ten.done()
    ten.zdrive.delete("0.txt")
    for _ in range(2):
        ten.done()
        assert "0.txt" not in ten.zdrive.tree()
        assert "0.txt" in ten.filevine.tree()
        assert "0.txt" in ten.s3.tree()
    ten.filevine.put("0.txt", b"edited")
    ten.done()
    ten.filevine.delete("1.txt")
    ten.done()
    assert "1.txt" not in ten.zdrive.tree()


@pytest.mark.parametrize("side", ["filevine", "s3", "zdrive"])
def test_what_is_held_is_removed_nowhere(office, side):
    put(office, "filevine", "Pleadings/Answer.txt", *(f"{n}.txt" for n in range(4)))
    office.says(holds=["Pleadings/**"])
    office.done()
    office.people[side].delete("Pleadings/Answer.txt")
    office.done()
    assert office.settled()["Pleadings/Answer.txt"] == b"Pleadings/Answer.txt"


def test_what_is_too_large_for_the_drive_is_not_there_and_that_is_said(office):
    office.says(sides={"zdrive": {"max_size": "1KB"}})
    office.filevine.put("small.txt", b"small")
    office.filevine.put("large.txt", b"x" * 5000)
    outcome = office.done()
    assert notices(outcome) == {("zdrive", "large.txt"): "is not held there: too large"}
    assert office.zdrive.tree() == {"small.txt": b"small"}
    assert office.s3.tree() == office.filevine.tree()
    assert not office.plan().steps
    office.filevine.put("large.txt", b"small now")
    office.done()
    assert office.settled()["large.txt"] == b"small now"
    office.filevine.put("large.txt", b"y" * 5000)
    office.done()
    assert office.s3.tree() == office.filevine.tree()


MAPPED = [{"at": "Discovery", "zdrive": "02 Discovery"}, {"at": "Internal", "s3": None}]


def test_a_folder_lies_where_the_profile_says_on_each_side(office):
    office.says(folders=MAPPED)
    office.zdrive.put("02 Discovery/", b"")
    put(office, "filevine", "Discovery/Exhibits/A.txt", "Internal/Note.txt", "Other/B.txt")
    office.done()
    assert documents(office.zdrive.tree()) == {
        "02 Discovery/Exhibits/A.txt",
        "Internal/Note.txt",
        "Other/B.txt",
    }
    assert documents(office.s3.tree()) == {"Discovery/Exhibits/A.txt", "Other/B.txt"}
    assert not office.plan().steps
    put(office, "zdrive", "02 Discovery/From the drive.txt")
    office.zdrive.put("02 Discovery/Exhibits/A.txt", b"edited on the drive")
    office.zdrive.rename("Other/B.txt", "02 Discovery/B.txt")
    office.done()
    assert office.filevine.tree() == {
        "Discovery/": b"",
        "Discovery/B.txt": b"Other/B.txt",
        "Discovery/Exhibits/": b"",
        "Discovery/Exhibits/A.txt": b"edited on the drive",
        "Discovery/From the drive.txt": b"02 Discovery/From the drive.txt",
        "Internal/": b"",
        "Internal/Note.txt": b"Internal/Note.txt",
        "Other/": b"",
    }
    assert not office.plan().steps


def test_a_mapped_folder_that_is_missing_on_the_drive_deletes_nothing(office):
    office.says(folders=MAPPED)
    office.zdrive.put("02 Discovery/", b"")
    put(office, "filevine", "Discovery/A.txt", "Discovery/B.txt", *(f"{n}.txt" for n in range(4)))
    office.done()
    office.zdrive.delete("02 Discovery/")
    outcome = office.run()
    assert outcome.exit_code == 5
    assert {"Discovery/A.txt", "Discovery/B.txt"} <= documents(office.filevine.tree())
    assert {"Discovery/A.txt", "Discovery/B.txt"} <= documents(office.s3.tree())


def test_nothing_but_the_folders_named_travels_if_the_profile_says_so(office):
    office.says(folders=[{"at": "Discovery"}], only_folders=True)
    put(office, "filevine", "Discovery/A.txt", "Other/B.txt", "C.txt")
    put(office, "zdrive", "Mine.txt", "Discovery/D.txt")
    office.done()
    assert documents(office.s3.tree()) == {"Discovery/A.txt", "Discovery/D.txt"}
    assert documents(office.zdrive.tree()) == {"Discovery/A.txt", "Discovery/D.txt", "Mine.txt"}
    assert documents(office.filevine.tree()) == {"Discovery/A.txt", "Discovery/D.txt", "Other/B.txt", "C.txt"}
    assert not office.plan().steps


def test_filters_never_delete_what_is_newly_excluded_nor_copy_what_is_newly_included(office):
    put(office, "filevine", "Scratch/Idea.txt", "Scratch/Timeline.txt", *(f"{n}.txt" for n in range(4)))
    office.done()
    before = office.trees()
    office.says(rules=[{"include": "/Scratch/Timeline.txt"}, {"exclude": "Scratch/"}])
    assert not office.plan().steps
    assert not office.done().done
    assert office.trees() == before
    office.zdrive.delete("Scratch/Idea.txt")
    office.zdrive.put("Scratch/Timeline.txt", b"edited")
    assert {d.step.path for d in office.done().done} == {"Scratch/Timeline.txt"}
    assert "Scratch/Idea.txt" in office.filevine.tree()
    assert "Scratch/Idea.txt" in office.s3.tree()
    put(office, "zdrive", "Scratch/Idea.txt")
    office.says(rules=[])
    outcome = office.done()
    assert not any(done.size for done in outcome.done)
    assert "Scratch/Idea.txt" in office.settled()


def test_a_document_renamed_to_an_excluded_name_is_deleted_nowhere(office):
    office.says(rules=[{"exclude": "*.bak"}])
    put(office, "filevine", *(f"{n}.txt" for n in range(4)))
    office.done()
    office.zdrive.rename("0.txt", "0.bak")
    for _ in range(2):
        outcome = office.run()
        assert not outcome.done
        assert "0.txt" in office.filevine.tree()
        assert "0.txt" in office.s3.tree()
    assert ("zdrive", "0.txt") in notices(outcome)


def test_a_side_that_is_added_to_a_profile_receives_everything(office):
    put(office, "filevine", "Discovery/A.txt", "B.txt")
    whole = dict(office.case["sides"])
    del office.case["sides"]["s3"]
    office.done()
    office.says(sides={})
    office.case["sides"] = whole
    office.done()
    assert documents(office.settled()) == {"Discovery/A.txt", "B.txt"}


@pytest.mark.parametrize("adopt", ["content", "size"])
def test_copies_that_are_already_everywhere_are_adopted_and_not_copied(office, adopt):
    office.says(adopt=adopt)
    for n in range(5):
        for person in office.people.values():
            person.put(f"{n}.txt", b"equal %d" % n)
    office.zdrive.age()
    outcome = office.done()
    assert not any(done.size for done in outcome.done)
    assert len(office.settled()) == 5
    downloads = office.fv.requests_seen["GET", "/s3/{key}"]
    office.zdrive.put("0.txt", b"edited on the drive afterwards")
    office.done()
    assert office.settled() == {f"{n}.txt": b"equal %d" % n for n in range(1, 5)} | {
        "0.txt": b"edited on the drive afterwards"
    }
    assert downloads == office.fv.requests_seen["GET", "/s3/{key}"]


def test_copies_that_differ_at_the_first_run_are_both_kept(office):
    office.filevine.put("a.txt", b"in Filevine")
    office.zdrive.put("a.txt", b"on the drive")
    office.s3.put("a.txt", b"on the drive")
    office.done()
    tree = office.settled()
    assert sorted(tree.values()) == [b"in Filevine", b"on the drive"]
    assert tree["a.txt"] == b"in Filevine"
