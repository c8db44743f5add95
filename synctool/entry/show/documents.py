"""Writes plans, outcomes and status as documents for programs, in published and versioned formats."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from synctool.core.model import Content
from synctool.core.plan import Brake, Notice, Plan, Standoff, Step
from synctool.engine.former import Undo
from synctool.engine.inquire import Status
from synctool.engine.outcome import Adoption, Outcome, Planned
from synctool.entry.show.plan import deletes, overwrites, size_of
from synctool.entry.show.visible import iso

PLAN_FORMAT = "synctool.plan/1"
OUTCOME_FORMAT = "synctool.outcome/1"
STATUS_FORMAT = "synctool.status/1"

Document = dict[str, Any]


def plan_document(planned: Planned, exit_code: int) -> Document:
    """A plan, as ``schemas/plan.schema.json`` describes it. exit_code: what the command returns for it."""
    return {
        "format": PLAN_FORMAT,
        **_origin(planned),
        **_undone(planned.undo),
        "exit_code": exit_code,
        "loses_content": False,
        "summary": _summary(planned.plan),
        "adoption": _adoption(planned.adoption if planned.undecided else None),
        "steps": [*map(step_document, planned.plan.steps)],
        **_findings(planned.plan),
    }


def outcome_document(outcome: Outcome) -> Document:
    """What became of a plan, as ``schemas/outcome.schema.json`` describes it."""
    return {
        "format": OUTCOME_FORMAT,
        **_origin(outcome.planned),
        "exit_code": outcome.exit_code,
        "loses_content": False,
        "run": outcome.run,
        "seconds": round(outcome.seconds, 3),
        "summary": {
            "done": len(outcome.done),
            "failed": len(outcome.failed),
            "dropped": len(outcome.dropped),
            "bytes": sum(done.size for done in outcome.done),
            "verified": outcome.verified.equal,
            "unequal": outcome.verified.unequal,
        },
        "done": [{**step_document(done.step), "copied": done.size} for done in outcome.done],
        "failed": [
            {**step_document(failed.step), "reason": failed.reason, "exit_code": failed.exit_code}
            for failed in outcome.failed
        ],
        "dropped": [*outcome.dropped],
        "left_out": sorted(outcome.left_out),
        **_findings(outcome.planned.plan),
    }


def status_document(status: Status, *, is_old: bool) -> Document:
    """What is known without looking."""
    return {
        "format": STATUS_FORMAT,
        "profile": status.profile,
        "agreed_at": None if status.agreed_ns is None else iso(status.agreed_ns),
        "is_old": is_old,
        "last_run_at": None if status.last_run_ns is None else iso(status.last_run_ns),
        "last_exit": status.last_exit,
        "unended_since": None if status.unended_ns is None else iso(status.unended_ns),
        "documents": status.documents,
        "waiting": status.waiting,
        "assumed": status.assumed,
        "held": [*status.held],
        "brakes": [
            {
                "rule": b["rule"],
                "side": b["side"] or None,
                "text": b["text"],
                "code": b["code"],
                "since": iso(b["since_ns"]),
            }
            for b in status.brakes
        ],
        "put_off": [
            {"side": p["side"], "path": p["path"], "text": p["text"], "since": iso(p["since_ns"])}
            for p in status.put_off
        ],
        "unknown": {side: [*whys] for side, whys in status.gaps.items()},
    }


def step_document(step: Step) -> Document:
    """One step."""
    size = step.content.size if step.content else step.entry.size if step.entry else 0
    return {
        "id": step.id,
        "action": step.action.value,
        "side": step.side,
        "kind": step.kind.value,
        "path": step.path,
        "to_path": step.to_path,
        "why": step.why.value,
        "causes": [*step.causes],
        "size": size,
        "source": step.source,
        "layer": step.layer.name.lower(),
        "wave": step.wave,
    }


def _undone(undo: Undo | None) -> Document:
    return {"undo": {"run": undo.run, "path": undo.path}} if undo else {}


def _origin(planned: Planned) -> Document:
    return {
        "profile": planned.profile,
        "digest": planned.digest,
        "state": planned.state,
        "made_at": iso(planned.made_ns),
    }


def _summary(plan: Plan) -> Document:
    return {
        "steps": len(plan.steps),
        "bytes": size_of(plan.steps),
        "deletes": deletes(plan.steps),
        "overwrites": overwrites(plan.steps),
        "conflicts": len(plan.standoffs),
        "brakes": sum(not brake.accepted for brake in plan.brakes),
        "withheld": len(plan.withheld),
        "by_cause": dict(Counter(step.why.value for step in plan.steps)),
    }


def _adoption(adoption: Adoption | None) -> Document | None:
    if adoption is None:
        return None
    return {
        "documents": adoption.documents,
        "bytes": adoption.size,
        "requests": adoption.requests,
        "seconds": round(adoption.seconds),
    }


def _findings(plan: Plan) -> Document:
    return {
        "conflicts": [*map(_conflict, plan.standoffs)],
        "brakes": [*map(_brake, plan.brakes)],
        "withheld": [*map(step_document, plan.withheld)],
        "in_use": _notices(plan.put_off),
        "refused": _notices(plan.refused),
        "notices": _notices(plan.notices),
        "unknown": {side: [*whys] for side, whys in plan.unknown.items()},
    }


def _conflict(standoff: Standoff) -> Document:
    conflict = standoff.conflict
    copies = dict(zip(conflict.losers, standoff.copies, strict=False))
    return {
        "path": standoff.path,
        "how": conflict.how.value,
        "winner": {"sides": [*conflict.winners], **_content(conflict.winner)},
        "losers": [
            {"side": loser[1], "sides": [*sides], **_content(loser[0]), "copy": copies.get(loser)}
            for loser, sides in zip(conflict.losers, conflict.others, strict=True)
        ],
    }


def _content(content: Content) -> Document:
    return {"sha256": content.digest if content.read else None, "size": content.size}


def _brake(brake: Brake) -> Document:
    return {
        "rule": brake.rule,
        "side": brake.side or None,
        "text": brake.text,
        "code": brake.code,
        "accepted": brake.accepted,
        "withheld": [*brake.steps],
    }


def _notices(notices: Sequence[Notice]) -> list[Document]:
    return [{"path": notice.path, "side": notice.side or None, "text": notice.text} for notice in notices]
