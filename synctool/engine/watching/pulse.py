"""Says how a watch is doing: as a value, as the file that other commands read, and as what is wrong with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from synctool.sides.filevine.pacing import Crowd
from synctool.store import private

FILE = "watch.json"
FORMAT = "synctool.watch/1"

SILENT_NS = 60 * 10**9
"""A watch that has not said anything for so long does not run, or hangs."""

OVERDUE_NS = 15 * 60 * 10**9
"""A round that is due for so long is stuck."""

BROKEN = (1, 2, 7)
"""Exit codes of rounds that no later round will mend by itself."""


@dataclass(frozen=True, slots=True)
class Health:
    """How one profile is doing; times in nanoseconds since the epoch, None when not yet, or not now.

    due: the next round; going_on: since when one does; agreed: when all sides last did; max_age: how old that may get.
    The counts are since the watch began; size: bytes copied.
    """

    due_ns: int | None = None
    going_on_ns: int | None = None
    ended_ns: int | None = None
    agreed_ns: int | None = None
    max_age_ns: int = 0
    exit_code: int | None = None
    rounds: int = 0
    steps: int = 0
    failed: int = 0
    size: int = 0
    hints: int = 0


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a watch is doing. pid, who: its process; since_ns: when it began; at_ns: when it said this.

    orgs: what the rate of each Filevine organisation has cost since then.
    """

    pid: int
    who: str
    since_ns: int
    at_ns: int
    profiles: Mapping[str, Health] = field(default_factory=dict)
    orgs: Mapping[str, Crowd] = field(default_factory=dict)


def ailing(pulse: Pulse, now_ns: int) -> list[str]:
    """What is wrong with a watch, a line each; nothing when it is well."""
    found = []
    if now_ns - pulse.at_ns > SILENT_NS:
        found.append("the watch hangs: it has not moved for more than a minute")
    for name, health in sorted(pulse.profiles.items()):
        found += [f"{name}: {what}" for what in _ails(health, pulse, now_ns)]
    return found


def _ails(health: Health, pulse: Pulse, now_ns: int) -> list[str]:
    found = []
    if health.exit_code in BROKEN:
        found.append(f"the last round ended with {health.exit_code}")
    if health.max_age_ns and now_ns - (health.agreed_ns or pulse.since_ns) > health.max_age_ns:
        found.append("the sides have not agreed for longer than max_age")
    if health.due_ns is not None and now_ns - health.due_ns > OVERDUE_NS:
        found.append("a round has been due for more than 15 minutes")
    return found


def write(state: Path, pulse: Pulse) -> None:
    """Say it in the folder of the state. Raises what the system raises."""
    document = {"format": FORMAT, **_plain(pulse)}
    document["profiles"] = {name: _plain(health) for name, health in pulse.profiles.items()}
    fresh = state / f"{FILE}.new"
    private.write(fresh, json.dumps(document))
    fresh.replace(state / FILE)


def read(state: Path) -> Pulse | None:
    """What a watch last said of itself; None when none runs there, or it is of another version."""
    try:
        said = json.loads((state / FILE).read_text("utf-8"))
        if said.pop("format") != FORMAT:
            return None
        profiles = {name: Health(**health) for name, health in said.pop("profiles").items()}
        orgs = {org: Crowd(*crowd) for org, crowd in said.pop("orgs", {}).items()}
        return Pulse(**said, profiles=profiles, orgs=orgs)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def end(state: Path) -> None:
    """Say that no watch runs there any more."""
    (state / FILE).unlink(missing_ok=True)


def _plain(value: Any) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value)}
