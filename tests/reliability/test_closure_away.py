"""A side that goes away in the middle of a run, or can be written no more, is not tried again for every step."""

import pytest

from synctool.engine import execute
from synctool.errors import Denied, Unavailable
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig, StillClock
from tests.engine.test_agreement import DRIVE, S3
from tests.properties.people import LENIENT
from tests.reliability.tally import tried

DOCUMENTS = 200


class Leaving(MemorySide):
    """A side that from its ``last`` change or reading on refuses, counting who asks. verbs: what it refuses then."""

    def __init__(self, name, **options):
        super().__init__(name, **options)
        self.last, self.asked, self.error, self.verbs = None, 0, Unavailable, ()
        self.silent = ()

    def leave(self, after, error, *verbs):
        self.last, self.asked, self.error, self.verbs = after, 0, error, verbs

    def _told(self, verb, name):
        self.asked += verb in ("write", "read")
        late = self.last is not None and self.asked > self.last
        if (late and verb in self.verbs) or name in self.silent:
            raise self.error("does not work", side=self.name, path=name, hint="mend it")

    def write(self, at, data, meta):
        self._told("write", at.name)
        return super().write(at, data, meta)

    def read(self, entry, start=0):
        self._told("read", entry.name)
        return super().read(entry, start)

    def list(self):
        self._told("list", "")
        return super().list()

    def mark(self, data):
        self._told("mark", "")
        super().mark(data)


@pytest.fixture
def rig(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "WORKERS", 1)
    clock = StillClock()
    kinds = (("s3", S3), ("zdrive", DRIVE))
    rig = Rig(
        tmp_path, {n: Leaving(n, clock=clock.now_ns, traits=t) for n, t in kinds}, clock, brakes=LENIENT
    )
    rig.sides["s3"].put("first.txt", b"so that both are marked")
    assert rig.run().exit_code == 0
    for number in range(DOCUMENTS):
        rig.sides["s3"].put(f"{number}.txt", b"document %d" % number)
    rig.clock.tick()
    yield rig
    rig.ledger.close()


def is_made_good(rig):
    for side in rig.sides.values():
        side.last, side.silent = None, ()
    assert rig.run().exit_code == 0
    assert rig.trees()["s3"] == rig.trees()["zdrive"]
    assert not rig.plan().steps


@pytest.mark.parametrize(
    ("who", "error", "verbs"),
    [
        ("zdrive", Unavailable, ("write", "list", "mark")),
        ("zdrive", Denied, ("write", "mark")),
        ("s3", Unavailable, ("read", "list")),
    ],
    ids=["the receiver is gone", "the receiver is read-only", "the source is gone"],
)
def test_the_steps_that_are_left_fail_at_once(rig, who, error, verbs):
    rig.sides["s3"].asked = rig.sides["zdrive"].asked = 0
    rig.sides[who].leave(3, error, *verbs)
    outcome = rig.run()
    assert outcome.exit_code == 5
    assert (len(outcome.done), len(outcome.failed)) == (3, DOCUMENTS - 3)
    assert rig.sides[who].asked == 4
    assert rig.sides["s3"].asked == 4
    last = outcome.failed[-1].reason
    assert last.endswith("does not work; mend it")
    is_made_good(rig)
    tried("faults", "a side goes away in the middle of a run")


@pytest.mark.parametrize("error", [Unavailable, Denied])
def test_documents_that_fail_on_a_side_that_is_there_hold_up_no_others(rig, error):
    side = rig.sides["zdrive"]
    side.error, side.silent = error, {f"{number}.txt" for number in range(0, DOCUMENTS, 10)}
    outcome = rig.run()
    assert len(outcome.failed) == len(side.silent)
    is_made_good(rig)
    tried("faults", "documents fail on a side that is there")
