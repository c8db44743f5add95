"""Shows people what became of a plan, and what an exit code means."""

from collections import Counter

from synctool.core.plan import Step
from synctool.engine.outcome import Failed, Outcome, Verified
from synctool.entry.show.plan import findings, group, standoff_row, withheld
from synctool.entry.show.visible import columns, counted, folded, sized, visible

MEANING = {
    0: "done",
    1: "a failure that nobody foresaw",
    2: "the command line or a profile is wrong",
    3: "there is work",
    4: "something waits for a person",
    5: "not everything could be done; the next run goes on",
    6: "a brake withheld something, or a saved plan was refused",
    7: "the state cannot be used",
    8: "another run holds this profile",
}
"""What each exit code says."""


def outcome_lines(outcome: Outcome) -> list[str]:
    """The result of a run in lines that no name can break."""
    plan = outcome.planned.plan
    lines = [_summary(outcome), *columns(_by_side(outcome)), *findings(plan)]
    lines += group("Conflicts", map(standoff_row, plan.standoffs)) + withheld(plan)
    if outcome.failed:
        shown, more = folded([f"x {failure(failed)}" for failed in outcome.failed])
        lines += ["", f"Failed: {len(outcome.failed):,}", *shown, *more]
    lines += _verified(outcome.verified)
    if outcome.dropped:
        left = counted(len(outcome.dropped), "step")
        lines += ["", f"{left} of the saved plan no longer fit and were left out; make a new plan"]
    code = outcome.exit_code
    return [visible(line) for line in [*lines, "", f"No content was lost. Exit {code}: {MEANING[code]}."]]


def _summary(outcome: Outcome) -> str:
    size = sized(sum(done.size for done in outcome.done))
    if not outcome.run:
        return f"{outcome.planned.profile}: nothing was done, as you said"
    steps = counted(len(outcome.done), "step")
    return f"{outcome.planned.profile}: {steps} done, {size} copied in {outcome.seconds:.1f} s (run {outcome.run})"


def _verified(verified: Verified) -> list[str]:
    """What came of reading copies that were taken for equal by their size."""
    lines = []
    if verified.equal:
        lines.append(f"  {counted(verified.equal, 'assumed document')} read: equal indeed")
    if verified.unequal:
        text = counted(verified.unequal, "assumed document")
        lines.append(f"! {text} read: not equal; the next run settles that as a conflict")
    return lines


def _by_side(outcome: Outcome) -> list[tuple[str, str]]:
    """What was done on each side: ``zdrive`` and ``2 write, 1 move``."""
    sides: dict[str, list[Step]] = {}
    for done in outcome.done:
        sides.setdefault(done.step.side, []).append(done.step)
    return [
        (f"  {side}", ", ".join(f"{n:,} {action}" for action, n in _actions(steps)))
        for side, steps in sorted(sides.items())
    ]


def _actions(steps: list[Step]) -> list[tuple[str, int]]:
    return sorted(Counter(step.action.value for step in steps).items())


def failure(failed: Failed) -> str:
    """``side: path: what happened; what next``."""
    place = f"{failed.step.side}: {failed.step.to_path}: "
    next_step = "" if "; " in failed.reason else f"; {_NEXT.get(failed.exit_code, _NEXT[5])}"
    return f"{place}{failed.reason.removeprefix(place)}{next_step}"


_NEXT = {4: "waits for a person", 5: "the next run tries again"}
