"""Says what is wrong with a profile after a run, as troubles that a person can be told of."""

from collections.abc import Iterator

from synctool.config.profile import Profile
from synctool.core.attention import Cause, Trouble
from synctool.core.plan import Plan
from synctool.core.policy import Settle
from synctool.engine.outcome import Outcome, Planned
from synctool.errors import SideError

HALTING = {
    1: "a run failed in a way that nobody foresaw",
    2: "the command line or the profile is wrong",
    7: "the state cannot be used",
}
"""Exit codes that no later run mends by itself."""


def troubles(what: Outcome | Planned) -> list[Trouble]:
    """What is wrong after a run that came to an end."""
    planned, left_out = (what.planned, what.left_out) if isinstance(what, Outcome) else (what, frozenset())
    found = [*_brakes(planned.plan), *_conflicts(planned.plan), *_refused(planned.plan)]
    unseen = sorted(set(planned.plan.unknown) - planned.plan.braked_sides - left_out)
    for side in unseen:
        why = "; ".join(planned.plan.unknown[side])
        found.append(Trouble(Cause.FAILED, f"unseen {side}", f"{side} could not be seen", why))
    failed = what.failed if isinstance(what, Outcome) else ()
    if failed:
        reasons = "; ".join(dict.fromkeys(each.reason for each in failed))
        found.append(Trouble(Cause.FAILED, "steps", f"{len(failed):,} of its steps fail", reasons))
    return found


def broken(exit_code: int, said: str) -> list[Trouble]:
    """What is wrong when a run broke off, by its exit code and what it said; nothing when another run was at work."""
    if exit_code in HALTING:
        return [Trouble(Cause.HALTED, f"halted {exit_code}", HALTING[exit_code], said)]
    return (
        [Trouble(Cause.FAILED, "run", "its runs break off", said)] if exit_code == SideError.exit_code else []
    )


def aged(profile: Profile, agreed_ns: int | None, now_ns: int) -> list[Trouble]:
    """Whether its sides have not agreed for longer than it allows; never having agreed is not yet."""
    if agreed_ns is None or now_ns - agreed_ns <= profile.max_age * 10**9:
        return []
    hours = (now_ns - agreed_ns) // (3600 * 10**9)
    return [Trouble(Cause.AGE, f"age {agreed_ns}", f"its sides have not agreed for {hours:,} hours")]


def _brakes(plan: Plan) -> Iterator[Trouble]:
    for brake in plan.brakes:
        if not brake.accepted:
            side = f"{brake.side} " if brake.side else ""
            yield Trouble(Cause.BRAKE, f"brake {brake.code}", f"a brake is on: {side}{brake.text}")


def _conflicts(plan: Plan) -> Iterator[Trouble]:
    for standoff in plan.standoffs:
        held = standoff.conflict.how is Settle.HOLD
        cause = Cause.CONFLICT if held else Cause.KEPT
        text = "a conflict waits for a person" if held else "two versions of a document were both kept"
        if held or standoff.copies:
            key = " ".join((cause.value, standoff.path, *standoff.copies))
            yield Trouble(cause, key, text, standoff.path)


def _refused(plan: Plan) -> Iterator[Trouble]:
    for notice in plan.refused:
        text = f"{notice.side} refuses a document"
        key = f"refused {notice.side} {notice.path}"
        yield Trouble(Cause.REFUSED, key, text, f"{notice.path}: {notice.text}")
