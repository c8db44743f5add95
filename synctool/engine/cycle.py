"""Takes one profile round the straight line: look → differ → pair → merge → place → brake → transfer → settle."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from synctool.config.profile import Profile
from synctool.core.decide import Question
from synctool.core.known import Looks
from synctool.core.model import Handle, Kind, SideName
from synctool.core.plan import Plan
from synctool.core.policy import Settle
from synctool.engine import markers, overrides, record
from synctool.engine.acts import Run
from synctool.engine.adoption import compared
from synctool.engine.conflicts import forget_done, note_conflicts
from synctool.engine.connect import connected
from synctool.engine.execute import carry_out
from synctool.engine.looking import Sighted, look_again, look_around
from synctool.engine.narrow import (
    SavedPlan,
    check_saved,
    only_asked,
    only_confirmed,
    only_decided,
    only_saved,
    only_together,
    without_open,
    without_refused,
)
from synctool.engine.outcome import Done, Failed, Outcome, Planned
from synctool.engine.postponing import postponed
from synctool.engine.record import at_hand, holding, remembering
from synctool.engine.retention import keep_trash_short
from synctool.engine.rounds import Round
from synctool.engine.scope import is_noted, note_rules
from synctool.engine.tools import Ask, Tools
from synctool.engine.undo import undoing
from synctool.engine.verifying import verify
from synctool.errors import Misuse, SideError
from synctool.store.audit import Audit

log = logging.getLogger(__name__)


def always(_: Planned) -> bool:
    """Nobody needs to be asked."""
    return True


def plan(profile: Profile, ask: Ask, tools: Tools) -> Planned:
    """Look at every side and decide; nothing is changed but what is cached."""
    with (
        at_hand(profile, tools) as here,
        remembering(profile, here) as ledger,
        connected(profile, ask.without, here) as sides,
    ):
        return plan_round(Round(profile, ask, here, ledger, sides))


def plan_round(this: Round) -> Planned:
    """Look and decide on sides that are connected."""
    with by_present_rules(undoing(this)) as now:
        return considered(now)[2]


@contextmanager
def by_present_rules(this: Round) -> Iterator[Round]:
    """A round in which nothing is remembered that the rules now exclude; the state itself stays as it is."""
    if is_noted(this):
        yield this
        return
    with this.ledger.copy() as twin:
        now = replace(this, ledger=twin)
        note_rules(now)
        yield now


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
    with (
        holding(profile, tools) as (lease, here),
        remembering(profile, here) as ledger,
        connected(profile, ask.without, here) as sides,
    ):
        return apply_round(Round(profile, ask, here, ledger, sides, lease=lease), saved, confirm)


def apply_round(
    this: Round, saved: SavedPlan | None = None, confirm: Callable[[Planned], bool] = always
) -> Outcome:
    """Look, decide and act on sides that are connected."""
    this = replace(this, patient=True)
    started = this.tools.clock.monotonic()
    check_saved(saved, this)
    note_rules(this)
    this = undoing(this)
    this, sighted, planned = considered(this)
    if planned.undecided and saved is None and confirm(planned):
        planned = decided(this, sighted, freely=True)
    elif planned.undecided and saved is None:
        return Outcome(planned, 0, 0.0, left_out=this.ask.without)
    planned, dropped = only_saved(planned, saved)
    if not confirm(planned):
        return Outcome(planned, 0, 0.0, left_out=this.ask.without)
    this.lease.check()
    audit = record.opened(this)
    run = this.ledger.journal.begin_run(this.tools.clock.now_ns(), this.ask.actor)
    planned, moved = only_confirmed(planned, this.sides.open)
    results = _carried_out(this, planned.plan, run, audit)
    outcome = Outcome(
        planned=planned,
        run=run,
        seconds=this.tools.clock.monotonic() - started,
        done=tuple(r for r in results if isinstance(r, Done)),
        failed=tuple(r for r in (*moved, *results) if isinstance(r, Failed)),
        dropped=dropped,
        left_out=this.ask.without,
        verified=verify(this),
    )
    this.lease.check()
    keep_trash_short(this, run, audit)
    return _closed(this, audit, outcome)


def considered(this: Round) -> tuple[Round, Sighted, Planned]:
    """Look and decide; what would then be changed on a near side is looked at first: somebody may have it open."""
    sighted = look_around(this)
    planned = decided(this, sighted)
    while near := _unlooked(this, planned):
        this = replace(this, ask=replace(this.ask, hints={**(this.ask.hints or {}), **near}))
        sighted = look_again(this, sighted, near)
        planned = decided(this, sighted)
    return this, sighted, planned


def _unlooked(this: Round, planned: Planned) -> dict[SideName, frozenset[Handle]]:
    """The near sides on which a step would change what nobody looked at, and where to look there."""
    found: dict[SideName, frozenset[Handle]] = {}
    for step in planned.plan.steps:
        if step.side in planned.glanced and step.entry and this.sides.traits[step.side].cheap_reads:
            hinted = found.get(step.side) or (this.ask.hints or {}).get(step.side, frozenset())
            found[step.side] = hinted | {step.entry.handle}
    return {side: handles for side, handles in found.items() if handles != (this.ask.hints or {}).get(side)}


def decided(this: Round, sighted: Sighted, *, freely: bool = False) -> Planned:
    """Decide, reading what must be read on the way; what takes long only when it is freely given."""
    made, remembered = this.tools.clock.now_ns(), this.ledger.remembered()
    rulings = {**this.ledger.disputes.rulings(), **this.rulings}
    sightings, brakes = sighted.sightings, sighted.brakes
    looks: Looks = {name: s.look for name, s in sightings.items()}
    question = Question(
        known=remembered,
        looks=looks,
        traits=this.sides.traits,
        policy=this.profile.policy,
        waiting=remembered.waiting(),
        history=this.ledger.journal.history(made),
        accepted=this.ask.accepted,
        rulings=rulings,
    )
    result, adoption = compared(this, sighted.reader, question, freely=freely)
    unbelieved = frozenset(b.side for b in brakes if b.side and not b.accepted)
    leftovers = {name: s.leftovers for name, s in sightings.items() if s.leftovers}
    result = replace(result, brakes=(*brakes, *result.brakes), braked_sides=unbelieved, leftovers=leftovers)
    result = without_refused(without_open(result, sightings, made), this.ledger, this.sides.traits)
    result = only_asked(result, this.ask.only)
    result = only_together(result, rulings)
    if this.ask.undo:
        result = only_decided(replace(result, notices=(*this.told, *result.notices)), this.rulings)
    state = this.ledger.get("state")
    return Planned(
        profile=this.profile.name,
        digest=this.profile.digest,
        state=state,
        made_ns=made,
        plan=result,
        adoption=adoption,
        adopted=_adopted(result) if remembered.next_item == 1 else None,
        undo=this.ask.undo,
        glanced=frozenset(name for name, s in sightings.items() if s.listed is None),
        again=result.missed | {name for name, s in sightings.items() if s.gone},
    )


def _adopted(plan: Plan) -> int:
    """The documents that all sides hold alike, of which nothing was known."""
    alike = {d.item for d in plan.decisions if d.agreed.kind is Kind.FILE and d.agreed.value.exists}
    return len(alike - {step.item for step in plan.steps} - {standoff.item for standoff in plan.standoffs})


def _carried_out(this: Round, plan: Plan, number: int, audit: Audit) -> list[Done | Failed]:
    """Settle what was decided, then take the steps."""
    ledger, sides = this.ledger, this.sides
    standing = frozenset(s.item for s in plan.standoffs if s.conflict.how is Settle.HOLD)
    ledger.settle(plan.decisions, this.profile.policy.ranks, standing)
    ledger.await_items({step.item for step in plan.steps})
    note_conflicts(ledger, plan, number, this.tools.clock.now_ns())
    this.lease.foretell(lambda: ledger.journal.intend(number, this.tools.clock.now_ns(), plan.steps))
    for name, leftovers in plan.leftovers.items():
        for entry in leftovers:
            this.lease.check()
            with suppress(SideError):  # the next run tries again
                sides.open[name].remove(entry)
                record.swept(this, audit, number, name, entry)
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
        state=this.tools.state,
        clock=this.tools.clock,
        progress=this.tools.progress,
        lease=this.lease,
        pool=this.tools.pool,
        stopped=this.tools.stopped,
    )
    return carry_out(run, plan)


def _closed(this: Round, audit: Audit, outcome: Outcome) -> Outcome:
    """The outcome, after it was written down how the run ended."""
    ledger, plan = this.ledger, outcome.planned.plan
    ledger.await_items({failed.step.item for failed in outcome.failed})
    waiting = ledger.remembered().waiting()
    agreed = not (waiting or outcome.failed or plan.withheld or plan.unknown or outcome.dropped)
    agreed = agreed and not outcome.planned.glanced  # of what nobody looked at, nobody can say so
    now = this.tools.clock.now_ns()
    overrides.spend(ledger, audit, outcome, this.ask.actor, now)
    record.note(ledger, audit)
    if outcome.done:
        markers.date(ledger, this.sides.open, outcome)
    ledger.drop_digests()
    forget_done(ledger, plan)
    summary = {
        "done": len(outcome.done),
        "failed": len(outcome.failed),
        "bytes": sum(done.size for done in outcome.done),
        "held": [s.path for s in plan.standoffs if s.conflict.how is Settle.HOLD],
        "unknown": {side: list(why) for side, why in plan.unknown.items()},
        "brakes": overrides.tripped(ledger, plan, now),
        "put_off": postponed(ledger, outcome, now),
    }
    ledger.journal.end_run(outcome.run, now, outcome.exit_code, agreed=agreed, summary=summary)
    log.info("run %d of %s ended with %d", outcome.run, outcome.planned.profile, outcome.exit_code)
    return replace(outcome, agreed=agreed)
