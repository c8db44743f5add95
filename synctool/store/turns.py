"""Keeps, for all processes of a machine, until when the turns at each endpoint of a server are taken."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from synctool.errors import StateError
from synctool.store import private
from synctool.store.db import transaction

PATIENCE = 30.0  # seconds to wait for other processes, each of which takes less than a millisecond


class Turns:
    """A moment for every key, in seconds of a clock that all processes of the machine share; safe from several threads.

    It is worth a minute and need not survive a power cut. Raises StateError when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        private.folder(path.parent)
        with private.opened(path, "ab"):
            pass
        self._rows = sqlite3.connect(path, PATIENCE, isolation_level=None, check_same_thread=False)
        with self._border(), contextlib.ExitStack() as undone:
            undone.callback(self._rows.close)
            self._rows.execute("PRAGMA journal_mode = WAL")
            self._rows.execute("PRAGMA synchronous = OFF")
            self._rows.execute(
                "CREATE TABLE IF NOT EXISTS turns (key TEXT PRIMARY KEY, until REAL NOT NULL) STRICT"
            )
            undone.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()

    def change(self, key: str, change: Callable[[float], float]) -> float:
        """Put what change makes of a key's moment, 0 at first, in its place, between no two others; the new one."""
        with self._lock, self._border(), transaction(self._rows):
            row = self._rows.execute("SELECT until FROM turns WHERE key = ?", (key,)).fetchone()
            until = change(row[0] if row else 0.0)
            self._rows.execute("INSERT OR REPLACE INTO turns VALUES (?, ?)", (key, until))
        return until

    @contextlib.contextmanager
    def _border(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StateError(
                f"{self._path} cannot be used: {error}",
                hint="it only remembers the requests of the last minute: remove it and run again",
            ) from error
