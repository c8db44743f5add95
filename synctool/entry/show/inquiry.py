"""Shows people what is remembered: status, history, and why a document is as it is."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from synctool.config.profile import Profile
from synctool.engine.inquire import UNENDED, Event, Status
from synctool.entry.show.outcome import MEANING
from synctool.entry.show.plan import group
from synctool.entry.show.visible import INDENT, columns, counted, moment, visible, wrapped

HOUR = 3600 * 10**9  # nanoseconds


def status_lines(status: Status, profile: Profile, now_ns: int) -> list[str]:
    """What is known of a profile without looking. now_ns: since the epoch, for its age."""
    zone = ZoneInfo(profile.policy.timezone)
    agreed = "the sides have never agreed yet"
    if status.agreed_ns is not None:
        hours = (now_ns - status.agreed_ns) // HOUR
        agreed = f"agreed {moment(status.agreed_ns, zone)}, {counted(hours, 'hour')} ago"
    lines = [f"{status.profile}: {agreed}"]
    if is_old(status, profile, now_ns):
        lines.append(f"! longer ago than the {counted(profile.max_age // 3600, 'hour')} of max_age")
    lines.append(f"  {counted(status.documents, 'document')}; {status.waiting:,} waiting")
    if status.assumed:
        lines.append(
            f"  {counted(status.assumed, 'assumed document')}: taken for equal by size, and not read yet"
        )
    if status.last_run_ns is not None and status.last_exit is not None:
        code = status.last_exit
        lines.append(f"  last run {moment(status.last_run_ns, zone)}, exit {code}: {MEANING[code]}")
    if status.unended_ns is not None:
        began = f"! a run began {moment(status.unended_ns, zone)} and has not ended: {UNENDED}"
        lines += wrapped(began, INDENT)
    for brake in status.brakes:
        text = f"{brake['side']} {brake['text']}" if brake["side"] else brake["text"]
        lines += wrapped(f"! BRAKE {brake['rule']} since {moment(brake['since_ns'], zone)}: {text}", INDENT)
        lines += [f"{INDENT}if that is right: synctool apply {status.profile} --accept {brake['code']}"]
    lines += group("Held until a person decides", ((f"! {path}", "") for path in status.held))
    waiting = (
        (f"~ {p['path']}", f"{p['side']}: {p['text']}, since {moment(p['since_ns'], zone)}")
        for p in status.put_off
    )
    lines += group("Put off, because somebody is at work on it", waiting)
    lines += columns((f"? {side}", why) for side, whys in status.gaps.items() for why in whys)
    return [visible(line.rstrip()) for line in lines]


def is_old(status: Status, profile: Profile, now_ns: int) -> bool:
    """Whether the sides have not agreed for longer than the profile allows."""
    return status.agreed_ns is not None and now_ns - status.agreed_ns > profile.max_age * 10**9


def history_lines(events: Sequence[Event], profile: Profile) -> list[str]:
    """What happened, oldest first, in the profile's own time; nothing recorded is said, too."""
    zone = ZoneInfo(profile.policy.timezone)
    lines: list[str] = []
    for event in events:
        what = "  ".join(filter(None, (event.side, event.action, event.path)))
        head = f"{moment(event.at_ns, zone)}  run {event.run}  {what}"
        told = "  ".join(filter(None, (event.text, event.sha256 and f"sha256 {event.sha256}")))
        lines += [head] + [f"      {told}"] * bool(told)
    return [visible(line) for line in lines or ["nothing is recorded"]]
