"""Copies that are there before the first run are adopted by content, or by size where the profile says so."""

import hashlib
from dataclasses import replace

import pytest

from synctool.core.policy import Adopt
from synctool.engine import inquire
from synctool.engine.cycle import plan_round
from synctool.engine.narrow import SavedPlan
from synctool.engine.outcome import Adoption, Verified
from synctool.engine.verifying import COUNT
from synctool.errors import Unavailable
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig, StillClock
from tests.engine.test_agreement import DRIVE, FILEVINE, settled


def test_an_edit_of_what_was_adopted_by_size_is_an_edit(tmp_path):
    clock = StillClock()
    sides = {n: MemorySide(n, clock=clock.now_ns, traits=t) for n, t in (("fv", FILEVINE), ("z", DRIVE))}
    rig = Rig(tmp_path, sides, clock, adopt=Adopt.SIZE)
    for side in sides.values():
        side.put("a.txt", b"same")
        side.put("b.txt", b"both")
    assert rig.run().done == ()
    sides["z"].put("a.txt", b"edited on the drive")
    sides["fv"].put("b.txt", b"edited in Filevine")
    assert rig.run().exit_code == 0
    assert settled(rig) == {"a.txt": b"edited on the drive", "b.txt": b"edited in Filevine"}


SLOW = replace(FILEVINE, requests_per_read=400)


def copies(tmp_path, **policy):
    """A slow Filevine and a drive that hold three documents of one size each, one of them not the same."""
    clock = StillClock()
    sides = {n: MemorySide(n, clock=clock.now_ns, traits=t) for n, t in (("fv", SLOW), ("z", DRIVE))}
    rig = Rig(tmp_path, sides, clock, **policy)
    for side in sides.values():
        side.put("a.txt", b"same")
        side.put("b.txt", b"both")
        side.put("c.txt", b"in " + side.name.encode().ljust(2))
    return rig


def test_a_plan_says_what_reading_many_copies_costs_and_says_nothing_of_the_copies(tmp_path):
    rig = copies(tmp_path)
    rig.sides["z"].put("new.txt", b"only here")
    planned = plan_round(rig.round())
    assert planned.adoption == Adoption(3, 13, 1200, pytest.approx(0, abs=1e-3), read=False)
    assert planned.undecided
    assert [(s.side, s.path) for s in planned.plan.steps] == [("fv", "new.txt")]
    assert (planned.plan.unknown, planned.plan.standoffs) == ({}, ())


def test_a_plan_reads_few_copies_and_says_so(tmp_path):
    rig = copies(tmp_path)
    rig.sides["fv"].traits = FILEVINE
    planned = plan_round(rig.round())
    assert (planned.adoption.documents, planned.adoption.requests, planned.adoption.read) == (3, 3, True)
    assert [s.path for s in planned.plan.standoffs] == ["c.txt"]


def test_apply_asks_before_it_reads_and_again_before_it_acts(tmp_path):
    rig = copies(tmp_path)
    asked = []

    def confirm(planned):
        asked.append((planned.undecided, len(planned.plan.standoffs)))
        return True

    assert rig.run(confirm=confirm).exit_code == 0
    assert asked == [(True, 0), (False, 1)]
    assert len(settled(rig)) == 4


def test_apply_neither_reads_nor_acts_against_a_no(tmp_path):
    rig = copies(tmp_path)
    before = rig.trees()
    outcome = rig.run(confirm=lambda planned: not planned.undecided)
    assert (outcome.run, outcome.done, rig.trees()) == (0, (), before)


def test_a_saved_plan_leaves_undecided_what_it_left_undecided(tmp_path):
    rig = copies(tmp_path)
    rig.sides["z"].put("new.txt", b"only here")
    plan = plan_round(rig.round())
    saved = SavedPlan(plan.profile, plan.digest, plan.state, frozenset(s.id for s in plan.plan.steps))
    outcome = rig.run(saved=saved)
    assert [d.step.path for d in outcome.done] == ["new.txt"]
    assert outcome.exit_code == 5
    assert rig.run().exit_code == 0


def test_copies_by_size_cost_nothing_now(tmp_path):
    assert plan_round(copies(tmp_path, adopt=Adopt.SIZE).round()).adoption is None


class Etags(MemorySide):
    """A side that tells the MD5 of what it holds, and cannot be read."""

    def list(self):
        for entry in super().list():
            data = self.tree().get(entry.handle) or b""
            yield entry._replace(md5=hashlib.md5(data, usedforsecurity=False).hexdigest())

    def read(self, entry, start=0):
        raise AssertionError(f"{entry.handle} was read")


def test_an_etag_that_a_near_copy_has_too_costs_nothing(tmp_path):
    clock = StillClock()
    far = replace(DRIVE, cheap_reads=False, requests_per_read=400)
    kinds = (("s3", Etags, far), ("z", MemorySide, DRIVE))
    rig = Rig(tmp_path, {n: kind(n, clock=clock.now_ns, traits=t) for n, kind, t in kinds}, clock)
    for side in rig.sides.values():
        for name in "abc":
            side.put(f"{name}.txt", name.encode())
    assert plan_round(rig.round()).adoption is None
    assert (rig.run().done, rig.run().exit_code) == ((), 0)


def test_what_cannot_be_read_is_not_written_beside(tmp_path):
    rig = copies(tmp_path)
    rig.sides["fv"].read = unreadable
    outcome = rig.run()
    assert (outcome.done, outcome.exit_code) == ((), 5)
    del rig.sides["fv"].read
    assert rig.run().exit_code == 0
    assert len(settled(rig)) == 4


def unreadable(entry):
    raise Unavailable("answers nothing", path=entry.handle)


def by_size(tmp_path, names="ab", **traits):
    """Sides that hold documents of one size under one name each, taken for equal."""
    clock = StillClock()
    kinds = {"fv": FILEVINE, "z": DRIVE, **traits}
    sides = {n: MemorySide(n, clock=clock.now_ns, traits=t) for n, t in kinds.items()}
    rig = Rig(tmp_path, sides, clock, adopt=Adopt.SIZE)
    for name in names:
        for side in list(sides.values())[:2]:
            side.put(f"{name}.txt", b"same")
    return rig


def test_what_was_taken_for_equal_is_verified_little_by_little(tmp_path):
    rig = by_size(tmp_path, [str(n) for n in range(COUNT + 2)])
    ends = [rig.run() for _ in range(3)]
    assert [end.verified for end in ends] == [Verified(COUNT, 0), Verified(2, 0), Verified()]
    assert [(end.exit_code, end.done) for end in ends] == [(0, ())] * 3
    assert rig.ledger.remembered().assumed() == ()


def test_what_was_taken_for_equal_and_is_not_becomes_a_conflict_and_is_never_overwritten(tmp_path):
    rig = by_size(tmp_path)
    rig.sides["z"].put("a.txt", b"else")
    first = rig.run()
    assert (first.verified, first.exit_code, first.done) == (Verified(1, 1), 5, ())
    second = rig.run()
    assert [s.path for s in second.planned.plan.standoffs] == ["a.txt"]
    tree = settled(rig)
    assert (tree["a.txt"], sorted(tree.values())) == (b"same", [b"else", b"same", b"same"])
    assert rig.run().done == ()


def test_what_was_taken_for_equal_is_no_source_of_what_nobody_has_read(tmp_path):
    rig = by_size(tmp_path, s3=replace(DRIVE, cheap_reads=False))
    rig.sides["z"].put("a.txt", b"else")
    outcome = rig.run()
    assert {d.step.source for d in outcome.done} == {"fv"}
    assert rig.sides["s3"].tree()["a.txt"] == b"same"
    rig.run()
    assert sorted(settled(rig).values()) == [b"else", b"same", b"same"]


@pytest.mark.parametrize("down", ["fv", "z"])
def test_what_cannot_be_read_now_is_verified_later(tmp_path, down):
    rig = by_size(tmp_path)
    rig.sides[down].read = unreadable
    assert rig.run().verified == Verified()
    rig.down = {down}
    assert rig.run().verified == Verified()
    rig.down = set()
    del rig.sides[down].read
    assert rig.run().verified == Verified(2, 0)
    assert inquire.status(rig.profile, rig.tools).assumed == 0


def not_compared(tmp_path):
    """Filevine's a.txt is "same", the drive's is "else", and nobody could compare them yet."""
    rig = by_size(tmp_path)
    rig.sides["z"].put("a.txt", b"else")
    rig.sides["fv"].read = unreadable
    rig.run()
    assert inquire.status(rig.profile, rig.tools).assumed == 2
    del rig.sides["fv"].read
    return rig


@pytest.mark.parametrize(("editor", "other"), [("fv", b"else"), ("z", b"same")])
def test_an_edit_made_before_the_copies_were_compared_leaves_both_in_sight(tmp_path, editor, other):
    rig = not_compared(tmp_path)
    rig.sides[editor].put("a.txt", b"edited")
    rig.run()
    assert sorted(settled(rig).values()) == sorted([b"edited", b"same", other])
    assert rig.run().done == ()


def test_an_edit_waits_until_the_copy_that_nobody_compared_can_be_read(tmp_path):
    rig = not_compared(tmp_path)
    rig.sides["fv"].put("a.txt", b"edited in Filevine")
    rig.sides["z"].read = unreadable
    assert rig.run().done == ()
    del rig.sides["z"].read
    rig.run()
    assert b"else" in settled(rig).values()


def test_an_edit_of_a_text_that_was_read_needs_no_second_copy_of_an_equal_one(tmp_path):
    rig = by_size(tmp_path, "a", s3=replace(DRIVE, cheap_reads=False))
    rig.sides["z"].read = unreadable
    rig.run()  # the bucket gets Filevine's bytes, which are read for it
    assert inquire.status(rig.profile, rig.tools).assumed == 1
    del rig.sides["z"].read
    rig.sides["fv"].put("a.txt", b"edited in Filevine")
    rig.run()
    assert settled(rig) == {"a.txt": b"edited in Filevine"}


def test_a_third_text_beside_two_of_one_size_leaves_nothing_to_assume(tmp_path):
    rig = by_size(tmp_path, "a", s3=replace(DRIVE, cheap_reads=False))
    rig.sides["z"].put("a.txt", b"else")
    rig.sides["s3"].put("a.txt", b"another size")
    rig.run()
    assert sorted(settled(rig).values()) == [b"another size", b"else", b"same"]


def test_a_first_plan_counts_what_is_the_same_everywhere(tmp_path):
    clock = StillClock()
    sides = {name: MemorySide(name, clock=clock.now_ns, traits=DRIVE) for name in ("one", "two")}
    rig = Rig(tmp_path, sides, clock)
    for side in sides.values():
        side.put("d/same.txt", b"same")
        side.put("differs.txt", side.name.encode())
    sides["one"].put("alone.txt", b"1")
    assert plan_round(rig.round()).adopted == 1
    rig.run()
    assert plan_round(rig.round()).adopted is None
    rig.ledger.close()
