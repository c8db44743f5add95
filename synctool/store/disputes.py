"""Remembers what people disagreed about, what they decided, and which brakes they overrode."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from synctool.core.item import ItemId
from synctool.core.model import Content, SideName
from synctool.core.plan import Brake
from synctool.core.policy import Settle
from synctool.core.ruling import Ruling, Word
from synctool.store.db import transaction


class Version(NamedTuple):
    """One version of a contested document: its bytes, the sides that held it and their own times, in ns since the epoch.

    item: what it became: the document, or a copy beside it; 0 for neither.
    """

    content: Content
    held_ns: Mapping[SideName, int]
    item: ItemId = 0


class Dispute(NamedTuple):
    """A conflict of contents. versions: the one that keeps the name first.

    closed_ns: when it was closed, None while it is open; ending: how. Times are ns since the epoch. run: the one it was
    found in.
    """

    conflict: int
    item: ItemId
    path: str
    how: Settle
    versions: tuple[Version, ...]
    run: int
    opened_ns: int
    closed_ns: int | None
    ending: str

    @property
    def held(self) -> bool:
        """Whether nothing was done, and a person decides."""
        return self.how is Settle.HOLD

    @property
    def copies(self) -> tuple[ItemId, ...]:
        """The items beside the document that keep its other versions."""
        return tuple(version.item for version in self.versions[1:] if version.item)


class Decided(NamedTuple):
    """What a person decided, who it was, and when, in ns since the epoch."""

    ruling: Ruling
    actor: str
    at_ns: int


class Disputes:
    """The conflicts, decisions and overrides of one profile. Safe to use from several threads; every method is one transaction."""

    def __init__(self, connection: sqlite3.Connection, lock: threading.RLock) -> None:
        self._db = connection
        self._lock = lock

    def open(
        self, item: ItemId, path: str, how: Settle, versions: Iterable[Version], run: int, at_ns: int
    ) -> int:
        """Write down a conflict that a run found; its number."""
        facts = (item, path, how.value, _as_text(versions), run, at_ns)
        with self._lock, transaction(self._db):
            cursor = self._db.execute(
                "INSERT INTO conflicts (item, path, how, facts, run, opened_ns) VALUES (?, ?, ?, ?, ?, ?)",
                facts,
            )
            return int(cursor.lastrowid or 0)

    def amend(self, conflict: int, path: str, versions: Iterable[Version]) -> None:
        """Write down what the sides hold by now in a conflict that is still the same."""
        with self._lock, transaction(self._db):
            self._db.execute(
                "UPDATE conflicts SET path = ?, facts = ? WHERE conflict = ?",
                (path, _as_text(versions), conflict),
            )

    def close(self, conflict: int, at_ns: int, ending: str) -> None:
        """Write down how a conflict ended."""
        with self._lock, transaction(self._db):
            self._db.execute(
                "UPDATE conflicts SET closed_ns = ?, ending = ? WHERE conflict = ?", (at_ns, ending, conflict)
            )

    def standing(self) -> tuple[Dispute, ...]:
        """The conflicts that somebody should still look at, oldest first."""
        return self._disputes("closed_ns IS NULL")

    def ever(self) -> tuple[Dispute, ...]:
        """Every conflict that there ever was, oldest first."""
        return self._disputes("1")

    def is_held(self, item: ItemId) -> bool:
        """Whether a conflict about this item is open that no copy settles: a person must."""
        query = "SELECT 1 FROM conflicts WHERE item = ? AND how = ? AND closed_ns IS NULL"
        with self._lock:
            return self._db.execute(query, (item, Settle.HOLD.value)).fetchone() is not None

    def lives(self, item: ItemId) -> bool:
        """Whether a document was agreed to exist."""
        with self._lock:
            found = self._db.execute("SELECT alive FROM items WHERE item = ?", (item,)).fetchone()
        return bool(found and found[0])

    def rule(self, item: ItemId, decided: Decided) -> None:
        """Write down what a person decided, until a run has done it; it takes the place of what was decided before."""
        ruling = decided.ruling
        size, digest = ruling.content or (None, None)
        seen = json.dumps({side: content and [*content] for side, content in ruling.seen.items()})
        facts = (item, ruling.word.value, size, digest, ruling.origin, seen, decided.actor, decided.at_ns)
        with self._lock, transaction(self._db):
            self._db.execute("INSERT OR REPLACE INTO rulings VALUES (?, ?, ?, ?, ?, ?, ?, ?)", facts)

    def decided(self) -> dict[ItemId, Decided]:
        """What people decided, and no run has done yet; the copy that one names may be forgotten by now."""
        query = (
            "SELECT item, word, size, digest, iif(origin IN (SELECT item FROM items), origin, 0), seen, actor, at_ns"
            " FROM rulings"
            " WHERE item IN (SELECT item FROM items) ORDER BY item"
        )
        with self._lock:
            return {
                item: Decided(_ruling(*facts), actor, at_ns)
                for item, *facts, actor, at_ns in self._db.execute(query)
            }

    def rulings(self) -> dict[ItemId, Ruling]:
        """The same, as the core decides by it: what was decided about one conflict stands and falls together."""
        along = {
            item: frozenset((d.item, *d.copies)) for d in self.standing() for item in (d.item, *d.copies)
        }
        return {
            item: replace(decided.ruling, along=along.get(item, frozenset()) - {item})
            for item, decided in self.decided().items()
        }

    def drop(self, item: ItemId) -> None:
        """Forget what was decided: it is done, or does not fit any more."""
        with self._lock, transaction(self._db):
            self._db.execute("DELETE FROM rulings WHERE item = ?", (item,))

    def spend(self, brake: Brake, run: int, at_ns: int, actor: str) -> None:
        """A run went past a brake because somebody gave its code, which now has served."""
        with self._lock, transaction(self._db):
            facts = (brake.code, brake.rule, run, at_ns, actor)
            self._db.execute("INSERT OR IGNORE INTO overrides VALUES (?, ?, ?, ?, ?)", facts)

    def spent(self) -> frozenset[str]:
        """The codes that have served."""
        with self._lock:
            return frozenset(code for (code,) in self._db.execute("SELECT code FROM overrides"))

    def _disputes(self, which: str) -> tuple[Dispute, ...]:
        query = f"SELECT conflict, item, path, how, facts, run, opened_ns, closed_ns, ending FROM conflicts WHERE {which} ORDER BY conflict"  # noqa: S608 - fixed conditions
        with self._lock:
            rows = self._db.execute(query).fetchall()
        return tuple(
            Dispute(conflict, item, path, Settle(how), _from_text(facts), *rest)
            for conflict, item, path, how, facts, *rest in rows
        )


def _as_text(versions: Iterable[Version]) -> str:
    return json.dumps([[*v.content, v.held_ns, v.item] for v in versions])


def _from_text(text: str) -> tuple[Version, ...]:
    return tuple(Version(Content(size, digest), held, item) for size, digest, held, item in json.loads(text))


def _ruling(word: str, size: int | None, digest: str | None, origin: ItemId, seen: str) -> Ruling:
    content = None if size is None or digest is None else Content(size, digest)
    held = {side: known and Content(*known) for side, known in json.loads(seen).items()}
    return Ruling(Word(word), content, origin, seen=held)
