"""Shows which line of a profile decides about a path."""

from collections.abc import Callable

from synctool.config.document import Place
from synctool.config.profile import Profile
from synctool.core.policy import Role
from synctool.engine.filtering import Verdict
from synctool.entry.show.visible import columns, visible

Where = Callable[[Place, str], str]


def verdict_lines(verdict: Verdict, profile: Profile, where: Where) -> list[str]:
    """Whether it travels and why, where it lies on each side, and what else is said of it."""
    path = verdict.path + "/" * verdict.folder
    travels = "travels" if verdict.carried else "does not travel"
    lines = [f"{profile.name}: {path} {travels}", f"  {_reason(verdict, profile, where)}"]
    if verdict.carried:
        lines += [f"  {row}" for row in columns(_rows(verdict, profile))]
    if verdict.hold is not None:
        lines.append(f"  {where(('holds', verdict.hold), 'legal hold, it is never removed')}")
    if verdict.conflict is not None and verdict.carried:
        rule = profile.policy.conflicts[verdict.conflict]
        text = f"conflicts are settled by {rule.settle.value}{f' {rule.side}' if rule.side else ''}"
        lines.append(f"  {where(('conflicts', verdict.conflict), text)}")
    return [visible(line) for line in lines]


def _reason(verdict: Verdict, profile: Profile, where: Where) -> str:
    if verdict.why:
        return verdict.why
    if verdict.rule is None:
        return "no rule matches it, and what none matches travels"
    rule = profile.policy.rules[verdict.rule]
    word = "include" if rule.include else "exclude"
    return where(("rules", verdict.rule, word), rule.pattern.text)


def _rows(verdict: Verdict, profile: Profile) -> list[tuple[str, str]]:
    rows = []
    for side, path in verdict.sides.items():
        role = profile.policy.role(side)
        kind = "" if role is Role.PEER else f" ({role.value})"
        rows.append((f"{side}{kind}", "is not held there" if path is None else path + "/" * verdict.folder))
    return rows
