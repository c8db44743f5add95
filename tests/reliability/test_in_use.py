"""Keeps documents open on real sides while others change them: put off with the name, done later, never torn."""

import pytest

from tests.reliability.tally import tried

pytestmark = pytest.mark.server


def test_a_document_that_somebody_edits_in_filevine_waits_and_the_others_go_on(office):
    for path in ("brief.docx", "other.docx"):
        office.zdrive.put(path, b"one")
    office.done()
    document = office.filevine.document("brief.docx")
    office.fv.colleague.lock_as_other(document)
    for path in ("brief.docx", "other.docx"):
        office.zdrive.put(path, b"two, and longer")
    code, said, _ = office.command("apply", str(office.file), "--yes")
    assert code == 5
    assert "filevine: brief.docx: " in " ".join(said.split())
    assert "locked" in said
    code, said, _ = office.command("status", str(office.file))
    assert "~ brief.docx filevine: " in " ".join(said.split())
    assert "is locked by another user" in " ".join(said.split())
    assert office.filevine.tree()["brief.docx"] == b"one"
    assert office.filevine.tree()["other.docx"] == b"two, and longer"
    assert office.fv.colleague.versions(document) == [b"one"]
    office.fv.colleague.unlock_as_other(document)
    office.done()
    assert office.settled() == dict.fromkeys(("brief.docx", "other.docx"), b"two, and longer")
    assert office.filevine.document("brief.docx") == document
    tried("busy", "A document that somebody edits in Filevine")


@pytest.mark.parametrize(
    ("owner_file", "data"),
    [
        ("~$ief.docx", b"\x07J. Deer" + b"\0" * 46),
        (".~lock.brief.docx#", b",J. Deer,desk,22.11.2026 10:00,;"),
    ],
)
def test_a_document_that_somebody_has_open_on_the_drive_is_neither_written_moved_nor_removed(
    office, owner_file, data
):
    for path in ("brief.docx", "Motions/kept.docx"):
        office.zdrive.put(path, b"one")
    office.done()
    for deed in (
        lambda: office.filevine.put("brief.docx", b"two, from Filevine"),
        lambda: office.filevine.rename("brief.docx", "Motions/brief.docx"),
        lambda: office.filevine.delete("brief.docx"),
    ):
        office.zdrive.put(owner_file, data)
        deed()
        before = office.zdrive.tree()
        code, said, _ = office.command("apply", str(office.file), "--yes")
        assert code == 5
        assert "is open (J. Deer); put off" in " ".join(said.split())
        assert office.zdrive.tree() == before
        office.zdrive.delete(owner_file)
        office.done()
        if "brief.docx" not in office.settled():
            office.filevine.put("brief.docx", b"three")
            office.done()
        tried("busy", "A document that somebody has open on the drive")
