"""Examines what a profile rests on: state, lock, log, clock and sides."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from synctool.config.profile import DriveSettings, FilevineSettings, Profile, S3Settings, Settings
from synctool.core.model import SideName
from synctool.engine import markers
from synctool.engine.connect import connected
from synctool.engine.record import at_hand, holds, remembered_head
from synctool.engine.tools import Tools
from synctool.errors import SideError, StateError, SyncError
from synctool.sides import clocks
from synctool.sides.base import Side
from synctool.sides.s3.wire import Where
from synctool.store import lending, private
from synctool.store.audit import Head, records
from synctool.store.db import MEMORY, VERSION
from synctool.store.lease import holder
from synctool.store.ledger import Ledger
from synctool.store.mounts import on_network

MEANING = {
    "log torn": "a record that a crash tore was cut off",
    "log cut": "records up to {records} had been lost",
    "rebuild": "a new state was begun, the former one is {aside}",
    "detach": "it was taken out of service, the state is {aside}",
    "migrate": "the state was brought to a newer version, a copy of the former one is {aside}",
}
SKEW = 60  # seconds
LITTLE = 0.05  # the share of a disk that is free


class Check(NamedTuple):
    """What was looked at, and what was found. code: 0, or the exit code it stands for; warn: a person should read it."""

    what: str
    text: str
    code: int = 0
    warn: bool = False


def examine(profile: Profile, tools: Tools) -> Iterator[Check]:
    """Everything that a person would want checked before calling for help; no document is touched."""
    yield _lock(profile, tools)
    yield from _clocks(profile, tools)
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


def _clocks(profile: Profile, tools: Tools) -> Iterator[Check]:
    """Whether this computer's clock is right by those of the servers; one that does not answer is told as a side."""
    for name, settings in profile.sides.items():
        url = _address(name, settings)
        told = clocks.told(url) if url else None
        if told is None:
            continue
        off = tools.clock.now_ns() // 10**9 - told
        right = abs(off) <= SKEW
        text = f"as {name}'s" if right else f"{abs(off):,} s {'ahead of' if off > 0 else 'behind'} {name}'s"
        advice = "" if right else ": set it by a time server; what is signed 15 minutes off is refused"
        yield Check("clock", text + advice, warn=not right)


def _address(name: str, settings: Settings) -> str:
    """A server that says what time it is; "" where there is none."""
    if isinstance(settings, FilevineSettings):
        return settings.api_url
    if isinstance(settings, S3Settings):
        return (
            settings.endpoint_url
            or Where(name, settings.bucket, "", settings.region or "us-east-1").base()[0]
        )
    return ""


def _sides(profile: Profile, tools: Tools, ledger: Ledger) -> Iterator[Check]:
    with connected(profile, frozenset(), tools) as sides:
        for name in profile.policy.ranks:
            if name in sides.closed:
                yield Check(name, sides.closed[name], 5)
                continue
            yield _reached(profile, ledger, sides.open[name])
            yield from _remarks(sides.open[name], acts=profile.mode == "sync")
            settings = profile.sides[name]
            if isinstance(settings, DriveSettings):
                yield from _room(name, Path(settings.root))
                yield _announced(name, Path(settings.root))


def _remarks(side: Side, *, acts: bool) -> Iterator[Check]:
    """What a side says of itself; what only a run that acts would meet is no failure of a profile that observes."""
    try:
        for remark in side.remarks():
            yield Check(side.name, remark.text, remark.code * acts, remark.warn)
    except SideError as error:
        yield Check(side.name, str(error), error.exit_code)


def _announced(name: SideName, root: Path) -> Check:
    if on_network(root):
        return Check(name, "others' changes are not announced on a network drive: watch polls it")
    return Check(name, "changes are announced: watch hears them at once")


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
