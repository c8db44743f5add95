"""Works a day in the office: what one person does on one side, everybody finds on theirs."""

import re

import pytest

SIDES = ["filevine", "s3", "zdrive"]


@pytest.mark.parametrize("side", SIDES)
def test_new_documents_and_empty_folders_appear_on_every_side(office, side):
    office.people[side].put("Pleadings/", b"")
    office.people[side].put("Discovery/", b"")
    office.people[side].put("Discovery/Exhibits/", b"")
    office.people[side].put("Pleadings/Answer.docx", b"answer")
    office.people[side].put("Empty/", b"")
    office.people[side].put("Empty/Nested/", b"")
    office.done()
    assert office.settled() == {
        "Discovery/": b"",
        "Discovery/Exhibits/": b"",
        "Empty/": b"",
        "Empty/Nested/": b"",
        "Pleadings/": b"",
        "Pleadings/Answer.docx": b"answer",
    }


@pytest.fixture
def filled(office):
    office.filevine.put("Pleadings/Answer.docx", b"answer")
    office.filevine.put("Pleadings/Motion.docx", b"motion")
    office.filevine.put("Old/Note.txt", b"note")
    office.filevine.put("Gone.txt", b"gone")
    office.done()
    office.settled()
    return office


@pytest.mark.parametrize("side", SIDES)
def test_an_edit_a_rename_a_move_and_a_delete_travel_from_every_side(filled, side):
    answer = filled.filevine.document("Pleadings/Answer.docx")
    acting = filled.people[side]
    acting.put("Pleadings/Answer.docx", b"answer, amended")
    acting.rename("Pleadings/Motion.docx", "Pleadings/Motion to Dismiss.docx")
    acting.rename("Old/Note.txt", "Pleadings/Note.txt")
    acting.delete("Gone.txt")
    outcome = filled.done()
    assert filled.settled() == {
        "Old/": b"",
        "Pleadings/": b"",
        "Pleadings/Answer.docx": b"answer, amended",
        "Pleadings/Motion to Dismiss.docx": b"motion",
        "Pleadings/Note.txt": b"note",
    }
    assert {d.step.path for d in outcome.done if d.size} == {"Pleadings/Answer.docx"}
    assert filled.filevine.document("Pleadings/Answer.docx") == answer
    assert filled.fv.colleague.versions(answer) == [b"answer", b"answer, amended"]


@pytest.mark.parametrize("side", SIDES)
def test_a_renamed_folder_takes_everything_along_without_any_bytes(office, side):
    for n in range(4):
        office.filevine.put(f"Discovery/{n}.txt", b"%d" % n)
        office.filevine.put(f"Discovery/Exhibits/{n}.txt", b"exhibit %d" % n)
    office.filevine.put("Discovery/Empty/", b"")
    office.done()
    documents = {leaf.path: leaf.id for leaf in office.fv.colleague.tree(office.project)}
    office.people[side].rename("Discovery/", "Produced/")
    outcome = office.done()
    tree = office.settled()
    assert not any(done.size for done in outcome.done)
    assert tree.keys() == {
        "Produced/",
        "Produced/Empty/",
        "Produced/Exhibits/",
        *(f"Produced/{folder}{n}.txt" for n in range(4) for folder in ("", "Exhibits/")),
    }
    for leaf in office.fv.colleague.tree(office.project):
        assert documents[leaf.path.replace("Produced", "Discovery")] == leaf.id


def test_folders_renamed_inside_one_another_and_a_document_moved_out_go_in_one_run(office):
    office.people["filevine"].put("a/b/c.txt", b"c")
    office.people["filevine"].put("a/b/stays.txt", b"stays")
    office.done()
    for old, new in (("a/b/c.txt", "c.txt"), ("a/b/", "a/bb/"), ("a/", "aa/")):
        office.people["filevine"].rename(old, new)
    outcome = office.done()
    assert not any(done.size for done in outcome.done)
    assert set(office.settled()) == {"aa/", "aa/bb/", "aa/bb/stays.txt", "c.txt"}


@pytest.mark.parametrize("side", SIDES)
def test_a_removed_folder_goes_everywhere_and_its_documents_are_kept(office, side):
    office.filevine.put("Drafts/Note.txt", b"note")
    for n in range(4):
        office.filevine.put(f"{n}.txt", b"%d" % n)
    office.done()
    note = office.filevine.document("Drafts/Note.txt")
    office.people[side].delete("Drafts/")
    office.done()
    assert set(office.settled()) == {f"{n}.txt" for n in range(4)}
    for name in set(SIDES) - {side, "filevine"}:
        assert b"note" in office.people[name].kept()
    assert office.fv.colleague.versions(note) == [b"note"]


def test_a_rename_in_filevine_and_an_edit_on_the_drive_become_one_document(filled):
    answer = filled.filevine.document("Pleadings/Answer.docx")
    filled.filevine.rename("Pleadings/Answer.docx", "Pleadings/First Answer.docx")
    filled.zdrive.put("Pleadings/Answer.docx", b"answer, edited on the drive")
    filled.done()
    tree = filled.settled()
    assert tree["Pleadings/First Answer.docx"] == b"answer, edited on the drive"
    assert "Pleadings/Answer.docx" not in tree
    assert filled.filevine.document("Pleadings/First Answer.docx") == answer


def test_two_edits_are_both_kept_under_one_name_everywhere_and_for_good(filled):
    filled.filevine.put("Pleadings/Answer.docx", b"edited in Filevine")
    filled.zdrive.put("Pleadings/Answer.docx", b"edited on the drive")
    filled.done()
    tree = filled.settled()
    (copy,) = (path for path in tree if "conflict" in path)
    assert re.fullmatch(r"Pleadings/Answer \(conflict zdrive \d{4}-\d\d-\d\d [0-9a-f]{6}\)\.docx", copy), copy
    assert tree[copy] == b"edited on the drive"
    assert tree["Pleadings/Answer.docx"] == b"edited in Filevine"
    assert not filled.done().done
    assert filled.settled() == tree


@pytest.mark.parametrize("side", ["zdrive", "s3"])
def test_two_documents_of_one_name_in_filevine_both_survive_elsewhere_under_their_own(office, side):
    first = office.fv.colleague.upload(office.project, "Letters/Letter.pdf", b"first")
    second = office.fv.colleague.upload(office.project, "Letters/Letter.pdf", b"second")
    office.done()
    tree = office.people[side].tree()
    assert tree.keys() == {"Letters/", "Letters/Letter.pdf", f"Letters/Letter [fv-{second}].pdf"}
    assert tree["Letters/Letter.pdf"] == b"first"
    assert tree[f"Letters/Letter [fv-{second}].pdf"] == b"second"
    assert not office.plan().steps
    office.people[side].put(f"Letters/Letter [fv-{second}].pdf", b"second, edited")
    office.done()
    assert office.fv.colleague.versions(second) == [b"second", b"second, edited"]
    assert office.fv.colleague.versions(first) == [b"first"]
    assert {leaf.path for leaf in office.fv.colleague.tree(office.project)} == {"Letters/Letter.pdf"}
    assert not office.plan().steps


def test_a_stand_in_gets_the_true_name_when_it_becomes_free(office):
    first = office.fv.colleague.upload(office.project, "Letter.pdf", b"first")
    office.fv.colleague.upload(office.project, "Letter.pdf", b"second")
    office.filevine.put("Other.txt", b"other")
    office.done()
    office.fv.colleague.delete(first)
    office.done()
    office.done()
    assert office.settled() == {"Letter.pdf": b"second", "Other.txt": b"other"}


def test_another_extension_is_a_new_document_in_filevine_and_the_old_one_goes_to_trash(office):
    office.filevine.put("Memo.doc", b"memo")
    office.done()
    old = office.filevine.document("Memo.doc")
    office.zdrive.rename("Memo.doc", "Memo.docx")
    outcome = office.done()
    assert {d.step.action.value for d in outcome.done if d.step.side == "filevine"} == {"replace"}
    assert office.settled() == {"Memo.docx": b"memo"}
    assert office.filevine.document("Memo.docx") != old
    (trashed,) = (leaf for leaf in office.fv.colleague.tree(office.project) if leaf.id == old)
    assert trashed.path.startswith(".synctool trash/")


def test_names_windows_cannot_hold_are_stand_ins_on_the_drive_only(office):
    name = 'Motion: re "Smith"?.docx'
    office.filevine.put(f"Re: all/{name}", b"motion")
    office.done()
    assert office.s3.tree() == office.filevine.tree()
    folder, path = sorted(office.zdrive.tree())
    assert not set('<>:"|?*') & set(path)
    assert not office.plan().steps
    office.zdrive.put(path, b"motion, edited")
    office.done()
    assert (
        office.filevine.tree() == office.s3.tree() == {"Re: all/": b"", f"Re: all/{name}": b"motion, edited"}
    )
    assert office.zdrive.tree() == {folder: b"", path: b"motion, edited"}
    moved = f"{folder}renamed on the drive.docx"
    office.zdrive.rename(path, moved)
    office.done()
    assert set(office.filevine.tree()) == {"Re: all/", "Re: all/renamed on the drive.docx"}
    assert not office.plan().steps


@pytest.mark.parametrize("bucket", ["firm-cases", "plain-cases"])
def test_a_bucket_keeps_former_bytes_as_versions_or_in_its_trash(make_office, bucket):
    office = make_office(bucket)
    for n in range(4):
        office.filevine.put(f"{n}.txt", b"%d" % n)
    office.done()
    office.filevine.put("0.txt", b"edited")
    office.filevine.delete("1.txt")
    office.filevine.rename("2.txt", "two.txt")
    office.done()
    assert office.settled() == {"0.txt": b"edited", "two.txt": b"2", "3.txt": b"3"}
    assert {b"0", b"1"} <= office.s3.kept()
    assert {b"0", b"1"} <= office.zdrive.kept()


def test_the_older_sign_in_works_for_a_whole_sync(office):
    office.says(
        sides={
            "filevine": {
                "auth": {
                    "mode": "key",
                    "session_url": f"{office.fv.url}/session",
                    "api_key": "${FILEVINE_KEY}",
                    "api_secret": "${FILEVINE_KEY_SECRET}",
                }
            }
        }
    )
    office.filevine.put("Answer.docx", b"answer")
    office.zdrive.put("Letters/Letter.txt", b"letter")
    office.done()
    office.zdrive.put("Answer.docx", b"answer, edited")
    office.done()
    assert office.settled() == {
        "Answer.docx": b"answer, edited",
        "Letters/": b"",
        "Letters/Letter.txt": b"letter",
    }
    seen = office.fv.requests_seen
    assert seen["POST", "/session"]
