"""Works a day in the office: what one person does on one side, everybody finds on theirs."""

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
