"""Gathers why a document is as it is: what each side holds, what was agreed and done, and what will happen."""

from collections import abc
from dataclasses import dataclass, field

from synctool.config.profile import Profile
from synctool.core import names, patterns
from synctool.core.item import NO_ROW, Agreed, ItemId, Row, content_of
from synctool.core.model import Content, Entry, Kind, SideName
from synctool.core.plan import Plan
from synctool.core.world import path_of
from synctool.engine.conflicts import Contested, contested
from synctool.engine.connect import connected
from synctool.engine.cycle import by_present_rules, decided
from synctool.engine.finding import find
from synctool.engine.folders import Mapping, in_scope
from synctool.engine.looking import Sighted, look_around
from synctool.engine.record import at_hand, remembering
from synctool.engine.rounds import Round
from synctool.engine.tools import Ask, Tools
from synctool.store.journal import Happening


@dataclass(frozen=True, slots=True)
class Holding:
    """What a side holds, or held when last seen.

    called: its name there, or its path in a mapped folder, if that is another one; stands_in: because the side cannot
    hold the true name; number: what a side that numbers its documents calls it; unseen: why it could not be looked at now, "" if it could.
    """

    entry: Entry | None = None
    content: Content | None = None
    called: str = ""
    stands_in: bool = False
    number: str = ""
    unseen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything there is to say about one path.

    path: the common one; agreed: None when nothing is; plan: only what is about this; past: what was done, oldest first;
    excluded: why it does not travel, "" if it does; dispute: its open conflict.
    """

    path: str
    kind: Kind
    holdings: abc.Mapping[SideName, Holding]
    plan: Plan
    agreed: Agreed | None = None
    past: tuple[Happening, ...] = ()
    excluded: str = ""
    dispute: Contested | None = None
    trash_days: int = field(default=0)


def explain(profile: Profile, path: str, ask: Ask, tools: Tools) -> Explanation:
    """What each side holds at a path, what was agreed, and what the next run will do about it."""
    with (
        at_hand(profile, tools) as here,
        remembering(profile, here) as ledger,
        connected(profile, ask.without, here) as sides,
    ):
        return explain_round(Round(profile, ask, here, ledger, sides), path)


def explain_round(this: Round, path: str) -> Explanation:
    """The same on sides that are connected."""
    path = names.identity(path.strip("/"))
    with by_present_rules(this) as now:
        sighted = look_around(now)
        plan = decided(now, sighted).plan
        item = find(now, plan, path)
        if item is not None:
            return _explained(now, sighted, plan, item)
    blind = {side: Holding(unseen=_unseen(sighted, side, 0)) for side in this.profile.policy.ranks}
    return Explanation(
        path=path,
        kind=Kind.FILE,
        holdings=blind,
        plan=_about(plan, -1, {path}),
        excluded=_exclusion(this, path),
    )


def _explained(this: Round, sighted: Sighted, plan: Plan, item: ItemId) -> Explanation:
    known = this.ledger.remembered()
    old = item < known.next_item
    agreed = known.item(item) if old else None
    decision = next((d for d in plan.decisions if d.item == item), None)
    rows = {**(known.rows(item) if old else {}), **(decision.rows if decision else {})}
    path = path_of(item, lambda i: known.item(i).value) if old else decision.path if decision else ""
    ranks = this.profile.policy.ranks
    holdings = {side: _holding(this, sighted, item, path, side, rows.get(side, NO_ROW)) for side in ranks}
    paths = {path} | ({decision.path} if decision else set())
    return Explanation(
        path=path,
        kind=agreed.kind if agreed else decision.agreed.kind if decision else Kind.FILE,
        holdings=holdings,
        plan=_about(plan, item, paths),
        agreed=agreed,
        past=tuple(s for s in this.ledger.journal.happened() if s.item == item and s.state == "done"),
        dispute=next(
            (c for c in contested(this.ledger) if item in (c.dispute.item, *c.dispute.copies)), None
        ),
        trash_days=this.profile.trash_days,
    )


def _holding(this: Round, sighted: Sighted, item: ItemId, path: str, side: SideName, row: Row) -> Holding:
    """What one side holds of an item; its row may be older than the look."""
    look, traits, held = sighted.sightings[side].look, this.sides.traits[side], row.held
    if held is not None:
        held = None if held.handle in look.missing else look.seen.get(held.handle, held)
    if held is None:
        return Holding(unseen=_unseen(sighted, side, item))
    same = row.held is not None and held.stamp == row.held.stamp
    held = held._replace(sha256=held.sha256 or row.held.sha256) if same and row.held else held
    content = row.value.content if row.assumed and same else content_of(side, held, traits)
    numbered = traits.lasting_refs and held.handle[1:].isdigit()
    return Holding(
        entry=held,
        content=content,
        called=_called(Mapping(side, this.profile.policy, traits), path, held),
        stands_in=row.spelled == held.name != row.value.name,
        number=f"number {int(held.handle[1:])}" if numbered else "",
        unseen=_unseen(sighted, side, item),
    )


def _called(mapping: Mapping, path: str, entry: Entry) -> str:
    """The name a side has for what has this common path, or its own path in a mapped folder; "" for the same."""
    folder, _, name = path.rpartition("/")
    parts = folder.split("/")
    for number in range(len(parts), 0, -1):
        own = mapping.side_path("/".join(parts[:number]))
        if own != "/".join(parts[:number]):
            return "/".join((own, *parts[number:], entry.name))
    return entry.name if entry.name != name else ""


def _unseen(sighted: Sighted, side: SideName, item: ItemId) -> str:
    """Why nothing can be said of an item on a side; "" if something can."""
    look = sighted.sightings[side].look
    if look.blind:
        return look.unlisted[""]
    return next(iter(look.unlisted.values()), "it is put off") if item in look.unseen else ""


def _about(plan: Plan, item: ItemId, paths: set[str]) -> Plan:
    """What a plan says about one item."""
    withheld = tuple(s for s in plan.withheld if s.item == item)
    ids = {step.id for step in withheld}
    return Plan(
        steps=tuple(s for s in plan.steps if s.item == item),
        withheld=withheld,
        standoffs=tuple(s for s in plan.standoffs if s.item == item),
        brakes=tuple(brake for brake in plan.brakes if ids & {*brake.steps}),
        notices=tuple(n for n in plan.notices if n.path in paths),
        put_off=tuple(n for n in plan.put_off if n.path in paths),
        refused=tuple(n for n in plan.refused if n.path in paths),
    )


def _exclusion(this: Round, path: str) -> str:
    """Why what has this path does not travel; "" if nothing keeps it."""
    policy = this.profile.policy
    if any(names.is_noise(part) for part in path.split("/")):
        return "temporary and system files never travel"
    rule = patterns.decide(policy.rules, path)
    if rule is not None and not rule.include:
        return f"the profile's rule `exclude: {rule.pattern.text}` leaves it out"
    if not in_scope(path, policy, folder=False):
        return "the profile names only some folders, and this is in none of them"
    return ""
