"""Shows a plan to people: what matters first, then every change, by cause and folder."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from synctool.core.merge import Conflict
from synctool.core.model import Kind, SideName
from synctool.core.plan import Action, Brake, Notice, Plan, Standoff, Step, Why
from synctool.core.policy import Settle
from synctool.engine.outcome import Adoption, Planned
from synctool.entry.show.changes import Change, changes
from synctool.entry.show.visible import FOLD, INDENT, columns, counted, folded, sized, visible, wrapped

MINUTE = 60  # seconds

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


class Section(NamedTuple):
    """A group of a plan: its heading, and a row for each change: what, and what becomes of it."""

    heading: str
    rows: Sequence[tuple[str, str]]


def plan_lines(planned: Planned, then: str) -> list[str]:
    """A plan in lines that no name can break. then: what to run next, shown where there is work."""
    plan = planned.plan
    lines = [*summary(planned), *adopted(planned), *compared(planned), *findings(plan)]
    for section in sections(plan):
        lines += group(*section)
    return [visible(line) for line in [*lines, "", *kept(plan.steps), last(planned, then)]]


def sections(plan: Plan) -> list[Section]:
    """Everything that a plan says, by cause and folder; what has no rows is left out."""
    found = changes(plan.steps)
    groups = [Section("Conflicts", [*map(standoff_row, plan.standoffs)])]
    groups += [
        Section(heading, _rows(each for each in found if each.why is why))
        for why, heading in HEADINGS.items()
    ]
    groups += [
        Section("Withheld", _rows(changes(plan.withheld))),
        Section("Notices", [*map(_noticed, plan.notices)]),
    ]
    return [section for section in groups if section.rows]


def _rows(found: Iterable[Change]) -> list[tuple[str, str]]:
    return [(f"{change.symbol} {change.path}", change.effect) for change in found]


def findings(plan: Plan) -> list[str]:
    """What a person should look at first: brakes, what was not seen, what is in use or refused."""
    lines = [line for brake in plan.brakes for line in _braked(brake)]
    for rows in (unseen(plan), put_off(plan), refused(plan)):
        shown, more = folded(rows)
        lines += columns(shown) + more
    return lines


def unseen(plan: Plan) -> list[tuple[str, str]]:
    """The sides that were not, or not wholly, seen, and why; of a braked one its brake says why."""
    return [
        (f"? {side}", _without(side, why))
        for side, whys in plan.unknown.items()
        for why in whys
        if side not in plan.braked_sides
    ]


def put_off(plan: Plan) -> list[tuple[str, str]]:
    """What is in use, and by whom."""
    return [*map(_noticed, plan.put_off)]


def refused(plan: Plan) -> list[tuple[str, str]]:
    """What a side will never accept."""
    return [*map(_noticed, plan.refused)]


def withheld(plan: Plan) -> list[str]:
    """What a brake keeps back, so that somebody can say whether it is right."""
    return group("Withheld", _rows(changes(plan.withheld)))


def group(heading: str, rows: Iterable[tuple[str, str]]) -> list[str]:
    """A group with its heading; a long one folder by folder, and folded; nothing where there are no rows."""
    rows = list(rows)
    gathered = _by_folder(rows) if len(rows) > FOLD else rows
    shown, more = folded(gathered)
    told = ", by folder (--json or --html names each)" * (len(gathered) < len(rows))
    return ["", f"{heading}: {len(rows):,}{told}", *columns(shown), *more] if rows else []


def _by_folder(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same happening to several documents of one folder as one row; what is renamed, or contested, stays by itself."""
    gathered: dict[tuple[str, str, str], list[str]] = {}
    for what, effect in rows:
        folder, slash, _ = what[2:].rpartition("/")
        alone = what if " => " in what or what[0] == "!" or what.endswith("/") else ""
        place = what[:2] + (f"{folder}{slash} " if slash else "at the top ")
        gathered.setdefault((place, effect, alone), []).append(what)
    return [
        (found[0] if len(found) == 1 else f"{place}({counted(len(found), 'document')})", effect)
        for (place, effect, _), found in gathered.items()
    ]


def standoff_row(standoff: Standoff) -> tuple[str, str]:
    """A conflict as a row: where, and how it is settled."""
    return f"! {standoff.path}", settled(standoff.conflict, standoff.copies)


def who_differs(versions: Sequence[Sequence[SideName]]) -> str:
    """Who holds which version: ``filevine and zdrive agree, s3 differs``. A version that no side holds was agreed on."""
    held = [sides for sides in versions if sides]
    alone = [sides[0] for sides in held if len(sides) == 1]
    if len(held) < len(versions):
        verb = "differs" if len(alone) == len(held) == 1 else "differ"
        return f"{listed([side for sides in held for side in sides])} {verb} from what was agreed"
    if len(alone) == len(held):
        return f"{listed(alone)} {'all ' * (len(alone) > 2)}differ"  # noqa: PLR2004 - more than a pair
    agreeing = [f"{listed(sides)} agree" for sides in held if len(sides) > 1]
    return ", ".join((*agreeing, *(f"{side} differs" for side in alone)))


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


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


def settled(conflict: Conflict, copies: Sequence[str]) -> str:
    """How a conflict is settled, and who holds which version."""
    match conflict.how:
        case Settle.HOLD:
            return f"held: {who_differs((conflict.winners, *conflict.others))}; a person decides"
        case Settle.KEEP_BOTH:
            becoming = [
                f"{_together(sides, 'becomes', 'become')} {copy}"
                for sides, copy in zip(conflict.others, copies, strict=True)
            ]
            kept = "both" if len(copies) == 1 else "all"
            return f"{kept} kept: {'; '.join([_together(conflict.winners, 'stays', 'stay'), *becoming])}"
        case Settle.PREFER | Settle.NEWEST:
            lost = "; ".join(_together(sides, "is", "are") for sides in conflict.others)
            won = _together(conflict.winners, "wins", "win")
            return f"{won} ({conflict.how.value}); {lost} kept in trash or as a version"


def _together(sides: Sequence[SideName], one: str, several: str) -> str:
    """``zdrive stays``; of sides that hold the same version ``filevine and zdrive agree and stay``."""
    return (
        f"{listed(sides)} agree and {several}"
        if len(sides) > 1
        else f"{next(iter(sides), 'the agreed version')} {one}"
    )


def told(planned: Planned) -> list[str]:
    """The whole plan in two lines: what a person must see, and what there is to do; or one that there is nothing."""
    plan, found = planned.plan, changes(planned.plan.steps)
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
    alarms += ["not all documents compared"] * planned.undecided
    alarms += [f"not all of {side} seen" for side in plan.unknown]
    causes = Counter(change.why for change in found)
    work = [f"{causes[why]:,} {why.value}" for why in HEADINGS if causes[why] and why is not Why.CONFLICT]
    work += [counted(len(plan.steps), "step"), f"{sized(size_of(plan.steps))} to copy"] * bool(plan.steps)
    return [", ".join(part) for part in (alarms, work) if part] or ["all sides agree"]


def summary(planned: Planned) -> list[str]:
    """The same, with the profile's name."""
    first, *rest = told(planned)
    return [*wrapped(f"{planned.profile}: {first}"), *(f"  {line}" for line in rest)]


def documents_and_cost(adoption: Adoption) -> str:
    """How much is read: ``1,204 documents (3.2 GB, 2,408 requests, an estimated 25 minutes)``."""
    documents, requests = counted(adoption.documents, "document"), counted(adoption.requests, "request")
    minutes = counted(round(adoption.seconds / 60), "minute")
    time = f", an estimated {minutes}" if adoption.seconds >= MINUTE else ""
    return f"{documents} ({sized(adoption.size)}, {requests}{time})"


def adopted(planned: Planned) -> list[str]:
    """What a first plan takes as agreed, and what it does about the rest."""
    if planned.adopted is None or planned.undecided:
        return []
    same = f"{counted(planned.adopted, 'document')} equal, taken as agreed" * bool(planned.adopted)
    rest = "what a side lacks is copied there" * bool(planned.plan.steps)
    differing = "what differs is a conflict" * bool(planned.plan.standoffs)
    told = "; ".join(filter(None, (same, rest, differing, "nothing is deleted")))
    return wrapped(f"  first run: {told}", INDENT)


def compared(planned: Planned) -> list[str]:
    """What copies were read to compare them, or what that will cost, and what it would cost otherwise."""
    adoption = planned.adoption
    if adoption is None:
        return []
    if adoption.read:
        return wrapped(f"  {documents_and_cost(adoption)} read, to compare copies", INDENT)
    return [
        "? not compared yet, and nothing is said of them:",
        *wrapped(f"{INDENT}with adopt: content, apply first reads {documents_and_cost(adoption)}", INDENT),
        *wrapped(
            f"{INDENT}with adopt: size it reads nothing now: equal sizes are taken as equal, and verified little by little",
            INDENT,
        ),
    ]


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


def kept(steps: Sequence[Step]) -> list[str]:
    """What becomes of the bytes that the steps take out of sight."""
    parts = [
        f"{number:,} {word}"
        for number, word in ((deletes(steps), "deleted"), (overwrites(steps), "replaced"))
        if number
    ]
    return [f"Kept in trash or as versions: {' and '.join(parts)}."] if parts else []


def last(planned: Planned, then: str) -> str:
    """That nothing is lost, and what to do next."""
    if not (planned.plan.steps or planned.undecided):
        return "No content is lost; there is nothing to do now."
    return f"No content is lost. Next: {then}"
