"""Looks at every side of a round at once; a side that cannot be looked at, or believed, is unknown."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from synctool.core.brakes import side_brake
from synctool.core.known import Look
from synctool.core.model import Entry, Handle, Kind, SideName
from synctool.core.plan import Brake
from synctool.engine import markers
from synctool.engine.glance import glance
from synctool.engine.look import differences
from synctool.engine.reading import Reader
from synctool.engine.rounds import Round
from synctool.engine.sieve import Sighting, put_off, sift
from synctool.errors import SideError, Unavailable
from synctool.sides.base import Side

WRONG_NS = 86_400 * 10**9
"""How wrong the clock of a drive's server may go; Windows lets nobody in with five minutes."""


@dataclass(frozen=True, slots=True)
class Sighted:
    """What was seen of every side, why some of it is not believed, and who reads what the looks leave open."""

    sightings: Mapping[SideName, Sighting]
    brakes: tuple[Brake, ...]
    reader: Reader


def look_around(this: Round) -> Sighted:
    """Look at every side at once; a side that cannot be looked at, or believed, is unknown."""
    reader = Reader(this.ledger, this.sides.open)
    found, brakes = _looks(this, this.sides.open, reader)
    found |= {name: _blind(name, why) for name, why in this.sides.closed.items()}
    return Sighted({name: found[name] for name in this.profile.policy.ranks}, brakes, reader)


def look_again(this: Round, sighted: Sighted, names: Collection[SideName]) -> Sighted:
    """What was seen, and some sides looked at once more."""
    found, brakes = _looks(this, {name: this.sides.open[name] for name in names}, sighted.reader)
    others = tuple(brake for brake in sighted.brakes if brake.side not in names)
    return Sighted({**sighted.sightings, **found}, (*others, *brakes), sighted.reader)


def _looks(
    this: Round, sides: Mapping[SideName, Side], reader: Reader
) -> tuple[dict[SideName, Sighting], tuple[Brake, ...]]:
    """Look at these sides at once, and say which of them are not to be believed."""
    with this.tools.pool(max(1, len(sides))) as pool:
        looks = pool.map(lambda side: _look(this, side, reader), sides.values())
        found = _settled(this, sides, dict(zip(sides, looks, strict=True)))
    brakes: list[Brake] = []
    for name, sighting in list(found.items()):
        for brake in _unbelieved(this, sides[name], sighting):
            accepted = brake.code in this.ask.accepted
            brakes.append(replace(brake, accepted=accepted))
            if not accepted:
                found[name] = _blind(name, brake.text)
    return found, tuple(brakes)


def _unbelieved(this: Round, side: Side, sighting: Sighting) -> Iterator[Brake]:
    """Why a side should not be believed: it is not the place we left, or not all of it seems to be there."""
    ledger, policy = this.ledger, this.profile.policy
    if place := markers.judge(this.profile, ledger, side):
        yield place
    if sighting.listed is None:
        return  # of a part nobody can say whether much is gone
    spent = ledger.disputes.spent()
    if shrunk := side_brake(sighting.look, ledger.entries(side.name), sighting.listed, policy, spent):
        yield shrunk


def _look(this: Round, side: Side, reader: Reader) -> tuple[Sighting, float]:
    """Look at a side; what was seen, and when."""
    try:
        sighting = _sight(this, side, reader)
    except SideError as error:
        sighting = _blind(side.name, str(error))
    return sighting, this.tools.clock.monotonic()


def _settled(
    this: Round, sides: Mapping[SideName, Side], looks: Mapping[SideName, tuple[Sighting, float]]
) -> dict[SideName, Sighting]:
    """What was seen, without what somebody is writing: what is new nearby must be the same a while later."""
    found = {name: sighting for name, (sighting, _) in looks.items()}
    changed = {name: new for name in looks if (new := _unsettled(this, sides[name], found[name].look))}
    if not changed:
        return found
    clock, settle = this.tools.clock, this.profile.watch.settle_seconds
    clock.sleep(max(0.0, max(looks[name][1] for name in changed) + settle - clock.monotonic()))
    for name, entries in changed.items():
        found[name] = _still(sides[name], found[name], entries)
    return found


def _still(side: Side, sighting: Sighting, entries: Collection[Entry]) -> Sighting:
    """What was seen, but for those of these entries that are no more as they were; nothing of a side that has gone away."""
    try:
        moving = [entry for entry in entries if not _is_still(side, entry)]
    except Unavailable as error:
        return _blind(side.name, str(error))
    return replace(sighting, look=put_off(sighting.look, moving, "is being written"))


def _sight(this: Round, side: Side, reader: Reader) -> Sighting:
    """Look at all of a side, around what was hinted at there, or not at all."""
    hints = None if this.ask.hints is None else this.ask.hints.get(side.name, frozenset())
    if hints is not None and not hints:
        return Sighting(Look(side.name), None)
    remembered, policy, progress = this.ledger.remembered(), this.profile.policy, this.tools.progress.looking

    def digest_of(entry: Entry) -> str:
        return reader.sha256(side, entry)

    if hints is None or "" in hints:
        found = differences(side, remembered, policy, progress)
        if this.patient:
            this.ledger.keep_stretches(side.name, found.stretches)
    else:
        found = glance(side, remembered, policy, hints, digest_of, progress)
    return sift(side, remembered, policy, found, digest_of)


def _unsettled(this: Round, side: Side, look: Look) -> list[Entry]:
    """The new bytes of a near side that somebody may still be writing, however wrong the clock of its server goes."""
    settle = this.profile.watch.settle_seconds if this.patient else 0
    if not (settle and side.traits.cheap_reads):
        return []
    age = settle * 1e9 if this.ask.still else WRONG_NS
    since = this.tools.clock.now_ns() - int(age)
    return [entry for entry in _changed(this, side.name, look) if entry.mtime_ns > since]


def _changed(this: Round, side: SideName, look: Look) -> list[Entry]:
    """The files that are new, or hold other bytes than they did."""
    remembered = this.ledger.remembered()

    def former(handle: Handle) -> str:
        item = remembered.at_handle(side, handle)
        held = None if item is None else remembered.held_by(side, item)
        return held.sha256 if held else ""

    files = (entry for entry in look.seen.values() if entry.kind is Kind.FILE)
    files = (entry for entry in files if entry.handle not in look.unread)
    return [entry for entry in files if not entry.sha256 or former(entry.handle) != entry.sha256]


def _is_still(side: Side, entry: Entry) -> bool:
    """Whether a file is as it was; a stamp may tell besides when it was looked at. Raises Unavailable."""
    try:
        now = side.stat(entry)
    except Unavailable:
        raise
    except SideError:
        return False
    return now is not None and (now.size, now.mtime_ns) == (entry.size, entry.mtime_ns)


def _blind(side: SideName, why: str) -> Sighting:
    return Sighting(Look(side=side, unlisted={"": why}), 0)
