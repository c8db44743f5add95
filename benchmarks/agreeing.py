"""Writes the state that a first run over equal copies would leave, from what the sides list, in a tenth of its time.

``python -m benchmarks.agreeing PROFILE STATE``. One of the sides must be near: its bytes are read. Every later run finds
nothing to do; one that acts then marks the places as its own.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from synctool.config import load
from synctool.core.item import ROOT, Agreed, ItemId, Row, Value, Versions
from synctool.core.labels import label_text
from synctool.core.model import Content, Entry, Handle, Kind, SideName, Unlisted
from synctool.core.plan import Decision
from synctool.engine.connect import connected
from synctool.engine.tools import Tools
from synctool.sides.base import Side
from synctool.store.ledger import Ledger

ONCE = Versions(1, 1, 1, 1)
BATCH = 20_000  # items that are written at once


def by_path(side: Side) -> dict[str, Entry]:
    """Everything a side lists, by path."""
    entries: dict[Handle, Entry] = {}
    for entry in side.list():
        assert not isinstance(entry, Unlisted), entry
        entries[entry.handle] = entry
    paths: dict[Handle, str] = {"": ""}

    def path(handle: Handle) -> str:
        if handle not in paths:
            entry = entries[handle]
            paths[handle] = f"{path(entry.parent)}/{entry.name}".lstrip("/")
        return paths[handle]

    return {path(handle): entry for handle, entry in entries.items()}


def decisions(sides: dict[SideName, Side]) -> Iterator[Decision]:
    """Every path as an item that all sides hold, folders before what lies in them."""
    held = {name: by_path(side) for name, side in sides.items()}
    near = next(name for name, side in sides.items() if side.traits.cheap_reads)
    lasting = next((name for name, side in sides.items() if side.traits.lasting_refs), None)
    items: dict[str, ItemId] = {"": ROOT}
    for item, path in enumerate(sorted(held[near]), start=1):
        items[path] = item
        folder, _, name = path.rpartition("/")
        entries = {side: found[path] for side, found in held.items()}
        content, told = None, ""
        if entries[near].kind is Kind.FILE:
            with sides[near].read(entries[near]) as data:
                content = Content(entries[near].size, hashlib.sha256(data.read()).hexdigest())
            if lasting:
                told = label_text(entries[lasting].handle, entries[lasting].parent, folder)
        value = Value(True, content, items[folder], name)
        rows = {
            side: Row(value, ONCE, name, _read(entry, content), told if sides[side].traits.labels else "")
            for side, entry in entries.items()
        }
        yield Decision(item, Agreed(entries[near].kind, value, ONCE), rows, path)


def _read(entry: Entry, content: Content | None) -> Entry:
    return entry._replace(sha256=content.digest) if content else entry


def agree(ledger: Ledger, found: Iterable[Decision], ranks: tuple[SideName, ...]) -> None:
    """Write it all down."""
    waiting = iter(found)
    while some := list(islice(waiting, BATCH)):
        ledger.settle(some, ranks, frozenset())


def main(words: list[str]) -> None:
    """Write the state of one profile."""
    profile, tools = load(Path(words[0])), Tools(Path(words[1]))
    tools.state.mkdir(exist_ok=True)
    with Ledger(tools.database(profile.name)) as ledger, connected(profile, frozenset(), tools) as sides:
        agree(ledger, decisions(dict(sides.open)), profile.policy.ranks)


if __name__ == "__main__":
    main(sys.argv[1:])
