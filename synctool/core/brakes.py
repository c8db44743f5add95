"""Says why a person should look before a plan is carried out: deletes, overwrites, ransomware's shape, a shrunken side."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import count

from synctool.core import names
from synctool.core.item import ItemId
from synctool.core.known import Look
from synctool.core.model import Entry, Gap, Kind, lasting
from synctool.core.plan import Brake, Plan
from synctool.core.policy import Policy
from synctool.core.world import Case, World

FEW = 10
"""Below so many items a share says nothing."""

RANSOM_SHARE = 0.25
"""The share of documents whose extension changes, or that become empty, that no ordinary day shows."""


@dataclass(frozen=True, slots=True)
class History:
    """What this profile did in the last 24 hours, but for what a person let pass, and how many documents it now has.

    spent: the codes that have served already.
    """

    deleted: int = 0
    overwritten: int = 0
    documents: int = 0
    spent: frozenset[str] = frozenset()


def brake(plan: Plan, world: World, history: History, accepted: frozenset[str]) -> Plan:
    """The plan with its brakes; what they withhold is moved to ``withheld``, and its decisions are not taken.

    What a person has decided needs nobody to look at it again.
    """
    documents = [
        case for case in world.cases.values() if case.before.kind is Kind.FILE and case.merged.ruling is None
    ]
    found = [
        finding
        for finding in (
            _too_many_deletes(documents, world, history),
            _too_many_overwrites(documents, world, history),
            _ransomware(documents, world, history),
        )
        if finding
    ]
    brakes: list[Brake] = []
    stopped: set[ItemId] = set()
    for finding in found:
        accept = finding.brake.code in accepted
        steps = tuple(step.id for step in plan.steps if step.item in finding.items)
        brakes.append(replace(finding.brake, accepted=accept, steps=steps))
        if not accept:
            stopped |= finding.items
    return withhold(replace(plan, brakes=tuple(brakes)), stopped, world) if brakes else plan


@dataclass(frozen=True, slots=True)
class _Finding:
    brake: Brake
    items: frozenset[ItemId]


def withhold(plan: Plan, items: Iterable[ItemId], world: World) -> Plan:
    """The plan without these items, and without the removal of the folders they lie in."""
    stopped = set(items)
    for item in list(stopped):
        folder = world.agreed(item).value.folder
        while folder:
            case = world.cases.get(folder)
            if case is not None and not case.agreed.value.exists:
                stopped.add(folder)
            folder = world.agreed(folder).value.folder
    return withhold_items(plan, stopped)


def withhold_items(plan: Plan, items: Collection[ItemId]) -> Plan:
    """The plan without these items, and what shall lie in them: neither their steps nor their decisions are taken."""
    left, queue = set(items), list(items)
    inside: dict[ItemId, list[ItemId]] = defaultdict(list)
    for decision in plan.decisions:
        if decision.agreed.value.exists:
            inside[decision.agreed.value.folder].append(decision.item)
    while queue:
        found = [item for item in inside[queue.pop()] if item not in left]
        left.update(found)
        queue += found
    return replace(
        plan,
        steps=tuple(s for s in plan.steps if s.item not in left),
        decisions=tuple(d for d in plan.decisions if d.item not in left),
        withheld=(*plan.withheld, *(s for s in plan.steps if s.item in left)),
    )


def _too_many_deletes(documents: Iterable[Case], world: World, history: History) -> _Finding | None:
    limits = world.policy.brakes
    gone = _gone(documents)
    number, total = len(gone) + history.deleted, history.documents + history.deleted
    if not gone or not (number > limits.deletes_count or _above(number, total, limits.deletes_share)):
        return None
    recent = f", {history.deleted} more in the last 24 hours" if history.deleted else ""
    text = f"{len(gone)} of {total} documents would be deleted{recent}"
    return _finding("deletes", text, gone, world, history)


def _gone(documents: Iterable[Case]) -> list[Case]:
    """Documents that would be deleted, but for those whose bytes arrive elsewhere: moves that could not be told apart."""
    come = (c.agreed.value for c in documents if not c.before.value.exists)
    arriving = Counter(value.content for value in come if value.exists)
    gone: list[Case] = []
    for case in documents:
        content = case.before.value.content
        if not case.before.value.exists or case.agreed.value.exists:
            continue
        if arriving[content]:
            arriving[content] -= 1
        else:
            gone.append(case)
    return gone


def _too_many_overwrites(documents: Iterable[Case], world: World, history: History) -> _Finding | None:
    changed = [c for c in documents if _overwritten(c) and _was_elsewhere(c)]
    number, total = len(changed) + history.overwritten, history.documents
    if not changed or not _above(number, total, world.policy.brakes.overwrites_share):
        return None
    recent = f", {history.overwritten} more in the last 24 hours" if history.overwritten else ""
    text = f"{len(changed)} of {total} documents would be overwritten{recent}"
    return _finding("overwrites", text, changed, world, history)


def _ransomware(documents: Iterable[Case], world: World, history: History) -> _Finding | None:
    documents = list(documents)
    struck = [c for c in documents if _emptied(c) or _extension_changed(c)]
    struck += _unpaired(documents)
    if len(struck) < FEW or not _above(len(struck), history.documents, RANSOM_SHARE):
        return None
    text = f"{len(struck)} of {history.documents} documents changed their extension or became empty at once, as ransomware does"
    finding = _finding("ransomware", text, struck, world, history)
    return replace(finding, items=frozenset(world.cases))


def _overwritten(case: Case) -> bool:
    before, now = case.before.value, case.agreed.value
    return before.exists and now.exists and before.content != now.content


def _was_elsewhere(case: Case) -> bool:
    """Whether more than one side held it when last seen: a document that is on one side alone takes nobody's place."""
    return sum(row.held is not None for row in case.rows.values()) > 1


def _emptied(case: Case) -> bool:
    before, now = case.before.value.content, case.agreed.value.content
    return _overwritten(case) and bool(before and before.size and now and not now.size)


def _extension_changed(case: Case) -> bool:
    before, now = case.before.value, case.agreed.value
    return before.exists and now.exists and _extension(before.name) != _extension(now.name)


def _unpaired(documents: Iterable[Case]) -> list[Case]:
    """Documents that vanished while one of the same stem and another extension appeared in their folder."""
    gone: dict[tuple[ItemId, str], Case] = {}
    come: dict[tuple[ItemId, str], set[str]] = defaultdict(set)
    for case in documents:
        value = case.before.value if case.before.value.exists else case.agreed.value
        if case.before.value.exists and not case.agreed.value.exists:
            gone[value.folder, value.name] = case
        elif not case.before.value.exists and case.agreed.value.exists:
            stem, extension = names.split_extension(value.name)
            for known_as in (stem, *(f"{stem}{extension}"[:cut] for cut in _dots(value.name))):
                come[value.folder, known_as].add(extension.lower())
    return [
        case
        for (folder, name), case in gone.items()
        if (come.get((folder, name), set()) | come.get((folder, names.split_extension(name)[0]), set()))
        - {_extension(name)}
    ]


def _dots(name: str) -> list[int]:
    return [at for at, char in enumerate(name) if char == "."]


def _extension(name: str) -> str:
    return names.split_extension(name)[1].lower()


def _above(number: int, total: int, share: float) -> bool:
    return total >= FEW and number > share * total


def _finding(rule: str, text: str, cases: Iterable[Case], world: World, history: History) -> _Finding:
    cases = list(cases)
    facts = sorted(
        (world.path_before(case.item), [_stamp(entry) for entry in case.entries.values()]) for case in cases
    )
    code = fresh_code(history.spent, rule, facts)
    return _Finding(Brake(rule=rule, text=text, code=code), frozenset(case.item for case in cases))


def _stamp(entry: Entry | Gap) -> str:
    return lasting(entry.stamp) if isinstance(entry, Entry) else entry.value


def code_of(*facts: object) -> str:
    """Ten hex digits that name a finding: its rule, paths and stamps."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:10]


def fresh_code(spent: Collection[str], *facts: object) -> str:
    """The code of a finding: the first that has not served yet, so that the same finding needs another the next time."""
    codes = (code_of(*facts, *[time] * bool(time)) for time in count())
    return next(code for code in codes if code not in spent)


def side_brake(
    look: Look, remembered: int, listed: int, policy: Policy, spent: Collection[str] = ()
) -> Brake | None:
    """Why a side should not be believed: it is empty, or much smaller than we left it.

    remembered, listed: how many entries its rows have, and how many it showed now; spent: codes that have served.
    """
    if look.blind or remembered < 2:  # noqa: PLR2004 - one missing entry is a deletion, not an empty side
        return None
    if listed == 0:
        text = f"is empty; it held {remembered} entries when last seen"
    elif remembered >= FEW and listed < policy.brakes.shrunk * remembered:
        text = f"shows {listed} of the {remembered} entries it held when last seen"
    else:
        return None
    code = fresh_code(spent, "shrunk", look.side, listed, sorted(look.missing))
    return Brake("shrunk", text, code, look.side)
