"""Leaves out of a plan what is not to be done now: what is in use, was refused, was not asked for, or came back."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from synctool.core import names, patterns
from synctool.core.brakes import withhold_items
from synctool.core.item import ItemId
from synctool.core.keeping import without_unkept
from synctool.core.model import Entry, SideName, Sides
from synctool.core.plan import Action, Notice, Plan, Step
from synctool.core.ruling import Ruling
from synctool.engine.former import Undo
from synctool.engine.outcome import Failed, Planned
from synctool.engine.rounds import Round
from synctool.engine.sieve import Sighting
from synctool.errors import Braked, SideError
from synctool.sides.base import Side
from synctool.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a saved plan says of itself: whose it is, what it was made from, the ids of its steps, and what it undoes."""

    profile: str
    digest: str
    state: str
    steps: frozenset[str]
    undo: Undo | None = None


def check_saved(saved: SavedPlan | None, this: Round) -> None:
    """Raise Braked unless a saved plan was made with this profile and this state."""
    if saved is None:
        return
    for what, theirs, ours in (
        ("another profile", saved.profile, this.profile.name),
        ("another version of the profile", saved.digest, this.profile.digest),
        ("another state", saved.state, this.ledger.get("state")),
    ):
        if theirs != ours:
            raise Braked(f"the saved plan was made with {what}", hint="make a new plan")


def only_saved(planned: Planned, saved: SavedPlan | None) -> tuple[Planned, tuple[str, ...]]:
    """What of a fresh plan the saved one has too, item by item; and the ids of what it has no more."""
    if saved is None:
        return planned, ()
    fresh = planned.plan
    ids = {step.id for step in fresh.steps}
    others = {step.item for step in fresh.steps if step.id not in saved.steps}
    plan = replace(without_unkept(fresh, withhold_items(fresh, others)), withheld=fresh.withheld)
    kept = {step.id for step in plan.steps}
    return replace(planned, plan=plan), tuple(sorted(saved.steps - (ids & kept)))


def without_open(plan: Plan, sightings: Mapping[SideName, Sighting], now_ns: int) -> Plan:
    """Put off the work on documents that somebody has open, and what its side would do to the folders they lie in."""
    touched = {(step.item, step.side) for step in plan.steps}
    at_work = {item for item, _ in touched}
    open_documents: dict[ItemId, Notice] = {}
    folders: dict[tuple[ItemId, SideName], Notice] = {}
    for decision in plan.decisions:
        for side, sighting in sightings.items() if decision.item in at_work else ():
            row = decision.rows.get(side)
            entry = row.held if row else None
            for mark in sighting.in_use if entry else ():
                assert entry is not None
                notice = Notice(decision.path, mark.told(now_ns), side)
                if mark.speaks_for(entry):
                    open_documents[decision.item] = notice
                elif mark.lies_in(entry) and (decision.item, side) in touched:
                    folders[decision.item, side] = notice
    if not open_documents and not folders:
        return plan
    plan = withhold_items(plan, open_documents)
    put_off = {**open_documents, **{item: notice for (item, _), notice in folders.items()}}
    return replace(
        plan,
        steps=tuple(step for step in plan.steps if (step.item, step.side) not in folders),
        put_off=tuple(put_off[item] for item in sorted(put_off)),
    )


def without_refused(plan: Plan, ledger: Ledger, traits: Sides) -> Plan:
    """Leave out what a side has said it will never accept, and labels with the id that it would get; it waits for a person."""
    refusals = ledger.refusals()
    if not refusals:
        return plan
    key = {s.id: (s.side, s.to_path, s.content.digest if s.content else "") for s in plan.steps}
    refused = [s for s in plan.steps if key[s.id] in refusals]
    notices = tuple(
        Notice(s.to_path, f"was refused: {refusals[key[s.id]]}; waits for a person", s.side) for s in refused
    )
    naming = (s for s in refused if s.entry is None or s.action is Action.REPLACE)
    nameless = {s.item for s in naming if traits[s.side].lasting_refs}
    steps = (s for s in plan.steps if key[s.id] not in refusals)
    kept = tuple(s for s in steps if s.action is not Action.LABEL or s.item not in nameless)
    return without_unkept(plan, replace(plan, steps=kept, refused=notices))


def only_together(plan: Plan, rulings: Mapping[ItemId, Ruling]) -> Plan:
    """Do nothing of what a person decided about a conflict while some of it must be put off."""
    decided = {decision.item for decision in plan.decisions}
    partly = {
        item
        for item, ruling in rulings.items()
        if any(not {item, other} <= decided for other in ruling.along & rulings.keys())
    }
    return withhold_items(plan, partly) if partly & decided else plan


def only_asked(plan: Plan, only: tuple[str, ...]) -> Plan:
    """The steps of the paths that were asked for, and of the folders they need."""
    if not only:
        return plan
    wanted = [patterns.Pattern(text) for text in only]
    items = {
        step.item
        for step in plan.steps
        if any(p.matches(path) for p in wanted for path in (step.path, step.to_path))
    }
    return _only(plan, items)


def only_decided(plan: Plan, rulings: Collection[ItemId]) -> Plan:
    """The steps of the items that a person decided about just now, and of the folders they need."""
    return _only(plan, set(rulings))


def _only(plan: Plan, items: Collection[ItemId]) -> Plan:
    """The steps of these items, of the folders they need, of what leaves their places, and of what keeps their bytes."""
    steps: dict[ItemId, list[Step]] = defaultdict(list)
    leaving: dict[tuple[SideName, str], ItemId] = {}
    keeping: dict[ItemId, set[ItemId]] = defaultdict(set)
    for step in plan.steps:
        steps[step.item].append(step)
        if step.origin:
            keeping[step.origin].add(step.item)
        if step.entry is not None and step.action in (Action.MOVE, Action.REMOVE, Action.REPLACE):
            beside = step.to_path.rpartition("/")[0]
            for path in (step.path, f"{beside}/{step.entry.name}".removeprefix("/")):
                leaving[step.side, names.fold(path)] = step.item
    wanted, queue = set(items), list(items)
    while queue:
        item = queue.pop()
        needs = set(keeping.get(item, ()))
        for step in steps.get(item, ()):
            needs |= {step.folder, leaving.get((step.side, names.fold(step.to_path)), step.folder)}
        queue += needs - wanted
        wanted |= needs
    others = steps.keys() - wanted
    return replace(withhold_items(plan, others), withheld=plan.withheld)


def only_confirmed(planned: Planned, sides: Mapping[SideName, Side]) -> tuple[Planned, list[Failed]]:
    """Look once more, just before acting, for what was deleted: what is there after all is not removed."""
    doubtful: dict[ItemId, str] = {}
    removing = {step.item for step in planned.plan.steps}
    for decision in planned.plan.decisions:
        for name, entry in decision.deleted.items() if decision.item in removing else ():
            if why := _still_there(sides[name], entry):
                doubtful[decision.item] = f"{name}: {decision.path}: {why}; decided anew at the next run"
    if not doubtful:
        return planned, []
    sure = withhold_items(planned.plan, set(doubtful))
    left = "what it lies in is decided anew at the next run"
    kept = {step.item for step in sure.steps}
    failed = [Failed(s, doubtful.get(s.item, left), 5) for s in planned.plan.steps if s.item not in kept]
    return replace(planned, plan=sure), failed


def _still_there(side: Side, entry: Entry) -> str:
    try:
        return "" if side.stat(entry) is None else "was missing, and is there again"
    except SideError as error:
        return f"cannot be confirmed to be gone: {error.what}"
