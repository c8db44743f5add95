"""Reads the versions of a contested document from the sides that hold them."""

from dataclasses import dataclass

from synctool.config.profile import Profile
from synctool.core.item import ItemId
from synctool.core.model import Entry, SideName
from synctool.engine.conflicts import Contested, contested
from synctool.engine.connect import connected
from synctool.engine.record import at_hand
from synctool.engine.tools import Ask, Tools
from synctool.errors import Misuse, SideError
from synctool.sides.base import Side
from synctool.store.disputes import Version
from synctool.store.ledger import Ledger

LARGEST = 20 * 10**6  # bytes; what is larger is not read to be compared


@dataclass(frozen=True, slots=True)
class Seen:
    """One version: what is known of it, where it lies, and its bytes. why: why there are none, "" if there are.

    author: who made it, when the side says.
    """

    version: Version
    path: str
    author: str = ""
    data: bytes = b""
    why: str = ""


def conflict_at(profile: Profile, number: int, tools: Tools) -> Contested:
    """The open conflict of this number. Raises Misuse where there is none."""
    with at_hand(profile, tools) as here, Ledger(here.database(profile.name)) as ledger:
        return _numbered(ledger, number)


def read_versions(
    profile: Profile, number: int, ask: Ask, tools: Tools
) -> tuple[Contested, tuple[Seen, ...]]:
    """A conflict with its versions, the one that keeps the name first. Raises Misuse where none of this number is open."""
    with (
        at_hand(profile, tools) as here,
        Ledger(here.database(profile.name)) as ledger,
        connected(profile, ask.without, here) as sides,
    ):
        one = _numbered(ledger, number)
        there = zip(one.dispute.versions, one.paths, strict=True)
        return one, tuple(_seen(ledger, dict(sides.open), one.dispute.item, *each) for each in there)


def _numbered(ledger: Ledger, number: int) -> Contested:
    found = next((one for one in contested(ledger) if one.dispute.conflict == number), None)
    if found is None:
        raise Misuse("this conflict is not open any more")
    return found


def _seen(ledger: Ledger, sides: dict[SideName, Side], document: ItemId, version: Version, path: str) -> Seen:
    item = version.item or document
    rows = ledger.remembered().rows(item)
    held = {side: rows[side].held for side in version.held_ns if side in rows and rows[side].held}
    author = next((entry.author for entry in held.values() if entry and entry.author), "")
    why = "no side that holds it answers"
    for side, entry in held.items():
        if entry is not None and side in sides:
            data, why = _read(sides[side], entry)
            if not why:
                return Seen(version, path, author, data)
    return Seen(version, path, author, why=why)


def _read(side: Side, entry: Entry) -> tuple[bytes, str]:
    if entry.size > LARGEST:
        return b"", f"it is larger than {LARGEST // 10**6} MB"
    try:
        with side.read(entry) as data:
            return data.read(LARGEST + 1), ""
    except SideError as error:
        return b"", str(error)
