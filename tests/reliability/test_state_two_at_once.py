"""Two runs of one profile: the second is told who holds it, a dead one holds nothing, and one that was taken over stops."""

import json
import os
import re
import signal

import pytest

from synctool.errors import Busy
from synctool.store.audit import verify
from synctool.store.lease import ALONE, held, holder
from tests.entry.conftest import firm  # noqa: F401 - the fixture
from tests.reliability.state_case import begun, documents, log, reached, waked
from tests.reliability.tally import tried

GROUP = "state"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals that stop a process")


@pytest.fixture
def case(firm):  # noqa: F811 - the fixture
    firm.profile("case", "watch: {settle_seconds: 0}\n")
    for n in range(5):
        firm.write(f"case/left/{n}.txt", f"document {n}")
    firm.lock = firm.folder / "state" / "case.lock"
    return firm


def stopped(case, moment, number):
    process = begun(case.folder, moment, number, "SIGSTOP", "apply", "--yes")
    reached(process)
    os.waitpid(process.pid, os.WUNTRACED)
    return process


def test_a_second_run_is_told_who_and_since_when_and_a_plan_may_look_meanwhile(case):
    first = stopped(case, "after write", 2)
    try:
        for command in (
            ("apply", "--yes"),
            ("resolve", "case", "0.txt", "--keep-both"),
            ("undo", "case", "--yes"),
            ("doctor", "case", "--rebuild"),
        ):
            ended = case.run(*command)
            assert ended.code == 8, (command, ended)
            who = rf"synctool: another run holds this profile: \w+@\S+ \(process {first.pid}\), since \d{{4}}-\S+; .*\n"
            assert re.fullmatch(who, ended.err), ended.err
        looked = case.run("plan")
        assert looked.code == 0, looked
        assert case.run("status").code == 0
        assert f"process {first.pid}" in case.run("doctor").out
    finally:
        assert waked(first)[0] == 0
    assert documents(case.folder / "case/right") == documents(case.folder / "case/left")
    tried(GROUP, "a second run while one is going on")


def test_a_killed_run_holds_nothing(case):
    first = stopped(case, "before write", 3)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert case.run("apply", "--yes").code == 0
    assert documents(case.folder / "case/right") == documents(case.folder / "case/left")
    tried(GROUP, "a run after one that was killed")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "taken"),
    [
        ("before write", "moved with the state"),
        ("before write", "replaced by a run"),
        ("after write", "replaced by a run"),
        ("after record", "removed"),
    ],
)
def test_a_stopped_run_that_lost_its_lock_finishes_one_operation_and_stops(case, moment, taken):
    first = stopped(case, moment, 2)
    before = documents(case.folder / "case/right")
    try:
        if taken == "moved with the state":
            case.lock.parent.rename(case.folder / "old state")
        else:
            case.lock.unlink()
        if taken == "replaced by a run":
            case.write("case/left/0.txt", "edited")
        if taken != "removed":
            assert case.run("apply", "--yes").code == 0
            before = documents(case.folder / "case/right")
    finally:
        code, out, err = waked(first)
    assert code == 8, (code, out, err)
    assert err.count("\n") == 1
    assert "this run has lost the profile to another" in err
    after = documents(case.folder / "case/right")
    assert len(after.items() - before.items()) <= 1
    assert case.run("apply", "--yes").code == 0
    assert documents(case.folder / "case/right") == documents(case.folder / "case/left")
    assert not [name for name in documents(case.folder / "case/left") if "conflict" in name]
    assert verify(case.folder / "state/case.audit.jsonl") == len(log(case.folder))
    tried(GROUP, "a stopped run that wakes up after another took over")


def test_a_lock_that_is_removed_while_it_is_taken_is_not_held(tmp_path, monkeypatch):
    path = tmp_path / "case.lock"
    monkeypatch.setattr("synctool.store.lease._locked", lambda _: path.unlink() or True)
    with pytest.raises(Busy, match="it does not say who"), held(path, "J. Deer", "now"):
        pass


def test_a_lock_that_says_something_else_is_somebody_else_s(tmp_path):
    path = tmp_path / "case.lock"
    ALONE.check()
    assert holder(path) is None
    with held(path, "J. Deer", "now") as lease:
        lease.check()
        assert holder(path) == "J. Deer, since now"
        path.write_text(json.dumps({"who": "R. Roe", "since": "later"}))
        with pytest.raises(Busy, match=r"R\. Roe, since later"):
            lease.check()
    assert holder(path) is None


def test_a_folder_that_two_installations_keep_is_said_to_be_the_other_s(case):
    assert case.run("apply", "--yes").code == 0
    right = case.folder / "case/right"
    other = case.folder / "profiles" / "case.yaml"
    text = other.read_text()
    assert case.run("--state", "elsewhere", "apply", "--yes").code == 0  # a new state adopts, and marks
    case.write("case/left/1.txt", "edited")
    ended = case.run("apply", "--yes")
    assert ended.code == 6
    assert "is also kept by another installation" in ended.out
    assert (right / "1.txt").read_text() == "document 1"
    (case.folder / "profiles" / "other.yaml").write_text(text + "name: other\n")
    other.unlink()
    ended = case.run("apply", "--yes", "other")
    assert ended.code == 6
    assert "belongs to profile 'case'" in ended.out
    tried(GROUP, "a folder that two profiles or machines keep")
