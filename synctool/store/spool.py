"""Keeps the events that Filevine told until a round has followed them, and remembers which deliveries came already."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path

from synctool.core.events import Event
from synctool.store.notebook import Notebook

FILE = "_hints.db"
"""In the state's folder; no profile can be called so."""

MEMORY_NS = 48 * 3600 * 10**9
"""For how long a delivery is known again."""


class Spool(Notebook):
    """The events of one state.

    The same one told again waits once, under its newest number, so that what was taken before is not mistaken for it.
    """

    hint = "it only quickens what the next full look finds: make room or remove it, and run again"
    schema = """
    CREATE TABLE IF NOT EXISTS events (
        number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL UNIQUE, at_ns INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, at_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS seen_at ON seen (at_ns);
    """

    def __init__(self, state: Path) -> None:
        super().__init__(state / FILE)

    def put(self, events: Iterable[Event], key: str = "", now_ns: int = 0) -> None:
        """Keep events until they are done; key: the delivery they came in, known from now on. All of it or nothing."""
        said = [(json.dumps(event[:-1]), event.at_ns) for event in events]
        with self._writing() as rows:
            rows.executemany("INSERT OR REPLACE INTO events (event, at_ns) VALUES (?, ?)", said)
            if key:
                rows.execute("DELETE FROM seen WHERE at_ns < ?", (now_ns - MEMORY_NS,))
                rows.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (key, now_ns))

    def seen(self, key: str, now_ns: int) -> bool:
        """Whether a delivery of this key was put in the last 48 hours."""
        asked = "SELECT 1 FROM seen WHERE key = ? AND at_ns >= ?"
        with self._reading() as rows:
            return rows.execute(asked, (key, now_ns - MEMORY_NS)).fetchone() is not None

    def waiting(self) -> list[tuple[int, Event]]:
        """Every event that is not done, in the order in which they came, each with its number."""
        with self._reading() as rows:
            found = rows.execute("SELECT number, event, at_ns FROM events ORDER BY number").fetchall()
        return [(number, Event._make([*json.loads(event), at_ns])) for number, event, at_ns in found]

    def done(self, numbers: Collection[int]) -> None:
        """Forget events that a round has followed."""
        with self._writing() as rows:
            rows.executemany("DELETE FROM events WHERE number = ?", [(number,) for number in numbers])
