"""What loses a conflict stays where it is until its bytes are kept beside it, whatever part of a plan is carried out."""

import pytest

from synctool.core.plan import Action
from synctool.engine.narrow import SavedPlan
from synctool.errors import Rejected, Unavailable
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig, StillClock, tree
from tests.engine.test_agreement import DRIVE, S3

BOTH = {b"from s3", b"on zdrive"}


class Wary(MemorySide):
    """A side that takes no conflict copies while it fears something."""

    fears = None

    def write(self, at, data, meta):
        if self.fears and "conflict" in at.name:
            raise self.fears("a virus was found in it", side=self.name, path=at.name)
        return super().write(at, data, meta)


@pytest.fixture
def rig(tmp_path):
    clock = StillClock()
    sides = {
        name: Wary(name, clock=clock.now_ns, traits=traits)
        for name, traits in (("s3", S3), ("zdrive", DRIVE))
    }
    rig = Rig(tmp_path, sides, clock)
    sides["s3"].put("a.txt", b"agreed")
    assert rig.run().exit_code == 0
    sides["s3"].put("a.txt", b"from s3")
    sides["zdrive"].put("a.txt", b"on zdrive")
    yield rig
    rig.ledger.close()


def fear(rig, what):
    for side in rig.sides.values():
        side.fears = what


def in_sight(rig):
    return {data for side in rig.sides.values() for data in tree(side).values()}


@pytest.mark.parametrize("what", [Rejected, Unavailable])
def test_a_copy_that_no_side_takes_keeps_the_loser_where_it_is_however_often_it_is_tried(rig, what):
    fear(rig, what)
    assert [rig.run().exit_code for _ in range(3)] == ([5, 4, 4] if what is Rejected else [5, 5, 5])
    assert tree(rig.sides["zdrive"]) == {"a.txt": b"on zdrive"}
    fear(rig, None)
    if what is Rejected:
        told = [(notice.path, notice.text) for notice in rig.plan().notices]
        assert ("a.txt", "left as it is: its bytes could not be kept elsewhere first") in told
        rig.sides["zdrive"].put("a.txt", b"cured")
    assert rig.run().exit_code in (0, 4)
    assert tree(rig.sides["s3"])["a.txt"] == b"from s3"
    assert in_sight(rig) == ({b"from s3", b"cured"} if what is Rejected else BOTH)


def test_a_copy_that_one_side_takes_lets_the_other_go_on(rig):
    rig.sides["s3"].fears = Rejected
    for _ in range(2):
        rig.run()
    assert set(tree(rig.sides["zdrive"]).values()) == BOTH
    assert tree(rig.sides["s3"]) == {"a.txt": b"from s3"}


@pytest.mark.parametrize("path", ["a.txt", "/a.txt", "*.txt"])
def test_asking_for_a_document_asks_for_what_keeps_its_loser(rig, path):
    assert rig.run(only=(path,)).exit_code == 0
    assert in_sight(rig) == BOTH
    assert set(tree(rig.sides["zdrive"]).values()) == BOTH


def test_a_saved_plan_that_keeps_nothing_takes_nothing(rig):
    steps = rig.plan().steps
    chosen = frozenset(step.id for step in steps if step.action is not Action.COPY)
    assert len(chosen) < len(steps)
    saved = SavedPlan("case", "d", rig.ledger.get("state"), chosen)
    outcome = rig.run(saved)
    assert (outcome.done, set(outcome.dropped)) == ((), chosen)
    assert in_sight(rig) == BOTH
    assert rig.run().exit_code == 0
    assert set(tree(rig.sides["zdrive"]).values()) == BOTH
