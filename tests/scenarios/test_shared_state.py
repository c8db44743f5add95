"""A state in a bucket that several machines share: borrowed under a lease, given back, and never written by two."""

import io
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from uuid import uuid4

import pytest

from synctool.store.packing import MAGIC, sealed
from tests.entry.conftest import firm  # noqa: F401 - the fixture
from tests.entry.test_watch_command import started
from tests.entry.watched import QUICK, until
from tests.reliability.state_case import ROOT, STOPS, documents, reached, waked
from tests.scenarios.office import PLAIN

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals that stop a process")
BRIEFLY = "from synctool.store import lending; lending.LIFE, lending.GRACE = 1.5, 0.5\n"


@pytest.fixture
def case(firm, weed, s3_client, monkeypatch, tmp_path):  # noqa: F811 - the fixture
    firm.prefix = f"states/{uuid4()}"
    firm.client = s3_client
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret_key)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", weed.endpoint)
    monkeypatch.setenv("SYNCTOOL_STATE", f"s3://{PLAIN}/{firm.prefix}")
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(desk))
    monkeypatch.setenv("TMPDIR", str(desk))
    firm.profile("case", "watch: {settle_seconds: 0}\n")
    for n in range(5):
        firm.write(f"case/left/{n}.txt", f"document {n}")
    return firm


def key(case, end="state"):
    return f"{case.prefix}/case.{end}"


def stored(case, end="state"):
    return case.client.get_object(Bucket=PLAIN, Key=key(case, end))["Body"].read()


def elsewhere(monkeypatch, tmp_path, name="other"):
    """From now on, commands run on another machine."""
    (tmp_path / name).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / name))


def begun(case, moment, number, sign):
    words = (sys.executable, "-c", BRIEFLY + STOPS, case.folder, moment, str(number), sign, "apply", "--yes")
    process = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )
    reached(process)
    return process


def both_hold_all(case):
    return documents(case.folder / "case/right") == documents(case.folder / "case/left")


def test_every_command_works_on_a_shared_state_from_any_machine(case, monkeypatch, tmp_path):
    assert case.run("apply", "--yes").code == 0
    assert stored(case).startswith(MAGIC)
    assert not (case.folder / "state").exists()
    elsewhere(monkeypatch, tmp_path)
    assert case.run("plan", "--exit-code").code == 0
    case.write("case/left/0.txt", "edited")
    assert case.run("apply", "--yes").code == 0
    assert both_hold_all(case)
    for words in (("status",), ("log", "case"), ("explain", "case", "0.txt"), ("conflicts",), ("doctor",)):
        ran = case.run(*words)
        assert (ran.code, ran.err) == (0, ""), (words, ran)
    assert "the chain holds" in case.run("audit", "verify").out
    assert "0.txt" in case.run("audit", "export", "case").out
    assert case.run("undo", "case", "--yes").code == 0
    assert case.read("case/right/0.txt") == "document 0"


def test_a_second_machine_is_told_who_holds_the_profile(case, monkeypatch, tmp_path):
    first = begun(case, "after write", 2, "SIGSTOP")
    try:
        elsewhere(monkeypatch, tmp_path)
        ran = case.run("apply", "--yes")
        assert ran.code == 8
        who = rf"synctool: another run holds this profile: \w+@\S+ \(process {first.pid}\), since \d{{4}}-\S+; .*\n"
        assert re.fullmatch(who, ran.err), ran.err
        assert case.run("plan").code == 0
        assert f"process {first.pid}" in case.run("doctor").out
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()


def taken_over(case, monkeypatch, tmp_path):
    """Another machine's run, as soon as it may begin."""
    elsewhere(monkeypatch, tmp_path)
    for _ in range(60):
        ran = case.run("apply", "--yes")
        if ran.code != 8:
            return ran
        subprocess.run(["sleep", "0.2"], check=True)
    return ran


def records(case):
    return case.run("log", "case").out


@pytest.mark.slow
def test_what_a_killed_run_did_is_on_record_and_another_machine_goes_on(case, monkeypatch, tmp_path):
    first = begun(case, "after write", 3, "SIGKILL")
    first.communicate()
    ran = taken_over(case, monkeypatch, tmp_path)
    assert ran.code == 0, ran
    assert both_hold_all(case)
    assert "the chain holds" in case.run("audit", "verify").out
    assert records(case).count("the run was cut off") == 5
    assert case.run("plan", "--exit-code").code == 0


@pytest.mark.slow
def test_a_stopped_run_that_was_taken_over_writes_nothing_more(case, monkeypatch, tmp_path):
    first = begun(case, "before write", 3, "SIGSTOP")
    assert taken_over(case, monkeypatch, tmp_path).code == 0
    after = stored(case)
    code, _, err = waked(first)
    assert code == 8, err
    assert "lost the profile's lease" in err
    assert stored(case) == after
    assert both_hold_all(case)
    assert case.run("plan", "--exit-code").code == 0


def test_a_torn_object_is_told_and_rebuilt_beside_itself(case):
    assert case.run("apply", "--yes").code == 0
    case.client.put_object(Bucket=PLAIN, Key=key(case), Body=stored(case)[:-20])
    for words in (("apply", "--yes"), ("plan",), ("status",)):
        ran = case.run(*words)
        assert ran.code == 7, (words, ran)
        assert re.fullmatch(r"synctool: s3://\S+/case\.state is torn, or no state of synctool; .*\n", ran.err)
    ran = case.run("doctor", "case", "--rebuild")
    assert ran.code == 0, ran
    assert case.run("apply", "--yes").code == 0
    kept = case.client.list_objects_v2(Bucket=PLAIN, Prefix=f"{case.prefix}/case.state.")["Contents"]
    assert len(kept) == 1
    assert kept[0]["Key"].endswith(".aside")


def lay(case, version, script=""):
    """Lay down a state of another version."""
    file = case.folder / "old.db"
    with tarfile.open(fileobj=io.BytesIO(stored(case).partition(b"\n")[2])) as tar:
        files = {end: tar.extractfile(f"state{end}").read() for end in (".db", ".audit.jsonl")}
    if not script:
        file.write_bytes(files[".db"])
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("PRAGMA journal_mode = DELETE")
    case.client.put_object(Bucket=PLAIN, Key=key(case), Body=sealed({**files, ".db": file.read_bytes()}))


def test_a_newer_state_is_refused(case):
    assert case.run("apply", "--yes").code == 0
    lay(case, 99)
    ran = case.run("apply", "--yes")
    assert ran.code == 7
    assert "newer synctool" in ran.err


def test_an_older_state_is_migrated_only_when_that_is_asked_and_a_copy_stays(case):
    assert case.run("apply", "--yes").code == 0
    assert "nothing to migrate" in case.run("doctor", "case", "--migrate").out
    lay(case, 1, (ROOT / "tests/unit/states/1.sql").read_text())
    before = stored(case)
    ran = case.run("apply", "--yes")
    assert (ran.code, ran.out) == (7, "")
    assert (
        "older synctool; when every machine that shares it is updated, synctool doctor --migrate" in ran.err
    )
    assert stored(case) == before
    ran = case.run("doctor", "case", "--migrate")
    assert ran.code == 0, ran
    aside = re.search(r"kept as case\.(state\.\S+\.aside)", ran.out)[1]
    assert stored(case, aside) == before
    assert "nothing to migrate" in case.run("doctor", "case", "--migrate").out
    assert "a copy of the former one is case.state." in case.run("audit", "verify").out


def test_no_connection_to_the_state_ends_in_one_line(case, monkeypatch):
    monkeypatch.setattr("synctool.engine.shelf.ATTEMPTS", 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    ran = case.run("apply", "--yes")
    assert ran.code == 5
    assert re.fullmatch(r"synctool: state: case\.\w+: no complete answer from .*\n", ran.err), ran.err
    assert list((case.folder / "case/right").iterdir()) == []


def test_two_machines_may_watch_and_both_end_in_good_order(case, monkeypatch, tmp_path):
    (case.folder / "profiles/case.yaml").rename(case.folder / "profiles/_case.yaml")
    case.write("profiles/quick.yaml", "version: 1\nextends: _case.yaml\nname: case\n" + QUICK)
    with started(case) as first:
        until(lambda: both_hold_all(case))
        elsewhere(monkeypatch, tmp_path)
        monkeypatch.setenv("TMPDIR", str(tmp_path / "other"))
        with started(case) as second:
            for n, side in enumerate(("right", "left")):
                case.write(f"case/{side}/{n}.txt", "edited")
            until(lambda: both_hold_all(case))
            for process in (first, second):
                process.send_signal(signal.SIGTERM)
            said = [process.communicate(timeout=60)[1] for process in (first, second)]
    assert ([first.returncode, second.returncode], said) == ([0, 0], ["", ""])
    assert {case.read(f"case/{side}/{n}.txt") for side in ("left", "right") for n in (0, 1)} == {"edited"}
    ran = case.run("plan", "--exit-code")
    assert (ran.code, ran.err) == (0, "")
    assert stored(case).startswith(MAGIC)
    assert not (case.folder / "state").exists()


def test_another_machine_knows_the_projects_of_a_template(case, monkeypatch, tmp_path):
    (case.folder / "profiles/case.yaml").unlink()
    sides = [
        f"  {side}: {{kind: drive, root: '{case.folder}/{side}-{{project}}'}}" for side in ("left", "right")
    ]
    case.write("profiles/any.yaml", "\n".join(["version: 1", "project: '*'", QUICK + "sides:", *sides, ""]))
    case.write("left-4711/a.txt", "a")
    (case.folder / "right-4711").mkdir()
    assert case.run("apply", "any-4711", "--yes").code == 0
    elsewhere(monkeypatch, tmp_path)
    assert case.run("status").out.startswith("any-4711")
    with started(case):
        case.write("left-4711/b.txt", "b")
        until((case.folder / "right-4711/b.txt").exists)


def test_without_the_shelf_templates_are_watched_all_the_same_and_that_is_said(case, monkeypatch, caplog):
    sides = "sides: {left: {kind: drive, root: 'l-{project}'}, right: {kind: drive, root: 'r-{project}'}}\n"
    case.write("profiles/any.yaml", f"version: 1\nproject: '*'\n{sides}")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setattr("synctool.engine.shelf.ATTEMPTS", 1)
    case.run("status")
    assert "which projects of templates have a state is not known: state:" in caplog.text
