"""Says when a profile's next round is due and where it looks, from what was heard, how rounds ended, and the time.

Times are seconds of one clock that never goes back. A hint waits in ``heard`` until a round takes it; the round that took
it and could not use it gives it back. So a hint is always waiting, or with the round that is going on, or followed.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import NamedTuple
from zlib import crc32

from synctool.core.model import Handle, SideName

MANY = 100
"""So many places of one side are asked after one by one; with more, all of the side is looked at."""

PATIENCE = 10
"""A place that keeps changing waits so many times as long as one that is still."""

SOON, SELDOM = 30.0, 900.0
"""Seconds between two polls, and between two attempts that fail: at first, and in the end."""

BRIEF = 60.0
"""Seconds between two attempts at most, where what hinders may be over at any moment."""

FADING = 10
"""A side that nothing has happened on is polled after this part of the time it has been quiet."""

SPREAD = 0.2
"""The part of the time between two full looks that the names of profiles are spread over."""

EVERYWHERE: Handle = ""

GIVEN_BACK = frozenset((1, 2, 5, 7, 8))
"""Exit codes of rounds that may not have followed what they were given."""

HALTING = GIVEN_BACK - {5}
"""Exit codes after which nothing at all is tried for a while; 5 means that the other sides may go on."""

BUSY = 8


class Hint(NamedTuple):
    """Look here again: a side's own handle of a file or folder; "" is the whole side."""

    side: SideName
    handle: Handle


class Heard(NamedTuple):
    """When a hint came first and last, and before when it shall not be followed."""

    first: float
    last: float
    after: float = -inf


class Ended(NamedTuple):
    """How a round ended: its exit code, sides that want a full look, and whether anything was done or failed.

    passing: whether it only met documents that somebody is at work on, or that changed meanwhile.
    """

    exit_code: int
    again: frozenset[SideName] = frozenset()
    acted: bool = False
    passing: bool = False


Places = Mapping[SideName, frozenset[Handle]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How a profile is watched. polled: sides that deliver no events; poll: seconds, None when adaptive."""

    name: str
    sides: frozenset[SideName]
    polled: frozenset[SideName]
    settle: float = 3
    poll: float | None = None
    full: float = 3600  # seconds between two looks at everything


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Where a profile stands in time; at first nothing was looked at, so everything is due.

    heard: hints that wait; taken: those of the round that is going on, None between rounds; looked: when each side was
    last looked at in full; everywhere: when all were, together; active: when something last happened; rest: no round
    begins before.
    """

    heard: Mapping[Hint, Heard] = field(default_factory=dict)
    taken: Mapping[Hint, Heard] | None = None
    looked: Mapping[SideName, float] = field(default_factory=dict)
    everywhere: float = -inf
    active: float = -inf
    failures: int = 0
    rest: float = -inf


def hear(pace: Pace, habit: Habit, hints: Collection[Hint], now: float) -> Pace:
    """Note hints, and try again soon what failed; those of sides that the profile does not have say nothing."""
    own = [hint for hint in hints if hint.side in habit.sides]
    if not own:
        return pace
    fresh = {hint: Heard(pace.heard.get(hint, Heard(now, now)).first, now) for hint in own}
    waiting = {hint: _by(now + SOON, hint, heard) for hint, heard in pace.heard.items()}
    return replace(pace, heard=_gathered({**waiting, **fresh}), active=now)


def due(pace: Pace, habit: Habit) -> float:
    """When the next round may begin; never while one is going on."""
    if pace.taken is not None:
        return inf
    ripe = [_ripe(heard, habit) for heard in pace.heard.values()]
    polls = [moment for _, moment in _polls(pace, habit)]
    return max(pace.rest, min([*ripe, *polls, _look_due(pace, habit)]))


def begun(pace: Pace, habit: Habit, now: float) -> tuple[Pace, Places | None]:
    """Begin the round that is due: it takes what is ripe by now. Where it looks; None is everywhere, "" all of a side."""
    ripe = {hint for hint, heard in pace.heard.items() if _ripe(heard, habit) <= now}
    ripe |= {Hint(side, EVERYWHERE) for side, moment in _polls(pace, habit) if moment <= now}
    if _look_due(pace, habit) <= now:
        ripe |= {Hint(side, EVERYWHERE) for side in habit.sides}
    whole = _whole(ripe)
    taken = {hint: heard for hint, heard in pace.heard.items() if hint in ripe or hint.side in whole}
    taken |= {hint: Heard(now, now) for hint in ripe - taken.keys()}
    left = {hint: heard for hint, heard in pace.heard.items() if hint not in taken}
    return replace(pace, heard=left, taken=taken), None if whole == habit.sides else _places(taken)


def is_still(pace: Pace, habit: Habit, now: float) -> bool:
    """Whether nothing that the round has taken was heard of lately; a place that keeps changing is taken in the end."""
    return all(heard.last + habit.settle <= now for heard in (pace.taken or {}).values())


def ended(pace: Pace, habit: Habit, how: Ended, now: float) -> Pace:
    """End the round that is going on; what it could not follow waits again, longer each time."""
    taken = pace.taken or {}
    failed = how.exit_code in GIVEN_BACK
    failures = pace.failures + (how.exit_code != BUSY) if failed else 0
    pause = SOON if how.exit_code == BUSY else min(SELDOM, SOON * 2.0 ** (min(failures, MANY) - 1))
    later = now + pause if failed else -inf
    latest = now + BRIEF if how.passing else inf
    wanted = {hint: _by(latest, hint, Heard(now, now, later)) for hint in (taken if failed else ())}
    heard = {**wanted, **pace.heard}
    for hint in (Hint(side, EVERYWHERE) for side in how.again & habit.sides):
        # Not later each time: others may fail, while this look is what mends.
        due_at = min(now + SOON if failed else -inf, pace.heard.get(hint, Heard(now, now, inf)).after)
        heard[hint] = Heard(now, now, due_at)
    whole = _whole(taken)
    return replace(
        pace,
        heard=_gathered(heard),
        taken=None,
        looked={**pace.looked, **dict.fromkeys(whole, now)},
        everywhere=now if whole == habit.sides else pace.everywhere,
        active=now if how.acted else pace.active,
        failures=failures,
        rest=now + pause if how.exit_code in HALTING else -inf,
    )


def waits(pace: Pace, hint: Hint) -> bool:
    """Whether a hint has not been followed yet."""
    unfollowed = {*pace.heard, *(pace.taken or ())}
    return not unfollowed.isdisjoint({hint, Hint(hint.side, EVERYWHERE)})


def _by(latest: float, hint: Hint, heard: Heard) -> Heard:
    """The same, to be followed by then; but all of a side is much to look at, and waits as it did."""
    return heard if hint.handle == EVERYWHERE else heard._replace(after=min(heard.after, latest))


def _ripe(heard: Heard, habit: Habit) -> float:
    """When a hint has been quiet, or has waited, long enough."""
    return max(heard.after, min(heard.last + habit.settle, heard.first + PATIENCE * habit.settle))


def _polls(pace: Pace, habit: Habit) -> Iterator[tuple[SideName, float]]:
    """When each side that delivers no events is due, unless all of it is asked after anyway."""
    for side in habit.polled:
        if Hint(side, EVERYWHERE) not in pace.heard:
            looked = pace.looked.get(side, -inf)
            quiet = looked - pace.active if looked > pace.active else 0
            yield side, looked + (habit.poll or min(SELDOM, max(SOON, quiet / FADING)))


def _look_due(pace: Pace, habit: Habit) -> float:
    """When everything is due: profiles that began together look at different times."""
    share = crc32(habit.name.encode()) / 2**32
    return pace.everywhere + habit.full * (1 - SPREAD * share)


def _gathered(heard: Mapping[Hint, Heard]) -> dict[Hint, Heard]:
    """The same hints, but one for all of a side where they are many."""
    counts = Counter(hint.side for hint in heard)
    kept = {hint: each for hint, each in heard.items() if counts[hint.side] <= MANY}
    for side in counts.keys() - {hint.side for hint in kept}:
        firsts, lasts, afters = zip(*(each for hint, each in heard.items() if hint.side == side), strict=True)
        kept[Hint(side, EVERYWHERE)] = Heard(min(firsts), max(lasts), min(afters))
    return kept


def _whole(hints: Collection[Hint]) -> set[SideName]:
    return {hint.side for hint in hints if hint.handle == EVERYWHERE}


def _places(hints: Collection[Hint]) -> Places:
    """The places of each side; all of a side stands for the others of it."""
    whole = _whole(hints)
    sides = {hint.side for hint in hints}
    return {
        side: frozenset((EVERYWHERE,) if side in whole else (h.handle for h in hints if h.side == side))
        for side in sides
    }
