"""Every moment of a run is broken once: each call of each side, each statement of the database, each record of the audit."""

import os
import sqlite3
from functools import partial

import pytest

from synctool.engine import execute
from tests.reliability.breaking import (
    AFTER,
    BEFORE,
    DEATH,
    FULL,
    LASTING,
    LOCKED,
    ONCE,
    TORN,
    Records,
    Statements,
)
from tests.reliability.closure import broken, same_end, set_up, undisturbed
from tests.reliability.scenes import SCENES
from tests.reliability.tally import tried

EVERYTHING = "SYNCTOOL_EXAMPLES" in os.environ  # every fault at every moment, not one at each in turn
FEW = 1 if EVERYTHING else 3  # of the statements one in so many is broken, in each scene others
OF_SIDES = [
    (ONCE, BEFORE),
    (DEATH, AFTER),
    (LASTING, BEFORE),
    (ONCE, AFTER),
    (DEATH, BEFORE),
    (LASTING, AFTER),
]
OF_STATEMENTS = [(DEATH, BEFORE), (FULL, BEFORE), (DEATH, AFTER), (LOCKED, BEFORE)]
OF_RECORDS = [(DEATH, BEFORE), (TORN, AFTER), (DEATH, AFTER)]
TOLD = {ONCE: "fails once", LASTING: "fails until the end of the run", DEATH: "is where the program dies"}
TOLD |= {
    FULL: "finds the disk full",
    LOCKED: "finds the database locked",
    TORN: "is cut off in the middle of a line",
}

pytestmark = pytest.mark.slow


@pytest.fixture
def records(monkeypatch):
    monkeypatch.setattr(execute, "WORKERS", 1)  # so that a number names one moment
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Statements))
    return Records(monkeypatch, [])


def every_moment(scene, records, kinds, faults, one_in=1):
    """Break every moment of these kinds, or one in so many: with each fault in turn, or with all of them."""
    saved = set_up(scene)
    counts, fine = undisturbed(scene, saved, records)
    assert all(counts[kind] for kind in kinds)
    for kind in kinds:
        for number in range(1 + len(scene.now) % one_in, counts[kind] + 1, one_in):
            for fault, when in faults if EVERYTHING else [faults[number % len(faults)]]:
                place = f"{kind} {number} of {counts[kind]}: {fault}, {when}"
                trees, begun, ended = broken(scene, saved, records, kind, number, fault, when)
                assert same_end(scene, trees, fine, begun, missed=fault == LASTING), place
                assert (ended is None) == (fault in (DEATH, TORN)), place
                assert ended == 7 or fault not in (FULL, LOCKED), place
                yield fault


@pytest.mark.parametrize("name", SCENES)
def test_a_call_of_a_side_that_fails_or_never_comes_back_is_made_good_by_one_clean_run(name, records):
    for fault in every_moment(SCENES[name], records, ("filevine", "s3", "zdrive"), OF_SIDES):
        tried("faults", f"a call of a side {TOLD[fault]}")


@pytest.mark.parametrize("name", SCENES)
def test_a_statement_of_the_database_that_fails_or_is_the_last_is_made_good_by_one_clean_run(name, records):
    for fault in every_moment(SCENES[name], records, ("database",), OF_STATEMENTS, FEW):
        tried("faults", f"a statement of the database {TOLD[fault]}")


@pytest.mark.parametrize("name", SCENES)
def test_a_record_of_the_audit_that_fails_or_is_the_last_is_made_good_by_one_clean_run(name, records):
    for fault in every_moment(SCENES[name], records, ("audit",), OF_RECORDS):
        tried("faults", f"a record of the audit {TOLD[fault]}")
