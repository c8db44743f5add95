"""What a run saw to be just as remembered, the next one does not read again, until something there is written down."""

from dataclasses import replace

import pytest

from synctool.core.model import Stretch
from synctool.engine.look import Differences, merge
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig, StillClock, tree


class Counting(MemorySide):
    """Counts what it tells."""

    told = 0

    def relist(self, known):
        for each in super().relist(known):
            self.told += not isinstance(each, Stretch)
            yield each


@pytest.fixture
def rig(tmp_path):
    clock = StillClock()
    sides = {name: Counting(name, clock=clock.now_ns) for name in ("s3", "zdrive")}
    rig = Rig(tmp_path, sides, clock)
    for number in range(200):
        sides["zdrive"].put(f"{number:03}.txt", b"%d" % number)
    rig.run()
    rig.run()
    return rig


def seen(rig):
    """How many entries each side tells in a run."""
    for side in rig.sides.values():
        side.told = 0
    outcome = rig.run()
    return outcome, {name: side.told for name, side in rig.sides.items()}


def test_an_unchanged_side_is_left_out_and_still_counted(rig):
    outcome, told = seen(rig)
    assert outcome.exit_code == 0
    assert not outcome.done
    assert max(told.values()) < 40


@pytest.mark.parametrize("side", ["s3", "zdrive"])
def test_what_changes_on_either_side_is_found(rig, side):
    here, there = rig.sides[side], rig.sides["s3" if side == "zdrive" else "zdrive"]
    here.put("017.txt", b"changed")
    here.put("new.txt", b"new")
    here.delete("150.txt")
    here.rename("100.txt", "renamed.txt")
    for _ in range(3):
        rig.clock.tick(60)
        rig.run()
    assert tree(here) == tree(there)
    assert tree(there)["017.txt"] == b"changed"
    assert "150.txt" not in tree(there)
    assert tree(there)["renamed.txt"] == b"100"


def test_a_plan_leaves_no_stretches_behind(tmp_path):
    clock = StillClock()
    rig = Rig(tmp_path, {name: MemorySide(name, clock=clock.now_ns) for name in ("s3", "zdrive")}, clock)
    for number in range(100):
        rig.sides["zdrive"].put(f"{number:03}.txt", b"x")
    rig.run()
    rig.plan()
    assert rig.ledger.remembered().stretches("zdrive") == {}
    rig.run()
    assert rig.ledger.remembered().stretches("zdrive")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rows SET stamp = 'x' WHERE side = 'zdrive' AND handle = '050.txt'",
        "UPDATE rows SET handle = NULL WHERE side = 'zdrive' AND handle = '050.txt'",
        "UPDATE rows SET name = 'x' WHERE side = 'zdrive' AND handle = '050.txt'",
        "UPDATE rows SET handle = '050a' WHERE side = 'zdrive' AND handle = '199.txt'",
        "DELETE FROM rows WHERE side = 'zdrive' AND handle = '050.txt'",
    ],
)
def test_whatever_is_written_of_a_stretch_drops_it(rig, change):
    before = rig.ledger.remembered().stretches("zdrive").values()
    holding = {each for each in before if each.after < "050.txt" <= each.last}
    others = {each for each in before if each not in holding and not each.after < "199.txt" <= each.last}
    assert holding
    rig.ledger._db.execute(change)
    after = set(rig.ledger.remembered().stretches("zdrive").values())
    assert not holding & after
    assert others <= after


def test_a_row_that_is_written_as_it_was_drops_nothing_and_another_one_does(rig):
    remembered = rig.ledger.remembered()
    item, before = remembered.at_handle("zdrive", "050.txt"), remembered.stretches("zdrive")
    row = remembered.rows(item)["zdrive"]
    rig.ledger.put_row(item, "zdrive", row, ("s3", "zdrive"))
    assert rig.ledger.remembered().stretches("zdrive") == before
    rig.ledger.put_row(item, "zdrive", replace(row, held=row.held._replace(stamp="x")), ("s3", "zdrive"))
    assert len(rig.ledger.remembered().stretches("zdrive")) == len(before) - 1


def rows(*handles):
    lines = [(handle, "1", "", handle, number) for number, handle in enumerate(handles)]
    return lambda after: iter([line for line in lines if line[0] > after])


def test_rows_before_a_stretch_that_was_left_out_are_missing():
    found = Differences()
    merge(found, [Stretch("b", "d", "x", 1, left_out=True)], rows("a", "c", "e"))
    assert set(found.missing) == {"a", "e"}


def test_a_stretch_in_which_something_differs_or_whose_beginning_nobody_saw_is_not_kept():
    found = Differences()
    stretches = [
        Stretch("", "b", "1", 0),
        Stretch("b", "d", "2", 0),
        Stretch("e", "f", "3", 0),
        Stretch("f", "g", "4", 0),
    ]
    merge(found, stretches, rows("a"))
    assert [each.digest for each in found.stretches] == ["2", "4"]
