"""Opens a profile's database: in the right place, at the right version, whole."""

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from synctool.errors import StateError
from synctool.store import private
from synctool.store.mounts import on_network

VERSION = 3
MEMORY = ":memory:"
PATIENCE = 10.0  # seconds to wait for another program that writes
REBUILD = "synctool doctor --rebuild puts it aside and begins a new one: what is equal is adopted, nothing is deleted"
NEW = ".new"

Sign = tuple[tuple[int, int, int], ...]
_LEFT: dict[Path, Sign] = {}

_CODES = {
    sqlite3.SQLITE_BUSY: ("is locked by another program", "close what holds it open, then run again"),
    sqlite3.SQLITE_LOCKED: ("is locked by another program", "close what holds it open, then run again"),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "make room, then run again: it goes on from there"),
    sqlite3.SQLITE_READONLY: ("cannot be written", "let this user write to it and to its folder"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "let this user read and write it and its folder"),
    sqlite3.SQLITE_PERM: ("cannot be opened", "let this user read and write it and its folder"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: the disk fails", "check the disk and its room, then run again"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", REBUILD),
    sqlite3.SQLITE_NOTADB: ("is no database", REBUILD),
    sqlite3.SQLITE_ERROR: ("is no state of synctool", REBUILD),
}  # fmt: skip


def open_database(path: Path) -> sqlite3.Connection:
    """The database of one profile, made when it is not there.

    Raises StateError when it is damaged, newer than this program, locked, no file of its own, or on a network drive.
    """
    if str(path) == MEMORY:
        return _set_up(_connected(path))
    private.folder(path.parent)
    if on_network(path.parent):
        raise StateError(
            f"{path.parent} is on a network drive, where a database is not safe",
            hint="give --state a local folder",
        )
    with border(path):
        if not os.path.lexists(path):
            _make(path)
        private.check(path)
        as_left = _LEFT.get(path) == sign(path)  # before SQLite lays its second file beside it
        connection = _connected(path)
        try:
            return _prepared(connection, path, checked=as_left)
        except BaseException:
            connection.close()
            raise


def left(path: Path) -> None:
    """Note how this process leaves a database, so that it need not check it again before somebody else has written it."""
    _LEFT[path] = sign(path)


def sign(path: Path) -> Sign:
    """What is another when a database was written; () where there is none."""
    return tuple(each for file in (path, path.with_name(f"{path.name}-wal")) for each in _stat(file))


def _stat(file: Path) -> Iterator[tuple[int, int, int]]:
    with contextlib.suppress(OSError):  # SQLite takes its second file away when nobody needs it
        status = file.stat()
        yield status.st_ino, status.st_mtime_ns, status.st_size


def last_decided_ns(path: Path) -> int:
    """When a person last decided something that no run has done yet, in ns since the epoch; 0 when nothing waits.

    Checks nothing else, so that it may be asked often. Raises StateError.
    """
    with border(path):
        uri = f"{path.absolute().as_uri()}?mode=rw"  # made by nobody who asks
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=0)) as connection:
            return int(connection.execute("SELECT coalesce(max(at_ns), 0) FROM rulings").fetchone()[0])


@contextlib.contextmanager
def border(path: Path) -> Iterator[None]:
    """Tell what is wrong with a database as StateError; what is a mistake of ours stays what it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if type(error) not in (sqlite3.DatabaseError, sqlite3.OperationalError):
            raise
        what, hint = _CODES.get(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF, ("", ""))
        raise StateError(f"{path} {what or f'cannot be used: {error}'}", hint=hint or REBUILD) from error


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=PATIENCE)


def _make(path: Path) -> None:
    """Make a new database under another name, and give it its own when it is whole: an empty file is never one of ours."""
    new = path.with_name(f"{path.name}-{secrets.token_hex(4)}{NEW}")
    with private.border(path):
        try:
            private.write(new, "")
            _set_up(_connected(new)).close()
            with contextlib.suppress(FileExistsError):  # another run was quicker
                new.rename(path) if os.name == "nt" else path.hardlink_to(new)
        finally:
            new.unlink(missing_ok=True)


def _set_up(connection: sqlite3.Connection) -> sqlite3.Connection:
    with contextlib.ExitStack() as undone:
        undone.callback(connection.close)
        with transaction(connection):
            for statement in _statements((files("synctool.store") / "schema.sql").read_text("utf-8")):
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('state', ?)", (secrets.token_hex(8),))
            connection.execute(f"PRAGMA user_version = {VERSION}")
        undone.pop_all()
    return connection


def _prepared(connection: sqlite3.Connection, path: Path, *, checked: bool) -> sqlite3.Connection:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StateError(f"{path} was written by a newer synctool", hint="update synctool on this machine")
    tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('meta', 'items', 'rows', 'runs', 'journal')"
    if not version or connection.execute(tables).fetchone() != (5,):
        raise StateError(f"{path} is no state of synctool, or an emptied one", hint=REBUILD)
    if not checked:
        (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if sound != "ok":
            raise StateError(f"{path} is damaged: {sound.splitlines()[-1]}", hint=REBUILD)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA temp_store = MEMORY")
    for number in range(version + 1, VERSION + 1):
        with transaction(connection):
            for statement in _statements(
                (files("synctool.store") / f"migrations/{number}.sql").read_text("utf-8")
            ):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
    return connection


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines():
        statement += f"{line}\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    yield statement


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk ends one by itself
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def lasting(connection: sqlite3.Connection) -> Iterator[None]:
    """Inside, a transaction survives a power cut, and all that were before it."""
    connection.execute("PRAGMA synchronous = FULL")
    try:
        yield
    finally:
        connection.execute("PRAGMA synchronous = NORMAL")
