"""Keeps the record of brakes: which are on and since when, and which a person overrode."""

from datetime import UTC, datetime
from typing import Any

from synctool.core.plan import Brake, Plan
from synctool.engine.markers import RULE
from synctool.engine.outcome import Outcome
from synctool.store.audit import Audit
from synctool.store.ledger import Ledger


def spend(ledger: Ledger, audit: Audit, outcome: Outcome, actor: str, now_ns: int) -> None:
    """Write down the overrides that a run made use of, and who gave them.

    One that lets a shrunken side be believed has served only when no other brake kept the run from acting on that.
    """
    plan = outcome.planned.plan
    stopped = any(not brake.accepted for brake in plan.brakes)
    done = {result.step.id for result in outcome.done}
    served = [
        brake
        for brake in plan.brakes
        if brake.accepted and (brake.rule == RULE or not stopped or done & {*brake.steps})
    ]
    for brake in served:
        audit.record(_facts(brake, outcome.run, actor, now_ns))
        ledger.disputes.spend(brake, outcome.run, now_ns, actor)


def tripped(ledger: Ledger, plan: Plan, now_ns: int) -> list[dict[str, Any]]:
    """The brakes that are on, as the summary of a run keeps them; one stays on since the run that it was first on in."""
    last = ledger.journal.last_end()
    before = {(b["rule"], b["side"]): b["since_ns"] for b in (last.summary["brakes"] if last else ())}
    return [
        {
            "rule": brake.rule,
            "side": brake.side,
            "text": brake.text,
            "code": brake.code,
            "since_ns": before.get((brake.rule, brake.side), now_ns),
        }
        for brake in plan.brakes
        if not brake.accepted
    ]


def _facts(brake: Brake, run: int, actor: str, now_ns: int) -> dict[str, object]:
    return {
        "at": datetime.fromtimestamp(now_ns // 10**9, UTC).isoformat(),
        "run": run,
        "actor": actor,
        "side": brake.side,
        "action": "override",
        "rule": brake.rule,
        "code": brake.code,
        "text": brake.text,
    }
