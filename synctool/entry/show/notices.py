"""Words the message that tells a person what needs one."""

from collections.abc import Mapping, Sequence

from synctool.core.attention import Cause, Trouble
from synctool.entry.show.visible import counted, folded, visible

NEXT = {
    Cause.BRAKE: "look with: synctool plan {}",
    Cause.CONFLICT: "look with: synctool conflicts {}",
    Cause.KEPT: "look with: synctool conflicts {}",
    Cause.HALTED: "look with: synctool doctor {}",
}
"""What to do about a cause; of the others, status says more."""


def message(found: Mapping[str, Sequence[Trouble]], *, names: bool) -> tuple[str, str]:
    """The subject and the text about these profiles. names: whether documents may be named."""
    well = all(trouble.cause is Cause.WELL for each in found.values() for trouble in each)
    who = next(iter(found)) if len(found) == 1 else counted(len(found), "profile")
    subject = (
        f"synctool: {who} {'is' if len(found) == 1 else 'are'} well again"
        if well
        else (f"synctool: {who} {'needs' if len(found) == 1 else 'need'} a look")
    )
    return visible(subject), "\n\n".join("\n".join(_about(*each, names=names)) for each in found.items())


def _about(profile: str, troubles: Sequence[Trouble], *, names: bool) -> list[str]:
    """What there is to say of one profile; the same thing that happened to many documents is counted."""
    details: dict[str, list[str]] = {}
    for trouble in troubles:
        details.setdefault(trouble.text, []).append(trouble.detail)
    lines = [f"{profile}:"]
    for text, about in details.items():
        lines.append(f"- {text}" + f" ({len(about):,} times)" * (len(about) > 1))
        if names:
            shown, more = folded([f"  {detail}" for detail in about if detail])
            lines += [*shown, *more]
    hints = [NEXT.get(trouble.cause, "look with: synctool status {}") for trouble in troubles]
    lines += [hint.format(profile) for hint in dict.fromkeys(hints) if troubles[0].cause is not Cause.WELL]
    return [visible(line) for line in lines]
