"""Marks the places of a profile, so that a wrong mount, a restored copy or another installation is recognised."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from synctool.config.profile import Profile
from synctool.core.brakes import fresh_code
from synctool.core.model import SideName
from synctool.core.plan import Brake, Plan
from synctool.engine.outcome import Outcome
from synctool.errors import SideError, StateError
from synctool.sides.base import Side
from synctool.store.db import REBUILD
from synctool.store.lease import whoami
from synctool.store.ledger import Ledger

RULE = "place"


def judge(profile: Profile, ledger: Ledger, side: Side) -> Brake | None:
    """Why a side's place should not be believed to be ours, if so.

    Raises StateError when the state is older than what the marker says was done with it.
    """
    try:
        found = _parsed(side.marker())
    except SideError:
        return None  # the listing tells what is wrong
    written = ledger.get(f"marker:{side.name}")
    if found is None:
        text = "the marker that synctool left there is gone"
        return _brake(ledger, side.name, text, written) if written else None
    if (found.get("profile"), found.get("side")) != (profile.name, side.name):
        text = f"belongs to profile {found.get('profile')!r}, side {found.get('side')!r}"
        return _brake(ledger, side.name, text, found)
    if found.get("state") != ledger.get("state"):
        if not written:
            return None  # our state is new: it adopts what is there
        return _brake(ledger, side.name, f"is also kept by another installation ({found.get('by')})", found)
    last, run = ledger.journal.last_run(), found.get("run")
    if isinstance(run, int) and run > last:
        text = f"the state of {profile.name} is older than what {side.name} has seen: run {last}, not {run}"
        raise StateError(text, hint=f"restore the newer state; or {REBUILD}")
    return None


def is_ours(profile: Profile, ledger: Ledger, side: Side) -> bool:
    """Whether a side's place is marked as this installation's. Raises SideError."""
    found = _parsed(side.marker()) or {}
    ours = (profile.name, side.name, ledger.get("state"))
    return (found.get("profile"), found.get("side"), found.get("state")) == ours


def claim(this: str, ledger: Ledger, sides: Mapping[SideName, Side], plan: Plan, run: int) -> None:
    """Mark every place of profile ``this`` that is not marked as ours yet, or was given to us by an override."""
    given = {brake.side for brake in plan.brakes if brake.rule == RULE and brake.accepted}
    for name, side in sides.items():
        if name in given or not ledger.get(f"marker:{name}"):
            with contextlib.suppress(SideError):
                side.mark(_facts(this, ledger, name, run))
                kept = side.marker() is not None  # Filevine keeps none
                ledger.put(f"marker:{name}", str(run) if kept else "")


def date(ledger: Ledger, sides: Mapping[SideName, Side], outcome: Outcome) -> None:
    """Note on the places that were changed which run it was."""
    for name in sorted({done.step.side for done in outcome.done}):
        if ledger.get(f"marker:{name}"):
            with contextlib.suppress(SideError):
                sides[name].mark(_facts(outcome.planned.profile, ledger, name, outcome.run))


def _facts(profile: str, ledger: Ledger, side: SideName, run: int) -> bytes:
    facts = {"profile": profile, "side": side, "state": ledger.get("state"), "run": run, "by": whoami()}
    return json.dumps(facts, indent=1).encode()


def _parsed(data: bytes | None) -> dict[str, Any] | None:
    if data is None:
        return None
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _brake(ledger: Ledger, side: SideName, text: str, *facts: object) -> Brake:
    return Brake(RULE, text, fresh_code(ledger.disputes.spent(), RULE, side, text, facts), side)
