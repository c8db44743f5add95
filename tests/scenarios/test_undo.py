"""Former contents come back on real sides, and trash goes when its time is over."""

import time

import pytest

from synctool.core.plan import Action
from synctool.engine.connect import connected
from synctool.engine.former import Undo
from synctool.engine.retention import keep_trash_short
from synctool.engine.rounds import Round
from synctool.engine.tools import Ask, Tools
from synctool.store.audit import Audit
from synctool.store.ledger import Ledger
from tests.engine.rig import DAY, StillClock
from tests.scenarios.office import PLAIN, VERSIONED


@pytest.fixture(params=[VERSIONED, PLAIN])
def office(request, make_office):
    office = make_office(request.param)
    office.zdrive.put("Motions/brief.docx", b"one")
    office.zdrive.put("kept.docx", b"kept")
    office.done()
    return office


AGREED = {"Motions/": b"", "Motions/brief.docx": b"one", "kept.docx": b"kept"}


def test_a_folder_deleted_on_the_drive_comes_back_with_the_same_documents(office):
    office.zdrive.delete("Motions/")
    office.done()
    assert office.settled() == {"kept.docx": b"kept"}
    done = office.done(undo=Undo()).done
    assert [d.step.action for d in done if d.step.side == "filevine" and d.step.kind.value == "file"] == [
        Action.RESTORE
    ]
    assert office.settled() == AGREED


def test_a_document_deleted_in_filevine_comes_back(office):
    office.filevine.delete("Motions/brief.docx")
    office.done()
    office.done(undo=Undo(path="Motions/brief.docx"))
    assert office.settled() == AGREED


@pytest.mark.parametrize("who", ["filevine", "s3", "zdrive"])
def test_an_edit_is_undone_and_done_again(office, who):
    office.people[who].put("Motions/brief.docx", b"edited")
    office.done()
    assert office.settled() == AGREED | {"Motions/brief.docx": b"edited"}
    office.done(undo=Undo())
    assert office.settled() == AGREED
    office.done(undo=Undo())
    assert office.settled() == AGREED | {"Motions/brief.docx": b"edited"}


def test_trash_goes_when_its_time_is_over(office):
    office.zdrive.put("Motions/brief.docx", b"edited")
    office.done()
    office.filevine.delete("kept.docx")
    office.done()
    assert b"kept" in office.zdrive.kept()
    profile = office.profile
    tools = Tools(office.state, StillClock(time.time_ns() + 31 * DAY))
    with (
        Ledger(office.state / f"{profile.name}.db") as ledger,
        connected(profile, frozenset(), Tools(office.state)) as sides,  # servers refuse a clock that is wrong
    ):
        audit = Audit(office.state / f"{profile.name}.audit.jsonl")
        keep_trash_short(Round(profile, Ask(), tools, ledger, sides), 9, audit)
    assert office.zdrive.kept() == set()
    versions = {b"one", b"edited", b"kept"} if office.s3.bucket == VERSIONED else set()
    assert office.s3.kept() >= versions
    assert (b"kept" in office.s3.kept()) == bool(versions)
    assert '"action": "purge"' in (office.state / f"{profile.name}.audit.jsonl").read_text()
