"""Tries every schedule of edit, revert, delete, outage and sync on one item and three sides: nothing lost, always converging.

States that two schedules share are tried once. A content is *lost* when a user made it, no side holds it, no conflict
copy holds it, and nobody who had it before their eyes replaced or deleted it by hand.
"""

from collections import Counter
from typing import NamedTuple

import pytest

from synctool.core.item import NO_ROW, Agreed, Row, Value
from synctool.core.merge import Voice, merge
from synctool.core.model import Content, Gap, Kind
from synctool.core.patterns import Pattern
from synctool.core.policy import ConflictRule, Settle
from synctool.core.receiving import follow, lacking

KEEP_BOTH = ConflictRule(Pattern("**"), Settle.KEEP_BOTH)


class World(NamedTuple):
    agreed: Agreed
    rows: tuple[Row, ...]
    held: tuple[int, ...]  # content number on each side, 0 for nothing
    visible: tuple[bool, ...]
    copies: frozenset[int]
    replaced: frozenset[int]  # contents somebody has knowingly replaced
    made: int  # contents made so far


def sides(world):
    return tuple("ABCD"[: len(world.held)])


def value_of(number):
    return (
        Value(exists=True, content=Content(number, f"{number:064x}"), folder=0, name="n")
        if number
        else Gap.ABSENT
    )


def put(items, index, item):
    return (*items[:index], item, *items[index + 1 :])


def user_writes(world, index, number):
    replaced = world.replaced | {world.held[index]}
    stood = (world.rows[index].value.content, world.agreed.value.content)
    if number not in {content.size for content in stood if content}:  # an edit undone is not made anew
        replaced -= {number}
    replaced -= {0}
    return world._replace(
        held=put(world.held, index, number), replaced=replaced, made=max(world.made, number)
    )


def voice_of(world, settle=KEEP_BOTH):
    names = sides(world)
    return Voice(ranks=names, voters=frozenset(names), deleters=frozenset(names), settle=settle)


def sync(world, deaf=None):
    """One run; a deaf side is seen but receives nothing (its writes fail)."""
    names = sides(world)
    rows = dict(zip(names, world.rows, strict=True))
    sights = {
        name: value_of(held) if visible else Gap.UNKNOWN
        for name, held, visible in zip(names, world.held, world.visible, strict=True)
    }
    merged = merge(world.agreed, rows, sights, voice_of(world))
    agreed, held, copies = merged.agreed, list(world.held), set(world.copies)
    lacks = lacking(agreed, rows, sights, merged.conflict)
    new_rows = []
    if merged.conflict:
        copies |= {content.size for content, _ in merged.conflict.losers}
    for index, name in enumerate(names):
        row, sight = rows.get(name, NO_ROW), sights[name]
        if name in lacks and index != deaf:
            sight = agreed.value if agreed.value.exists else Gap.ABSENT
            held[index] = agreed.value.content.size if agreed.value.exists else 0
        new_rows.append(follow(agreed, row, sight))
    return world._replace(agreed=agreed, rows=tuple(new_rows), held=tuple(held), copies=frozenset(copies))


def lost(world):
    return {
        number
        for number in range(1, world.made + 1)
        if number not in world.held and number not in world.copies and number not in world.replaced
    }


def next_worlds(world, *, deaf):
    for index in range(len(world.held)):
        yield user_writes(world, index, world.made + 1)
        if world.held[index] != 1:
            yield user_writes(world, index, 1)
        if world.held[index]:
            yield user_writes(world, index, 0)
        yield world._replace(visible=put(world.visible, index, not world.visible[index]))
        if deaf:
            yield sync(world, deaf=index)
    yield sync(world)


def agree_at_last(world):
    """Everything visible again: two runs bring agreement, a third does nothing."""
    world = world._replace(visible=(True,) * len(world.held))
    world = sync(sync(world))
    return len(set(world.held)) == 1 and sync(world) == world, world


def first_world(count):
    start = World(
        agreed=Agreed(Kind.FILE),
        rows=(NO_ROW,) * count,
        held=(1,) + (0,) * (count - 1),
        visible=(True,) * count,
        copies=frozenset(),
        replaced=frozenset(),
        made=1,
    )
    return sync(start)


def trial(count, steps, *, deaf=False):
    """Try every schedule; the number of schedules, of which those that meet in one situation are tried once."""
    frontier, seen = Counter([first_world(count)]), set()
    for _ in range(steps):
        following = Counter()
        for world, schedules in frontier.items():
            for after in next_worlds(world, deaf=deaf):
                following[after] += schedules
                if after in seen:
                    continue
                seen.add(after)
                assert not lost(after), after
                agreed, end = agree_at_last(after)
                assert agreed, (after, end)
                assert not lost(end), (after, end)
        frontier = following
    return frontier.total()


def test_every_schedule_of_six_steps_on_three_sides_loses_nothing_and_converges():
    assert trial(3, 6) > 1_400_000


@pytest.mark.parametrize(("count", "steps"), [(2, 8), (3, 5), (4, 5)])
def test_schedules_on_two_three_and_four_sides_lose_nothing_and_converge(count, steps):
    assert trial(count, steps) > 100_000


@pytest.mark.parametrize("count", [2, 3])
def test_a_side_that_fails_to_receive_loses_nothing_and_catches_up(count):
    assert trial(count, 5, deaf=True) > 10_000
