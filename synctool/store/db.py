"""Opens a profile's database: in the right place, at the right version, whole."""

import contextlib
import secrets
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from synctool.errors import StateError

VERSION = 2
NETWORK = frozenset(("cifs", "smb3", "smbfs", "nfs", "nfs4", "9p", "fuse.sshfs", "davfs"))
MEMORY = ":memory:"
MOUNTS = Path("/proc/mounts")
REBUILD = "move it away and run again: what is equal is adopted, nothing is deleted"


def open_database(path: Path) -> sqlite3.Connection:
    """The database of one profile, made when it is not there.

    Raises StateError when it is damaged, newer than this program, locked, or on a network drive.
    """
    if str(path) != MEMORY:
        path.parent.mkdir(parents=True, exist_ok=True)
    if str(path) != MEMORY and _on_network(path.parent):
        raise StateError(
            f"{path.parent} is on a network drive, where a database is not safe",
            hint="give --state a local folder",
        )
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        return _prepared(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StateError(f"{path} cannot be used: {error}", hint=REBUILD) from error
    except StateError:
        connection.close()
        raise


def _prepared(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA temp_store = MEMORY")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StateError(f"{path} was written by a newer synctool", hint="update synctool on this machine")
    if version == 0:
        with transaction(connection):
            for statement in _statements((files("synctool.store") / "schema.sql").read_text("utf-8")):
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('state', ?)", (secrets.token_hex(8),))
            connection.execute(f"PRAGMA user_version = {VERSION}")
    for number in range(version + 1, VERSION + 1) if version else ():
        with transaction(connection):
            for statement in _statements(
                (files("synctool.store") / f"migrations/{number}.sql").read_text("utf-8")
            ):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
    (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        raise StateError(f"{path} is damaged: {sound}", hint=REBUILD)
    return connection


def _statements(script: str) -> Iterator[str]:
    lines = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    return (statement for statement in lines.split(";") if statement.strip())


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it
            connection.execute("ROLLBACK")
        raise


def _on_network(folder: Path) -> bool:
    """Whether a folder lies on a network drive, as far as the system tells."""
    if str(folder.resolve()).startswith("\\\\"):
        return True
    if not MOUNTS.exists():
        return False
    folder = folder.resolve()
    best, kind = -1, ""
    for line in MOUNTS.read_text("utf-8", "replace").splitlines():
        _, point, found, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if folder.is_relative_to(point) and len(point) > best:
            best, kind = len(point), found
    return kind in NETWORK
