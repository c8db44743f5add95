"""Decides everything that a round of looks calls for: pair → merge → place → steps → brakes, as one pure function."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from synctool.core import names, patterns
from synctool.core.assuming import proved, same_bytes, taken_for_equal, uncompared
from synctool.core.brakes import History, brake
from synctool.core.identity import Pairing, numbered, pair
from synctool.core.item import NO_ROW, Agreed, ItemId, Row, Rows, Value, content_of
from synctool.core.known import Known, Looks
from synctool.core.merge import Sight, Voice, merge
from synctool.core.model import Entry, Gap, Kind, SideName, Sides
from synctool.core.place import place
from synctool.core.plan import Decision, Plan
from synctool.core.policy import Adopt, ConflictRule, Policy, Role, Settle
from synctool.core.receiving import follow
from synctool.core.ruling import Ruling
from synctool.core.steps import steps_of
from synctool.core.telling import reported, settled
from synctool.core.world import Case, World, folders_of, path_of, shelf


@dataclass(frozen=True, slots=True)
class Question:
    """Everything a decision is made from.

    waiting: items that some side still has to catch up with, or whose conflict is held; history: what this profile did
    in the last 24 hours; accepted: codes of brakes that a person overrides; rulings: what people decided.
    """

    known: Known
    looks: Looks
    traits: Sides
    policy: Policy
    waiting: Collection[ItemId] = ()
    history: History = field(default_factory=History)
    accepted: frozenset[str] = frozenset()
    rulings: Mapping[ItemId, Ruling] = field(default_factory=dict)


def decide(question: Question) -> Plan:
    """The plan that makes the sides agree again, and never loses bytes.

    If ``to_read`` of the answer is not empty, those contents must be read (their ``sha256`` filled in) and everything
    asked again; nothing else is in the plan then.
    """
    known, looks, policy = question.known, question.looks, question.policy
    pairing = pair(known, looks, question.traits, policy.ranks)
    cases = {item: _case(item, pairing, question) for item in _concerned(pairing, question)}
    if fallen := _fallen(cases, question.rulings):
        standing = {item: ruling for item, ruling in question.rulings.items() if item not in fallen}
        return decide(replace(question, rulings=standing, waiting={*question.waiting, *fallen}))
    shelves = {side: shelf(side, cases) for side in policy.ranks}
    next_item = known.next_item + len(pairing.kinds)
    world = World(known, looks, question.traits, policy, cases, shelves, next_item)
    to_read = _contested(world)
    if to_read:
        return Plan(to_read=to_read)
    placement = place(world)
    if placement.unheard:
        return decide(replace(question, waiting={*question.waiting, *placement.unheard}))
    if placement.to_read:
        return Plan(to_read=_by_side(placement.to_read))
    steps, notices = steps_of(placement)
    plan = Plan(
        decisions=tuple(_decision(case, placement.world) for case in placement.world.cases.values()),
        steps=steps,
        standoffs=placement.standoffs,
        notices=(*reported(looks), *settled(placement.world), *placement.notices, *notices),
        unknown={
            side: tuple(sorted(set(look.unlisted.values()))) for side, look in looks.items() if look.unlisted
        },
        missed=frozenset(side for side, look in looks.items() if look.partial and pairing.misses(side)),
    )
    return brake(plan, placement.world, question.history, question.accepted)


def _fallen(cases: Mapping[ItemId, Case], rulings: Mapping[ItemId, Ruling]) -> set[ItemId]:
    """The items whose rulings fall because another one, which they belong to, cannot be obeyed."""
    void = {item for item, case in cases.items() if case.merged.void}
    return {other for item in void for other in rulings[item].along & rulings.keys()} - void


def _concerned(pairing: Pairing, question: Question) -> list[ItemId]:
    """The items to decide: what differs, whose place another took, and what waits."""
    known = pairing.known
    items = set(pairing.entries) | set(question.waiting) | set(question.rulings)
    for ruled in question.rulings:  # what comes back brings its folders with it
        items |= set(folders_of(ruled, lambda i: known.item(i).value))
    for side, look in pairing.looks.items():
        items |= set(look.missing.values())
        items |= {item for handle in look.seen if (item := known.at_handle(side, handle)) is not None}
    return sorted(item for item in items if item not in pairing.kinds or _is_told(item, pairing))


def _is_told(item: ItemId, pairing: Pairing) -> bool:
    """Whether any side says what it holds of a new item."""
    return any(isinstance(pairing.sight(side, item), Entry) for side in pairing.entries[item])


def _case(item: ItemId, pairing: Pairing, question: Question) -> Case:
    """What each side holds of one item, and what follows from it."""
    new = pairing.kinds.get(item)
    before = Agreed(new) if new else pairing.known.item(item)
    entries = {side: pairing.sight(side, item) for side in question.policy.ranks}
    remembered = {} if new else pairing.known.rows(item)
    rows = proved(before, remembered, entries, pairing.traits, ruled=item in question.rulings)
    sights = {side: _sight(item, side, entries, rows, before, pairing) for side in entries}
    assumed = taken_for_equal(sights, rows, before) if question.policy.adopt is Adopt.SIZE else {}
    sights |= assumed
    pinned = _is_pinned(before, question)
    if pinned:
        sights = {side: _pinned(sight, before, rows.get(side, NO_ROW)) for side, sight in sights.items()}
    merged = merge(before, rows, sights, _voice(item, before, entries, pairing, question))
    doubted = uncompared(remembered, rows, sights)
    merged = replace(merged, contested=merged.contested | doubted)
    return Case(
        item=item,
        before=before,
        rows=rows,
        entries=entries,
        sights=sights,
        merged=merged,
        agreed=merged.agreed,
        assumed=frozenset(assumed),
    )


def _sight(
    item: ItemId,
    side: SideName,
    entries: Mapping[SideName, Entry | Gap],
    rows: Rows,
    before: Agreed,
    pairing: Pairing,
) -> Sight:
    """What a side holds of an item, as a value; a stand-in is read as the name it stands for.

    So is the name under which an interrupted run let it make room for another.
    """
    entry, row = entries[side], rows.get(side, NO_ROW)
    if isinstance(entry, Gap):
        return entry
    folder = pairing.folder_of(side, entry)
    if folder is None:
        return Gap.UNKNOWN
    traits = pairing.traits[side]
    if row.value.exists and (entry.name == row.spelled or names.makes_room(entry.name) == item):
        name = row.value.name
    else:
        name = _true_name(side, entry, before, entries, pairing)
    content = content_of(side, entry, traits)
    if content and not content.read and row.held and same_bytes(entry, row.held, traits):
        content = row.value.content if row.assumed else content_of(side, row.held, traits)
    return Value(exists=True, content=content, folder=folder, name=name)


def _true_name(
    side: SideName, entry: Entry, before: Agreed, entries: Mapping[SideName, Entry | Gap], pairing: Pairing
) -> str:
    """The name an entry stands for: another side's, if this is how this side would spell it; else its own."""
    name, rules = names.identity(entry.name), pairing.traits[side].names
    others = {s: e for s, e in entries.items() if s != side and isinstance(e, Entry)}
    for other in (before.value.name, *(e.name for e in others.values())):
        true = names.identity(other)
        if true not in ("", name) and names.stand_in(true, rules, folder=entry.kind is Kind.FOLDER) == name:
            return true
    for where, held in others.items():
        if pairing.traits[where].lasting_refs and name in numbered(held, rules):
            return names.identity(held.name)
    return name


def _is_pinned(before: Agreed, question: Question) -> bool:
    if before.kind is not Kind.FOLDER or not before.value.exists:
        return False
    folder = path_of(before.value.folder, lambda i: question.known.item(i).value)
    path = f"{folder}/{before.value.name}" if folder else before.value.name
    return any(path == mapped.at for mapped in question.policy.folders)


def _pinned(sight: Sight, before: Agreed, row: Row) -> Sight:
    """A folder that the profile names is never moved or removed: if it is not there any more, we cannot say."""
    if isinstance(sight, Value):
        return before.value
    return Gap.UNKNOWN if row.value.exists else sight


def _voice(
    item: ItemId,
    before: Agreed,
    entries: Mapping[SideName, Entry | Gap],
    pairing: Pairing,
    question: Question,
) -> Voice:
    """Who may say what about an item: roles, whose deletes are obeyed, holds, and the conflict rule for its paths."""
    policy, folder = question.policy, before.kind is Kind.FOLDER
    voters = frozenset(s for s in policy.ranks if policy.role(s) in (Role.PEER, Role.SOURCE))
    deleters = voters if policy.deletes_from is None else voters & policy.deletes_from
    paths = _paths(item, before, entries, pairing)
    held = any(hold.matches(path, folder=folder) for hold in policy.holds for path in paths)
    path = paths[0] if paths else ""
    return Voice(
        ranks=policy.ranks,
        voters=voters,
        deleters=frozenset() if held else deleters,
        settle=patterns.decide(policy.conflicts, path)
        or ConflictRule(patterns.Pattern("**"), Settle.KEEP_BOTH),
        times={side: entry.mtime_ns for side, entry in entries.items() if isinstance(entry, Entry)},
        ruling=question.rulings.get(item),
        held=held,
    )


def _paths(
    item: ItemId, before: Agreed, entries: Mapping[SideName, Entry | Gap], pairing: Pairing
) -> list[str]:
    """The agreed path of an item, if there is one, and every path that a side holds it at."""
    found: list[str] = []
    if not before.new:
        found.append(path_of(item, lambda i: pairing.known.item(i).value))
    for side, entry in entries.items():
        if isinstance(entry, Entry) and (path := pairing.path(side, entry)) is not None:
            found.append(path)
    return list(dict.fromkeys(found))


def _contested(world: World) -> dict[SideName, tuple[Entry, ...]]:
    """The entries whose bytes must be read before anything can be said."""
    found: list[tuple[SideName, Entry]] = []
    for case in world.cases.values():
        for side, sight in case.sights.items():
            entry = case.entries[side]
            if (
                isinstance(sight, Value)
                and isinstance(entry, Entry)
                and sight.content in case.merged.contested
            ):
                found.append((side, entry))
    return _by_side(found)


def _by_side(found: Iterable[tuple[SideName, Entry]]) -> dict[SideName, tuple[Entry, ...]]:
    sides: dict[SideName, list[Entry]] = {}
    for side, entry in found:
        sides.setdefault(side, []).append(entry)
    return {side: tuple(entries) for side, entries in sides.items()}


def _decision(case: Case, world: World) -> Decision:
    """The new agreed value, and every row as it stands after this look and before any step."""
    rows: dict[SideName, Row] = {}
    for side, entry in case.entries.items():
        if case.sights[side] is Gap.UNKNOWN:
            continue
        row = follow(case.agreed, case.row(side), case.sights[side])
        held = entry if isinstance(entry, Entry) else None
        rows[side] = _spelling(case, row, side, held)
    missing = ((side, case.row(side).held) for side, entry in case.entries.items() if entry is Gap.ABSENT)
    deleted = {s: held for s, held in missing if held is not None and held.handle not in world.looks[s].seen}
    return Decision(case.item, case.agreed, rows, world.path(case.item), deleted)


def _spelling(case: Case, row: Row, side: SideName, held: Entry | None) -> Row:
    """The row with what the side held when last seen, and the spelling that stands for its name."""
    sight, former = case.sights[side], case.row(side).held
    if held is None or not isinstance(sight, Value):
        return replace(row, held=held, assumed=False)
    assumed = side in case.assumed or (row.assumed and former is not None and held.stamp == former.stamp)
    if sight.content and sight.content.read and not assumed:
        held = held._replace(sha256=sight.content.digest)
    stands = row.value.name == sight.name
    spelled = held.name if stands else row.spelled
    return replace(row, held=held, spelled=spelled, assumed=assumed and row.value.exists)
