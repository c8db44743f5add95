"""Says what each side lacks of the agreed value, and what its row stands for once it holds it."""

from collections.abc import Mapping
from dataclasses import replace

from synctool.core.item import NO_ROW, NOTHING, PROPERTIES, Agreed, Row, Rows, Value, Versions
from synctool.core.merge import Conflict, Sight
from synctool.core.model import Entry, Gap, SideName
from synctool.core.policy import Settle


def lacking(
    agreed: Agreed, rows: Rows, sights: Mapping[SideName, Sight], conflict: Conflict | None
) -> dict[SideName, frozenset[str]]:
    """What every visible side must receive to stand for the agreed value; no content while a conflict is held."""
    held = frozenset(("content",)) if conflict is not None and conflict.how is Settle.HOLD else frozenset()
    if held and not agreed.value.exists:
        return {}
    all_lacking: dict[SideName, frozenset[str]] = {}
    for side, sight in sights.items():
        if sight is Gap.UNKNOWN or (sight is Gap.ABSENT and not agreed.value.exists):
            continue
        if sight is Gap.ABSENT or not agreed.value.exists:
            lacks = frozenset(("exists",))
        else:
            row = rows.get(side, NO_ROW)
            lacks = frozenset(p for p in PROPERTIES if not holds(p, agreed, row, sight)) - held
        if lacks:
            all_lacking[side] = lacks
    return all_lacking


def holds(name: str, agreed: Agreed, row: Row, sight: Value) -> bool:
    """Whether what a side holds is the agreed value of a property, or stands for exactly this version of it."""
    held = getattr(sight, name)
    if held == getattr(agreed.value, name):
        return True
    stands = row.value.exists and getattr(row.versions, name) == getattr(agreed.versions, name)
    return stands and held == getattr(row.value, name)


def follow(agreed: Agreed, row: Row, sight: Sight) -> Row:
    """The row of a side seen with this value: it follows the agreed one, property by property, where the side holds it.

    A vote that stands against the agreed value is not spent here; it is when the agreed value has taken its place.
    """
    if sight is Gap.UNKNOWN:
        return row
    if sight is Gap.ABSENT:
        return (
            row
            if agreed.value.exists
            else replace(row, value=NOTHING, versions=agreed.versions, assumed=False)
        )
    if not agreed.value.exists:
        return row
    standing = {name: holds(name, agreed, row, sight) for name in PROPERTIES}
    if not row.value.exists and not all(standing.values()):
        return row
    kept = {name: getattr(sight if standing[name] else row.value, name) for name in PROPERTIES}
    source = {name: getattr(agreed.versions if standing[name] else row.versions, name) for name in PROPERTIES}
    return replace(row, value=Value(exists=True, **kept), versions=Versions(agreed.versions.exists, **source))


def received(agreed: Agreed, row: Row, entry: Entry | None, settles: frozenset[str]) -> Row:
    """The row of a side that has just received these properties of the agreed value, and now holds this entry."""
    if entry is None:
        return replace(row, value=NOTHING, versions=agreed.versions, held=None, label="", assumed=False)
    whole = "exists" in settles
    parts = PROPERTIES if whole else tuple(name for name in PROPERTIES if name in settles)
    value = (agreed.value if whole else row.value)._replace(**{p: getattr(agreed.value, p) for p in parts})
    versions = (agreed.versions if whole else row.versions)._replace(
        **{p: getattr(agreed.versions, p) for p in parts}
    )
    named = whole or "name" in settles or "folder" in settles
    return replace(
        row,
        value=value,
        versions=versions,
        held=entry,
        spelled=entry.name if named else row.spelled,
        assumed=row.assumed and not whole and "content" not in settles,
    )
