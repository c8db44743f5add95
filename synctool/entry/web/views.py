"""Makes of what is known what the templates show: words and numbers, the worst first."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from synctool.config.profile import Profile
from synctool.core.model import SideName
from synctool.engine.conflicts import Contested
from synctool.engine.explain import Explanation
from synctool.engine.inquire import UNENDED, Event, Status
from synctool.engine.outcome import Planned
from synctool.engine.versions import Seen
from synctool.engine.watching.pulse import Pulse
from synctool.entry.show.explaining import explanation
from synctool.entry.show.inquiry import state_of
from synctool.entry.show.outcome import MEANING
from synctool.entry.show.plan import kept, put_off, refused, sections, told, unseen
from synctool.entry.show.visible import ago, counted, moment, sized
from synctool.entry.web.charts import Bar, bars
from synctool.entry.web.comparing import rows
from synctool.entry.web.readable import readable
from synctool.store.journal import Ran

Facts = dict[str, Any]

UNREADABLE = "this kind of document cannot be compared as text; save both, and open them"


def zone_of(profile: Profile) -> tzinfo:
    """The profile's own time zone."""
    return ZoneInfo(profile.policy.timezone)


def overview(status: Status, profile: Profile, pulse: Pulse | None, now_ns: int) -> Facts:
    """One profile in a line. rank: how bad it is, 0 at worst; state: that in a word."""
    rank, state = state_of(status, profile, now_ns)
    watched = pulse is not None and profile.name in pulse.profiles
    return {
        "name": profile.name,
        "rank": rank,
        "state": state,
        "tone": ("alarm", "alarm", "alarm", "wait", "wait", "quiet", "well")[rank],
        "mode": profile.mode,
        "agreed": ago(status.agreed_ns, now_ns),
        "agreed_at": moment(status.agreed_ns, zone_of(profile)) if status.agreed_ns else "",
        "documents": status.documents,
        "waiting": status.waiting,
        "held": len(status.held),
        "watched": watched,
    }


def standing(status: Status, profile: Profile, now_ns: int) -> Facts:
    """How a profile stood at its last run."""
    zone = zone_of(profile)
    return {
        "agreed": ago(status.agreed_ns, now_ns),
        "agreed_at": moment(status.agreed_ns, zone) if status.agreed_ns else "",
        "last": moment(status.last_run_ns, zone) if status.last_run_ns else "",
        "last_exit": None if status.last_exit is None else f"{status.last_exit}: {MEANING[status.last_exit]}",
        "documents": status.documents,
        "waiting": status.waiting,
        "unended": ""
        if status.unended_ns is None
        else f"A run began {moment(status.unended_ns, zone)} and has not ended: {UNENDED}",
        "put_off": [{**one, "since": moment(one["since_ns"], zone)} for one in status.put_off],
        "gaps": [(side, why) for side, whys in status.gaps.items() for why in whys],
        "brakes": [{**brake, "since": moment(brake["since_ns"], zone)} for brake in status.brakes],
    }


def planned_view(planned: Planned, profile: Profile) -> Facts:
    """A plan: what a person must see first, then every change."""
    plan = planned.plan
    return {
        "summary": told(planned),
        "made": moment(planned.made_ns, zone_of(profile)),
        "brakes": plan.brakes,
        "first": [
            (heading, found)
            for heading, found in (
                ("Not seen", unseen(plan)),
                ("In use", put_off(plan)),
                ("Refused", refused(plan)),
            )
            if found
        ],
        "sections": sections(plan),
        "kept": kept(plan.steps),
        "steps": len(plan.steps),
        "undecided": planned.undecided,
    }


def conflict_view(one: Contested, profile: Profile) -> Facts:
    """A conflict in a line."""
    return {
        "number": one.dispute.conflict,
        "path": one.path,
        "held": one.dispute.held,
        "since": moment(one.dispute.opened_ns, zone_of(profile)),
        "versions": len(one.dispute.versions),
    }


def compared(one: Contested, seen: Sequence[Seen], profile: Profile) -> Facts:
    """A conflict with its versions side by side, and what differs in the text of each from that of the first."""
    texts = [None if each.why else readable(each.path or one.path, each.data) for each in seen]
    versions = [_version(each, one, profile) for each in seen]
    return {
        **conflict_view(one, profile),
        "versions": versions,
        "pairs": [
            {
                "places": (versions[0]["place"], version["place"]),
                "rows": None if texts[0] is None or text is None else [*rows(texts[0], text)],
                "why": seen[0].why or other.why or UNREADABLE,
            }
            for other, version, text in zip(seen[1:], versions[1:], texts[1:], strict=True)
        ],
    }


def _version(each: Seen, one: Contested, profile: Profile) -> Facts:
    zone, version = zone_of(profile), each.version
    times = {side: moment(at_ns, zone) if at_ns else "no date" for side, at_ns in version.held_ns.items()}
    sides = list(version.held_ns)
    return {
        "place": place(sides, profile) or "What was agreed before",
        "saved": next(iter(times.values()), ""),
        "author": each.author,
        "times": times,
        "size": sized(version.content.size),
        "sha256": version.content.digest if version.content.read else _digest(each),
        "path": each.path or ("" if one.dispute.held else "was deleted"),
        "side": sides[0] if sides and (each.path or one.dispute.held) else "",
    }


def _digest(each: Seen) -> str:
    """The SHA-256 of what was read just now; "" for nothing."""
    return "" if each.why else sha256(each.data).hexdigest()


def place(sides: Sequence[SideName], profile: Profile) -> str:
    """Places as people call them: ``Filevine``, ``Z-Drive``; with the side's own name where it is another."""
    return " and ".join(_place(side, profile) for side in sides)


def _place(side: SideName, profile: Profile) -> str:
    kind = type(profile.sides[side]).__name__ if side in profile.sides else ""
    called = {"FilevineSettings": "Filevine", "S3Settings": "S3", "DriveSettings": "Z-Drive"}.get(kind, side)
    alike = side.lower() in {called.lower(), called.lower().replace("-", "")}
    return called if alike else f"{called} ({side})"


def charts(ran: Sequence[Ran], profile: Profile) -> list[Markup]:
    """Pictures of what the last runs did."""
    zone = zone_of(profile)
    ends = [moment(run.began_ns, zone) for run in (*ran[:1], *ran[-1:])]

    def drawn(title: str, of: Callable[[Ran], float], said: Callable[[float], str]) -> Markup:
        found = [
            Bar(
                of(run),
                f"run {run.run}, {moment(run.began_ns, zone)}: {said(of(run))}",
                run.exit_code in {1, 2, 5, 7},
            )
            for run in ran
        ]
        most = max(map(of, ran))
        return bars(title, found, f"at most {said(most)}" if most else "none", ends)

    if not ran:
        return []
    return [
        drawn("Documents", lambda run: run.documents, lambda n: counted(int(n), "document")),
        drawn("Copied", lambda run: run.summary.get("bytes", 0), lambda n: sized(int(n))),
        drawn("Duration", _took, lambda n: f"{n:.1f} s"),
        drawn("Failures", lambda run: run.summary.get("failed", 0), lambda n: counted(int(n), "failed step")),
    ]


def _took(run: Ran) -> float:
    """Seconds; clocks can be set back."""
    return max(0.0, (run.ended_ns - run.began_ns) / 1e9)


def explained(found: Explanation, profile: Profile) -> Facts:
    """Why a document is as it is: what each place holds, what was agreed, and what happens next."""
    said = explanation(found, profile)
    return {
        "held": [(place([side], profile), text) for side, text in said.held],
        "agreed": said.agreed,
        "then": said.then,
        "conflict": found.dispute.dispute.conflict if found.dispute else None,
    }


def event_view(event: Event, profile: Profile) -> Facts:
    """One step that was taken, or failed, in a line."""
    return {
        "at": moment(event.at_ns, zone_of(profile)),
        "run": event.run,
        "what": f"{event.side} {event.action}".strip(),
        "path": event.path,
        "text": event.text,
        "sha256": event.sha256,
    }


def run_view(ran: Ran, profile: Profile) -> Facts:
    """One run in a line."""
    return {
        "run": ran.run,
        "at": moment(ran.began_ns, zone_of(profile)),
        "actor": ran.actor,
        "seconds": f"{_took(ran):.1f} s",
        "documents": ran.documents,
        "done": ran.summary.get("done", 0),
        "failed": ran.summary.get("failed", 0),
        "size": sized(ran.summary.get("bytes", 0)),
        "meaning": f"{ran.exit_code}: {MEANING[ran.exit_code]}",
        "tone": "well" if ran.exit_code in {0, 3} else "wait",
    }
