"""Keeps synctool to what it promises. Promises 7, 9, 11 and 14 are kept to where the core and crashes are tested."""

import hashlib
import json
import random
import re

import pytest

from synctool.core.policy import Brakes
from synctool.sides.memory import MemorySide
from synctool.store.audit import verify
from synctool.store.ledger import Ledger
from tests.engine.rig import Rig, StillClock, tree
from tests.engine.test_agreement import DRIVE, FILEVINE, S3

TRAITS = {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE}
NO_BRAKES = Brakes(deletes_count=10**6, deletes_share=1, overwrites_share=1, shrunk=0)


def make_rig(folder, kind=MemorySide):
    clock = StillClock()
    sides = {name: kind(name, clock=clock.now_ns, traits=traits) for name, traits in TRAITS.items()}
    rig = Rig(folder, sides, clock)
    rig.policy(brakes=NO_BRAKES)
    return rig


@pytest.fixture
def rig(tmp_path):
    return make_rig(tmp_path)


def fill(rig, count=12):
    for n in range(count):
        rig.sides["filevine"].put(f"Folder {n % 3}/{n}.txt", b"document %d" % n)
    assert rig.run().exit_code == 0


def settled(rig):
    first, *others = rig.trees().values()
    assert all(other == first for other in others), rig.trees()
    assert not rig.plan().steps
    return first


def documents(side):
    return [path for path in tree(side) if not path.endswith("/")]


def work(side, dice, paths, tag):
    """One thing that somebody does to one of these documents, or a new one; the path it then has, if any."""
    there = [path for path in paths if path in tree(side)]
    act = dice.choice(["edit", "edit", "new", "rename", "move", "delete"]) if there else "new"
    path = dice.choice(there) if there else ""
    folder = path.rpartition("/")[0]
    if act == "new":
        path = f"Folder {dice.randrange(3)}/new {tag}.txt"
        side.put(path, f"new {tag}".encode())
    elif act == "edit":
        side.put(path, f"edited {tag}".encode())
    elif act == "delete":
        side.delete(path)
    else:
        to = (
            f"{folder}/renamed {tag}.txt"
            if act == "rename"
            else f"Folder {dice.randrange(3)}/moved {tag}.txt"
        )
        if to.rpartition("/")[0] + "/" in tree(side):
            side.rename(path, to)
            return path, to
    return path, path


def test_promise_1_determinism_the_same_rows_and_looks_make_the_same_plan_byte_by_byte(office):
    for n in range(12):
        office.filevine.put(f"Folder {n % 3}/{n}.txt", b"document %d" % n)
    office.done()
    for n, person in enumerate(office.people.values()):
        person.put(f"Folder 0/{n * 3}.txt", b"edited %d" % n)
        person.put("Folder 1/1.txt", b"contested %d" % n)
        person.rename(f"Folder 1/{n * 3 + 4}.txt", f"Folder 2/moved {n}.txt")
    office.zdrive.delete("Folder 2/11.txt")
    plans = []
    for seed in ("1", "2", "3"):
        office.environ["PYTHONHASHSEED"] = seed
        code, out, err = office.command("plan", str(office.file), "--json")
        assert code == 0, err
        plans.append(re.sub(r'"made_at": "[^"]*"', "", out))
    assert len(json.loads(out)["steps"]) > 10
    assert plans[0] == plans[1] == plans[2]


def test_promise_2_idempotence_what_was_applied_is_planned_no_more(office):
    for n in range(6):
        office.filevine.put(f"Letters/{n}.txt", b"%d" % n)
    office.done()
    office.filevine.put("Letters/0.txt", b"edited in Filevine")
    office.zdrive.put("Letters/0.txt", b"edited on the drive")
    office.zdrive.rename("Letters/1.txt", "Letters/one.txt")
    office.s3.delete("Letters/2.txt")
    office.s3.put("Photos/3.jpg", b"three")
    assert office.done().done
    office.settled()
    assert not office.done().done


@pytest.mark.parametrize("seed", range(25))
def test_promise_3_convergence_one_run_brings_all_sides_together_where_nothing_is_contested(rig, seed):
    fill(rig)
    dice = random.Random(seed)
    paths = documents(rig.sides["s3"])
    for turn in range(3):
        dice.shuffle(paths)
        after = []
        for n, (name, side) in enumerate(rig.sides.items()):
            mine = paths[n::3]
            for step in range(2):
                was, now = work(side, dice, mine, f"{turn}{name}{step}")
                mine = [path for path in mine if path != was] + [now]
            after += mine
        outcome = rig.run()
        assert outcome.exit_code == 0, (outcome.failed, outcome.planned.plan.brakes)
        settled(rig)
        paths = documents(rig.sides["s3"])


@pytest.mark.parametrize("seed", range(25))
def test_promise_4_content_survives_whatever_is_done_on_all_sides_at_once(rig, seed):
    fill(rig)
    dice = random.Random(seed)
    for turn in range(4):
        rig.down = {dice.choice(list(TRAITS))} if dice.random() < 0.3 else set()
        for name, side in rig.sides.items():
            for step in range(3):
                work(side, dice, documents(side), f"{turn}{name}{step}")
        before = {data for side in rig.sides.values() for data in tree(side).values()}
        rig.run()
        after = {data for side in rig.sides.values() for data in tree(side).values()}
        kept = {data for side in rig.sides.values() for data in side.trash.values()}
        assert before <= after | kept
    rig.down = set()
    for _ in range(3):
        rig.run()
    settled(rig)


class Forgetful(MemorySide):
    """A side whose listings leave things out."""

    left_out = frozenset()

    def list(self):
        return (each for each in super().list() if getattr(each, "name", "") not in self.left_out)


def test_promise_5_no_delete_without_evidence_what_a_listing_leaves_out_is_looked_for_again(tmp_path):
    rig = make_rig(tmp_path, Forgetful)
    fill(rig)
    before = rig.trees()
    rig.sides["filevine"].left_out = {"3.txt"}
    outcome = rig.run()
    assert outcome.exit_code == 5
    assert "there again" in outcome.failed[0].reason
    assert rig.trees() == before
    rig.sides["filevine"].left_out = frozenset()
    assert not rig.run().done


def test_promise_5_no_delete_without_evidence_a_folder_that_cannot_be_read_deletes_nothing(rig):
    fill(rig)
    before = rig.trees()
    rig.sides["zdrive"].unreadable.add("Folder 1/")
    outcome = rig.run()
    assert outcome.exit_code == 5
    rig.sides["zdrive"].unreadable.clear()
    assert rig.trees() == before


@pytest.mark.parametrize("unseen", TRAITS)
def test_promise_6_unknown_is_inert_and_what_it_held_is_not_lost_for_not_having_been_seen(rig, unseen):
    fill(rig)
    other = next(name for name in TRAITS if name != unseen)
    before = tree(rig.sides[unseen])
    rig.down = {unseen}
    rig.sides[other].put("Folder 0/0.txt", b"edited meanwhile")
    rig.sides[other].delete("Folder 1/1.txt")
    rig.sides[other].delete("Folder 2/2.txt")
    assert rig.run().exit_code == 5
    assert tree(rig.sides[unseen]) == before
    rig.sides[unseen].put("Folder 1/1.txt", b"edited in the dark")
    rig.down = set()
    assert rig.run().exit_code == 0
    now = settled(rig)
    assert now["Folder 0/0.txt"] == b"edited meanwhile"
    assert now["Folder 1/1.txt"] == b"edited in the dark"
    assert "Folder 2/2.txt" not in now


def test_promise_8_equal_content_never_conflicts_and_a_touch_never_transfers(rig):
    fill(rig)
    for side in rig.sides.values():
        side.put("Folder 0/0.txt", b"the same edit")
        side.put("Folder 0/new.txt", b"the same new document")
        side.touch("Folder 1/1.txt")
    outcome = rig.run()
    assert outcome.exit_code == 0
    assert not outcome.planned.plan.standoffs
    assert not any(done.size for done in outcome.done)
    assert len(settled(rig)) == 12 + 3 + 1


def interrupted(office, meanwhile):
    """A run in which something happens between the plan and its first step."""

    def confirm(_):
        meanwhile()
        return True

    return office.run(confirm=confirm)


@pytest.mark.parametrize("side", ["filevine", "s3", "zdrive"])
def test_promise_10_preconditions_what_was_edited_after_the_plan_is_not_overwritten(office, side):
    for n in range(6):
        office.filevine.put(f"{n}.txt", b"%d" % n)
    office.done()
    source = "zdrive" if side == "filevine" else "filevine"
    office.people[source].put("0.txt", b"edited before the plan")
    acting = office.people[side]
    outcome = interrupted(office, lambda: acting.put("0.txt", b"edited after the plan, on the other side"))
    assert outcome.exit_code == 5
    assert acting.tree()["0.txt"] == b"edited after the plan, on the other side"
    office.done()
    assert sorted(office.settled().values())[-2:] == [
        b"edited after the plan, on the other side",
        b"edited before the plan",
    ]


@pytest.mark.parametrize("side", ["filevine", "s3", "zdrive"])
def test_promise_10_preconditions_what_was_edited_after_the_plan_is_not_removed(office, side):
    for n in range(6):
        office.filevine.put(f"{n}.txt", b"%d" % n)
    office.done()
    source = "zdrive" if side == "filevine" else "filevine"
    office.people[source].delete("0.txt")
    acting = office.people[side]
    outcome = interrupted(office, lambda: acting.put("0.txt", b"edited after the plan"))
    assert outcome.exit_code == 5
    assert acting.tree()["0.txt"] == b"edited after the plan"
    office.done()
    assert office.settled()["0.txt"] == b"edited after the plan"


@pytest.mark.parametrize("side", ["s3", "zdrive"])
def test_promise_10_preconditions_a_place_that_was_taken_after_the_plan_is_left_alone(office, side):
    office.filevine.put("new.txt", b"from Filevine")
    acting = office.people[side]
    outcome = interrupted(office, lambda: acting.put("new.txt", b"put there after the plan"))
    assert outcome.exit_code == 5
    assert acting.tree()["new.txt"] == b"put there after the plan"
    office.done()
    assert sorted(office.settled().values()) == [b"from Filevine", b"put there after the plan"]


def test_promise_12_filters_never_delete(office):
    for n in range(6):
        office.filevine.put(f"Scratch/{n}.txt", b"%d" % n)
    office.done()
    before = office.trees()
    for rules in ([{"exclude": "Scratch/"}], [{"exclude": "*.txt"}], []):
        office.says(rules=rules)
        assert {done.step.action.value for done in office.done().done} <= {"label"}
        assert office.trees() == before


def test_promise_13_losing_the_state_loses_nothing(office):
    for n in range(12):
        office.filevine.put(f"Letters: all/{n}.txt", b"%d" % n)
    office.done()
    before = office.trees()
    office.zdrive.put("New.txt", b"new")
    office.zdrive.delete(next(path for path in before["zdrive"] if path.endswith("/5.txt")))
    for file in office.state.iterdir():
        file.unlink()
    outcome = office.done()
    assert not any(done.step.action.value in {"remove", "move"} for done in outcome.done)
    assert office.filevine.tree() == before["filevine"] | {"New.txt": b"new"}
    assert office.s3.tree() == office.filevine.tree()
    assert office.zdrive.tree() == before["zdrive"] | {"New.txt": b"new"}
    assert not office.plan().steps


def test_promise_15_conflict_copies_are_stable(rig, tmp_path):
    fill(rig)
    for name, side in rig.sides.items():
        side.put("Folder 0/0.txt", f"edited in {name}".encode())
    rig.run()
    now = settled(rig)
    assert len(now) == 12 + 3 + 2
    for _ in range(2):
        rig.run()
        assert settled(rig) == now
    rig.ledger = Ledger(tmp_path / "after the state was lost.db")
    rig.run()
    assert settled(rig) == now


def test_promise_17_the_record_is_complete_and_its_chain_verifies(office):
    for n in range(6):
        office.filevine.put(f"Letters/{n}.txt", b"%d" % n)
    outcomes = [office.done(actor="Robin Robinson")]
    office.zdrive.put("Letters/0.txt", b"edited")
    office.zdrive.rename("Letters/1.txt", "Letters/one.txt")
    office.zdrive.delete("Letters/2.txt")
    outcomes.append(office.done(actor="Robin Robinson"))
    (file,) = office.state.glob("*.audit.jsonl")
    records = [json.loads(line) for line in file.read_bytes().splitlines()]
    done = sorted((d.step.side, d.step.action.value, d.step.to_path) for o in outcomes for d in o.done)
    assert sorted((r["side"], r["action"], r["to_path"]) for r in records) == done
    assert {r["actor"] for r in records} == {"Robin Robinson"}
    assert verify(file) == len(records)
    (edit,) = (r for r in records if r["side"] == "s3" and r["why"] == "edited")
    assert (edit["before"], edit["after"]) == tuple(map(digest, (b"0", b"edited")))
    file.write_bytes(file.read_bytes().replace(b"one.txt", b"two.txt", 1))
    with pytest.raises(ValueError, match=r"line \d+ does not fit"):
        verify(file)


def digest(data):
    return hashlib.sha256(data).hexdigest()
