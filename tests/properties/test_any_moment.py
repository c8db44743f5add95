"""Whatever happens between two steps of a run: a person's work stays, rows claim only what was seen, a clean run ends it."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctool.core.model import Kind
from synctool.engine import execute
from synctool.errors import Unavailable
from synctool.sides.memory import MemorySide
from tests.properties.houses import LAWS, deeds, everywhere, houses, opened, settle

moments = st.integers(0, 15)


class Crash(BaseException):
    """The program is gone."""


class Moments:
    """Counts what happens, and lets something come between at one number of it."""

    def __init__(self):
        self.left = -1
        self.happening = None

    def arm(self, number, happening):
        self.left, self.happening = number, happening

    def __call__(self):
        if self.left == 0:
            self.left = -1
            self.happening()
        elif self.left > 0:
            self.left -= 1


class Witness(MemorySide):
    """A side that remembers whatever it let anybody see, and has moments before and after each change."""

    def __init__(self, name, **facts):
        super().__init__(name, **facts)
        self.moment = Moments()
        self.shown = {}

    def saw(self, entry):
        node = self._nodes.find(entry.handle)
        self.shown[entry.handle, entry.name, entry.stamp] = node and sha256(node.data).hexdigest()
        return entry

    def list(self):
        return (self.saw(each) if hasattr(each, "stamp") else each for each in super().list())

    def changed(self, change):
        self.moment()
        after = change()
        if after is not None:
            self.saw(after)
        self.moment()
        return after

    def write(self, at, data, meta):
        return self.changed(lambda: MemorySide.write(self, at, data, meta))

    def make_folder(self, at):
        return self.changed(lambda: MemorySide.make_folder(self, at))

    def move(self, entry, to, meta=None):
        return self.changed(lambda: MemorySide.move(self, entry, to, meta))

    def remove(self, entry):
        return self.changed(lambda: MemorySide.remove(self, entry))


def crash():
    raise Crash


@pytest.fixture(autouse=True)
def one_worker(monkeypatch):
    monkeypatch.setattr(execute, "WORKERS", 1)  # so that a number names one moment


def rows_are_honest(rig):
    """Each row claims an entry that its side has shown, or holds now, and bytes that the side did hold."""
    for name, side in rig.sides.items():
        list(side.list())
        held = set(side.shown.values())
        for item in rig.ledger.remembered().everything():
            row = rig.ledger.row(item, name)
            if row is None:
                continue
            if entry := row.held:
                digest = side.shown[entry.handle, entry.name, entry.stamp]
                assert entry.sha256 in ("", digest) or entry.kind is Kind.FOLDER
            content = row.value.content
            assert content is None or not content.read or content.digest in held


def makes_room(rig):
    """What still has the name under which it let another pass."""
    return [path for side in rig.sides.values() for path in side.tree() if "(moving " in path]


def writes(ledger, moment):
    """Let the moment come before and after whatever a ledger writes in a run."""
    for thing, names in (
        (ledger, ("settle", "put_row", "learn")),
        (ledger.journal, ("record",)),
    ):
        for name in names:
            setattr(thing, name, between(getattr(thing, name), moment))


def between(write, moment):
    def written(*args, **options):
        moment()
        result = write(*args, **options)
        moment()
        return result

    return written


@LAWS
@given(houses(), moments, st.sampled_from(["sides", "ledger"]))
def test_a_crash_at_any_change_leaves_honest_rows_and_a_clean_run_ends_it(drawn, number, where):
    with opened(drawn, kind=Witness) as (rig, people):
        for deed in drawn.script:
            people.act(**deed)
        moment = Moments()
        if where == "ledger":
            writes(rig.ledger, moment)
        else:
            for side in rig.sides.values():
                side.moment = moment
        before = everywhere(rig)
        moment.arm(number, crash)
        try:
            rig.run()
        except Crash:
            rig.clock.tick()
        moment.arm(-1, None)
        rows_are_honest(rig)
        settle(rig)
        assert before <= everywhere(rig)
        assert not rig.plan().steps
        rows_are_honest(rig)
        assert not makes_room(rig)


@LAWS
@given(houses(), moments, st.fixed_dictionaries(deeds))
def test_what_a_person_does_at_any_moment_of_a_run_is_not_lost(drawn, number, deed):
    with opened(drawn, kind=Witness) as (rig, people):
        for done in drawn.script:
            people.act(**done)
        moment = Moments()
        for side in rig.sides.values():
            side.moment = moment
        before, excused = everywhere(rig), set(people.excused)
        moment.arm(number, lambda: people.act(**deed))
        rig.run()
        moment.arm(-1, None)
        settle(rig)
        assert before - (people.excused - excused) <= everywhere(rig)
        assert people.made - people.excused <= everywhere(rig)
        assert not rig.plan().steps


@LAWS
@given(houses(), moments, st.integers(1, 5))
def test_a_side_that_fails_at_any_change_is_caught_up_by_a_clean_run(drawn, number, times):
    def fail():
        if moment.happened < times:
            moment.happened += 1
            moment.left = 0
        raise Unavailable("is not there for a moment")

    with opened(drawn, kind=Witness) as (rig, people):
        for deed in drawn.script:
            people.act(**deed)
        moment = Moments()
        moment.happened = 0
        for side in rig.sides.values():
            side.moment = moment
        before = everywhere(rig)
        moment.arm(number, fail)
        rig.run()
        moment.arm(-1, None)
        rows_are_honest(rig)
        settle(rig)
        assert before <= everywhere(rig)
        assert not rig.plan().steps
        assert not makes_room(rig)
