"""Keeps, for all processes of a machine, until when the turns at each endpoint of a server are taken."""

from collections.abc import Callable

from synctool.store.notebook import Notebook


class Turns(Notebook):
    """A moment for every key, in seconds of a clock that all processes of the machine share; worth a minute."""

    hint = "it only remembers the requests of the last minute: remove it and run again"
    schema = "CREATE TABLE IF NOT EXISTS turns (key TEXT PRIMARY KEY, until REAL NOT NULL) STRICT"
    lasting = False
    patience = 30.0

    def change(self, key: str, change: Callable[[float], float]) -> float:
        """Put what change makes of a key's moment, 0 at first, in its place, between no two others; the new one."""
        with self._writing() as rows:
            row = rows.execute("SELECT until FROM turns WHERE key = ?", (key,)).fetchone()
            until = change(row[0] if row else 0.0)
            rows.execute("INSERT OR REPLACE INTO turns VALUES (?, ?)", (key, until))
        return until
