"""Tells what is only assumed to be equal from what was compared: ``adopt: size`` takes equal sizes for equal bytes.

An assumption holds as long as nothing happens to the document. As soon as something does, the copies that nobody compared
are read, so that none is written over, or removed, for being taken for another.
"""

from collections.abc import Mapping
from dataclasses import replace

from synctool.core.item import NO_ROW, Agreed, Row, Rows, Value, content_of
from synctool.core.merge import Sight
from synctool.core.model import Content, Entry, Gap, SideName, Sides, Traits


def same_bytes(entry: Entry, former: Entry, traits: Traits) -> bool:
    """Whether the stamps of an item's entries prove equal bytes."""
    same_place = entry.handle == former.handle or traits.stamps_are_content
    return same_place and entry.stamp == former.stamp


def taken_for_equal(sights: Mapping[SideName, Sight], rows: Rows, before: Agreed) -> dict[SideName, Sight]:
    """The sides met for the first time that are taken to hold the bytes of the others, because all sizes are equal.

    Nothing is assumed of a document of which several contents are known already, or that a side no longer holds.
    """
    if any(row.value.exists and sights.get(side) is Gap.ABSENT for side, row in rows.items()):
        return {}
    held = {s: v.content for s, v in sights.items() if isinstance(v, Value) and v.content}
    agreed = [before.value.content] if before.value.content else []
    known = {c for side, c in held.items() if c.read or rows.get(side, NO_ROW).value.exists} | {*agreed}
    if len(known) > 1 or len({content.size for content in (*held.values(), *known)}) > 1:
        return {}
    taken = next(iter((*known, *held.values())), None)
    apart = {side for side, content in held.items() if content not in (*known, taken)}
    return {s: v._replace(content=taken) for s, v in sights.items() if s in apart and isinstance(v, Value)}


def proved(
    before: Agreed, rows: Rows, entries: Mapping[SideName, Entry | Gap], traits: Sides, *, ruled: bool
) -> Rows:
    """The rows by which to decide: once something happens to a document, nothing of it is assumed any more.

    A copy that was read and is equal stands for the agreed bytes; any other is behind in content, so that a delete of it
    does not count, and its own bytes are heard. ruled: a person decided something about it.
    """
    quiet = all(_is_quiet(before, rows.get(s, NO_ROW), entry, traits[s]) for s, entry in entries.items())
    if quiet and not ruled:
        return rows
    return {
        side: _compared(row, entries[side], side, traits[side]) if side in entries else row
        for side, row in rows.items()
    }


def _is_quiet(before: Agreed, row: Row, entry: Entry | Gap, traits: Traits) -> bool:
    """Whether a side holds what it held, and that is not older than what was agreed."""
    if not row.value.exists:
        return isinstance(entry, Gap)
    if row.versions.content != before.versions.content:
        return False
    if isinstance(entry, Gap):
        return entry is Gap.UNKNOWN
    return row.held is not None and same_bytes(entry, row.held, traits)


def _compared(row: Row, entry: Entry | Gap, side: SideName, traits: Traits) -> Row:
    """The row of a side without what was assumed of it."""
    if not row.assumed or entry is Gap.UNKNOWN:
        return row
    same = isinstance(entry, Entry) and row.held is not None and same_bytes(entry, row.held, traits)
    if same and content_of(side, entry, traits) == row.value.content:  # type: ignore[arg-type]
        return replace(row, assumed=False)
    return row.unproved


def uncompared(remembered: Rows, rows: Rows, sights: Mapping[SideName, Sight]) -> frozenset[Content]:
    """The unread contents of which too much was assumed: they are read before anything is said."""
    dropped = {side for side, row in remembered.items() if row.assumed and not rows[side].assumed}
    held = {s.content for side, s in sights.items() if side in dropped and isinstance(s, Value)}
    return frozenset(content for content in held if content and not content.read)
