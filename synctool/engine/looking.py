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


def _look(this: Round, side: Side, reader: Reader) -> Sighting:
    """Look at a side; once more if something there was written just now."""
    try:
        sighting = _sight(this, side, reader)
        young = _young(this, side, sighting) if this.patient else {}
        if not young:
            return sighting
        this.tools.clock.sleep(this.profile.watch.settle_seconds)
        sighting = _sight(this, side, reader)
        moving = [
            e for h, e in _young(this, side, sighting).items() if h not in young or young[h].stamp != e.stamp
        ]
        return replace(sighting, look=put_off(sighting.look, moving, "is being written; put off"))
    except SideError as error:
        return _blind(side.name, str(error))


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
    else:
        found = glance(side, remembered, policy, hints, digest_of, progress)
    return sift(side, remembered, policy, found, digest_of)


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
