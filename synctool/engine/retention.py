"""Purges trash when its time is over, and forgets what was deleted as long ago."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from synctool.core.model import Handle, Kept, SideName
from synctool.core.policy import Role
from synctool.engine.folders import Mapping as Folders
from synctool.engine.rounds import Round
from synctool.engine.transfer import KEPT_NS
from synctool.errors import SideError
from synctool.sides.base import Side
from synctool.store.audit import Audit
from synctool.store.journal import DAY_NS

log = logging.getLogger(__name__)


def keep_trash_short(this: Round, run: int, audit: Audit) -> None:
    """Once a day, purge what has been in trash for longer than the profile says, on every side that we may write to.

    Uploads that nothing has come to for as long as parts are kept on their way are given up.
    What lies under a legal hold stays, as does what an archive keeps. What fails is tried again at the next run. The day
    begins with the first run.
    """
    ledger, now = this.ledger, this.tools.clock.now_ns()
    before = now - this.profile.trash_days * DAY_NS
    ledger.bury(now)
    ledger.forget_dead(before)
    for name, side in this.sides.open.items():
        if this.profile.policy.role(name) in (Role.SOURCE, Role.ARCHIVE):
            continue
        last = ledger.get(f"purged {name}")
        if last and now - int(last) < DAY_NS:
            continue
        try:
            if last:
                _purge(this, side, before, run, audit)
                side.sweep(now - KEPT_NS)
        except SideError as error:
            log.warning("%s: trash could not be purged, the next run tries again: %s", name, error)
        else:
            ledger.put(f"purged {name}", str(now))


def _purge(this: Round, side: Side, before_ns: int, run: int, audit: Audit) -> None:
    paths = this.ledger.journal.paths(side.name) if this.profile.policy.holds else {}
    for kept in side.kept():
        if kept.version or kept.at_ns >= before_ns or _is_held(this, side, kept, paths):
            continue
        this.lease.check()
        # Before it: what is destroyed is never missing from the record.
        audit.record(_facts(this, side.name, kept, run))
        this.lease.foretell()
        try:
            side.purge(kept)
        except SideError as error:
            audit.record({**_facts(this, side.name, kept, run), "action": "purge failed", "text": error.what})
            raise
    audit.sync()


def _is_held(this: Round, side: Side, kept: Kept, paths: Mapping[Handle, frozenset[str]]) -> bool:
    """Whether kept bytes are, or may be, those of a document under a legal hold."""
    holds = this.profile.policy.holds
    if not holds:
        return False
    found = set(paths.get(kept.was, ()))
    if kept.was and not side.traits.lasting_refs:
        found.add(_common(this, side, kept.was))
    return not found or any(hold.matches(path) for hold in holds for path in found)


def _common(this: Round, side: Side, handle: Handle) -> str:
    """The common path of a path handle."""
    folders = Folders(side.name, this.profile.policy, side.traits)
    parts = handle.split("/")
    for end in range(len(parts) - 1, 0, -1):
        if mapped := folders.at("/".join(parts[:end])):
            return "/".join((mapped.at, *parts[end:]))
    return handle


def _facts(this: Round, side: SideName, kept: Kept, run: int) -> dict[str, object]:
    moment = datetime.fromtimestamp(this.tools.clock.now_ns() // 10**9, UTC)
    return {
        "at": moment.isoformat(),
        "run": run,
        "actor": this.ask.actor,
        "side": side,
        "action": "purge",
        "path": kept.was,
        "size": kept.entry.size,
        "before": kept.entry.sha256,
    }
