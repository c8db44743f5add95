"""Keeps the audit log and the state in step: what one of them lost, the other tells."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from synctool.config.profile import Profile
from synctool.core.model import Entry, SideName
from synctool.engine.rounds import Round
from synctool.engine.tools import Tools
from synctool.store.audit import Audit, Head, entries
from synctool.store.borrowed import Borrowed, borrowed, copied
from synctool.store.journal import Cut
from synctool.store.lease import Lease, held, whoami
from synctool.store.ledger import Ledger
from synctool.store.shelf import Shelf

HEAD = "audit"
"""The key under which the state remembers the end of the log."""


@contextmanager
def at_hand(profile: Profile, tools: Tools) -> Iterator[Tools]:
    """The tools for one who only reads: the files of a profile are where they say, in a copy if they are shared."""
    if tools.shelf is None:
        yield tools
        return
    with copied(tools.shelf, profile.name, tools.state) as folder:
        yield replace(tools, copy=folder)


@contextmanager
def holding(profile: Profile, tools: Tools) -> Iterator[tuple[Lease, Tools]]:
    """Hold a profile, as this process, from now on; the tools that its files are at hand with. Raises Busy, naming who does."""
    if tools.shelf is None:
        with held(tools.lock(profile.name), whoami(), _moment(tools)) as lease:
            yield lease, tools
        return
    with borrowing(profile, tools.shelf, tools) as lent:
        lent.fetch()
        lent.refuse_older()
        yield lent, replace(tools, copy=lent.folder)


@contextmanager
def borrowing(profile: Profile, shelf: Shelf, tools: Tools) -> Iterator[Borrowed]:
    """Hold a profile whose state is shared, before anything of it is fetched. Raises Busy, naming who does."""
    said = whoami(), _moment(tools)
    with (
        held(tools.lock(profile.name), *said),
        borrowed(shelf, profile.name, tools.state, said, tools.clock) as lent,
    ):
        yield lent


@contextmanager
def remembering(profile: Profile, tools: Tools) -> Iterator[Ledger]:
    """The state of a profile; a new one knows what the audit log beside it tells of runs, steps and overrides.

    So a state that was lost or rebuilt is no way round what the brakes count, nor does it give a code a second time.
    """
    path = tools.audit(profile.name)
    with Ledger(tools.database(profile.name)) as ledger:
        if not ledger.journal.last_run() and path.exists():
            ledger.recall(entries(path))
        yield ledger


def opened(this: Round) -> Audit:
    """The audit log, for a run; what it lost, and steps that a dead run began and nobody finished, are put on record."""
    path, ledger = this.tools.audit(this.profile.name), this.ledger
    audit = Audit(path)
    if audit.torn:
        audit.record({**_who(this), "action": "log torn", "bytes": audit.torn})
    if (known := remembered_head(ledger)) and not holds(path, audit.head, known):
        audit.record({**_who(this), "action": "log cut", "records": known.seq, "head": known.hash})
    if cuts := ledger.journal.cut_off():
        _account(this, audit, cuts)
    return audit


def note(ledger: Ledger, audit: Audit) -> None:
    """Wait until the log is on disk, and let the state remember its end."""
    head = audit.sync()
    ledger.put(HEAD, f"{head.seq} {head.hash}")


def swept(this: Round, audit: Audit, run: int, side: SideName, entry: Entry) -> None:
    """Put on record that what an interrupted run had left on a side was taken away."""
    what = {"run": run, "side": side, "action": "sweep", "path": entry.handle, "before": entry.sha256}
    audit.record({**_who(this), **what})


def remembered_head(ledger: Ledger) -> Head | None:
    """The end of the log as the state knows it; None before the first."""
    seq, _, digest = ledger.get(HEAD).partition(" ")
    return Head(int(seq), digest) if digest else None


def holds(path: Path, head: Head, known: Head) -> bool:
    """Whether a log that ends in head still has the record that was known as its end."""
    return (
        head == known or any((e.get("seq"), e.get("hash")) == known for e in entries(path)) or not known.seq
    )


def _account(this: Round, audit: Audit, cuts: list[Cut]) -> None:
    """Say of each step that was cut off whether the log has it; if not, that nobody knows whether it was done."""
    runs = [*{cut.run for cut in cuts}]  # what a log calls a run may be anything
    told: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for entry in entries(this.tools.audit(this.profile.name)):
        if entry.get("run") in runs:
            told[_step(entry)].append(entry)
    for cut in cuts:
        step = cut._asdict()
        facts = next(iter(told[_step(step)][step.pop("done") :]), None)
        if facts is None:
            facts = {**_who(this), **step, "outcome": "unknown: the run was cut off"}
            audit.record(facts)
        this.ledger.recall([facts])


def _step(facts: dict[str, object]) -> tuple[str, ...]:
    return tuple(repr(facts.get(key)) for key in ("run", "item", "side", "action", "to_path"))


def _who(this: Round) -> dict[str, object]:
    return {"at": _moment(this.tools), "actor": this.ask.actor}


def _moment(tools: Tools) -> str:
    return datetime.fromtimestamp(tools.clock.now_ns() // 10**9, UTC).isoformat()
