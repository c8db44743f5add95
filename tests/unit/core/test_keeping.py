"""What would take bytes away stays until they are kept elsewhere."""

from dataclasses import replace

import pytest

from synctool.core.item import Agreed, Row, Value, Versions
from synctool.core.keeping import UNKEPT, takes, without_unkept
from synctool.core.model import Entry, Kind
from synctool.core.plan import Action, Decision, Layer, Plan, Step, Why
from tests.unit.core.made import content

LOSER = content(1)
HELD = Entry(Kind.FILE, "a.txt", "", "a.txt", "stamp", 1, sha256=LOSER.digest)


def step(action, layer, item, side, **facts):
    path = f"{item}.txt"
    shown = {"kind": Kind.FILE, "path": path, "to_path": path, "why": Why.CONFLICT, **facts}
    return Step(action=action, layer=layer, item=item, side=side, **shown)


COPY = step(Action.COPY, Layer.COPY, 2, "s3", content=LOSER, source="zdrive", origin=1)
WRITE = step(Action.WRITE, Layer.WRITE, 1, "zdrive", content=content(2), source="s3", entry=HELD)
LABEL = step(Action.LABEL, Layer.LABEL, 1, "s3")
OTHER = step(Action.WRITE, Layer.WRITE, 3, "zdrive", content=content(3), source="s3")
PLAN = Plan(steps=(COPY, WRITE, LABEL, OTHER))


@pytest.mark.parametrize(
    ("one", "so"),
    [
        (WRITE, True),
        (replace(WRITE, item=9), True),  # the same bytes, under another item
        (replace(WRITE, item=9, entry=None), False),
        (replace(WRITE, layer=Layer.REMOVE, action=Action.REMOVE), True),
        (LABEL, False),
        (OTHER, False),
    ],
)
def test_what_takes_away_the_bytes_that_a_copy_keeps(one, so):
    assert takes(one, COPY) is so


def test_without_the_copy_its_origin_stays_and_that_is_said():
    left = without_unkept(PLAN, replace(PLAN, steps=PLAN.steps[1:]))
    assert left.steps == (OTHER,)
    assert [(notice.path, notice.text, notice.side) for notice in left.notices] == [
        ("1.txt", UNKEPT, "zdrive")
    ]


def test_with_the_copy_on_any_side_all_goes_on():
    both = replace(PLAN, steps=(replace(COPY, side="zdrive"), *PLAN.steps))
    assert without_unkept(both, PLAN) is PLAN


@pytest.mark.parametrize("held", [HELD, None])
def test_a_copy_that_some_side_holds_need_not_be_made(held):
    value = Value(True, LOSER, 0, "2.txt")
    row = Row(value, Versions(1, 1, 1, 1), "2.txt", held)
    known = Decision(2, Agreed(Kind.FILE, value), {"filevine": row}, "2.txt")
    before = replace(PLAN, decisions=(known,))
    left = without_unkept(before, replace(before, steps=before.steps[1:]))
    assert (WRITE in left.steps) is (held is not None)
