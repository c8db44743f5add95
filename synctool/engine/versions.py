"""Reads the versions of a contested document from the sides that hold them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

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


UNANSWERED = "no side that holds it answers"


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


@contextmanager
def version_open(
    profile: Profile, number: int, which: int, ask: Ask, tools: Tools
) -> Iterator[tuple[Contested, str, list[SideName], BinaryIO]]:
    """Inside, the bytes of one version of an open conflict, its conflict, its path and who holds it; which: 0 is the first.

    Raises Misuse where there is no such version, SideError where no side gives it.
    """
    with at_hand(profile, tools) as here, connected(profile, ask.without, here) as sides:
        with Ledger(here.database(profile.name)) as ledger:
            one = _numbered(ledger, number)
            if which >= len(one.dispute.versions):
                raise Misuse("this conflict has no such version")
            version, path = one.dispute.versions[which], one.paths[which]
            held = _held(ledger, one.dispute.item, version)
        there = next(((sides.open[side], entry) for side, entry in held.items() if side in sides.open), None)
        if there is None:
            raise SideError(UNANSWERED, path=path or one.path)
        side, entry = there
        with side.read(entry) as data:
            yield one, path, list(version.held_ns), data


def _numbered(ledger: Ledger, number: int) -> Contested:
    found = next((one for one in contested(ledger) if one.dispute.conflict == number), None)
    if found is None:
        raise Misuse("this conflict is not open any more")
    return found


def _seen(ledger: Ledger, sides: dict[SideName, Side], document: ItemId, version: Version, path: str) -> Seen:
    held = _held(ledger, document, version)
    author = next((entry.author for entry in held.values() if entry.author), "")
    why = UNANSWERED
    for side, entry in held.items():
        if side in sides:
            data, why = _read(sides[side], entry)
            if not why:
                return Seen(version, path, author, data)
    return Seen(version, path, author, why=why)


def _held(ledger: Ledger, document: ItemId, version: Version) -> dict[SideName, Entry]:
    """What holds a version, side by side."""
    rows = ledger.remembered().rows(version.item or document)
    there = ((side, rows[side].held) for side in version.held_ns if side in rows)
    return {side: entry for side, entry in there if entry is not None}


def _read(side: Side, entry: Entry) -> tuple[bytes, str]:
    if entry.size > LARGEST:
        return b"", f"it is larger than {LARGEST // 10**6} MB"
    try:
        with side.read(entry) as data:
            return data.read(LARGEST + 1), ""
    except SideError as error:
        return b"", str(error)
