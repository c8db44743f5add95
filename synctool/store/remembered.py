"""Answers what a decision asks of the state, each question once."""

import json
import sqlite3
from collections.abc import Collection, Iterator
from typing import Any

from synctool.core.item import ROOT, Agreed, ItemId, Row, Rows, Value, Versions
from synctool.core.model import Content, Entry, Handle, Kind, SideName, Stretch

THE_ROOT = Agreed(Kind.FOLDER, Value(exists=True, content=None, folder=ROOT, name=""), Versions(1, 1, 1, 1))
HELD = "handle, parent, name, stamp, size, mtime_ns, sha256, md5, version, author"
STANDS = "s_exists, s_size, s_digest, s_folder, s_name, v_exists, v_content, v_folder, v_name, spelled, label, assumed"


class Remembered:
    """What is remembered, read through look-ups; keeps the answers, so make a new one for every decision."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._items: dict[ItemId, Agreed] = {ROOT: THE_ROOT}
        self._rows: dict[ItemId, Rows] = {ROOT: {}}

    @property
    def next_item(self) -> ItemId:
        """The number that the next new item gets; never used before."""
        (number,) = self._db.execute(
            "SELECT coalesce(max(value + 0), 1) FROM meta WHERE key = 'next'"
        ).fetchone()
        return int(number)

    def item(self, item: ItemId) -> Agreed:
        """The agreed value of an item that exists here; of ROOT too."""
        if item not in self._items:
            query = "SELECT kind, alive, size, digest, folder, name, v_exists, v_content, v_folder, v_name FROM items WHERE item = ?"
            kind, alive, size, digest, folder, name, *versions = self._db.execute(query, (item,)).fetchone()
            value = Value(bool(alive), _content(size, digest), folder, name)
            self._items[item] = Agreed(Kind(kind), value, Versions(*versions))
        return self._items[item]

    def rows(self, item: ItemId) -> Rows:
        """The rows of an item, by side."""
        if item not in self._rows:
            query = f"SELECT side, kind, {HELD}, {STANDS} FROM rows WHERE item = ? ORDER BY side"  # noqa: S608 - fixed names
            self._rows[item] = {side: row_of(facts) for side, *facts in self._db.execute(query, (item,))}
        return self._rows[item]

    def at_handle(self, side: SideName, handle: Handle) -> ItemId | None:
        """The item whose row says that this side held it under this handle."""
        query = "SELECT item FROM rows WHERE side = ? AND handle = ?"
        found = self._db.execute(query, (side, handle)).fetchone()
        return found[0] if found else None

    def named(self, folder: ItemId, key: str) -> tuple[ItemId, ...]:
        """Living items agreed to lie in this folder under a name whose ``names.fold`` is key, by number."""
        query = "SELECT item FROM items WHERE folder = ? AND fold = ? AND alive ORDER BY item"
        return self._column(query, folder, key)

    def lying_in(self, folder: ItemId) -> tuple[ItemId, ...]:
        """Living items agreed to lie directly in this folder, by number."""
        return self._column("SELECT item FROM items WHERE folder = ? AND alive ORDER BY item", folder)

    def held_in(self, side: SideName, folder: Handle) -> tuple[ItemId, ...]:
        """Items whose row says that this side held them directly in the folder of this handle, by number."""
        query = "SELECT item FROM rows WHERE side = ? AND parent = ? AND handle IS NOT NULL ORDER BY item"
        return self._column(query, side, folder)

    def held_named(self, side: SideName, folder: Handle, key: str) -> tuple[ItemId, ...]:
        """Of those, the ones under a name whose ``names.fold`` is key."""
        query = "SELECT item FROM rows WHERE side = ? AND parent = ? AND fold = ? AND handle IS NOT NULL ORDER BY item"
        return self._column(query, side, folder, key)

    def holding(self, content: Content) -> tuple[ItemId, ...]:
        """The items that some side holds with these bytes, by number."""
        query = "SELECT DISTINCT item FROM rows WHERE size = ? AND sha256 = ? AND handle IS NOT NULL ORDER BY item"
        return self._column(query, *content)

    def everything(self) -> tuple[ItemId, ...]:
        """Every item there is, by number."""
        return self._column("SELECT item FROM items ORDER BY item")

    def waiting(self) -> tuple[ItemId, ...]:
        """The items that some side still has to catch up with, or whose conflict is held."""
        return self._column("SELECT item FROM items WHERE waiting ORDER BY item")

    def assumed(self) -> tuple[tuple[ItemId, SideName], ...]:
        """The items that a side is only assumed to hold as agreed, because the size is equal, and that side."""
        query = "SELECT item, side FROM rows WHERE assumed AND handle IS NOT NULL ORDER BY item, side"
        return tuple(self._db.execute(query))

    def in_order(
        self, side: SideName, after: Handle = ""
    ) -> Iterator[tuple[Handle, str, Handle, str, ItemId]]:
        """What a side held after a handle when last seen, in the order of handles: handle, stamp, parent, name, item."""
        query = (
            "SELECT handle, stamp, parent, name, item FROM rows WHERE side = ? AND handle > ? ORDER BY handle"
        )
        return iter(self._db.execute(query, (side, after)))

    def stretches(self, side: SideName) -> dict[str, Stretch]:
        """The stretches of a side's listing that are known to be what it held when last seen, by digest."""
        query = "SELECT after, last, digest, entries, 1 FROM stretches WHERE side = ?"
        told = (Stretch(*facts) for facts in self._db.execute(query, (side,)))
        return {stretch.digest: stretch for stretch in told}

    def inside(self, side: SideName, folder: Handle) -> Iterator[tuple[Handle, str, Handle, str, ItemId]]:
        """The same of what it held directly in a folder, in any order."""
        query = "SELECT handle, stamp, parent, name, item FROM rows WHERE side = ? AND parent = ? AND handle IS NOT NULL"
        return iter(self._db.execute(query, (side, folder)))

    def under(self, side: SideName, handle: Handle) -> Iterator[tuple[Handle, str, Handle, str, ItemId]]:
        """The same of what it held under one handle."""
        query = "SELECT handle, stamp, parent, name, item FROM rows WHERE side = ? AND handle = ?"
        return iter(self._db.execute(query, (side, handle)))

    def sized(self, side: SideName, sizes: Collection[int]) -> Iterator[tuple[int, str, Handle]]:
        """Size, digest and handle of what a side held of these sizes when last seen, in any order."""
        query = (
            "SELECT size, sha256, handle FROM rows WHERE side = ? AND handle IS NOT NULL AND size IN "
            "(SELECT value FROM json_each(?))"
        )
        return iter(self._db.execute(query, (side, json.dumps(sorted(sizes)))))

    def moving(self, side: SideName) -> dict[str, ItemId]:
        """Where the last moves of items on a side should have taken them, if nobody knows that they did: path → item.

        Such an item waits; where nothing waits, the journal is not asked.
        """
        waiting = set(self.waiting())
        query = "SELECT item, to_path, state, max(entry) FROM journal WHERE side = ? AND action = 'move' GROUP BY item"
        told = self._db.execute(query, (side,)) if waiting else ()
        return {path: item for item, path, state, _ in told if state != "done" and item in waiting}

    def held_by(self, side: SideName, item: ItemId) -> Entry | None:
        """The entry a side held of an item when last seen."""
        row = self.rows(item).get(side)
        return row.held if row else None

    def _column(self, query: str, *values: Any) -> tuple[ItemId, ...]:
        return tuple(item for (item,) in self._db.execute(query, values))


def _content(size: int | None, digest: str | None) -> Content | None:
    return None if size is None or digest is None else Content(size, digest)


def row_of(facts: list[Any]) -> Row:
    """The row in columns ``kind, HELD, STANDS``."""
    kind, handle, parent, name, stamp, size, mtime, sha256, md5, version, author, *stands = facts
    exists, s_size, s_digest, folder, s_name, *versions, spelled, label, assumed = stands
    held = None
    if handle is not None:
        held = Entry(Kind(kind), handle, parent, name, stamp, size, mtime, sha256, md5, version, author)
    value = Value(bool(exists), _content(s_size, s_digest), folder, s_name)
    return Row(value, Versions(*versions), spelled, held, label, bool(assumed))


def columns_of(row: Row) -> tuple[Any, ...]:
    """A row as the columns ``HELD, STANDS``."""
    held: tuple[Any, ...] = (None,) * 10
    if row.held is not None:
        held = row.held[1:]
    content = row.value.content
    value = (int(row.value.exists), content and content.size, content and content.digest, *row.value[2:])
    return (*held, *value, *row.versions, row.spelled, row.label, int(row.assumed))
