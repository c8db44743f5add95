"""Examines what a profile rests on, and begins a new state where the old one cannot be used."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from synctool.config.profile import DriveSettings, Profile
from synctool.engine import markers
from synctool.engine.connect import connected
from synctool.engine.record import at_hand, borrowing, holding, holds, note, remembered_head, remembering
from synctool.engine.tools import Tools
from synctool.errors import Misuse, SideError, StateError, SyncError
from synctool.sides.base import Side
from synctool.store import lending, private
from synctool.store.audit import Audit, Head, records
from synctool.store.borrowed import Borrowed
from synctool.store.db import MEMORY, VERSION
from synctool.store.lease import holder
from synctool.store.ledger import Ledger

MEANING = {
    "log torn": "a record that a crash tore was cut off",
    "log cut": "records up to {records} had been lost",
    "rebuild": "a new state was begun, the former one is {aside}",
    "detach": "it was taken out of service, the state is {aside}",
    "migrate": "the state was brought to a newer version, a copy of the former one is {aside}",
}
LITTLE = 0.05  # the share of a disk that is free


class Check(NamedTuple):
    """What was looked at, and what was found. code: 0, or the exit code it stands for; warn: a person should read it."""

    what: str
    text: str
    code: int = 0
    warn: bool = False


def examine(profile: Profile, tools: Tools) -> Iterator[Check]:
    """Everything that a person would want checked before calling for help; nothing is changed."""
    yield _lock(profile, tools)
    if tools.shelf is None:
        yield from _folder(tools.state, profile.name)
    try:
        with at_hand(profile, tools) as here:
            yield from _audited(profile, here)
            yield from _rests(profile, here)
    except StateError as error:
        yield Check("state", str(error), error.exit_code)


def _rests(profile: Profile, tools: Tools) -> Iterator[Check]:
    """What is to be said of a state, and of the sides as it knows them."""
    state = tools.database(profile.name)
    if not state.exists():
        yield Check("state", "none yet: the first apply makes it")
        with Ledger(Path(MEMORY)) as nothing:
            yield from _sides(profile, tools, nothing)
        return
    try:
        with Ledger(state) as ledger:
            yield from _state(ledger, state)
            yield from _sides(profile, tools, ledger)
    except StateError as error:
        yield Check("state", str(error), error.exit_code)
        with Ledger(Path(MEMORY)) as nothing:
            yield from _sides(profile, tools, nothing)


def audited(profile: Profile, tools: Tools) -> Iterator[Check]:
    """Whether the audit log is whole: its chain, and that it reaches as far as the state remembers. Raises StateError."""
    with at_hand(profile, tools) as here:
        yield from _audited(profile, here)


def _audited(profile: Profile, tools: Tools) -> Iterator[Check]:
    path = tools.audit(profile.name)
    known = _known_head(tools.database(profile.name))
    head, times = Head(), [""]
    try:
        for record in records(path) if path.exists() else ():
            head = Head(record["seq"], record["hash"])
            times = [times[0] or record.get("at", ""), record.get("at", "")]
            if record.get("action") in MEANING:
                text = MEANING[record["action"]].format_map(record)
                yield Check("audit", f"line {head.seq} says: {text}", warn=True)
    except ValueError as error:
        yield Check("audit", f"{error}: it, or the one before, was changed or removed", 7)
        return
    if known and not (path.exists() and holds(path, head, known)):
        missing = f"the state remembers record {known.seq}; the log ends at {head.seq}: records are missing"
        yield Check("audit", missing, 7)
    else:
        reach = f", {times[0]} to {times[-1]}" if head.seq else ""
        yield Check("audit", f"{head.seq:,} records{reach}; the chain holds, its head is {head.hash}")


def rebuild(profile: Profile, actor: str, tools: Tools) -> str:
    """Put the state of a profile aside, under a dated name, and begin a new one; what the old one is called now.

    Nothing is deleted anywhere. Raises Busy while a run is going on, Misuse where there is no state.
    """
    moment = datetime.fromtimestamp(tools.clock.now_ns() // 10**9, UTC)
    if tools.shelf:
        with borrowing(profile, tools.shelf, tools) as lent:
            with suppress(StateError):  # what is torn is put aside as it is
                lent.fetch()
            here = replace(tools, copy=lent.folder)
            aside = _shelved_aside(profile, lent, moment)
            here.database(profile.name).unlink(missing_ok=True)
            noted(profile, here, _rebuilt(actor, moment, aside))
        return aside
    with holding(profile, tools) as (lease, here):
        state = here.database(profile.name)
        if not os.path.lexists(state):
            raise Misuse(f"{profile.name} has no state to rebuild", hint="the first apply makes one")
        lease.check()
        aside = put_aside(state, f"{moment:%Y-%m-%dT%H%M%S}").name
        noted(profile, here, _rebuilt(actor, moment, aside))
    return aside


def migrate(profile: Profile, actor: str, tools: Tools) -> str:
    """Bring a shared state to this program's version, a copy put aside; the copy's name, "" where nothing was to be done.

    Raises Busy while a run is going on, Misuse for a state that is not shared: that is migrated by the next run.
    """
    if tools.shelf is None:
        raise Misuse("only a state that is shared is migrated by hand", hint="any other is by its next run")
    moment = datetime.fromtimestamp(tools.clock.now_ns() // 10**9, UTC)
    with borrowing(profile, tools.shelf, tools) as lent:
        lent.fetch()
        if not lent.is_older():
            return ""
        here, aside = replace(tools, copy=lent.folder), _shelved_aside(profile, lent, moment)
        noted(profile, here, {"at": moment.isoformat(), "actor": actor, "action": "migrate", "aside": aside})
    return aside


def _shelved_aside(profile: Profile, lent: Borrowed, moment: datetime) -> str:
    aside = lent.aside(f"{moment:%Y-%m-%dT%H%M%S}")
    if not aside:
        raise Misuse(f"{profile.name} has no state yet", hint="the first apply makes one")
    return aside


def _rebuilt(actor: str, moment: datetime, aside: str) -> dict[str, object]:
    return {"at": moment.isoformat(), "actor": actor, "action": "rebuild", "aside": aside}


def noted(profile: Profile, tools: Tools, facts: dict[str, object]) -> None:
    """Put on record what was done to a state, and let it, a new one if it is gone, know the end of the log."""
    audit = Audit(tools.audit(profile.name))
    audit.record(facts)
    with remembering(profile, tools) as ledger:
        note(ledger, audit)


def put_aside(state: Path, moment: str) -> Path:
    """Give the files of a database another name; they stay together."""
    aside = state.with_name(f"{state.name}.{moment}.aside")
    with private.border(state):
        for end in ("-wal", "-shm", ""):
            file = state.with_name(state.name + end)
            if os.path.lexists(file):
                file.rename(aside.with_name(aside.name + end))
    return aside


def _known_head(state: Path) -> Head | None:
    """The end of the log as the state knows it; None where there is no state that can be asked."""
    if not state.exists():
        return None
    try:
        with Ledger(state) as ledger:
            return remembered_head(ledger)
    except StateError:
        return None


def _lock(profile: Profile, tools: Tools) -> Check:
    try:
        who = holder(tools.lock(profile.name))
        if tools.shelf and not who:
            who = lending.holder(tools.shelf, profile.name)
    except (StateError, SideError) as error:
        return Check("lock", str(error), error.exit_code)
    return Check("lock", f"a run is going on: {who}" if who else "free", warn=bool(who))


def _folder(folder: Path, profile: str) -> Iterator[Check]:
    if not folder.exists():
        return
    exposed = [path.name for path in folder.glob(f"{profile}.*") if path.lstat().st_mode & private.OTHERS]
    if exposed and os.name != "nt":
        yield Check(
            "folder", f"others may read {', '.join(sorted(exposed))}: the next run ends that", warn=True
        )
    left = sorted(
        p.name
        for what in (f"{profile}.db*.aside", f"{profile}.db*.new", "crash-*.txt")
        for p in folder.glob(what)
    )
    if left:
        yield Check("folder", f"left from earlier: {', '.join(left)}", warn=True)
    yield from _room("folder", folder)


def _room(what: str, folder: Path) -> Iterator[Check]:
    usage = shutil.disk_usage(folder)
    little = usage.free < LITTLE * usage.total
    yield Check(what, f"{usage.free / 1e9:,.1f} GB free" + " only" * little, warn=little)


def _state(ledger: Ledger, file: Path) -> Iterator[Check]:
    last = ledger.journal.last_end()
    agreed = "the sides have never agreed yet"
    if last and last.agreed_ns:
        agreed = f"agreed {datetime.fromtimestamp(last.agreed_ns // 10**9, UTC).isoformat()}"
    size = f"{file.stat().st_size / 1e6:,.1f} MB"
    last_run = ledger.journal.last_run()
    yield Check("state", f"whole, version {VERSION}, {size}, last run {last_run:,}; {agreed}")
    if cut := ledger.journal.cut_off():
        steps = ", ".join(f"{step.side} {step.action} {step.to_path}" for step in cut)
        yield Check("state", f"a run was cut off; the next one looks what became of: {steps}", warn=True)
    if waiting := len(ledger.remembered().waiting()):
        yield Check("state", f"{waiting:,} waiting for the next run, or for a person", warn=True)


def _sides(profile: Profile, tools: Tools, ledger: Ledger) -> Iterator[Check]:
    with connected(profile, frozenset(), tools) as sides:
        for name in profile.policy.ranks:
            if name in sides.closed:
                yield Check(name, sides.closed[name], 5)
                continue
            yield _reached(profile, ledger, sides.open[name])
            settings = profile.sides[name]
            if isinstance(settings, DriveSettings):
                yield from _room(name, Path(settings.root))


def _reached(profile: Profile, ledger: Ledger, side: Side) -> Check:
    """What a side that was reached says of its marker and its trash."""
    try:
        if brake := markers.judge(profile, ledger, side):
            return Check(side.name, f"answers; {brake.text}", warn=True)
        strange = "it is marked, and no state remembers that" if side.marker() else "it is not marked"
        marked = "its marker is ours" if ledger.get(f"marker:{side.name}") else strange
        in_trash = sum(1 for kept in side.kept() if not kept.version)
    except SyncError as error:
        return Check(side.name, f"answers, but: {error}", error.exit_code)
    return Check(side.name, f"answers; {marked}; {in_trash:,} in trash")
