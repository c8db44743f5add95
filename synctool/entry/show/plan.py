"""Shows a plan to people: what matters first, then every change, by cause and folder."""

from collections import Counter
from collections.abc import Iterable, Sequence

from synctool.core.merge import Conflict
from synctool.core.model import Kind, SideName
from synctool.core.plan import Action, Brake, Notice, Plan, Standoff, Step, Why
from synctool.core.policy import Settle
from synctool.engine.outcome import Planned
from synctool.entry.show.changes import Change, changes
from synctool.entry.show.visible import INDENT, columns, counted, folded, sized, visible, wrapped

HEADINGS = {
    Why.DECIDED: "Decided by a person",
    Why.CONFLICT: "To settle them",
    Why.DELETED: "Deleted",
    Why.MOVED: "Moved or renamed",
    Why.EDITED: "Edited",
    Why.NEW: "New",
    Why.RESTORED: "Restored",
    Why.CATCHING_UP: "Catching up",
    Why.STAND_IN: "Spelled otherwise where the name cannot be held",
    Why.LABELS: "Labels",
}
"""The groups of a plan, in the order they are shown."""


def plan_lines(planned: Planned, then: str) -> list[str]:
    """A plan in lines that no name can break. then: what to run next, shown where there is work."""
    plan = planned.plan
    found = changes(plan.steps)
    lines = [*_summary(planned, found), *findings(plan)]
    lines += group("Conflicts", map(standoff_row, plan.standoffs))
    for why, heading in HEADINGS.items():
        rows = [(f"{change.symbol} {change.path}", change.effect) for change in found if change.why is why]
        lines += group(heading, rows)
    lines += group("Notices", map(_noticed, plan.notices))
    return [visible(line) for line in [*lines, "", *_kept(plan.steps), _last(plan, then)]]


def findings(plan: Plan) -> list[str]:
    """What a person should look at first: brakes, what was not seen, what is in use or refused."""
    unseen = [(f"? {side}", _without(side, why)) for side, whys in plan.unknown.items() for why in whys]
    lines = [line for brake in plan.brakes for line in _braked(brake)]
    for rows in (unseen, [*map(_noticed, plan.put_off)], [*map(_noticed, plan.refused)]):
        shown, more = folded(rows)
        lines += columns(shown) + more
    return lines


def group(heading: str, rows: Iterable[tuple[str, str]]) -> list[str]:
    """A group with its heading, folded; nothing where there are no rows."""
    rows = list(rows)
    shown, more = folded(rows)
    return ["", f"{heading}: {len(rows):,}", *columns(shown), *more] if rows else []


def standoff_row(standoff: Standoff) -> tuple[str, str]:
    """A conflict as a row: where, and how it is settled."""
    conflict = standoff.conflict
    losers = " and ".join(side for _, side in conflict.losers)
    return f"! {standoff.path}", _settled(conflict, losers, standoff.copies)


def deletes(steps: Iterable[Step]) -> int:
    """How many documents the steps remove."""
    return len({s.item for s in steps if s.action is Action.REMOVE and s.kind is Kind.FILE})


def overwrites(steps: Iterable[Step]) -> int:
    """How many documents the steps give other bytes somewhere."""
    carrying = (Action.WRITE, Action.REPLACE)
    return len({s.item for s in steps if s.action in carrying and s.entry and s.kind is Kind.FILE})


def size_of(steps: Iterable[Step]) -> int:
    """How many bytes the steps will write."""
    return sum(step.content.size for step in steps if step.content and step.source)


def _settled(conflict: Conflict, losers: str, copies: Sequence[str]) -> str:
    winners = " and ".join(conflict.winners)
    match conflict.how:
        case Settle.HOLD:
            return f"held: {winners} and {losers} differ; a person decides"
        case Settle.KEEP_BOTH:
            kept = ", ".join(copies)
            return f"both kept: {winners or 'the agreed version'} stays; {losers} becomes {kept}"
        case Settle.PREFER | Settle.NEWEST:
            return f"{winners} wins ({conflict.how.value}); {losers} is kept in trash or as a version"


def _summary(planned: Planned, found: Sequence[Change]) -> list[str]:
    plan = planned.plan
    stopped = sum(not brake.accepted for brake in plan.brakes)
    alarms = [
        counted(number, noun)
        for number, noun in (
            (stopped, "brake"),
            (len(plan.standoffs), "conflict"),
            (deletes(plan.steps), "delete"),
            (len(plan.withheld), "withheld step"),
        )
        if number
    ]
    alarms += [f"not all of {side} seen" for side in plan.unknown]
    causes = Counter(change.why for change in found)
    work = [f"{causes[why]:,} {why.value}" for why in HEADINGS if causes[why] and why is not Why.CONFLICT]
    work += [counted(len(plan.steps), "step"), f"{sized(size_of(plan.steps))} to copy"] * bool(plan.steps)
    told = [", ".join(part) for part in (alarms, work) if part] or ["all sides agree"]
    first, *rest = told
    return [*wrapped(f"{planned.profile}: {first}"), *(f"  {line}" for line in rest)]


def _braked(brake: Brake) -> list[str]:
    text = f"{brake.side} {brake.text}" if brake.side else brake.text
    if brake.accepted:
        return wrapped(f"! brake {brake.rule}, accepted: {text}", INDENT)
    override = f"{INDENT}if that is right: --accept {brake.code}"
    return [*wrapped(f"! BRAKE {brake.rule}: {text}", INDENT), override]


def _noticed(notice: Notice) -> tuple[str, str]:
    return f"  {notice.path}", f"{notice.side}: {notice.text}" if notice.side else notice.text


def _without(side: SideName, why: str) -> str:
    return why.removeprefix(f"{side}: ")


def _kept(steps: Sequence[Step]) -> list[str]:
    parts = [
        f"{number:,} {word}"
        for number, word in ((deletes(steps), "deleted"), (overwrites(steps), "replaced"))
        if number
    ]
    return [f"Kept in trash or as versions: {' and '.join(parts)}."] if parts else []


def _last(plan: Plan, then: str) -> str:
    if not plan.steps:
        return "No content is lost; there is nothing to do now."
    return f"No content is lost. Next: {then}"
