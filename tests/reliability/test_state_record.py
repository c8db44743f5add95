"""The audit log says what was done, whatever dies, and outlives the state; what it lost itself is told."""

import json
import os
import re
import shutil

import pytest

from synctool.errors import StateError
from synctool.store.audit import Audit, verify
from synctool.store.ledger import Ledger
from tests.entry.conftest import firm  # noqa: F401 - the fixture
from tests.reliability.state_case import begun, documents, log, reached
from tests.reliability.tally import tried

GROUP = "state"


@pytest.fixture
def case(firm):  # noqa: F811 - the fixture
    """A profile of two drives that has run once."""
    firm.profile("case", "watch: {settle_seconds: 0}\nbrakes: {deletes: {count: 3, share: 1.0}}\n")
    for n in range(12):
        firm.write(f"case/left/{n}.txt", f"document {n}")
    assert firm.run("apply", "--yes").code == 0
    firm.left, firm.right, firm.state = (firm.folder / path for path in ("case/left", "case/right", "state"))
    firm.audit = firm.state / "case.audit.jsonl"
    return firm


@pytest.mark.skipif(os.name == "nt", reason="Windows kills otherwise")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "number"),
    [("before write", 2), ("after write", 2), ("after record", 2), ("after put_row", 2), ("after remove", 1)],
)
def test_wherever_a_run_is_killed_each_operation_is_on_record_and_a_clean_run_ends_it(case, moment, number):
    for n in range(4):
        case.write(f"case/left/new {n}.txt", f"new {n}")
    (case.left / "0.txt").unlink()
    before = len(log(case.folder))
    killed = begun(case.folder, moment, number, "SIGKILL", "apply", "--yes")
    reached(killed)
    killed.communicate()
    done = {name for name in documents(case.right) if name.startswith("new")}
    gone = not (case.right / "0.txt").exists()
    ended = case.run("apply", "--yes")
    assert ended.code == 0, ended
    assert documents(case.left) == documents(case.right)
    assert verify(case.audit) == len(log(case.folder))
    told = log(case.folder)[before:]
    written = {r["to_path"] for r in told if r["action"] == "write"}
    assert written >= done, told
    assert gone <= any(r["action"] == "remove" for r in told)
    certain = [r["to_path"] for r in told if r["action"] == "write" and "outcome" not in r]
    assert len(certain) == len(set(certain)), "an operation is on record once"
    unsure = [r for r in told if "outcome" in r]
    assert len(unsure) <= 1
    assert all(r["outcome"] == "unknown: the run was cut off" for r in unsure)
    with Ledger(case.state / "case.db") as ledger:
        assert not ledger.journal.cut_off()
    tried(GROUP, "killed between an operation, its record and the state")


def test_a_record_torn_by_a_crash_is_cut_off_and_that_is_on_record(case):
    with case.audit.open("ab") as file:
        file.write(b'{"seq": 99, "act')
    assert case.run("apply", "--yes").code == 0
    assert [(r["action"], r["bytes"]) for r in log(case.folder)[-1:]] == [("log torn", 16)]
    assert case.run("audit", "verify").code == 0
    assert "line 13 says: a record that a crash tore was cut off" in case.run("audit", "verify").out
    tried(GROUP, "an audit log with a torn end")


@pytest.mark.parametrize("lost", ["all", "the end"])
def test_a_log_that_lost_records_is_told_and_the_new_one_says_so(case, lost):
    lines = case.audit.read_bytes().splitlines(keepends=True)
    if lost == "all":
        case.audit.unlink()
    else:
        case.audit.write_bytes(b"".join(lines[:5]))
    told = case.run("audit", "verify")
    assert told.code == 7
    assert re.search(r"the state remembers record 12; .* records? (is|are) missing", told.out), told
    assert case.run("apply", "--yes").code == 0
    last = log(case.folder)[-1]
    assert (last["action"], last["records"]) == ("log cut", 12)
    assert last["head"] == json.loads(lines[-1])["hash"]
    again = case.run("audit", "verify")
    assert again.code == 0
    assert "records up to 12 had been lost" in again.out
    tried(GROUP, "an audit log that was lost or cut short")


def test_a_record_that_was_changed_is_named_by_its_line(case):
    case.audit.write_bytes(case.audit.read_bytes().replace(b"5.txt", b"6.txt", 1))
    ended = case.run("audit", "verify")
    assert ended.code == 7
    assert re.search(r"line \d+ does not fit the chain", ended.out)
    tried(GROUP, "an audit log that somebody changed")


def test_a_log_that_ends_in_no_record_is_left_as_it_is(case):
    with case.audit.open("ab") as file:
        file.write(b"[1]\n")
    before = case.audit.read_bytes()
    ended = case.run("apply", "--yes")
    assert ended.code == 7
    assert "does not end in a record; keep it as it is under another name" in ended.err
    assert case.audit.read_bytes() == before


def test_two_that_write_never_fork_the_chain(tmp_path):
    path = tmp_path / "case.audit.jsonl"
    one, other = Audit(path), Audit(path)
    for n in range(5):
        one.record({"n": n})
        other.record({"n": n})
    assert verify(path) == 10
    assert one.sync() != other.sync()  # each knows its own last record
    Audit(path).record({"n": 5})
    assert verify(path) == 11


def test_a_log_that_cannot_be_written_ends_the_run_with_one_line(case):
    case.audit.unlink()
    case.audit.mkdir()
    ended = case.run("apply", "--yes")
    assert ended.code == 7
    assert "case.audit.jsonl cannot be used" in ended.err


def test_a_lost_state_is_no_way_round_what_the_brakes_count_of_the_day(case):
    for n in range(3):
        (case.left / f"{n}.txt").unlink()
    assert case.run("apply", "--yes").code == 0
    for file in case.state.glob("case.db*"):
        file.unlink()
    assert case.run("apply", "--yes").code == 0
    (case.left / "3.txt").unlink()
    ended = case.run("apply", "--yes")
    assert ended.code == 6, ended
    assert "3 more in the last 24 hours" in ended.out
    assert (case.right / "3.txt").exists()
    tried(GROUP, "a lost state and what the brakes count")


def test_a_code_that_has_served_serves_no_second_time_after_the_state_was_lost(case):
    for n in range(6):
        (case.left / f"{n}.txt").unlink()
    (code,) = set(re.findall(r"--accept (\w+)", case.run("plan").out))
    shutil.copytree(case.left, case.folder / "copy")
    assert case.run("apply", "--yes", "--accept", code).code == 0
    for file in case.state.glob("case.db*"):
        file.unlink()
    assert case.run("apply", "--yes").code == 0
    with Ledger(case.state / "case.db") as ledger:
        assert code in ledger.disputes.spent()
        assert ledger.journal.last_run() == 3
    assert "5.txt" in case.run("log", "case").out
    tried(GROUP, "a lost state and a code that has served")


def test_a_log_of_another_kind_is_passed_over_when_a_new_state_reads_it(tmp_path):
    with Ledger(tmp_path / "case.db") as ledger:
        ledger.recall([{"at": "yesterday"}, {}, {"at": "2026-11-22T00:00:00+00:00", "run": 1, "actor": "x"}])
        assert ledger.journal.happened() == []


def test_an_audit_log_in_a_folder_that_is_none_is_told(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(StateError, match="cannot be used"):
        Audit(tmp_path / "state" / "case.audit.jsonl")
