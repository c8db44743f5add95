"""Takes one profile round the straight line: look → differ → pair → merge → place → brake → transfer → settle."""

import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from synctool.config.profile import Profile
from synctool.core import patterns
from synctool.core.brakes import side_brake, withhold_items
from synctool.core.decide import Question, decide
from synctool.core.item import ItemId
from synctool.core.known import Look, Looks
from synctool.core.model import Entry, Handle, Kind, SideName
from synctool.core.plan import Brake, Notice, Plan
from synctool.core.policy import Settle
from synctool.core.world import path_of
from synctool.engine import markers
from synctool.engine.connect import Connected, connected
from synctool.engine.execute import Run, carry_out
from synctool.engine.folders import in_scope
from synctool.engine.look import differences
from synctool.engine.outcome import Done, Failed, Outcome, Planned
from synctool.engine.reading import Reader
from synctool.engine.sieve import Sighting, put_off, sift
from synctool.engine.tools import Ask, Tools
from synctool.errors import Braked, Misuse, SideError
from synctool.sides.base import Side
from synctool.store.audit import Audit
from synctool.store.lease import held, whoami
from synctool.store.ledger import Ledger

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a saved plan says of itself: whose it is, what it was made from, and the ids of its steps."""

    profile: str
    digest: str
    state: str
    steps: frozenset[str]


def always(_: Planned) -> bool:
    """Nobody needs to be asked."""
    return True


@dataclass(frozen=True, slots=True)
class Round:
    """One time round the line: whose, what was asked, with what, from which state, on which sides.

    patient: wait once for files that are being written, as a run that acts does.
    """

    profile: Profile
    ask: Ask
    tools: Tools
    ledger: Ledger
    sides: Connected
    patient: bool = False


def plan(profile: Profile, ask: Ask, tools: Tools) -> Planned:
    """Look at every side and decide; nothing is changed but what is cached."""
    with _ledger(profile, tools) as ledger, connected(profile, ask.without, tools.clock) as sides:
        return plan_round(Round(profile, ask, tools, ledger, sides))


def plan_round(this: Round) -> Planned:
    """Look and decide on sides that are connected."""
    if this.ledger.get("rules", this.profile.rules_digest) == this.profile.rules_digest:
        return _planned(this)
    with this.ledger.copy() as twin:
        _forget_excluded(this.profile, twin)
        return _planned(replace(this, ledger=twin))


def apply(
    profile: Profile,
    ask: Ask,
    tools: Tools,
    saved: SavedPlan | None = None,
    confirm: Callable[[Planned], bool] = always,
) -> Outcome:
    """Look, decide, ask ``confirm``, and carry it out.

    Raises Busy when another run holds the profile, Misuse in ``observe`` mode, Braked when a saved plan does not fit.
    """
    if profile.mode != "sync":
        raise Misuse(f"{profile.name} is in mode {profile.mode!r}: it plans, and never acts")
    since = datetime.fromtimestamp(tools.clock.now_ns() // 10**9, UTC).isoformat()
    with (
        held(tools.state / f"{profile.name}.lock", whoami(), since),
        _ledger(profile, tools) as ledger,
        connected(profile, ask.without, tools.clock) as sides,
    ):
        return apply_round(Round(profile, ask, tools, ledger, sides), saved, confirm)


def apply_round(
    this: Round, saved: SavedPlan | None = None, confirm: Callable[[Planned], bool] = always
) -> Outcome:
    """Look, decide and act on sides that are connected."""
    this = replace(this, patient=True)
    started = this.tools.clock.monotonic()
    _check(saved, this)
    _note_rules(this)
    planned = _planned(this)
    planned, dropped = _only_saved(planned, saved)
    if not confirm(planned):
        return Outcome(planned, 0, 0.0, left_out=this.ask.without)
    run = this.ledger.begin_run(this.tools.clock.now_ns(), this.ask.actor)
    audit = Audit(this.tools.state / f"{this.profile.name}.audit.jsonl")
    planned, moved = _confirmed(planned, this.sides.open)
    results = _carried_out(this, planned.plan, run, audit)
    outcome = Outcome(
        planned=planned,
        run=run,
        seconds=this.tools.clock.monotonic() - started,
        done=tuple(r for r in results if isinstance(r, Done)),
        failed=tuple(r for r in (*moved, *results) if isinstance(r, Failed)),
        dropped=dropped,
        left_out=this.ask.without,
    )
    _close(this, audit, outcome)
    return outcome


@contextmanager
def _ledger(profile: Profile, tools: Tools) -> Iterator[Ledger]:
    with Ledger(tools.state / f"{profile.name}.db") as ledger:
        yield ledger


def _planned(this: Round) -> Planned:
    """Look at every side and decide, reading what must be read on the way."""
    made = this.tools.clock.now_ns()
    reader = Reader(this.ledger, this.sides.open)
    sightings, brakes = _looks(this, reader)
    looks: Looks = {name: s.look for name, s in sightings.items()}
    question = Question(
        known=this.ledger.remembered(),
        looks=looks,
        traits=this.sides.traits,
        policy=this.profile.policy,
        waiting=this.ledger.remembered().waiting(),
        history=this.ledger.history(made),
        accepted=this.ask.accepted,
    )
    result = decide(question)
    while result.to_read:
        looks = reader.read(result.to_read, looks)
        result = decide(replace(question, looks=looks))
    unbelieved = frozenset(b.side for b in brakes if b.side and not b.accepted)
    result = replace(result, brakes=(*brakes, *result.brakes), braked_sides=unbelieved)
    result = _only(_without_refused(_without_open(result, sightings), this.ledger), this.ask.only)
    return Planned(this.profile.name, this.profile.digest, this.ledger.get("state"), made, result)


def _looks(this: Round, reader: Reader) -> tuple[dict[SideName, Sighting], tuple[Brake, ...]]:
    """Look at every side at once; a side that cannot be looked at, or believed, is unknown."""
    sides = this.sides.open
    with ThreadPoolExecutor(max(1, len(sides))) as pool:
        found = dict(
            zip(sides, pool.map(lambda side: _look(this, side, reader), sides.values()), strict=True)
        )
    brakes: list[Brake] = []
    for name, sighting in list(found.items()):
        brake = markers.judge(this.profile, this.ledger, sides[name]) or side_brake(
            sighting.look, this.ledger.entries(name), sighting.listed, this.profile.policy
        )
        if brake is None:
            continue
        accepted = brake.code in this.ask.accepted
        brakes.append(replace(brake, accepted=accepted))
        if not accepted:
            found[name] = _blind(name, brake.text)
    found |= {name: _blind(name, why) for name, why in this.sides.closed.items()}
    return {name: found[name] for name in this.profile.policy.ranks}, tuple(brakes)


def _look(this: Round, side: Side, reader: Reader) -> Sighting:
    """Look at a side; once more if something there was written just now."""
    try:
        sighting = _glance(this, side, reader)
        young = _young(this, side, sighting) if this.patient else {}
        if not young:
            return sighting
        this.tools.clock.sleep(this.profile.watch.settle_seconds)
        sighting = _glance(this, side, reader)
        moving = [
            e for h, e in _young(this, side, sighting).items() if h not in young or young[h].stamp != e.stamp
        ]
        return replace(sighting, look=put_off(sighting.look, moving, this.ledger.remembered()))
    except SideError as error:
        return _blind(side.name, str(error))


def _glance(this: Round, side: Side, reader: Reader) -> Sighting:
    remembered = this.ledger.remembered()
    found = differences(side, remembered, this.profile.policy, this.tools.progress.looking)
    return sift(side, remembered, this.profile.policy, found, lambda entry: reader.sha256(side, entry))


def _young(this: Round, side: Side, sighting: Sighting) -> dict[Handle, Entry]:
    """Files of a near side that were written so lately that somebody may still be writing."""
    if not side.traits.cheap_reads:
        return {}
    now = this.tools.clock.now_ns()
    since = now - int(this.profile.watch.settle_seconds * 1e9)
    seen = sighting.look.seen.items()
    return {h: e for h, e in seen if e.kind is Kind.FILE and since < e.mtime_ns <= now}


def _blind(side: SideName, why: str) -> Sighting:
    return Sighting(Look(side=side, unlisted={"": why}), 0)


def _without_open(plan: Plan, sightings: Mapping[SideName, Sighting]) -> Plan:
    """Put off the work on documents that somebody has open."""
    put_off: dict[ItemId, Notice] = {}
    for decision in plan.decisions:
        for side, sighting in sightings.items():
            row = decision.rows.get(side)
            entry = row.held if row else None
            for mark in sighting.in_use if entry else ():
                assert entry is not None
                if mark.folder == entry.parent and mark.name.fullmatch(entry.name):
                    put_off[decision.item] = Notice(decision.path, f"is open ({mark.who}); put off", side)
    concerned = {step.item for step in plan.steps} & set(put_off)
    if not concerned:
        return plan
    plan = withhold_items(plan, concerned)
    return replace(plan, put_off=tuple(put_off[item] for item in sorted(concerned)))


def _without_refused(plan: Plan, ledger: Ledger) -> Plan:
    """Leave out what a side has said it will never accept; it waits for a person."""
    refusals = ledger.refusals()
    if not refusals:
        return plan
    key = {s.id: (s.side, s.to_path, s.content.digest if s.content else "") for s in plan.steps}
    refused = [s for s in plan.steps if key[s.id] in refusals]
    notices = tuple(
        Notice(s.to_path, f"was refused: {refusals[key[s.id]]}; waits for a person", s.side) for s in refused
    )
    steps = tuple(s for s in plan.steps if key[s.id] not in refusals)
    return replace(plan, steps=steps, refused=notices)


def _only(plan: Plan, only: tuple[str, ...]) -> Plan:
    """The steps of the paths that were asked for, and of the folders they need."""
    if not only:
        return plan
    wanted = [patterns.Pattern(text) for text in only]
    items = {
        step.item
        for step in plan.steps
        if any(p.matches(path) for p in wanted for path in (step.path, step.to_path))
    }
    needed = {step.folder for step in plan.steps if step.item in items}
    folders = {step.item: step.folder for step in plan.steps}
    queue = list(needed)
    while queue:
        folder = queue.pop()
        if folder in folders and folder not in items:
            items.add(folder)
            queue.append(folders[folder])
    others = {step.item for step in plan.steps} - items
    return replace(withhold_items(plan, others), withheld=plan.withheld)


def _check(saved: SavedPlan | None, this: Round) -> None:
    if saved is None:
        return
    for what, theirs, ours in (
        ("another profile", saved.profile, this.profile.name),
        ("another version of the profile", saved.digest, this.profile.digest),
        ("another state", saved.state, this.ledger.get("state")),
    ):
        if theirs != ours:
            raise Braked(f"the saved plan was made with {what}", hint="make a new plan")


def _only_saved(planned: Planned, saved: SavedPlan | None) -> tuple[Planned, tuple[str, ...]]:
    """What of a fresh plan the saved one has too, item by item; and the ids of what it has no more."""
    if saved is None:
        return planned, ()
    fresh = planned.plan
    ids = {step.id for step in fresh.steps}
    others = {step.item for step in fresh.steps if step.id not in saved.steps}
    plan = replace(withhold_items(fresh, others), withheld=fresh.withheld)
    kept = {step.id for step in plan.steps}
    return replace(planned, plan=plan), tuple(sorted(saved.steps - (ids & kept)))


def _note_rules(this: Round) -> None:
    """Newly excluded is forgotten, newly included is adopted; and a new side has everything to catch up with."""
    ledger, profile = this.ledger, this.profile
    if ledger.get("rules", profile.rules_digest) != profile.rules_digest:
        _forget_excluded(profile, ledger)
    ledger.put("rules", profile.rules_digest)
    sides = ",".join(profile.policy.ranks)
    if ledger.get("sides", sides) != sides:
        ledger.await_all()
    ledger.put("sides", sides)


def _forget_excluded(profile: Profile, ledger: Ledger) -> None:
    remembered = ledger.remembered()
    gone: list[ItemId] = []
    for item, kind in ledger.select("SELECT item, kind FROM items"):
        path = path_of(item, lambda i: remembered.item(i).value)
        folder = kind == "folder"
        rule = patterns.decide(profile.policy.rules, path, folder=folder)
        if not in_scope(path, profile.policy, folder=folder) or (rule is not None and not rule.include):
            gone.append(item)
    alive = {i for (i,) in ledger.select("SELECT item FROM items")} - set(gone)
    needed = {folder for item in alive for folder in _above(item, lambda i: remembered.item(i).value.folder)}
    ledger.forget(item for item in gone if item not in needed)


def _above(item: ItemId, folder_of: Callable[[ItemId], ItemId]) -> Iterator[ItemId]:
    folder = folder_of(item)
    while folder:
        yield folder
        folder = folder_of(folder)


def _confirmed(planned: Planned, sides: Mapping[SideName, Side]) -> tuple[Planned, list[Failed]]:
    """Look once more, just before acting, for what was deleted: what is there after all is not removed."""
    doubtful: dict[ItemId, str] = {}
    removing = {step.item for step in planned.plan.steps}
    for decision in planned.plan.decisions:
        for name, entry in decision.deleted.items() if decision.item in removing else ():
            if why := _still_there(sides[name], entry):
                doubtful[decision.item] = f"{name}: {decision.path}: {why}; decided anew at the next run"
    if not doubtful:
        return planned, []
    failed = [Failed(s, doubtful[s.item], 5) for s in planned.plan.steps if s.item in doubtful]
    return replace(planned, plan=withhold_items(planned.plan, set(doubtful))), failed


def _still_there(side: Side, entry: Entry) -> str:
    try:
        return "" if side.stat(entry) is None else "was missing, and is there again"
    except SideError as error:
        return f"cannot be confirmed to be gone: {error.what}"


def _carried_out(this: Round, plan: Plan, number: int, audit: Audit) -> list[Done | Failed]:
    """Settle what was decided, then take the steps."""
    ledger, sides = this.ledger, this.sides
    standing = frozenset(s.item for s in plan.standoffs if s.conflict.how is Settle.HOLD)
    ledger.settle(plan.decisions, this.profile.policy.ranks, standing)
    markers.claim(this.profile.name, ledger, sides.open, plan, number)
    size = sum(step.content.size for step in plan.steps if step.content and step.source)
    this.tools.progress.planned(len(plan.steps), size)
    run = Run(
        number=number,
        actor=this.ask.actor,
        ledger=ledger,
        audit=audit,
        sides=sides.open,
        policy=this.profile.policy,
        projects=sides.projects,
        clock=this.tools.clock,
        progress=this.tools.progress,
    )
    return carry_out(run, plan)


def _close(this: Round, audit: Audit, outcome: Outcome) -> None:
    """Write down how the run ended."""
    ledger, plan = this.ledger, outcome.planned.plan
    waiting = ledger.remembered().waiting()
    agreed = not (waiting or outcome.failed or plan.withheld or plan.unknown or outcome.dropped)
    if outcome.done:
        markers.date(ledger, this.sides.open, outcome)
        audit.sync()
    ledger.drop_digests()
    summary = {
        "done": len(outcome.done),
        "failed": len(outcome.failed),
        "held": [s.path for s in plan.standoffs if s.conflict.how is Settle.HOLD],
        "unknown": {side: list(why) for side, why in plan.unknown.items()},
        "brakes": [brake.text for brake in plan.brakes],
    }
    now = this.tools.clock.now_ns()
    ledger.end_run(outcome.run, now, outcome.exit_code, agreed=agreed, summary=summary)
    log.info("run %d of %s ended with %d", outcome.run, outcome.planned.profile, outcome.exit_code)
