"""Begins a new state where the old one cannot be used, and brings a shared one to this version."""

import os
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from synctool.config.profile import Profile
from synctool.engine.record import borrowing, holding, note, remembering
from synctool.engine.tools import Tools
from synctool.errors import Misuse, StateError
from synctool.store import private
from synctool.store.audit import Audit
from synctool.store.borrowed import Borrowed


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
