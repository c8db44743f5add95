"""Keeps the events that Filevine told until a round has followed them, and remembers which deliveries came already."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Self

from synctool.core.events import Event
from synctool.errors import StateError
from synctool.store import private
from synctool.store.db import transaction

FILE = "_hints.db"
"""In the state's folder; no profile can be called so."""

PATIENCE = 10.0  # seconds to wait for other processes, each of which takes milliseconds
MEMORY_NS = 48 * 3600 * 10**9
"""For how long a delivery is known again."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL UNIQUE, at_ns INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, at_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_at ON seen (at_ns);
"""


class Spool:
    """One file for all profiles and processes of a state, safe from several threads.

    What is put survives a power cut. The same event told again waits once, under its newest number, so that what was
    taken before is not mistaken for it. Every method raises StateError when the file cannot be used.
    """

    def __init__(self, state: Path) -> None:
        self._path = state / FILE
        self._lock = threading.Lock()
        private.folder(state)
        with private.opened(self._path, "ab"):
            pass
        with self._border(), contextlib.ExitStack() as undone:
            self._rows = sqlite3.connect(self._path, PATIENCE, isolation_level=None, check_same_thread=False)
            undone.callback(self._rows.close)
            self._rows.execute("PRAGMA journal_mode = WAL")
            self._rows.execute("PRAGMA synchronous = FULL")
            self._rows.executescript(_SCHEMA)
            undone.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()

    def put(self, events: Iterable[Event], key: str = "", now_ns: int = 0) -> None:
        """Keep events until they are done; key: the delivery they came in, known from now on. All of it or nothing."""
        rows = [(json.dumps(event[:-1]), event.at_ns) for event in events]
        with self._lock, self._border(), transaction(self._rows):
            self._rows.executemany("INSERT OR REPLACE INTO events (event, at_ns) VALUES (?, ?)", rows)
            if key:
                self._rows.execute("DELETE FROM seen WHERE at_ns < ?", (now_ns - MEMORY_NS,))
                self._rows.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (key, now_ns))

    def seen(self, key: str, now_ns: int) -> bool:
        """Whether a delivery of this key was put in the last 48 hours."""
        asked = "SELECT 1 FROM seen WHERE key = ? AND at_ns >= ?"
        with self._lock, self._border():
            return self._rows.execute(asked, (key, now_ns - MEMORY_NS)).fetchone() is not None

    def waiting(self) -> list[tuple[int, Event]]:
        """Every event that is not done, in the order in which they came, each with its number."""
        with self._lock, self._border():
            found = self._rows.execute("SELECT number, event, at_ns FROM events ORDER BY number").fetchall()
        return [(number, Event._make([*json.loads(event), at_ns])) for number, event, at_ns in found]

    def done(self, numbers: Collection[int]) -> None:
        """Forget events that a round has followed."""
        with self._lock, self._border(), transaction(self._rows):
            self._rows.executemany("DELETE FROM events WHERE number = ?", [(number,) for number in numbers])

    @contextlib.contextmanager
    def _border(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StateError(
                f"{self._path} cannot be used: {error}",
                hint="it only quickens what the next full look finds: make room or remove it, and run again",
            ) from error
