"""Writes down what a person decides about a conflict, after showing what the next run would make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from synctool.config.profile import Profile
from synctool.core.item import ItemId, content_of
from synctool.core.model import Content, SideName
from synctool.core.names import identity
from synctool.core.plan import Plan
from synctool.core.policy import Settle
from synctool.core.ruling import HELD, Ruling, Word
from synctool.engine.conflicts import MEANING, Contested, contested
from synctool.engine.connect import connected
from synctool.engine.cycle import plan_round
from synctool.engine.outcome import Planned
from synctool.engine.record import holding, note, opened, remembering
from synctool.engine.rounds import Round
from synctool.engine.tools import Ask, Tools
from synctool.errors import Misuse
from synctool.store.disputes import Decided


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person wants of a conflict. side: whose version, under TAKE."""

    word: Word
    side: SideName = ""


def resolve(profile: Profile, path: str, choice: Choice, ask: Ask, tools: Tools, *, record: bool) -> Planned:
    """What the next run would do about a conflict if this is decided; the decision is written down only if asked.

    Raises Misuse for a path without an open conflict and for what cannot be chosen, Busy while a run is going on.
    """
    with (
        holding(profile, tools) as (lease, here),
        remembering(profile, here) as ledger,
        connected(profile, ask.without, here) as sides,
    ):
        return resolve_round(
            Round(profile, ask, here, ledger, sides, lease=lease), path, choice, record=record
        )


def resolve_round(this: Round, path: str, choice: Choice, *, record: bool) -> Planned:
    """The same on sides that are connected."""
    one = _at(contested(this.ledger), identity(path.strip("/")))
    both = choice.word is Word.KEEP_BOTH and not one.dispute.held
    rulings = {} if both else _rulings(this, one, choice)
    planned = plan_round(replace(this, rulings=rulings))
    _check(planned.plan, one, rulings)
    if record:
        _record(this, one, choice, rulings)
    return replace(planned, plan=_about(planned.plan, {one.dispute.item, *one.dispute.copies}))


def _at(found: tuple[Contested, ...], path: str) -> Contested:
    """The conflict that a path belongs to: its document, or a copy."""
    for one in reversed(found):
        if path in (one.path, one.dispute.path, *one.paths):
            return one
    hint = "synctool conflicts lists those that are; a former version comes back with synctool undo, and a document is deleted on any side"
    raise Misuse("no conflict is open here", path=path, hint=hint)


def _rulings(this: Round, one: Contested, choice: Choice) -> dict[ItemId, Ruling]:
    """What a choice says of the document, and of the copies beside it."""
    plan, dispute = plan_round(this).plan, one.dispute
    if not this.ledger.disputes.lives(dispute.item):
        raise Misuse(
            "is no document of the profile any more", path=one.path, hint="run apply; it settles the rest"
        )
    if dispute.held and not any(
        s.item == dispute.item and s.conflict.how is Settle.HOLD for s in plan.standoffs
    ):
        raise Misuse("nothing is held here any more", path=one.path, hint="run apply; it settles the rest")
    seen = {item: _seen(this, plan, item) for item in (dispute.item, *_living(this, one))}
    gone = {item: Ruling(Word.GONE, seen=held) for item, held in seen.items()}
    match choice.word:
        case Word.KEEP_BOTH:
            return {dispute.item: Ruling(Word.KEEP_BOTH)}
        case Word.GONE:
            return gone
        case Word.TAKE:
            content, origin = _taken(this, one, choice.side, seen)
            take = Ruling(Word.TAKE, content, origin, seen=seen[dispute.item])
            return {**gone, dispute.item: take}


def _living(this: Round, one: Contested) -> list[ItemId]:
    return [item for item in one.dispute.copies if this.ledger.disputes.lives(item)]


def _seen(this: Round, plan: Plan, item: ItemId) -> dict[SideName, Content | None]:
    """What each side holds of an item now, or held when last seen."""
    decided = {d.item: d.rows for d in plan.decisions}
    rows = {**this.ledger.remembered().rows(item), **decided.get(item, {})}
    return {
        side: (row.value.content if row.assumed else content_of(side, row.held, this.sides.traits[side]))
        if row.held
        else None
        for side, row in rows.items()
        if side in this.sides.traits
    }


def _taken(
    this: Round, one: Contested, side: SideName, seen: Mapping[ItemId, Mapping[SideName, Content | None]]
) -> tuple[Content, ItemId]:
    """The content that a side's version has now, and the copy that keeps it, if it is one."""
    document = one.dispute.item
    if one.dispute.held:
        item, content = document, None if side in this.sides.closed else seen[document].get(side)
    else:
        item = next((v.item for v in one.dispute.versions if side in v.held_ns), 0)
        content = this.ledger.agreed(item).value.content if item in seen else None
    if content is None:
        raise Misuse(
            f"{side} has no version of this to take now", path=one.path, hint="see synctool conflicts"
        )
    return content, item if item != document else 0


def _check(plan: Plan, one: Contested, rulings: Mapping[ItemId, Ruling]) -> None:
    """Raise Misuse when the next run could not do what was chosen."""
    paths = {one.path, *one.paths}
    if any(notice.text == HELD and notice.path in paths for notice in plan.notices):
        raise Misuse(
            "is under a legal hold, and is not removed", path=one.path, hint="--keep-both leaves all versions"
        )
    if open_now := [notice for notice in plan.put_off if notice.path in paths]:
        raise Misuse(open_now[0].text, path=open_now[0].path, hint="decide when it is closed")
    missing = rulings.keys() - {decision.item for decision in plan.decisions}
    if missing:
        raise Misuse(
            "cannot be decided now: a brake withholds it", path=one.path, hint="look at synctool plan first"
        )


def _record(this: Round, one: Contested, choice: Choice, rulings: Mapping[ItemId, Ruling]) -> None:
    """Write down what was decided and who did; a conflict whose copies just stay is over at once."""
    now, actor, disputes = this.tools.clock.now_ns(), this.ask.actor, this.ledger.disputes
    this.lease.check()
    audit = opened(this)
    audit.record(
        {
            "at": datetime.fromtimestamp(now // 10**9, UTC).isoformat(),
            "actor": actor,
            "action": "resolve",
            "path": one.path,
            "decision": choice.word.value,
            "side": choice.side,
        }
    )
    note(this.ledger, audit)
    for item, ruling in rulings.items():
        disputes.rule(item, Decided(ruling, actor, now))
    if not rulings:
        disputes.close(one.dispute.conflict, now, f"{MEANING[choice.word]}, as {actor} decided")


def _about(plan: Plan, items: set[ItemId]) -> Plan:
    """What a plan does about some items, and about the copies made of them."""
    standoffs = tuple(s for s in plan.standoffs if s.item in items)
    items = items | {copy for standoff in standoffs for copy in standoff.items}
    return Plan(
        steps=tuple(s for s in plan.steps if s.item in items),
        standoffs=standoffs,
        decisions=tuple(d for d in plan.decisions if d.item in items),
        unknown=plan.unknown,
    )
