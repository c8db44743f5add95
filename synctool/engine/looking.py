"""Looks at every side of a round at once; a side that cannot be looked at, or believed, is unknown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from synctool.core.brakes import side_brake
from synctool.core.known import Look
from synctool.core.model import Entry, Handle, Kind, SideName
from synctool.core.plan import Brake
from synctool.engine import markers
from synctool.engine.look import differences
from synctool.engine.reading import Reader
from synctool.engine.rounds import Round
from synctool.engine.sieve import Sighting, put_off, sift
from synctool.errors import SideError
from synctool.sides.base import Side


@dataclass(frozen=True, slots=True)
class Sighted:
    """What was seen of every side, why some of it is not believed, and who reads what the looks leave open."""

    sightings: Mapping[SideName, Sighting]
    brakes: tuple[Brake, ...]
    reader: Reader


def look_around(this: Round) -> Sighted:
    """Look at every side at once; a side that cannot be looked at, or believed, is unknown."""
    sides = this.sides.open
    reader = Reader(this.ledger, sides)
    with this.tools.pool(max(1, len(sides))) as pool:
        found = dict(
            zip(sides, pool.map(lambda side: _look(this, side, reader), sides.values()), strict=True)
        )
    brakes: list[Brake] = []
    for name, sighting in list(found.items()):
        for brake in _unbelieved(this, sides[name], sighting):
            accepted = brake.code in this.ask.accepted
            brakes.append(replace(brake, accepted=accepted))
            if not accepted:
                found[name] = _blind(name, brake.text)
    found |= {name: _blind(name, why) for name, why in this.sides.closed.items()}
    return Sighted({name: found[name] for name in this.profile.policy.ranks}, tuple(brakes), reader)


def _unbelieved(this: Round, side: Side, sighting: Sighting) -> Iterator[Brake]:
    """Why a side should not be believed: it is not the place we left, or not all of it seems to be there."""
    ledger, policy = this.ledger, this.profile.policy
    if place := markers.judge(this.profile, ledger, side):
        yield place
    spent = ledger.disputes.spent()
    if shrunk := side_brake(sighting.look, ledger.entries(side.name), sighting.listed, policy, spent):
        yield shrunk


def _look(this: Round, side: Side, reader: Reader) -> Sighting:
    """Look at a side; once more if something there was written just now."""
    try:
        sighting = _glance(this, side, reader)
        young = _young(this, side, sighting) if this.patient else {}
        if not young:
            return sighting
        this.tools.clock.sleep(this.profile.watch.settle_seconds)
        sighting = _glance(this, side, reader)
        moving = [
            e for h, e in _young(this, side, sighting).items() if h not in young or young[h].stamp != e.stamp
        ]
        return replace(sighting, look=put_off(sighting.look, moving, "is being written; put off"))
    except SideError as error:
        return _blind(side.name, str(error))


def _glance(this: Round, side: Side, reader: Reader) -> Sighting:
    remembered = this.ledger.remembered()
    found = differences(side, remembered, this.profile.policy, this.tools.progress.looking)
    return sift(side, remembered, this.profile.policy, found, lambda entry: reader.sha256(side, entry))


def _young(this: Round, side: Side, sighting: Sighting) -> dict[Handle, Entry]:
    """Files of a near side that were written so lately that somebody may still be writing."""
    if not side.traits.cheap_reads:
        return {}
    now = this.tools.clock.now_ns()
    since = now - int(this.profile.watch.settle_seconds * 1e9)
    seen = sighting.look.seen.items()
    return {h: e for h, e in seen if e.kind is Kind.FILE and since < e.mtime_ns <= now}


def _blind(side: SideName, why: str) -> Sighting:
    return Sighting(Look(side=side, unlisted={"": why}), 0)
