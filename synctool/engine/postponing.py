"""Says which documents a run has put off because somebody is at work on them, and since when."""

from collections.abc import Iterator
from typing import Any

from synctool.engine.outcome import Outcome
from synctool.engine.sieve import PUT_OFF
from synctool.store.ledger import Ledger


def postponed(ledger: Ledger, outcome: Outcome, now_ns: int) -> list[dict[str, Any]]:
    """What was put off, as the summary of a run keeps it; it is since the run that first did so."""
    last = ledger.journal.last_end()
    before = {
        (p["side"], p["path"]): p["since_ns"] for p in (last.summary.get("put_off", ()) if last else ())
    }
    found = {(side, path): text for side, path, text in _told(outcome)}
    return [
        {"side": side, "path": path, "text": text, "since_ns": before.get((side, path), now_ns)}
        for (side, path), text in found.items()
    ]


def is_passing(outcome: Outcome) -> bool:
    """Whether all that was left undone may be possible at any moment: somebody is at work there, or was quicker than we."""
    plan = outcome.planned.plan
    unseen = [whys for side, whys in plan.unknown.items() if side not in outcome.left_out]
    passing = [why.endswith(PUT_OFF) for whys in unseen for why in whys]
    passing += [failed.in_use or failed.moved for failed in outcome.failed]
    return all(passing) and bool(passing or plan.put_off)


def _told(outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    """The side, the path and what is said: of what is open, is being written, and refused when it was tried."""
    plan = outcome.planned.plan
    for notice in plan.put_off:
        yield notice.side, notice.path, notice.text.replace(PUT_OFF, "")
    for side, whys in plan.unknown.items():
        for why in whys:
            if why.endswith(PUT_OFF):
                path, _, text = why.removesuffix(PUT_OFF).rpartition(": ")
                yield side, path, text
    for failed in outcome.failed:
        if failed.in_use:
            step = failed.step
            yield step.side, step.to_path, failed.reason.removeprefix(f"{step.side}: {step.to_path}: ")
