"""Writes down what was decided, what was done and what a side now holds; the only writer of a profile's state."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from synctool.core import names
from synctool.core.item import Agreed, ItemId, Row
from synctool.core.model import Content, Entry, Handle, Kind, SideName, Stretch
from synctool.core.plan import Decision
from synctool.store.db import border, left, open_database, transaction
from synctool.store.disputes import Disputes
from synctool.store.journal import NEXT, Journal
from synctool.store.remembered import HELD, STANDS, Remembered, columns_of


class Ledger:
    """The state of one profile; ``journal`` tells what was done, ``disputes`` what people disagreed about. Safe to use from several threads; every method is one transaction.

    As a context manager it tells what the database refuses meanwhile as StateError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = open_database(path)
        self._lock = threading.RLock()
        self.journal = Journal(self._db, self._lock)
        self.disputes = Disputes(self._db, self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, sqlite3.Error):
            self._db.close()
            with border(self._path):
                raise error
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
        left(self._path)

    def remembered(self) -> Remembered:
        """What is remembered now, for one decision or one look."""
        return Remembered(self._db)

    def copy(self) -> Self:
        """The same state in memory, where a plan may be made without leaving a trace."""
        twin = type(self)(Path(":memory:"))
        self._db.backup(twin._db)  # noqa: SLF001 - the same class
        return twin

    def row(self, item: ItemId, side: SideName) -> Row | None:
        """The row of an item on a side, as it is now."""
        with self._lock:
            return Remembered(self._db).rows(item).get(side)

    def agreed(self, item: ItemId) -> Agreed:
        """The agreed value of an item, as it is now."""
        with self._lock:
            return Remembered(self._db).item(item)

    def recall(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Write down the runs, steps and overrides that the audit log tells of; what is no record of one is passed over."""
        with self._lock, transaction(self._db):
            for facts in records:
                with contextlib.suppress(KeyError, TypeError, ValueError):
                    self.journal.recall(facts, int(datetime.fromisoformat(facts["at"]).timestamp()) * 10**9)

    def settle(
        self, decisions: Iterable[Decision], sides: Iterable[SideName], held: frozenset[ItemId]
    ) -> None:
        """Write down agreed values and the rows that follow them; held: items whose conflict stands."""
        sides = tuple(sides)
        with self._lock, transaction(self._db):
            for decision in decisions:
                self._put_item(decision.item, decision.agreed)
                for side, row in decision.rows.items():
                    self._put_row(decision.item, side, decision.agreed.kind, row)
                self._wait_or_rest(decision.item, sides, held=decision.item in held)

    def put_row(
        self, item: ItemId, side: SideName, row: Row, sides: Iterable[SideName], *, moved_from: Handle = ""
    ) -> None:
        """Write down what a side now holds and stands for; moved_from: a folder's former path handle, if it moved."""
        with self._lock, transaction(self._db):
            agreed = Remembered(self._db).item(item)
            if moved_from and row.held:
                self._rehandle(side, moved_from, row.held.handle)
            self._put_row(item, side, agreed.kind, row)
            self._wait_or_rest(item, tuple(sides), held=self.disputes.is_held(item))

    def learn(self, side: SideName, entry: Entry, read: Content, named: Mapping[ItemId, Content]) -> None:
        """Say what the bytes of an entry are, and so every content that is only named after them, by item.

        Done at once, because a row that holds other than what it stands for casts a vote.
        """
        where = (side, entry.handle, entry.stamp)
        with self._lock, transaction(self._db):
            self._db.execute(
                "UPDATE rows SET sha256 = ? WHERE side = ? AND handle = ? AND stamp = ?",
                (read.digest, *where),
            )
            for item, unread in named.items():
                facts = (read.size, read.digest, item, unread.digest)
                self._db.execute("UPDATE items SET size = ?, digest = ? WHERE item = ? AND digest = ?", facts)
                self._db.execute(
                    "UPDATE rows SET s_size = ?, s_digest = ? WHERE item = ? AND s_digest = ?", facts
                )

    def keep_digest(self, side: SideName, entry: Entry, sha256: str) -> None:
        """Remember what the bytes of an entry are, as read."""
        with self._lock, transaction(self._db):
            self._db.execute(
                "INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?)",
                (side, entry.handle, entry.stamp, sha256),
            )

    def digest(self, side: SideName, entry: Entry) -> str:
        """The SHA-256 of an entry's bytes if they were read under this stamp, else ""."""
        query = "SELECT sha256 FROM digests WHERE side = ? AND handle = ? AND stamp = ?"
        with self._lock:
            found = self._db.execute(query, (side, entry.handle, entry.stamp)).fetchone()
        return str(found[0]) if found else ""

    def drop_digests(self) -> None:
        """Forget them: the rows now hold what is needed."""
        with self._lock, transaction(self._db):
            self._db.execute("DELETE FROM digests")

    def keep_stretches(self, side: SideName, stretches: Iterable[Stretch]) -> None:
        """Remember in which stretches a side's listing was just what its rows say; those of before are forgotten."""
        told = [(side, each.after, each.last, each.digest, each.entries) for each in stretches]
        with self._lock:
            if self.remembered().stretches(side).keys() == {digest for _, _, _, digest, _ in told}:
                return
        with self._lock, transaction(self._db):
            self._db.execute("DELETE FROM stretches WHERE side = ?", (side,))
            self._db.executemany("INSERT INTO stretches VALUES (?, ?, ?, ?, ?)", told)

    def forget(self, items: Iterable[ItemId]) -> None:
        """Forget items that the profile no longer includes; no side is touched."""
        with self._lock, transaction(self._db):
            for item in items:
                self._db.execute("DELETE FROM rows WHERE item = ?", (item,))
                self._db.execute("DELETE FROM items WHERE item = ?", (item,))

    def forget_on(self, side: SideName, items: Iterable[ItemId]) -> None:
        """Forget what one side held and stood for, as if it had never been met, and let those items be decided anew."""
        with self._lock, transaction(self._db):
            for item in items:
                self._db.execute("DELETE FROM rows WHERE item = ? AND side = ?", (item, side))
                self._db.execute("UPDATE items SET waiting = 1 WHERE alive AND item = ?", (item,))

    def bury(self, now_ns: int) -> None:
        """Date the deleted items that every side has let go of: they are remembered as long as trash keeps their bytes."""
        with self._lock, transaction(self._db):
            self._db.execute(
                "UPDATE items SET died_ns = ? WHERE NOT alive AND died_ns IS NULL AND NOT waiting", (now_ns,)
            )

    def forget_dead(self, before_ns: int) -> None:
        """Forget the items that died before then, and the dead folders in which nothing is remembered any more."""
        query = (
            "SELECT item FROM items WHERE NOT alive AND died_ns < ? AND NOT waiting"
            " AND item NOT IN (SELECT folder FROM items)"
        )
        with self._lock:
            while found := [item for (item,) in self._db.execute(query, (before_ns,))]:
                self.forget(found)

    def await_items(self, items: Iterable[ItemId]) -> None:
        """Let these be decided anew at the next run: a step of theirs is not taken yet, or failed."""
        with self._lock, transaction(self._db):
            self._db.executemany("UPDATE items SET waiting = 1 WHERE item = ?", ((item,) for item in items))

    def await_all(self) -> None:
        """Let every item be decided anew at the next run: a side was added, or the rules changed."""
        with self._lock, transaction(self._db):
            self._db.execute("UPDATE items SET waiting = 1 WHERE alive OR waiting")

    def _put_item(self, item: ItemId, agreed: Agreed) -> None:
        value, content = agreed.value, agreed.value.content
        facts = (agreed.kind.value, int(value.exists), content and content.size, content and content.digest)
        place = (value.folder, value.name, names.fold(value.name))
        self._db.execute(
            "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, NULL)",
            (item, *facts, *place, *agreed.versions),
        )
        self._db.execute(NEXT, (str(item + 1),))

    def _put_row(self, item: ItemId, side: SideName, kind: Kind, row: Row) -> None:
        fold = names.fold(row.held.name) if row.held else None
        if row.held is not None:  # a handle is one item's: what held it before has moved on
            self._db.execute(
                "UPDATE rows SET handle = NULL WHERE side = ? AND handle = ? AND item <> ?",
                (side, row.held.handle, item),
            )
        self._db.execute(
            _PUT_ROW,
            (side, item, kind.value, fold, *columns_of(row)),
        )

    def _rehandle(self, side: SideName, old: Handle, new: Handle) -> None:
        """A folder moved with all in it: every path handle that began with the old one now begins with the new."""
        end = old[:-1] + chr(ord(old[-1]) + 1)
        for column in ("handle", "parent"):
            self._db.execute(
                f"UPDATE rows SET {column} = ? || substr({column}, ?) WHERE side = ? AND {column} >= ? AND {column} < ?",  # noqa: S608 - two fixed names
                (new, len(old) + 1, side, old, end),
            )

    def _wait_or_rest(self, item: ItemId, sides: tuple[SideName, ...], *, held: bool) -> None:
        """Mark an item as waiting or not; a deleted one rests when every side has let go of it."""
        remembered = Remembered(self._db)
        agreed, rows = remembered.item(item), remembered.rows(item)
        if agreed.value.exists:
            lagging = any(
                side not in rows
                or (entry := rows[side].held) is None
                or rows[side].versions != agreed.versions
                or names.makes_room(entry.name) == item
                for side in sides
            )
        else:
            lagging = any(
                row.held is not None or (row.value.exists and row.versions != agreed.versions)
                for row in rows.values()
            )
        self._db.execute("UPDATE items SET waiting = ? WHERE item = ?", (int(held or lagging), item))

    def entries(self, side: SideName) -> int:
        """How many entries a side held when last seen."""
        query = "SELECT count(*) FROM rows WHERE side = ? AND handle IS NOT NULL"
        with self._lock:
            return int(self._db.execute(query, (side,)).fetchone()[0])

    def refuse(self, side: SideName, path: str, digest: str, reason: str) -> None:
        """Remember what a side will never accept."""
        with self._lock, transaction(self._db):
            self._db.execute(
                "INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?)", (side, path, digest, reason)
            )

    def refusals(self) -> dict[tuple[SideName, str, str], str]:
        """What sides will never accept: (side, path, digest) → reason."""
        with self._lock:
            rows = self._db.execute("SELECT side, path, digest, reason FROM refusals")
            return {(side, path, digest): reason for side, path, digest, reason in rows}

    def get(self, key: str, default: str = "") -> str:
        """A fact about this state: ``state`` is its own number."""
        with self._lock:
            found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else default

    def put(self, key: str, value: str) -> None:
        """Write down a fact about this state."""
        with self._lock, transaction(self._db):
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


_COLUMNS = f"kind, fold, {HELD}, {STANDS}"
_VALUES = ", ".join(f"?{number}" for number in range(3, 3 + len(_COLUMNS.split(","))))
_PUT_ROW = (
    f"INSERT INTO rows (side, item, {_COLUMNS}) VALUES (?1, ?2, {_VALUES})"  # noqa: S608 - fixed names
    f" ON CONFLICT (item, side) DO UPDATE SET ({_COLUMNS}) = ({_VALUES})"
)
"""Not REPLACE, which would not tell the trigger what it takes away."""
