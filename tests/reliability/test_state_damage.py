"""A state that cannot be used ends every command with one line and exit code 7, and nothing is changed or deleted."""

import os
import re
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing

import pytest

from synctool.errors import StateError
from synctool.store import db, private
from synctool.store.db import open_database
from synctool.store.ledger import Ledger
from tests.entry.conftest import firm  # noqa: F401 - the fixture
from tests.reliability.tally import tried

GROUP = "state"


@pytest.fixture
def case(firm):  # noqa: F811 - the fixture
    """A profile of two drives that has run once, and has work to do."""
    firm.profile("case", "watch: {settle_seconds: 0}\n")
    for n in range(30):
        firm.write(f"case/left/{n}.txt", f"document {n}")
    assert firm.run("apply", "--yes").code == 0
    firm.write("case/left/new.txt", "new")
    firm.state = firm.folder / "state" / "case.db"
    return firm


def everything(folder):
    """Every file below a folder, but for the lock and what SQLite keeps beside a database that it opens."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".lock", ".db-shm", ".db-wal"}
    }


def zero_bytes(path):
    path.write_bytes(b"")


def no_database(path):
    path.write_bytes(b"minutes of the partners' meeting\n" * 200)


def torn_header(path):
    path.write_bytes(bytes(12) + path.read_bytes()[12:])


def cut_in_the_middle(path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def cut_within_a_page(path):
    path.write_bytes(path.read_bytes()[:-1000])


def flipped_page(path):
    whole = bytearray(path.read_bytes())
    whole[4096:8192] = bytes(255 - byte for byte in whole[4096:8192])
    path.write_bytes(whole)


def database_of_another_program(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")


def database_of_another_program_with_our_version(path):
    database_of_another_program(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {db.VERSION}")


def folder_in_its_place(path):
    path.unlink()
    path.mkdir()


def link_in_its_place(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def newer(path):
    with closing(sqlite3.connect(path)) as own:
        own.execute("PRAGMA user_version = 99")


DAMAGES = {
    zero_bytes: "no state of synctool",
    no_database: "is no database",
    torn_header: "is no database",
    cut_in_the_middle: "is damaged",
    cut_within_a_page: "is damaged",
    flipped_page: "is damaged",
    database_of_another_program: "no state of synctool",
    database_of_another_program_with_our_version: "no state of synctool",
    folder_in_its_place: "no file of its own",
    link_in_its_place: "no file of its own",
    newer: "newer synctool; update synctool",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_state_that_is_not_whole_is_one_line_and_nothing_is_touched(case, damage):
    with closing(sqlite3.connect(case.state)) as own:
        own.execute("PRAGMA journal_mode = DELETE")  # one whole file
    damage(case.state)
    before = everything(case.folder)
    for command in (("apply", "--yes"), ("plan",), ("status",), ("log", "case"), ("conflicts",)):
        ended = case.run(*command)
        assert ended.code == 7, (command, ended)
        assert re.fullmatch(r"synctool: \S+case\.db .*; .*\n", ended.err), ended.err
        assert DAMAGES[damage] in ended.err
        assert "Traceback" not in ended.err
    assert everything(case.folder) == before
    tried(GROUP, f"a state with {damage.__name__.replace('_', ' ')}")


def wal_of(case):
    """Another state's write-ahead log, as a copy that was made while that one was open."""
    other = case.folder / "other.db"
    with Ledger(other) as ledger:
        for n in range(50):
            ledger.put(f"key {n}", "x" * 500)
        return other.with_name("other.db-wal").read_bytes()


def test_a_write_ahead_log_of_another_state_is_never_taken_for_ours(case):
    case.state.with_name("case.db-wal").write_bytes(wal_of(case))
    ended = case.run("apply", "--yes")
    assert ended.code == 7, ended
    assert "synctool doctor --rebuild" in ended.err
    assert not (case.folder / "case/right/new.txt").exists()
    tried(GROUP, "a state with the log of another one")


@pytest.mark.parametrize("part", [0.0, 0.3, 0.7, 0.99])
def test_a_write_ahead_log_that_is_missing_or_torn_costs_what_it_held_and_no_document(case, part):
    copy = case.folder / "copy"
    with Ledger(case.state) as ledger:
        ledger.put("key", "x" * 9000)
        shutil.copytree(case.state.parent, copy)
    shutil.rmtree(case.state.parent)
    copy.rename(case.state.parent)
    wal = case.state.with_name("case.db-wal")
    assert wal.stat().st_size > 9000
    os.truncate(wal, int(wal.stat().st_size * part))
    ended = case.run("apply", "--yes")
    assert ended.code in {0, 7}, ended
    if ended.code == 0:
        assert (case.folder / "case/right/new.txt").read_text() == "new"
    tried(GROUP, "a state whose log was cut short")


def test_a_state_that_another_program_has_locked_is_said_to_be(case, monkeypatch):
    monkeypatch.setattr(db, "PATIENCE", 0.05)
    with closing(sqlite3.connect(case.state, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ended = case.run("apply", "--yes")
        assert ended.code == 7
        assert "case.db is locked by another program; close what holds it open" in ended.err
        assert case.run("plan").code == 0  # to look, nothing needs to be written
        other.execute("ROLLBACK")
    assert case.run("apply", "--yes").code == 0
    tried(GROUP, "a state that another program has locked")


def test_a_full_disk_stops_a_run_with_one_line_and_the_next_one_goes_on(case, monkeypatch):
    def full(path):
        connection = open_database(path)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    for n in range(200):
        case.write(f"case/left/{n} and more.txt", f"more {n}")
    with monkeypatch.context() as patch:
        patch.setattr("synctool.store.ledger.open_database", full)
        ended = case.run("apply", "--yes")
    assert ended.code == 7
    assert "case.db cannot grow: the disk is full; make room, then run again" in ended.err
    assert case.run("apply", "--yes").code == 0
    assert len(list((case.folder / "case/right").glob("*.txt"))) == 231
    assert case.run("plan", "--exit-code").code == 0
    tried(GROUP, "a disk that is full for the state")


def test_a_really_full_disk_is_one_line_too(case, lacking):
    small = case.folder / "small"
    small.mkdir()
    mounting = ("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small)
    if shutil.which("mount") is None or subprocess.run(mounting, check=False, capture_output=True).returncode:
        lacking("mount, and the right to use it")
    try:
        ended = case.run("--state", small, "apply", "--yes")
    finally:
        subprocess.run(("umount", small), check=True)
    assert ended.code == 7
    assert ended.err.count("\n") == 1
    assert "full" in ended.err or "no space left" in ended.err
    tried(GROUP, "a disk that is full for the state")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in access lists")
@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_a_state_that_may_not_be_read_or_written_is_said_to_be(case, mode):
    for folder in (case.folder, *case.folder.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(0o755)
    case.state.chmod(mode)
    case.state.parent.chmod(0o500)
    us = os.geteuid()
    for path in case.folder.rglob("*") if us == 0 else ():
        os.chown(path, 65534, -1)
    try:
        if us == 0:
            os.seteuid(65534)  # whom rights bind
        ended = case.run("apply", "--yes")
    finally:
        os.seteuid(us)
    assert ended.code == 7, ended
    assert re.fullmatch(r"synctool: \S+case\.db .*(cannot|denied).*; .*\n", ended.err), ended.err
    assert not (case.folder / "case/right/new.txt").exists()
    tried(GROUP, "a state that may not be read or written")


def test_a_state_folder_that_is_a_file_is_said_to_be_unusable(case):
    (case.folder / "notes").write_text("somebody's")
    ended = case.run("--state", "notes", "apply", "--yes")
    assert ended.code == 7
    assert ended.err.startswith("synctool: notes cannot be used: ")
    assert (case.folder / "notes").read_text() == "somebody's"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in access lists that a folder hands down")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_else_may_read_what_synctool_remembers_whatever_the_umask(case, umask):
    shutil.rmtree(case.state.parent)
    before = os.umask(umask)
    try:
        assert case.run("plan", "--out", "out.json").code == 0
        assert case.run("apply", "--yes").code == 0
        with Ledger(case.state):
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in case.state.parent.iterdir()}
    finally:
        os.umask(before)
    assert {"case.db", "case.db-wal", "case.db-shm", "case.lock", "case.audit.jsonl"} <= modes.keys()
    assert {name: oct(mode) for name, mode in modes.items() if mode & private.OTHERS} == {}
    assert stat.S_IMODE(case.state.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((case.folder / "out.json").stat().st_mode) == 0o600
    tried(GROUP, "a umask that would let others read the state")


@pytest.mark.skipif(os.name == "nt", reason="making links takes rights there")
@pytest.mark.parametrize("name", ["case.db", "case.lock", "case.audit.jsonl"])
def test_a_link_that_somebody_laid_in_the_state_is_not_followed(case, name):
    victim = case.folder / "victim"
    victim.write_bytes(b"")
    for file in case.state.parent.glob(f"{name}*"):
        file.unlink()
    (case.state.parent / name).symlink_to(victim)
    ended = case.run("apply", "--yes")
    assert ended.code == 7, ended
    assert name in ended.err
    assert victim.read_bytes() == b""
    tried(GROUP, "a link laid in the state's folder")


def test_a_file_that_others_could_read_is_theirs_no_more(tmp_path):
    path = tmp_path / "case.db"
    Ledger(path).close()
    path.chmod(0o666)
    Ledger(path).close()
    assert os.name == "nt" or stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_that_make_a_state_at_once_get_the_same_one(tmp_path, monkeypatch):
    path = tmp_path / "case.db"
    made = db._set_up

    def overtaken(connection):
        monkeypatch.setattr(db, "_set_up", made)
        Ledger(path).close()
        return made(connection)

    monkeypatch.setattr(db, "_set_up", overtaken)
    with Ledger(path) as late, Ledger(path) as early:
        assert late.get("state") == early.get("state")
    assert {file.name for file in tmp_path.iterdir()} == {"case.db"}


def test_a_mistake_of_ours_is_not_told_as_a_state_that_cannot_be_used(tmp_path):
    with pytest.raises(sqlite3.ProgrammingError), Ledger(tmp_path / "case.db") as ledger:
        ledger._db.execute("SELECT ?", ())


def test_what_the_database_refuses_in_the_middle_of_a_run_is_told(tmp_path):
    ledger = Ledger(tmp_path / "case.db")
    ledger._db.execute("DROP TABLE meta")
    with pytest.raises(StateError, match="no state of synctool"), ledger:
        ledger.get("state")
