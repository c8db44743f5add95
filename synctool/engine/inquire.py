"""Answers what people ask of a profile: how it stands, what happened, and why a document is as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synctool.config.profile import Profile
from synctool.core.item import ItemId, Row
from synctool.core.known import Known
from synctool.core.model import SideName
from synctool.core.names import fold, identity
from synctool.core.plan import Plan, Step
from synctool.core.world import path_of
from synctool.engine.conflicts import Contested, contested
from synctool.engine.connect import connected
from synctool.engine.cycle import plan_round
from synctool.engine.rounds import Round
from synctool.engine.tools import Ask, Tools
from synctool.store.disputes import Dispute
from synctool.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a profile without looking. agreed_ns: the last run after which all sides agreed.

    brakes: those that stopped the last run: rule, side, text, code, since_ns. assumed: copies taken to be equal by their
    size, and not read yet.
    """

    profile: str
    agreed_ns: int | None
    last_run_ns: int | None
    last_exit: int | None
    documents: int
    waiting: int
    held: tuple[str, ...]
    gaps: Mapping[SideName, tuple[str, ...]]
    brakes: tuple[Mapping[str, Any], ...] = ()
    assumed: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One operation that was taken, or failed, or what became of a conflict (side "").

    sha256: of the document's bytes afterwards, when known.
    """

    at_ns: int
    run: int
    path: str
    side: SideName
    action: str
    text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Sentences about one path: what each side holds, what was agreed, what will happen and why."""

    path: str
    sides: Mapping[SideName, str]
    agreed: str
    outcome: tuple[str, ...]


def status(profile: Profile, tools: Tools) -> Status:
    """How a profile stood when it last ran."""
    path = tools.state / f"{profile.name}.db"
    if not path.exists():
        return Status(profile.name, None, None, None, 0, 0, (), {})
    with Ledger(path) as ledger:
        last = ledger.journal.last_end()
        summary = last.summary if last else {}
        return Status(
            profile=profile.name,
            agreed_ns=last.agreed_ns if last else None,
            last_run_ns=last.at_ns if last else None,
            last_exit=last.exit_code if last else None,
            documents=ledger.journal.history(tools.clock.now_ns()).documents,
            waiting=len(ledger.remembered().waiting()),
            held=tuple(summary.get("held", ())),
            gaps={side: tuple(why) for side, why in summary.get("unknown", {}).items()},
            brakes=tuple(summary.get("brakes", ())),
            assumed=len(ledger.remembered().assumed()),
        )


def conflicts(profile: Profile, tools: Tools) -> tuple[Contested, ...]:
    """The conflicts that are open, oldest first."""
    file = tools.state / f"{profile.name}.db"
    if not file.exists():
        return ()
    with Ledger(file) as ledger:
        return contested(ledger)


def history(profile: Profile, tools: Tools, path: str | None = None) -> tuple[Event, ...]:
    """What was done for a profile, oldest first; of one document under all the names it had, if a path is given."""
    file = tools.state / f"{profile.name}.db"
    if not file.exists():
        return ()
    with Ledger(file) as ledger:
        steps, disputes = ledger.journal.happened(), ledger.disputes.ever()
    wanted = {step.item for step in steps if path is None or path in (step.path, step.to_path)}
    wanted |= {dispute.item for dispute in disputes if path in (None, dispute.path)}
    events: list[Event] = []
    for step in steps:
        if step.item in wanted:
            told = (
                f"failed: {step.text}"
                if step.state == "failed"
                else f"was {step.path}" * (step.path != step.to_path)
            )
            events.append(
                Event(step.at_ns, step.run, step.to_path, step.side, step.action, told, step.sha256)
            )
    events += [event for dispute in disputes if dispute.item in wanted for event in _course(dispute)]
    return tuple(sorted(events, key=lambda event: event.at_ns))


def _course(dispute: Dispute) -> list[Event]:
    """How a conflict began, and how it ended."""
    began = "held until a person decides" if dispute.held else f"settled: {dispute.how.value}"
    times = [(dispute.opened_ns, "conflict", began)]
    if dispute.closed_ns is not None:
        times += [(dispute.closed_ns, "conflict over", dispute.ending)]
    return [Event(at_ns, dispute.run, dispute.path, "", action, text, "") for at_ns, action, text in times]


def explain(profile: Profile, path: str, ask: Ask, tools: Tools) -> Explanation:
    """What each side holds at a path, what was agreed, and what the next run will do about it."""
    with (
        Ledger(tools.state / f"{profile.name}.db") as ledger,
        connected(profile, ask.without, tools.clock) as sides,
    ):
        return explain_round(Round(profile, ask, tools, ledger, sides), path)


def explain_round(this: Round, path: str) -> Explanation:
    """The same on sides that are connected."""
    plan = plan_round(this).plan
    known = this.ledger.remembered()
    path = identity(path.strip("/"))
    item = _find(known, plan, path)
    ranks = this.profile.policy.ranks
    if item is None:
        return Explanation(
            path, dict.fromkeys(ranks, "holds nothing here"), "nothing was ever agreed here", _unseen(plan)
        )
    decision = next((d for d in plan.decisions if d.item == item), None)
    rows = {**({} if item >= known.next_item else known.rows(item)), **(decision.rows if decision else {})}
    sides = {
        side: _holding(side, rows.get(side), plan, this.sides.traits[side].lasting_refs) for side in ranks
    }
    steps = [s for s in (*plan.steps, *plan.withheld) if s.item == item]
    withheld = {s.id for s in plan.withheld}
    said = [_will(step, held_back=step.id in withheld) for step in steps]
    said += [
        f"{n.side or 'note'}: {n.text}"
        for n in (*plan.notices, *plan.put_off, *plan.refused)
        if n.path == path
    ]
    said += [_conflict(plan, item)] if any(s.item == item for s in plan.standoffs) else []
    return Explanation(
        path, sides, _agreed(known, item), (*said, *_unseen(plan)) or ("nothing: all sides agree",)
    )


def _find(known: Known, plan: Plan, path: str) -> ItemId | None:
    """The item of a path: as agreed, or as planned."""
    for decision in plan.decisions:
        if decision.path == path:
            return decision.item
    for step in (*plan.steps, *plan.withheld):
        if path in (step.path, step.to_path):
            return step.item
    item = 0
    for name in path.split("/"):
        found = [i for i in known.named(item, fold(name)) if known.item(i).value.name == name]
        if not found:
            return None
        item = found[0]
    return item


def _holding(side: SideName, row: Row | None, plan: Plan, lasting: bool) -> str:  # noqa: FBT001 - one of two kinds of side
    if side in plan.unknown and row is None:
        return f"could not be looked at: {plan.unknown[side][0]}"
    if row is None or row.held is None:
        return "holds nothing here"
    held = row.held
    number = f", number {int(held.handle[1:])}" if lasting and held.handle[1:].isdigit() else ""
    digest = f", SHA-256 {held.sha256[:12]}…" if held.sha256 else ", not read yet"
    what = f"{held.size} bytes{digest}" if held.kind.value == "file" else "a folder"
    seen = "; could not be looked at now" if side in plan.unknown else ""
    return f"holds {what}, called {held.name!r}{number}{seen}"


def _agreed(known: Known, item: ItemId) -> str:
    if item >= known.next_item:
        return "nothing yet: it is new"
    agreed = known.item(item)
    path = path_of(item, lambda i: known.item(i).value)
    if not agreed.value.exists:
        return f"that {path} is deleted"
    content = agreed.value.content
    if content is None:
        return f"the folder {path}"
    digest = f"SHA-256 {content.digest[:12]}…" if content.read else "not read yet"
    return f"{path}, {content.size} bytes, {digest}, version {agreed.versions.content}"


def _will(step: Step, *, held_back: bool) -> str:
    why = f"{step.why.value}{' in ' + ' and '.join(step.causes) if step.causes else ''}"
    back = "; held back by a brake" if held_back else ""
    to = f" to {step.to_path}" if step.to_path != step.path else ""
    return f"{step.side}: {step.action.value}{to}, because it is {why}{back}"


def _conflict(plan: Plan, item: ItemId) -> str:
    standoff = next(s for s in plan.standoffs if s.item == item)
    losers = ", ".join(side for _, side in standoff.conflict.losers)
    winner = " and ".join(standoff.conflict.winners) or "what was agreed"
    if standoff.conflict.how.value == "hold":
        return f"conflict: {winner} and {losers} differ; held until a person decides"
    kept = f"; kept beside it as {', '.join(standoff.copies)}" if standoff.copies else ""
    return f"conflict: {winner} keeps the name, {losers} differs{kept}"


def _unseen(plan: Plan) -> tuple[str, ...]:
    return tuple(f"{side} could not be looked at: {why[0]}" for side, why in plan.unknown.items() if why)
