"""Shows people the conflicts that are open: who holds what, and what to type to settle them."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from synctool.config.profile import Profile
from synctool.core.model import SideName
from synctool.engine.conflicts import Contested
from synctool.engine.outcome import Planned
from synctool.entry.show.documents import Document
from synctool.entry.show.plan import plan_lines, who_differs
from synctool.entry.show.visible import INDENT, columns, counted, iso, moment, sized, visible
from synctool.store.disputes import Version

CONFLICTS_FORMAT = "synctool.conflicts/1"

Typed = Callable[[Sequence[str]], str]
"""A command of this profile, from its words, as it can be typed."""


def conflict_lines(found: Sequence[Contested], profile: Profile, typed: Typed) -> list[str]:
    """The open conflicts of a profile in lines that no name can break."""
    zone = ZoneInfo(profile.policy.timezone)
    if not found:
        return [f"{profile.name}: no conflict is open"]
    lines = [f"{profile.name}: {counted(len(found), 'conflict')}"]
    for one in found:
        lines += [
            "",
            f"! {one.path}",
            *_told(one, zone),
            "  To settle it, type one of:",
            *_commands(one, typed),
        ]
    return [visible(line) for line in lines]


def conflicts_document(found: Sequence[Contested], profile: Profile) -> Document:
    """The open conflicts of a profile, for programs."""
    return {
        "format": CONFLICTS_FORMAT,
        "profile": profile.name,
        "conflicts": [
            {
                "path": one.path,
                "how": one.dispute.how.value,
                "since": iso(one.dispute.opened_ns),
                "run": one.dispute.run,
                "versions": [
                    {
                        "sides": {side: iso(at_ns) for side, at_ns in version.held_ns.items()},
                        "sha256": version.content.digest if version.content.read else None,
                        "size": version.content.size,
                        "path": path or None,
                    }
                    for version, path in zip(one.dispute.versions, one.paths, strict=True)
                ],
            }
            for one in found
        ],
    }


def choices(one: Contested) -> list[SideName]:
    """A side for each version that can be taken."""
    there = zip(one.dispute.versions, one.paths, strict=True)
    return [next(iter(v.held_ns)) for v, path in there if v.held_ns and (path or one.dispute.held)]


def _told(one: Contested, zone: tzinfo) -> list[str]:
    dispute = one.dispute
    since = moment(dispute.opened_ns, zone)
    how = "held; nothing is overwritten until a person decides" if dispute.held else "all versions kept"
    lines = [f"  since {since}: {how}", f"  {who_differs([tuple(v.held_ns) for v in dispute.versions])}"]
    for version, path in zip(dispute.versions, one.paths, strict=True):
        lines += columns(_held(version, zone))
        lines += [] if dispute.held else [f"{INDENT}is now {path}" if path else f"{INDENT}was deleted"]
    return lines


def _held(version: Version, zone: tzinfo) -> list[tuple[str, str]]:
    size = sized(version.content.size)
    if not version.held_ns:
        return [("    agreed", size)]
    return [
        (f"    {side}", f"{size}, {moment(at_ns, zone) if at_ns else 'no date'}")
        for side, at_ns in version.held_ns.items()
    ]


def _commands(one: Contested, typed: Typed) -> list[str]:
    ways = [("--take", side) for side in choices(one)] + [("--keep-both",), ("--gone",)]
    return [f"    {typed(['resolve', one.path, *way])}" for way in ways]


def resolved_lines(planned: Planned, then: str, *, recorded: bool) -> list[str]:
    """What the next run would do about a conflict. then: what to type next."""
    shown = [f"{planned.profile}: nothing is changed; what is there stays", ""]
    if planned.plan.steps:
        *shown, _ = plan_lines(planned, then)
    said = (
        "Written down; the next apply does it:" if recorded else "Nothing is written down yet. To decide so:"
    )
    return [*shown, said, f"  {visible(then)}"]
