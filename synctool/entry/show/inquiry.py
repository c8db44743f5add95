"""Shows people what is remembered: status, history, and why a document is as it is."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from synctool.config.profile import Profile
from synctool.engine.inquire import UNENDED, Event, Status
from synctool.entry.show.outcome import MEANING
from synctool.entry.show.plan import group
from synctool.entry.show.visible import INDENT, ago, columns, counted, folded, moment, visible, wrapped

HELD, WELL = 3, 6
"""The ranks of a profile with a conflict to decide, and of one with which nothing is wrong; 0 is the worst."""


def status_lines(status: Status, profile: Profile, now_ns: int) -> list[str]:
    """What is known of a profile without looking. now_ns: since the epoch, for its age."""
    zone = ZoneInfo(profile.policy.timezone)
    agreed = "the sides have never agreed yet"
    if status.agreed_ns is not None:
        agreed = f"agreed {moment(status.agreed_ns, zone)}, {ago(status.agreed_ns, now_ns)}"
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


def state_of(status: Status, profile: Profile, now_ns: int) -> tuple[int, str]:
    """How a profile stands: how bad that is, 0 at worst, and in a few words."""
    found = (
        (bool(status.brakes), "a brake is on"),
        (status.last_exit in {1, 2, 7}, MEANING.get(status.last_exit or 0, "")),
        (is_old(status, profile, now_ns), "has not agreed for too long"),
        (bool(status.held), f"{counted(len(status.held), 'conflict')} to decide"),
        (bool(status.gaps or status.waiting), "not all could be done yet"),
        (status.agreed_ns is None, "has never agreed yet"),
    )
    return next(
        ((rank, text) for rank, (is_so, text) in enumerate(found) if is_so), (WELL, "all sides agreed")
    )


def overview_lines(found: Iterable[tuple[Status, Profile]], now_ns: int) -> list[str]:
    """Several profiles, a line each, worst first; those that are well are counted where they are many."""
    ranked = sorted(
        ((state_of(*each, now_ns), each[0]) for each in found), key=lambda r: (r[0], r[1].profile)
    )
    ailing = [_line(rank, text, status, now_ns) for (rank, text), status in ranked if rank < WELL]
    well = [_line(rank, text, status, now_ns) for (rank, text), status in ranked if rank == WELL]
    shown, more = folded(well)
    tally = f"{counted(len(ranked), 'profile')}, {len(well):,} of them agreed and at rest"
    return [tally, *columns([*ailing, *shown]), *more, "synctool status PROFILE tells all of one."]


def _line(rank: int, text: str, status: Status, now_ns: int) -> tuple[str, str]:
    """A profile and what there is to say of it: what is wrong, as exactly as a line has room for."""
    told = [text]
    if status.brakes:
        told = [f"BRAKE {status.brakes[0]['rule']}: {status.brakes[0]['text']}"]
    elif status.held and rank == HELD:
        told = [f"{text}: synctool conflicts {status.profile}"]
    elif status.gaps and rank > HELD:
        told = [why for whys in status.gaps.values() for why in whys][:1]
    elif status.agreed_ns is not None:
        told.append(ago(status.agreed_ns, now_ns))
    marks = ("!", "!", "!", "!", "~", "?", " ")
    return f"{marks[rank]} {status.profile}", ", ".join(told)


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
