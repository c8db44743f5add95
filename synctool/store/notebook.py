"""Opens a small database that all profiles and processes of a state share, private and safe from several threads."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from synctool.errors import StateError
from synctool.store import private
from synctool.store.db import transaction


class Notebook:
    """One file, made where there is none. ``hint`` says what a person loses by removing it.

    lasting: whether what is written survives a power cut. patience: seconds to wait for other processes, each of which
    takes milliseconds. Every method raises StateError when the file cannot be used.
    """

    hint: str
    schema: str
    lasting = True
    patience = 10.0

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        private.folder(path.parent)
        with private.opened(path, "ab"):
            pass
        self._rows = sqlite3.connect(path, self.patience, isolation_level=None, check_same_thread=False)
        with self._border(), contextlib.ExitStack() as undone:
            undone.callback(self._rows.close)
            self._rows.execute("PRAGMA journal_mode = WAL")
            self._rows.execute(f"PRAGMA synchronous = {'FULL' if self.lasting else 'OFF'}")
            self._rows.executescript(self.schema)
            undone.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Alone among the threads of this process."""
        with self._lock, self._border():
            yield self._rows

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Alone among all, and all of it or nothing."""
        with self._reading() as rows, transaction(rows):
            yield rows

    @contextlib.contextmanager
    def _border(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StateError(f"{self._path} cannot be used: {error}", hint=self.hint) from error
