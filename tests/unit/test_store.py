"""The state is in the right place, whole, of this version, and one run's at a time; its record cannot be changed unseen."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from synctool.errors import Busy, StateError
from synctool.store import db
from synctool.store import mounts as mounted
from synctool.store.audit import Audit, verify
from synctool.store.db import left, open_database, transaction
from synctool.store.lease import held, whoami


def test_a_database_that_is_none_is_said_to_be_unusable_and_left_alone(tmp_path):
    path = tmp_path / "case.db"
    path.write_bytes(b"not a database, but somebody's notes" * 100)
    with pytest.raises(StateError, match="is no database; synctool doctor --rebuild") as told:
        open_database(path)
    assert told.value.exit_code == 7
    assert path.read_bytes().startswith(b"not a database")


def broken(path):
    """Damage a database where nothing is read when it is opened."""
    with closing(open_database(path)) as connection:
        with transaction(connection):
            connection.executemany(
                "INSERT INTO meta VALUES (?, ?)", [(f"k{n}", "v" * 500) for n in range(200)]
            )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    left(path)
    whole, status = bytearray(path.read_bytes()), path.stat()
    whole[len(whole) // 2 : len(whole) // 2 + 4096] = b"\xff" * 4096
    path.write_bytes(whole)
    return status


def test_a_damaged_database_is_said_to_be_damaged(tmp_path):
    broken(tmp_path / "case.db")
    with pytest.raises(StateError, match="is damaged"):
        open_database(tmp_path / "case.db")


def test_only_what_is_as_this_process_left_it_is_not_checked_again(tmp_path):
    path = tmp_path / "case.db"
    status = broken(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    open_database(path).close()
    path.touch()
    with pytest.raises(StateError, match="is damaged"):
        open_database(path)


def test_a_state_of_every_older_version_is_brought_up_to_date_and_keeps_what_it_knew(tmp_path):
    whole = columns(open_database(tmp_path / "new.db"))
    for script in Path(__file__).with_name("states").glob("*.sql"):
        path = tmp_path / f"{script.stem}.db"
        with sqlite3.connect(path) as old:
            old.executescript(script.read_text("utf-8"))
            old.execute("INSERT INTO meta VALUES ('state', 'known')")
            old.execute(f"PRAGMA user_version = {script.stem}")
        connection = open_database(path)
        assert columns(connection) == whole
        assert connection.execute("PRAGMA user_version").fetchone() == (db.VERSION,)
        assert connection.execute("SELECT value FROM meta WHERE key = 'state'").fetchone() == ("known",)


def columns(connection):
    tables = connection.execute(
        "SELECT name, type FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return {name: [*connection.execute(f"PRAGMA table_info({name})")] for name, _ in tables}


def test_a_database_of_a_newer_program_is_refused(tmp_path):
    path = tmp_path / "case.db"
    connection = open_database(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StateError, match="newer synctool; update synctool"):
        open_database(path)


def test_a_transaction_is_done_whole_or_not_at_all(tmp_path):
    connection = open_database(tmp_path / "case.db")
    twice = [("a", "1"), ("a", "2")]
    with pytest.raises(sqlite3.IntegrityError), transaction(connection):
        connection.executemany("INSERT INTO meta VALUES (?, ?)", twice)
    assert connection.execute("SELECT * FROM meta WHERE key = 'a'").fetchall() == []
    connection.close()


@pytest.mark.parametrize(("kind", "refused"), [("cifs", True), ("nfs4", True), ("ext4", False)])
def test_a_state_on_a_network_drive_is_refused(tmp_path, monkeypatch, kind, refused):
    mounts = tmp_path / "mounts"
    share = tmp_path / "the share"
    mounts.write_text(
        f"disk / ext4 rw 0 0\nserver {str(share).replace(' ', chr(92) + '040')} {kind} rw 0 0\n"
    )
    monkeypatch.setattr(mounted, "MOUNTS", mounts)
    if refused:
        with pytest.raises(StateError, match="network drive"):
            open_database(share / "case.db")
    else:
        open_database(share / "case.db").close()


def test_where_the_system_tells_no_mounts_a_state_is_believed_to_be_local(tmp_path, monkeypatch):
    monkeypatch.setattr(mounted, "MOUNTS", tmp_path / "nowhere")
    open_database(tmp_path / "case.db").close()


HOLD = """
import sys, time
from pathlib import Path
from synctool.store.lease import held
with held(Path(sys.argv[1]), "J. Deer", "2026-11-22T12:00:00+00:00"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_told_who_holds_the_profile_and_a_dead_holder_holds_nothing(tmp_path):
    path = tmp_path / "case.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    with (
        pytest.raises(Busy, match=r"J\. Deer, since 2026-11-22T12:00:00") as told,
        held(path, whoami(), "now"),
    ):
        pass
    assert told.value.exit_code == 8
    holder.kill()
    holder.communicate()
    with held(path, whoami(), "now"):
        path.write_text("somebody scribbled here")
        with pytest.raises(Busy, match="does not say who"), held(path, whoami(), "now"):
            pass


def test_the_record_is_a_chain_that_shows_every_change(tmp_path):
    path = tmp_path / "case.audit.jsonl"
    for n in range(3):
        audit = Audit(path)
        audit.record({"action": "write", "n": n})
        audit.sync()
    assert verify(path) == 3
    lines = path.read_text().splitlines()
    changed = json.loads(lines[1]) | {"action": "remove"}
    for forged in ([lines[0], json.dumps(changed), lines[2]], [lines[0], lines[2]], lines[1:]):
        path.write_text("\n".join(forged) + "\n")
        with pytest.raises(ValueError, match="does not fit the chain"):
            verify(path)


def test_a_line_torn_by_a_power_cut_is_cut_off_and_the_chain_goes_on(tmp_path):
    path = tmp_path / "case.audit.jsonl"
    Audit(path).record({"action": "write", "name": "x" * 100_000})
    with path.open("ab") as file:
        file.write(b'{"seq": 2, "act')
    Audit(path).record({"action": "move"})
    assert verify(path) == 2


def test_an_empty_record_begins_the_chain(tmp_path):
    path = tmp_path / "case.audit.jsonl"
    path.write_bytes(b'{"torn')
    Audit(path).record({"action": "write"})
    assert verify(path) == 1


def test_a_transaction_whose_commit_fails_is_over(tmp_path):
    connection = open_database(tmp_path / "case.db")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("CREATE TABLE a (n INTEGER PRIMARY KEY)")
    connection.execute("CREATE TABLE b (n INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED)")
    for _ in range(2):
        with pytest.raises(sqlite3.IntegrityError), transaction(connection):
            connection.execute("INSERT INTO b VALUES (1)")
        assert not connection.in_transaction
    connection.close()


def test_a_failure_that_ends_its_transaction_is_told_as_it_is(tmp_path):
    connection = open_database(tmp_path / "case.db")
    with pytest.raises(sqlite3.IntegrityError), transaction(connection):
        connection.execute("INSERT OR ROLLBACK INTO meta SELECT * FROM meta")
    connection.close()
