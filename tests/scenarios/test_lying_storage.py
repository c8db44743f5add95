"""What a server says it has stored is held against what was sent."""

import pytest

from tests.reliability.tally import tried

WHOLE = b"a brief of sixteen pages"


@pytest.mark.parametrize("former", [None, b"the former brief"])
def test_a_document_of_which_half_was_stored_is_told_and_made_whole_by_the_next_run(office, former):
    if former:
        office.zdrive.put("brief.docx", former)
        office.done()
    office.zdrive.put("brief.docx", WHOLE)
    office.fv.strike("keeps half", method="PUT", route="/s3/")
    outcome = office.run()
    assert outcome.exit_code == 5
    told = "filevine: brief.docx: holds 12 of the 24 bytes that were sent; the next run keeps both"
    assert [failed.reason for failed in outcome.failed] == [told]
    assert office.trees()["s3"] == office.trees()["zdrive"] == {"brief.docx": WHOLE}
    assert office.run().exit_code == 0
    held = office.settled()
    assert held.pop("brief.docx") == WHOLE
    assert list(held.values()) == [WHOLE[:12]]
    tried("hostile", "a server that keeps half of what it is sent")
