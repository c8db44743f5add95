"""Any world that a seed draws keeps the promises; the same seed is the same world, to the last word."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.reliability.tally import tried
from tests.simulation.laws import Broken
from tests.simulation.world import World, lived

ROOT = Path(__file__).parents[2]
SEEDS = range(250)
KEPT_SEEDS = {
    34: "bytes that cannot be had, asked for without end",
    189: "bytes that cannot be had, asked for without end",
    484: "a listing of what was there for a moment only",
    2699: "what a replacement had left behind, cleared away",
    767: "a delete of a copy that was only taken for equal took away another text",
    4838: "a copy that was taken for equal was written over after a crash",
    13: "an edit was written over a copy that was only taken for equal",
    90: "a touch was written over a copy that was only taken for equal",
    238: "two documents lost one text in one run, and each kept it",
    4923: "a text kept again because the name of its copy carried an id",
    236: "a held document replaced with another side's bytes",
    40657: "an id told again at every run, because a document that would get another is refused",
    51226: "a held document that could never take its new name",
    200433: "a decision that named a copy which was forgotten since",
    200593: "a copy that every side refuses, whose text went to trash at the next run",
    300930: "a part of a saved plan put a document in a folder that was left out",
    301208: "a stand-in given again at every run",
    974: "a delete before a copy was compared, put back only at the second run",
    400773: "a rename let a copy that was only taken for equal count as read",
}
NAMED = {
    "runs": "runs in them",
    "failures": "calls of a side or of the disk that failed",
    "crashes": "crashes at any moment of a run",
    "orders": "saved plans, undos and decisions of conflicts",
    "deeds": "deeds of people, many of them during a run",
}


def traced(seed):
    world, _ = lived(seed)
    return hashlib.sha256("\n".join(world.trace).encode()).hexdigest()


def elsewhere(call, **settings):
    """What a call of this module prints in a process of its own, which nobody measures: worlds start thousands of threads."""
    measured = ("COVERAGE_FILE", "COVERAGE_PROCESS_START")
    environment = {name: value for name, value in os.environ.items() if name not in measured}
    ended = subprocess.run(
        (sys.executable, "-c", f"from {__name__} import *; print({call})"),
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not ended.returncode, ended.stderr[-2000:]
    return ended.stdout


def test_the_same_seed_is_the_same_world_in_any_process():
    told = {elsewhere("[traced(s) for s in range(4)]", PYTHONHASHSEED=hashing) for hashing in ("1", "2")}
    assert told == {f"{[traced(seed) for seed in range(4)]}\n"}


def ended(seed):
    """What a world broke at last, "" for nothing. Raises what nobody foresaw."""
    _, error = lived(seed)
    return "" if error is None else str(error)


@pytest.fixture(scope="module")
def endings():
    return json.loads(elsewhere("json.dumps({seed: ended(seed) for seed in KEPT_SEEDS})"))


@pytest.mark.parametrize("seed", KEPT_SEEDS)
def test_a_world_that_broke_a_promise_once_keeps_it_now(endings, seed):
    assert endings[str(seed)] == ""
    tried("world", "worlds that broke a promise once")


def test_a_second_conflict_copy_of_one_text_breaks_a_law(tmp_path):
    world = World(0, tmp_path)
    side = next(iter(world.sides.values()))
    side.put("a (conflict side1 2026-11-22 3fa9c1).txt", b"text")
    world.laws.after_any_run()
    side.put("a (conflict side1 2026-11-23 3fa9c1).txt", b"text")
    with pytest.raises(Broken, match="conflict copies never multiply"):
        world.laws.after_any_run()
    world.ledger.close()


def lived_through(seeds):
    """What happened in these worlds, as JSON. Raises AssertionError when a law broke in one."""
    went = Counter()
    for seed in seeds:
        world, error = lived(seed)
        assert error is None, f"python dev.py simulate --seed {seed}: {error}"
        went.update(vars(world.tally))
    return json.dumps(went)


@pytest.mark.slow
def test_every_world_keeps_the_promises():
    went = json.loads(elsewhere("lived_through(SEEDS)"))
    assert went["crashes"] > 100
    tried("world", "worlds drawn from a seed", len(SEEDS))
    for what, name in NAMED.items():
        tried("world", name, went[what])
