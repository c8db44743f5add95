"""Shows people and programs what came of the rounds of a watch, and how it is doing."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo

from synctool.core.policy import Settle
from synctool.engine.outcome import Outcome, Planned
from synctool.engine.watching.loop import Told
from synctool.engine.watching.pulse import SILENT_NS, Health, Pulse, ailing
from synctool.entry.show.documents import Document, outcome_document
from synctool.entry.show.outcome import MEANING, failure
from synctool.entry.show.visible import INDENT, counted, iso, moment, sized, wrapped
from synctool.sides.filevine.pacing import Crowd

ROUND_FORMAT = "synctool.round/1"


def round_lines(told: Told, zone: tzinfo = UTC) -> list[str]:
    """What came of a round, as one line of people's own time; longer ones go on below."""
    parts = [*_done(told), *trouble(told)]
    time = datetime.fromtimestamp(told.at_ns // 10**9, zone)
    text = f"{time:%H:%M:%S} {told.profile}: {'; '.join(parts) or 'all is well'}"
    return wrapped(f"{text} ({told.seconds:.1f} s)", " " * 9)


def has_news(told: Told, before: Told | None) -> bool:
    """Whether a round did something, or stands otherwise than the one before; one that is well at first is no news."""
    did = isinstance(told.what, Outcome) and bool(told.what.done)
    return did or _stands(told) != (_stands(before) if before else (0, [], 0))


def _stands(told: Told) -> tuple[int, list[str], int]:
    """What is said once, and not again until it is another."""
    steps = len(told.what.plan.steps) if isinstance(told.what, Planned) else 0
    return told.exit_code, trouble(told), steps


def trouble(told: Told) -> list[str]:
    """What keeps a profile from being the same everywhere, in few words; nothing when nothing does."""
    if told.trouble:
        return [*told.trouble]
    if not told.exit_code or told.what is None:
        return []
    reasons = list(dict.fromkeys(_reasons(told.what)))
    more = [f"and {len(reasons) - 1:,} more, see synctool status"] if len(reasons) > 1 else []
    return [*reasons[:1], *more] or [MEANING[told.exit_code]]


def round_document(told: Told) -> Document:
    """What came of a round, for programs. looked: the number of places on each side; null is everywhere."""
    places = told.places
    return {
        "format": ROUND_FORMAT,
        "profile": told.profile,
        "at": iso(told.at_ns),
        "seconds": round(told.seconds, 3),
        "exit_code": told.exit_code,
        "looked": None if places is None else {side: len(found) for side, found in sorted(places.items())},
        "trouble": trouble(told),
        "outcome": outcome_document(told.what) if isinstance(told.what, Outcome) else None,
    }


def metrics(pulse: Pulse, now_ns: int) -> Iterator[str]:
    """How a watch is doing, line by line as Prometheus reads it; nothing of it names a document."""
    for name, kind, what, of in _METRICS:
        yield f"# HELP synctool_{name} {what}"
        yield f"# TYPE synctool_{name} {kind}"
        for profile, health in sorted(pulse.profiles.items()):
            if (value := of(health, now_ns)) is not None:
                yield f'synctool_{name}{{profile="{_label(profile)}"}} {value}'
    for name, what, counted_of in _CROWDS:
        yield f"# HELP synctool_{name} {what}"
        yield f"# TYPE synctool_{name} counter"
        for org, crowd in sorted(pulse.orgs.items()):
            yield f'synctool_{name}{{org="{_label(org)}"}} {counted_of(crowd)}'


def watch_document(pulse: Pulse, now_ns: int) -> Document:
    """How a watch is doing, for programs."""
    return {
        "pid": pulse.pid,
        "who": pulse.who,
        "since": iso(pulse.since_ns),
        "beat": iso(pulse.at_ns),
        "ailing": ailing(pulse, now_ns),
        "profiles": {name: _health(health) for name, health in sorted(pulse.profiles.items())},
    }


def beat_lines(pulse: Pulse | None, now_ns: int, zone: tzinfo = UTC) -> list[str]:
    """That a watch is silent which nobody ended; nothing of one that is well."""
    if pulse is None or now_ns - pulse.at_ns <= SILENT_NS:
        return []
    gone = f"! the watch has not been heard of since {moment(pulse.at_ns, zone)}; start it again"
    return wrapped(gone, INDENT)


def watched_lines(pulse: Pulse | None, profile: str, now_ns: int, zone: tzinfo) -> list[str]:
    """Whether a watch takes care of a profile, as status says it; nothing when none runs."""
    if pulse is None or profile not in pulse.profiles:
        return []
    if gone := beat_lines(pulse, now_ns, zone):
        return gone
    due_ns = pulse.profiles[profile].due_ns
    then = "a round goes on" if due_ns is None else f"next look {moment(due_ns, zone)} at the latest"
    beat = counted((now_ns - pulse.at_ns) // 10**9, "second")
    return wrapped(f"  watched since {moment(pulse.since_ns, zone)}, {then} (heard {beat} ago)", INDENT)


def _health(health: Health) -> Document:
    times = {
        "next_round": health.due_ns,
        "going_on_since": health.going_on_ns,
        "last_round": health.ended_ns,
        "agreed": health.agreed_ns,
    }
    facts = {name: None if at_ns is None else iso(at_ns) for name, at_ns in times.items()}
    counts = {"rounds": health.rounds, "steps": health.steps, "failed": health.failed, "bytes": health.size}
    return {**facts, "last_exit": health.exit_code, **counts, "hints": health.hints}


def _seconds(then_ns: int | None, now_ns: int) -> float | None:
    return None if then_ns is None else (now_ns - then_ns) / 1e9


_METRICS = (
    (
        "seconds_since_agreed",
        "gauge",
        "Seconds since all sides last agreed.",
        lambda h, now_ns: _seconds(h.agreed_ns, now_ns),
    ),
    ("rounds_total", "counter", "Rounds that ended.", lambda h, _: h.rounds),
    ("steps_total", "counter", "Steps that were taken.", lambda h, _: h.steps),
    ("failed_steps_total", "counter", "Steps that failed.", lambda h, _: h.failed),
    ("copied_bytes_total", "counter", "Bytes that were copied.", lambda h, _: h.size),
    ("hints_total", "counter", "Changes that were announced.", lambda h, _: h.hints),
    ("last_exit_code", "gauge", "How the last round ended.", lambda h, _: h.exit_code),
    (
        "round_seconds",
        "gauge",
        "Seconds that the present round has taken so far.",
        lambda h, now_ns: _seconds(h.going_on_ns, now_ns),
    ),
)

_CROWDS: tuple[tuple[str, str, Callable[[Crowd], float]], ...] = (
    ("filevine_refused_requests_total", "Requests that Filevine refused as too many.", lambda c: c.refused),
    (
        "filevine_waited_seconds_total",
        "Seconds that requests waited for their turn at Filevine.",
        lambda c: c.waited,
    ),
)


def _label(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _done(told: Told) -> list[str]:
    """``2 write, 1 move, 4.2 MB``; what a profile that only observes would do."""
    if isinstance(told.what, Planned) and told.what.plan.steps:
        return [f"{counted(len(told.what.plan.steps), 'step')} would be taken; it only observes"]
    if not isinstance(told.what, Outcome) or not told.what.done:
        return []
    actions = Counter(done.step.action.value for done in told.what.done)
    size = sum(done.size for done in told.what.done)
    said = [f"{number:,} {action}" for action, number in sorted(actions.items())]
    return [", ".join([*said, *([sized(size)] if size else [])])]


def _reasons(what: Outcome | Planned) -> Iterator[str]:
    """Why a round did not end with 0, the most telling first."""
    plan = what.planned.plan if isinstance(what, Outcome) else what.plan
    yield from (f"{brake.text} (--accept {brake.code})" for brake in plan.brakes if not brake.accepted)
    left_out = what.left_out if isinstance(what, Outcome) else frozenset()
    for side in sorted(set(plan.unknown) - plan.braked_sides - left_out):
        yield from (why if why.startswith(side) else f"{side}: {why}" for why in plan.unknown[side])
    if isinstance(what, Outcome):
        yield from (failure(failed) for failed in what.failed)
    held = [s.path for s in plan.standoffs if s.conflict.how is Settle.HOLD]
    yield from (f"{path}: waits for a person, see synctool conflicts" for path in held)
    for notice in (*plan.put_off, *plan.refused):
        yield ": ".join(filter(None, (notice.side, notice.path, notice.text)))
