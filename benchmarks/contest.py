"""Lets contestants do the same work in turns, and keeps what each run took."""

import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.ground import Ground
from benchmarks.measuring import Run, run
from benchmarks.tools import WANTED, Contestant, program

ENOUGH = 30.0  # seconds: who has worked for longer stands aside in further rounds


@dataclass(frozen=True, slots=True)
class Setting:
    """Who takes part, and what is done before each run, unmeasured; counted: how many requests a server has seen so far."""

    contestants: Sequence[Contestant]
    settings: Mapping[str, str]
    before: Callable[[Contestant, int], None] = lambda *_: None
    counted: Callable[[], int] | None = None
    already: Mapping[str, Run] = field(default_factory=dict)  # what was measured while all was made ready


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison: prepare makes everything ready; limit: seconds for one run; note: what a reader must know."""

    name: str
    title: str
    prepare: Callable[[Ground], Setting]
    rounds: int = 5
    limit: float = 120.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a comparison found: the runs of everyone who took part, and who could not."""

    runs: dict[str, list[Run]] = field(default_factory=lambda: defaultdict(list))
    missing: list[str] = field(default_factory=list)


def hold(case: Case, ground: Ground) -> Found:
    """Prepare a case and let all take turns, as many rounds as it says."""
    setting, found = case.prepare(ground), Found()
    for name, ran in setting.already.items():
        found.runs[name].append(ran)
        say(f"  {name}: {told(ran)}")
    present = []
    for one in setting.contestants:
        if one.tool in WANTED and program(one.tool) is None:
            found.missing.append(one.name)
            say(f"  {one.name}: {one.tool} IS NOT INSTALLED; benchmarks/README.md tells how")
        else:
            present.append(one)
    for number in range(case.rounds):
        for one in present:
            runs = found.runs[one.name]
            if any(each.trouble for each in runs) or sum(each.wall for each in runs) > ENOUGH:
                continue
            setting.before(one, number)
            runs.append(measured(one.in_round(number), setting, ground, case.limit))
            say(f"  {one.name}: {told(runs[-1])}")
    return found


def measured(one: Contestant, setting: Setting, ground: Ground, limit: float) -> Run:
    """One run, and the requests it made."""
    before = setting.counted() if setting.counted else 0
    ran = run(one.command, {**setting.settings, **one.settings}, ground.log, limit, one.codes)
    if ran.trouble:
        say(_end(ground))
    return replace(ran, requests=setting.counted() - before) if setting.counted else ran


def told(one: Run) -> str:
    """A run in a line."""
    asked = "" if one.requests is None else f", {one.requests} requests"
    return (
        f"{one.wall:.2f} s, CPU {one.cpu:.2f} s, {one.memory / 1e6:.0f} MB{asked}"
        + f": {one.trouble}" * bool(one.trouble)
    )


def done(one: Contestant, ground: Ground, settings: Mapping[str, str], limit: float = 600.0) -> Run:
    """Do preparatory work; raises RuntimeError when it fails."""
    ran = run(one.command, {**settings, **one.settings}, ground.log, limit, one.codes)
    if ran.trouble:
        raise RuntimeError(f"{one.name} {ran.trouble}:\n{_end(ground)}")
    return ran


def _end(ground: Ground) -> str:
    return ground.log.read_text("utf-8", errors="replace")[-2000:]


def say(line: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
