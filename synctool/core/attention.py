"""Says which troubles of a profile a person is to be told of now: each once, every day while it lasts, and when it is over.

Times are nanoseconds since the epoch.
"""

from collections.abc import Collection, Mapping
from enum import Enum
from typing import NamedTuple

MINUTE_NS = 60 * 10**9
PATIENCE_NS = 30 * MINUTE_NS
REMINDER_NS = 24 * 60 * MINUTE_NS


class Cause(Enum):
    """What needs attention, as messages say it."""

    BRAKE = "brake"
    CONFLICT = "conflict"
    REFUSED = "refused"
    HALTED = "halted"
    AGE = "age"
    FAILED = "failed"  # the next run goes on, so nobody is told before it has lasted
    KEPT = "kept"
    WELL = "well"


PASSING = {Cause.KEPT, Cause.WELL}
"""What is over when it has happened: it is told once."""


class Trouble(NamedTuple):
    """One of a profile. key: the same as long as it is the same trouble; detail: may name documents, text does not."""

    cause: Cause
    key: str
    text: str
    detail: str = ""


class Noted(NamedTuple):
    """What is remembered of a trouble: since when there is one, and when somebody was last told of it."""

    trouble: Trouble
    since_ns: int
    told_ns: int | None = None


Memory = Mapping[str, Noted]
"""What is remembered of a profile's troubles, by their keys."""


WELL = Trouble(Cause.WELL, "well", "all is well again")


def noted(before: Memory, found: Collection[Trouble], now_ns: int, *, whole: bool) -> dict[str, Noted]:
    """What is remembered after a run. whole: it looked everywhere, so that what it did not find is over."""
    present = {trouble.key: trouble for trouble in found}
    lasts = {key for key, each in before.items() if not whole or _untold(each)} - {WELL.key}
    after = {key: Noted(each, now_ns) for key, each in present.items()}
    after |= {
        key: each._replace(trouble=present.get(key, each.trouble))
        for key, each in before.items()
        if key in lasts | present.keys()
    }
    ended = any(each.told_ns is not None for each in before.values()) or WELL.key in before
    return after if after or not ended else {WELL.key: Noted(WELL, now_ns)}


def due(memory: Memory, now_ns: int) -> list[Trouble]:
    """The troubles that somebody is to be told of now, the worst first."""
    order = list(Cause)
    wanted = [each.trouble for each in memory.values() if _due(each, now_ns)]
    return sorted(wanted, key=lambda trouble: (order.index(trouble.cause), trouble.key))


def told(memory: Memory, troubles: Collection[Trouble], now_ns: int) -> dict[str, Noted]:
    """What is remembered once somebody was told of these."""
    keys = {trouble.key for trouble in troubles}
    left = {key: each for key, each in memory.items() if key not in keys or each.trouble.cause not in PASSING}
    return {key: each._replace(told_ns=now_ns) if key in keys else each for key, each in left.items()}


def _untold(each: Noted) -> bool:
    return each.trouble.cause in PASSING and each.told_ns is None


def _due(each: Noted, now_ns: int) -> bool:
    if each.told_ns is not None:
        return now_ns - each.told_ns >= REMINDER_NS
    return now_ns - each.since_ns >= (PATIENCE_NS if each.trouble.cause is Cause.FAILED else 0)
