"""Remembers which troubles of profiles somebody was told of, and when a message went to an address."""

import json
from pathlib import Path

from synctool.core.attention import Cause, Memory, Noted, Trouble
from synctool.store.notebook import Notebook

FILE = "_notices.db"
"""In the state's folder; no profile can be called so."""


class Told(Notebook):
    """What one state knows of that."""

    hint = "it only remembers what was told: remove it, and what lasts is told once more"
    schema = """
    CREATE TABLE IF NOT EXISTS noted (
        profile TEXT, key TEXT, cause TEXT NOT NULL, text TEXT NOT NULL, since_ns INTEGER NOT NULL, told_ns INTEGER,
        PRIMARY KEY (profile, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS messages (address TEXT PRIMARY KEY, at_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """

    def __init__(self, state: Path) -> None:
        super().__init__(state / FILE)

    def memory(self, profile: str) -> dict[str, Noted]:
        """What is remembered of a profile's troubles."""
        asked = "SELECT key, cause, text, since_ns, told_ns FROM noted WHERE profile = ?"
        with self._reading() as rows:
            found = rows.execute(asked, (profile,)).fetchall()
        return {
            key: Noted(Trouble(Cause(cause), key, *json.loads(text)), since_ns, told_ns)
            for key, cause, text, since_ns, told_ns in found
        }

    def remember(self, profile: str, memory: Memory) -> None:
        """Put this in place of what was remembered of a profile."""
        with self._writing() as rows:
            rows.execute("DELETE FROM noted WHERE profile = ?", (profile,))
            rows.executemany(
                "INSERT INTO noted VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (profile, key, each.trouble.cause.value, json.dumps(each.trouble[2:]), *each[1:])
                    for key, each in memory.items()
                ],
            )

    def last(self, address: str) -> int | None:
        """When a message last went to an address, as nanoseconds since the epoch."""
        with self._reading() as rows:
            row = rows.execute("SELECT at_ns FROM messages WHERE address = ?", (address,)).fetchone()
        return row[0] if row else None

    def sent(self, address: str, at_ns: int) -> None:
        """A message went to an address."""
        with self._writing() as rows:
            rows.execute("INSERT OR REPLACE INTO messages VALUES (?, ?)", (address, at_ns))
