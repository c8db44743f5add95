"""Looks at what an object in the bucket says of its document in Filevine."""

import hashlib
from urllib.parse import unquote

import pytest


def labels(office, path):
    """The ids an object has to have, by what Filevine holds."""
    document = office.filevine.document(path)
    folder = path.rpartition("/")[0]
    return {
        "documentid": str(document),
        "projectid": str(office.project),
        "folderid": str(office.filevine.folder(folder)),
        "folderpath": folder,
    }


def said(office, path):
    known = office.s3.metadata(path)
    return {key: unquote(known[key]) for key in ("documentid", "projectid", "folderid", "folderpath")}


@pytest.mark.parametrize("side", ["filevine", "zdrive", "s3"])
def test_an_object_carries_the_ids_of_its_document_whoever_saved_it_first(office, side):
    office.people[side].put("Pleadings & Motions/Café.docx", b"menu")
    office.done()
    path = "Pleadings & Motions/Café.docx"
    assert said(office, path) == labels(office, path)
    assert office.s3.tags(path) == {
        "origin": side,
        "fv_docid": str(office.filevine.document(path)),
        "projectId": str(office.project),
    }
    assert not office.plan().steps


def test_an_object_carries_the_time_and_the_digest_of_its_bytes(office):
    office.zdrive.put("Letters/Letter.txt", b"letter")
    saved = (office.zdrive.root / "Letters/Letter.txt").stat().st_mtime
    office.done()
    known = office.s3.metadata("Letters/Letter.txt")
    assert abs(float(known["mtime"]) - saved) < 0.001
    assert known["sha256"] == hashlib.sha256(b"letter").hexdigest()


@pytest.mark.parametrize("side", ["filevine", "zdrive", "s3"])
def test_ids_and_path_are_those_of_the_new_place_after_a_move(office, side):
    office.filevine.put("Old/A.txt", b"a")
    office.filevine.put("Old/B.txt", b"b")
    office.filevine.put("New/C.txt", b"c")
    office.done()
    office.people[side].rename("Old/A.txt", "New/A.txt")
    office.done()
    for path in ("New/A.txt", "Old/B.txt", "New/C.txt"):
        assert said(office, path) == labels(office, path)
    office.people[side].rename("New/", "Newer/")
    office.done()
    for path in ("Newer/A.txt", "Newer/C.txt"):
        assert said(office, path) == labels(office, path)
    assert not office.plan().steps


def test_an_edit_keeps_the_ids_and_names_who_edited(office):
    office.filevine.put("Letters/A.txt", b"a")
    office.done()
    office.zdrive.put("Letters/A.txt", b"edited")
    office.done()
    assert said(office, "Letters/A.txt") == labels(office, "Letters/A.txt")
    assert office.s3.tags("Letters/A.txt")["origin"] == "zdrive"


def test_a_changed_extension_leaves_the_object_with_the_ids_of_the_new_document(office):
    office.filevine.put("Letters/A.doc", b"a")
    office.done()
    office.zdrive.rename("Letters/A.doc", "Letters/A.docx")
    office.done()
    assert said(office, "Letters/A.docx") == labels(office, "Letters/A.docx")


def test_an_object_written_while_filevine_is_down_gets_its_ids_later(office):
    office.done()
    office.zdrive.put("Letters/A.txt", b"a")
    office.done(without=frozenset({"filevine"}))
    assert "documentid" not in office.s3.metadata("Letters/A.txt")
    office.done()
    assert said(office, "Letters/A.txt") == labels(office, "Letters/A.txt")
    assert not office.plan().steps
