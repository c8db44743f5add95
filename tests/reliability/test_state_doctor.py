"""The doctor says in plain lines what is well and what is not, and begins a new state without losing anything."""

import csv
import hashlib
import io
import json
import os
import re
import stat

import pytest

from synctool.core.model import TRASH
from synctool.store.audit import verify
from synctool.store.ledger import Ledger
from tests.entry.conftest import firm  # noqa: F401 - the fixture
from tests.reliability.state_case import documents, log
from tests.reliability.tally import tried

GROUP = "state"


@pytest.fixture
def case(firm):  # noqa: F811 - the fixture
    """A profile of two drives that has run once."""
    firm.profile("case", "watch: {settle_seconds: 0}\nconflicts: [{match: '**', policy: hold}]\n")
    for n in range(12):
        firm.write(f"case/left/Letters/{n}.txt", f"document {n}")
    assert firm.run("apply", "--yes").code == 0
    firm.left, firm.right = (firm.folder / "case" / side / "Letters" for side in ("left", "right"))
    firm.state = firm.folder / "state"
    return firm


def test_a_healthy_profile_is_said_to_be_well_and_nothing_is_changed(case):
    before = {p: p.read_bytes() for p in case.folder.rglob("*") if p.is_file()}
    ended = case.run("doctor")
    assert ended.code == 0, ended
    assert {p: p.read_bytes() for p in case.folder.rglob("*") if p.is_file()} == before
    for said in (
        r"^\+ lock +free$",
        r"^\+ audit +13 records, 20\S+ to 20\S+; the chain holds, its head is [0-9a-f]{64}$",
        r"^\+ state +whole, version \d, \d+\.\d MB, last run 1; agreed 20",
        r"^\+ left +answers; its marker is ours; 0 in trash$",
        r"^. right +[\d.,]+ GB free",
    ):
        assert re.search(said, ended.out, re.MULTILINE), (said, ended.out)


def test_what_is_wrong_is_told_with_its_exit_code(case):
    (case.folder / "case/right").rename(case.folder / "away")
    (case.state / "crash-1.txt").write_text("")
    (case.state / "case.db").chmod(0o644)
    case.write("case/left/Letters/new.txt", "new")
    assert case.run("apply", "--yes").code == 5
    (case.state / "case.audit.jsonl").chmod(0o644)
    with Ledger(case.state / "case.db") as ledger:
        ledger._db.execute("UPDATE runs SET ended_ns = NULL")
        ledger._db.execute("DELETE FROM journal WHERE state = 'done' AND path LIKE '%/3.txt'")
    ended = case.run("doctor")
    assert ended.code == 5, ended
    for said in ("is not there; is the drive connected?", "crash-1.txt", "a run was cut off", "/3.txt"):
        assert said in ended.out, (said, ended.out)
    assert os.name == "nt" or "others may read case.audit.jsonl" in ended.out
    (case.state / "case.db").write_bytes(b"")
    ended = case.run("doctor")
    assert ended.code == 7
    assert "no state of synctool, or an emptied one; synctool doctor --rebuild" in ended.out
    tried(GROUP, "a doctor asked about what is wrong")


def test_a_profile_that_never_ran_and_a_place_that_is_not_ours_are_said_to_be(case):
    assert "none yet: the first apply makes it" in case.run("--state", "other", "doctor").out
    assert not list((case.folder / "other").glob("[!_]*.db"))
    (case.folder / "case/right/.synctool/marker.json").write_text('{"profile": "theirs", "side": "right"}')
    assert "! right     answers; belongs to profile 'theirs'" in case.run("doctor").out
    assert case.run("--state", "other", "audit", "export", "case").code == 2
    assert case.run("--state", "other", "doctor", "case", "--rebuild").code == 2
    assert case.run("doctor", "--rebuild").code == 2


def ruined(state):
    state.write_bytes(b"ruined" * 1000)


def older(state):
    state.write_bytes(state.with_name("backup").read_bytes())


@pytest.mark.parametrize("ruin", [ruined, older])
def test_a_new_state_adopts_keeps_both_of_what_differs_deletes_nothing_and_goes_past_no_brake(case, ruin):
    state = case.state / "case.db"
    (case.state / "backup").write_bytes(state.read_bytes())
    for n in range(3):
        (case.left / f"{n}.txt").unlink()
    (code,) = set(re.findall(r"--accept (\w+)", case.run("plan").out)) or {""}
    assert case.run("apply", "--yes", *(["--accept", code] * bool(code))).code == 0
    ruin(state)
    case.write("case/left/Letters/5.txt", "edited")
    told = case.run("apply", "--yes")
    assert told.code == 7
    assert "doctor --rebuild" in told.err
    held = state.read_bytes()
    before = documents(case.left), documents(case.right)
    ended = case.run("doctor", "case", "--rebuild")
    assert ended.code == 0, ended
    (aside,) = case.state.glob("case.db.*.aside")
    assert aside.read_bytes() == held
    assert aside.name in ended.out
    assert (documents(case.left), documents(case.right)) == before
    planned = case.run("plan")
    assert (planned.code, "remove" in planned.out) == (0, False)
    assert case.run("apply", "--yes").code == 4  # 5.txt differs, and this profile holds conflicts
    assert {*before[0].values(), *before[1].values()} <= {
        *documents(case.left).values(),
        *documents(case.right).values(),
    }
    assert "1.txt" in case.run("log", "case", "Letters/1.txt").out
    assert "rebuild" in {r["action"] for r in log(case.folder)}
    assert "a new state was begun, the former one is case.db." in case.run("audit", "verify").out
    assert verify(case.state / "case.audit.jsonl") == len(log(case.folder))
    with Ledger(state) as ledger:
        assert (code in ledger.disputes.spent()) == bool(code)
    tried(GROUP, f"a new state after one that was {ruin.__name__}")


def test_the_manifest_names_every_document_its_bytes_and_who_brought_it(case):
    case.write("case/left/Letters/=cmd.txt", "not a formula")
    (case.left / "11.txt").unlink()
    assert case.run("apply", "--yes").code == 0
    found = json.loads(case.run("audit", "export", "case", "--format", "json").out)
    assert found["format"] == "synctool.manifest/1"
    assert found["audit"] == {"records": len(log(case.folder)), "head": log(case.folder)[-1]["hash"]}
    listed = {d["path"]: d for d in found["documents"]}
    assert set(listed) == {f"Letters/{name}" for name in documents(case.left)}
    for path, document in listed.items():
        data = (case.folder / "case/left" / path).read_bytes()
        assert (document["sha256"], document["size"]) == (hashlib.sha256(data).hexdigest(), len(data))
        assert document["sides"] == ["left", "right"]
        assert document["synced"].startswith("20")
        assert f"process {os.getpid()}" in document["synced_by"]
    assert case.run("audit", "export", "case", "--out", "list.csv").code == 0
    rows = list(csv.reader(io.StringIO(case.read("list.csv"))))
    assert rows[4][:3] == ["path", "bytes", "sha256"]
    assert {row[0].removeprefix("/") for row in rows[5:]} == set(listed)
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]
    assert os.name == "nt" or stat.S_IMODE((case.folder / "list.csv").stat().st_mode) == 0o600
    assert case.run("audit", "export", "case", "--out", "nowhere/list.csv").code == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in access lists that a folder hands down")
@pytest.mark.parametrize(("umask", "mode"), [(0o000, 0o700), (0o022, 0o770), (0o077, 0o2775)])
def test_a_document_on_the_drive_may_be_read_by_whom_its_folder_lets_in_whatever_the_umask(case, umask, mode):
    root = case.folder / "case/right"
    for folder in (root, root / "Letters", root / ".synctool"):
        folder.chmod(mode)
    case.write("case/left/Letters/new.txt", "new")
    case.write("case/left/Motions/new.txt", "new")
    case.write("case/left/Letters/1.txt", "edited")
    (case.right / "1.txt").chmod(0o640)
    before = os.umask(umask)
    try:
        assert case.run("apply", "--yes").code == 0
    finally:
        os.umask(before)

    def found(path):
        return oct(stat.S_IMODE((root / path).stat().st_mode))

    assert found("Letters/new.txt") == found("Motions/new.txt") == oct(mode & 0o666)
    assert found("Motions") == oct(mode)
    assert found("Letters/1.txt") == oct(0o640)
    assert {oct(stat.S_IMODE(p.stat().st_mode)) for p in (root / TRASH).rglob("*") if p.is_dir()} == {
        oct(mode)
    }
    assert {found(p) for p in (root / TRASH).rglob("*.txt")} == {oct(0o640)}
    tried(GROUP, "a document on the drive under a umask that does not fit")
