"""Answers what people ask of a profile: how it stands, what happened, and why a document is as it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from synctool.config.profile import Profile
from synctool.core.model import SideName
from synctool.engine.conflicts import Contested, contested
from synctool.engine.record import at_hand
from synctool.engine.sieve import PUT_OFF
from synctool.engine.tools import Tools
from synctool.store.disputes import Dispute
from synctool.store.journal import Ran
from synctool.store.ledger import Ledger

UNENDED = "it is still going on, or was cut off; the next apply goes on from there"
"""What is to be said of a run that began and never told how it ended."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a profile without looking. agreed_ns: the last run after which all sides agreed.

    brakes: those that stopped the last run: rule, side, text, code, since_ns. put_off: documents that somebody was at
    work on: side, path, text, since_ns. assumed: copies taken to be equal by their
    size, and not read yet. unended_ns: when the last run began, if it has not ended: it is going on, or was cut off.
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
    unended_ns: int | None = None
    put_off: tuple[Mapping[str, Any], ...] = ()


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


def status(profile: Profile, tools: Tools) -> Status:
    """How a profile stood when it last ran."""
    with _known(profile, tools) as ledger:
        if ledger is None:
            return Status(profile.name, None, None, None, 0, 0, (), {})
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
            gaps=_gaps(summary),
            put_off=tuple(summary.get("put_off", ())),
            brakes=tuple(summary.get("brakes", ())),
            assumed=len(ledger.remembered().assumed()),
            unended_ns=dict(ledger.journal.begun()).get(ledger.journal.last_run()),
        )


def _gaps(summary: Mapping[str, Any]) -> dict[SideName, tuple[str, ...]]:
    """What the last run could not see, and why, but for documents that were put off."""
    unknown = summary.get("unknown", {}).items()
    found = {side: tuple(why for why in whys if not why.endswith(PUT_OFF)) for side, whys in unknown}
    return {side: whys for side, whys in found.items() if whys}


def conflicts(profile: Profile, tools: Tools) -> tuple[Contested, ...]:
    """The conflicts that are open, oldest first."""
    with _known(profile, tools) as ledger:
        return contested(ledger) if ledger else ()


def history(profile: Profile, tools: Tools, path: str | None = None) -> tuple[Event, ...]:
    """What was done for a profile, oldest first; of one document under all the names it had, if a path is given."""
    with _known(profile, tools) as ledger:
        if ledger is None:
            return ()
        steps, disputes = ledger.journal.happened(), ledger.disputes.ever()
        begun = ledger.journal.begun() if path is None else []
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
    events += [Event(at_ns, run, "", "", "began, and has not ended", UNENDED, "") for run, at_ns in begun]
    return tuple(sorted(events, key=lambda event: event.at_ns))


def runs(profile: Profile, tools: Tools, most: int) -> list[Ran]:
    """The last runs of a profile that ended, oldest first, so many at most."""
    with _known(profile, tools) as ledger:
        return ledger.journal.runs(most) if ledger else []


@contextmanager
def _known(profile: Profile, tools: Tools) -> Iterator[Ledger | None]:
    """What is remembered of a profile; None before its first run."""
    with at_hand(profile, tools) as here:
        if not here.database(profile.name).exists():
            yield None
            return
        with Ledger(here.database(profile.name)) as ledger:
            yield ledger


def _course(dispute: Dispute) -> list[Event]:
    """How a conflict began, and how it ended."""
    began = "held until a person decides" if dispute.held else f"settled: {dispute.how.value}"
    times = [(dispute.opened_ns, "conflict", began)]
    if dispute.closed_ns is not None:
        times += [(dispute.closed_ns, "conflict over", dispute.ending)]
    return [Event(at_ns, dispute.run, dispute.path, "", action, text, "") for at_ns, action, text in times]
