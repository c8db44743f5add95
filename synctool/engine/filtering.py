"""Says what a profile decides of a path by its rules, folders and holds, without looking at any side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synctool.config.profile import Profile
from synctool.core import names, patterns
from synctool.core.model import PLACEHOLDER, SideName
from synctool.core.policy import Policy
from synctool.engine.folders import in_scope


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided of one path. rule, hold, conflict: the numbers of the lines that decide, from 0; None: there is none.

    why: why it does not travel where no rule says so, "" if it does. sides: where each side keeps it; None: not held there.
    """

    path: str
    folder: bool
    carried: bool
    why: str
    rule: int | None
    hold: int | None
    conflict: int | None
    sides: Mapping[SideName, str | None]


def judge(profile: Profile, path: str) -> Verdict:
    """What a profile decides of a common path; one that ends with a slash is a folder."""
    policy, folder, path = profile.policy, path.endswith("/"), names.identity(path.strip("/"))
    rule = _first(policy.rules, patterns.decide(policy.rules, path, folder=folder))
    left_out = rule is not None and not policy.rules[rule].include
    why = _why(policy, path, folder=folder)
    held = next((n for n, hold in enumerate(policy.holds) if hold.matches(path, folder=folder)), None)
    conflict = None if folder else _first(policy.conflicts, patterns.decide(policy.conflicts, path))
    sides = {side: _on(side, policy, path) for side in policy.ranks}
    return Verdict(path, folder, not (left_out or why), why, rule, held, conflict, sides)


def _first(lines: Sequence[object], found: object) -> int | None:
    return None if found is None else lines.index(found)


def _why(policy: Policy, path: str, *, folder: bool) -> str:
    parts = path.split("/")
    if any(names.is_noise(part) for part in parts):
        return "temporary and system files never travel"
    if parts[-1] == PLACEHOLDER and not folder:
        return "it is the sign of an empty folder, and no document"
    if not in_scope(path, policy, folder=folder):
        return "the profile names only some folders (only_folders), and this is in none of them"
    return ""


def _on(side: SideName, policy: Policy, path: str) -> str | None:
    """Where a side keeps a common path, under its own names of mapped folders."""
    for mapped in policy.folders:
        if path == mapped.at or path.startswith(f"{mapped.at}/"):
            place = mapped.sides.get(side, mapped.at)
            return None if place is None else place + path.removeprefix(mapped.at)
    return path
