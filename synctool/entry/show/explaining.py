"""Explains one document in words: what each side holds, what was agreed and done, and what happens next."""

from datetime import tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from synctool.config.profile import Profile
from synctool.core.model import Kind, SideName
from synctool.core.plan import Action, Notice, Step, Why
from synctool.engine.conflicts import Contested
from synctool.engine.explain import Explanation, Holding
from synctool.entry.show.plan import listed, settled
from synctool.entry.show.visible import columns, counted, moment, sized, visible, wrapped

BECAUSE = {
    Why.NEW: "it is new",
    Why.EDITED: "it was changed",
    Why.MOVED: "it was moved or renamed",
    Why.DELETED: "it was deleted",
    Why.RESTORED: "it is missing there, and that does not count as a delete",
    Why.CONFLICT: "it was changed in more than one way",
    Why.CATCHING_UP: "this could not be done before",
    Why.STAND_IN: "its name can be held there now, or cannot any more",
    Why.LABELS: "its numbers in Filevine are kept with it",
    Why.DECIDED: "a person decided so",
}
"""Why a step is taken, after *because*."""

WILL = {
    Action.MAKE: "will make the folder",
    Action.MOVE: "will move it to {to}",
    Action.REMOVE: "will remove it, and keep it in trash or as a version",
    Action.COPY: "will get a copy of the version of {source}",
    Action.WRITE: "will get the version of {source}",
    Action.REPLACE: "will get it as a new document, {to}, and put the old one into trash",
    Action.LABEL: "will bring its labels up to date",
    Action.RESTORE: "will bring it back out of trash",
}
"""What a step does."""


class Said(NamedTuple):
    """An explanation in words: what each side holds, what was agreed, and what will happen."""

    held: list[tuple[SideName, str]]
    agreed: list[str]
    then: list[str]


def explanation(found: Explanation, profile: Profile) -> Said:
    """What there is to say of one document, in sentences of its own time zone."""
    zone = ZoneInfo(profile.policy.timezone)
    held = [(side, _holding(found, side, zone)) for side in found.holdings]
    return Said(held, _agreed(found, zone), _next(found, profile) or ["Nothing."])


def explanation_lines(found: Explanation, profile: Profile) -> list[str]:
    """What each side holds of one document, what was agreed, and what will happen, in lines that no name can break."""
    said = explanation(found, profile)
    lines = [f"{found.path}{'/' * (found.kind is Kind.FOLDER)}"]
    lines += columns((f"  {side}", text) for side, text in said.held)
    for heading, texts in (("Agreed:", said.agreed), ("What happens next:", said.then)):
        lines += [heading, *(line for text in texts for line in wrapped(f"  {text}", "    "))]
    return [visible(line) for line in lines]


def _holding(found: Explanation, side: SideName, zone: tzinfo) -> str:
    """What one side holds: size, date, and whether these are the bytes of a side named before."""
    holding = found.holdings[side]
    entry, unseen = holding.entry, holding.unseen
    if found.excluded:
        return "was not asked"
    if entry is None:
        return f"could not be looked at: {unseen}" if unseen else "holds nothing here"
    parts = ["a folder"] if entry.kind is Kind.FOLDER else [sized(entry.size)]
    if entry.mtime_ns and entry.kind is Kind.FILE:
        parts.append(moment(entry.mtime_ns, zone))
    parts += filter(None, (_compared(found, side), _called(holding), holding.number))
    told = ", ".join(parts)
    return f"when last seen {told}; could not be looked at now: {unseen}" if unseen else told


def _compared(found: Explanation, side: SideName) -> str:
    """Whether a side's bytes are those of a side before it."""
    mine, before = found.holdings[side].content, []
    for other, holding in found.holdings.items():
        if other == side:
            break
        before += [(other, holding.content)] * (holding.content is not None)
    if mine is None or not before:
        return ""
    same = [other for other, content in before if content == mine]
    if same:
        return f"the same bytes as {same[0]}"
    unread = any(c and c.size == mine.size and not (c.read and mine.read) for _, c in before)
    return "not compared yet" if unread else f"other bytes than {before[0][0]}"


def _called(holding: Holding) -> str:
    """The name a side has for it, when it is another one."""
    why = ", because it cannot hold this name" * holding.stands_in
    return f"there called {holding.called}{why}" if holding.called else ""


def _agreed(found: Explanation, zone: tzinfo) -> list[str]:
    """What all sides last agreed on, and when; of a deleted document who deleted it and where its bytes are."""
    agreed, last = found.agreed, found.past[-1] if found.past else None
    when = f" Last changed by run {last.run}, {moment(last.at_ns, zone)}." if last else ""
    if agreed is None:
        return [f"Nothing: {found.excluded}." if found.excluded else "Nothing yet."]
    if not agreed.value.exists:
        return _deleted(found, zone)
    if agreed.value.content is None:
        return [f"The folder is there.{when}"]
    return [f"A document of {sized(agreed.value.content.size)}.{when}"]


def _deleted(found: Explanation, zone: tzinfo) -> list[str]:
    removals = [step for step in found.past if step.action == Action.REMOVE.value]
    if not removals:
        return ["That it is deleted."]
    last = removals[-1]
    told = {step.side for step in removals if step.run == last.run}
    sides = [side for side in found.holdings if side in told]
    deleters = [
        side for side, holding in found.holdings.items() if side not in sides and holding.entry is None
    ]
    who = f"It was deleted in {listed(deleters)}. " if deleters else "It was deleted. "
    return [
        f"{who}Run {last.run} removed it from {listed(sides)}, {moment(last.at_ns, zone)}.",
        f"Its bytes are kept there, in trash for {counted(found.trash_days, 'day')} or as a version; synctool undo brings it back.",
    ]


def _next(found: Explanation, profile: Profile) -> list[str]:
    """What the next run does about it and why, and what it leaves to a person."""
    plan = found.plan
    codes = {step: brake for brake in plan.brakes for step in brake.steps}
    sides: dict[str, list[SideName]] = {}
    for step in plan.steps:
        sides.setdefault(_will(step), []).append(step.side)
    for step in plan.withheld:
        brake = codes.get(step.id)
        held = (
            f" Not now: the brake {brake.rule} holds it back (--accept {brake.code})."
            if brake
            else " Not now."
        )
        sides.setdefault(_will(step) + held, []).append(step.side)
    said = [f"{listed(those)} {will}" for will, those in sides.items()]
    said += [f"Conflict: {settled(s.conflict, s.copies)}." for s in plan.standoffs]
    if found.dispute is not None:
        said.append(
            f"{_disputed(found.dispute, found.path)}; `synctool conflicts {profile.name}` shows how to settle it."
        )
    said += [_noticed(notice) for notice in (*plan.put_off, *plan.refused, *plan.notices)]
    away = [side for side, holding in found.holdings.items() if holding.unseen]
    if away:
        said.append(f"{listed(away)} cannot be looked at, and will catch up when that is possible.")
    return said


def _disputed(one: Contested, path: str) -> str:
    """What a document has to do with an open conflict: it is contested, or keeps one of the versions."""
    sides = next((v.held_ns for v, at in zip(one.dispute.versions, one.paths, strict=True) if at == path), {})
    if path == one.path:
        return "A conflict about it is open"
    return f"It keeps the version of {listed([*sides])}, beside {one.path}: a conflict is open"


def _will(step: Step) -> str:
    """What a step does and why, after the names of the sides."""
    what = WILL[step.action].format(to=step.to_path, source=step.source)
    kept = "; what is there now is kept in trash or as a version" * (
        step.action is Action.WRITE and step.entry is not None
    )
    told = step.causes and step.why not in (Why.DECIDED, Why.CONFLICT)
    where = f" in {listed(step.causes)}" if told else ""
    return f"{what}, because {BECAUSE[step.why]}{where}{kept}."


def _noticed(notice: Notice) -> str:
    return f"{notice.side}: {notice.text}." if notice.side else f"It {notice.text}."
