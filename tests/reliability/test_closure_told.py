"""A run that died is told as such, and what it had begun is on record."""

import json

import pytest

from synctool.engine import inquire
from synctool.entry.show.inquiry import history_lines, status_lines
from tests.properties.people import DRIVE, FILEVINE, house
from tests.reliability.breaking import AFTER, DEATH, LASTING, Death, Gate
from tests.reliability.tally import tried


@pytest.fixture
def rig(tmp_path):
    rig = house(tmp_path, {"filevine": FILEVINE, "zdrive": DRIVE})
    rig.ledger.close()
    rig.ledger = type(rig.ledger)(tmp_path / "case.db")
    rig.run()
    rig.sides["filevine"].put("new.txt", b"new")
    rig.sides["zdrive"] = Gate(rig.sides["zdrive"], [])
    yield rig
    rig.ledger.close()


def break_the_write(rig, fault):
    gate = rig.sides["zdrive"]
    gate.moments.arm(3, fault, AFTER)  # after the marker and the list


def told(rig):
    now = rig.clock.now_ns()
    status = status_lines(inquire.status(rig.profile, rig.tools), rig.profile, now)
    return " ".join(map(str.strip, status)), history_lines(
        inquire.history(rig.profile, rig.tools), rig.profile
    )


def audited(rig):
    lines = (rig.tools.state / "case.audit.jsonl").read_text().splitlines()
    return [
        (r["side"], r["action"], r["to_path"], r.get("outcome", ""))
        for r in map(json.loads, lines)
        if "to_path" in r
    ]


def come_back(rig):
    rig.sides["zdrive"].dead.clear()
    rig.sides["zdrive"].moments.rest()
    rig.clock.tick()


def test_a_run_that_died_is_told_in_the_status_and_in_the_log_until_another_ends(rig):
    status, log = told(rig)
    assert "has not ended" not in status + "".join(log)
    break_the_write(rig, DEATH)
    with pytest.raises(Death):
        rig.run()
    assert rig.sides["zdrive"].done == [("zdrive", "write")]
    status, log = told(rig)
    assert "! a run began" in status
    assert "has not ended: it is still going on, or was cut off; the next apply goes on from there" in status
    assert any("run 2  began, and has not ended" in line for line in log)
    come_back(rig)
    assert rig.run().exit_code == 0
    status, log = told(rig)
    assert "has not ended" not in status
    assert any("run 2  began, and has not ended" in line for line in log)
    tried("faults", "a run that died is told by the status and the log")


def test_what_a_run_had_begun_when_it_died_is_on_record_once(rig):
    break_the_write(rig, DEATH)
    with pytest.raises(Death):
        rig.run()
    come_back(rig)
    for _ in range(2):
        rig.run()
        assert audited(rig) == [("zdrive", "write", "new.txt", "unknown: the run was cut off")]


def test_a_step_without_an_answer_is_on_record_because_it_may_have_been_done(rig):
    break_the_write(rig, LASTING)
    (failed,) = rig.run().failed
    assert failed.reason == "zdrive: new.txt: gives no answer"
    assert audited(rig) == [("zdrive", "write", "new.txt", "unknown: gives no answer")]
    come_back(rig)
    assert rig.run().exit_code == 0
