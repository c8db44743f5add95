"""Gathers the steps of a plan into changes: what happens to one item, why, and which sides receive it."""

from collections.abc import Iterable
from typing import NamedTuple

from synctool.core.item import ItemId
from synctool.core.model import Kind, SideName
from synctool.core.plan import Action, Step, Why


class Change(NamedTuple):
    """One line of a plan; symbol is one of ``+ ~ > - ! =``."""

    why: Why
    symbol: str
    path: str
    effect: str


def changes(steps: Iterable[Step]) -> list[Change]:
    """The changes that steps make, by folder and name.

    What a moved folder takes along is not named again.
    """
    gathered: dict[tuple[Why, str, ItemId, str, str, SideName], list[Step]] = {}
    for step in steps:
        if step.why is Why.MOVED and not (step.causes or step.settles):
            continue
        origin = step.source if step.why is Why.CONFLICT else ""
        key = (_cause(step), _symbol(step), step.item, step.path, step.to_path, origin)
        gathered.setdefault(key, []).append(step)
    ordered = sorted(gathered.values(), key=lambda same: same[0].to_path.rpartition("/")[::2])
    return [
        Change(_cause(same[0]), _symbol(same[0]), _shown_path(same[0]), _effect(same)) for same in ordered
    ]


def renames(step: Step) -> bool:
    """Whether a step gives its item another common path."""
    return step.path != step.to_path and step.action in (Action.MOVE, Action.REPLACE)


def _cause(step: Step) -> Why:
    return Why.MOVED if step.action is Action.REPLACE and renames(step) else step.why


def _symbol(step: Step) -> str:
    if step.why is Why.CONFLICT:
        return "!"
    match step.action:
        case Action.REMOVE:
            return "-"
        case Action.LABEL:
            return "="
        case Action.MOVE | Action.REPLACE:
            return ">" if renames(step) else "="
        case _:
            return "~" if step.entry and step.kind is Kind.FILE else "+"


def _shown_path(step: Step) -> str:
    slash = "/" * (step.kind is Kind.FOLDER)
    former = f"{step.path}{slash} => " if renames(step) else ""
    return f"{former}{step.to_path}{slash}"


def _effect(steps: list[Step]) -> str:
    first = steps[0]
    causes = dict.fromkeys(cause for step in steps for cause in step.causes)
    by = " and ".join(causes)
    word = f"{_word(first)} in {by}" if causes else _word(first)
    if first.why is Why.CONFLICT and first.source:
        word = f"version of {first.source}"
    elif first.why is Why.DECIDED:
        word = f"version of {by}, as a person decided" if causes else _decided(first)
    receivers = {step.side: _receiver(step) for step in steps}
    return f"{word} -> {', '.join(receivers.values())}"


def _decided(step: Step) -> str:
    """What a person brings back, or lets go."""
    if step.action is Action.REMOVE:
        return "deleted, as a person decided"
    if step.origin:
        return "the version beside it, as a person decided"
    return "brought back" if step.entry is None else "former version brought back"


def _word(step: Step) -> str:
    if not renames(step):
        return step.why.value
    same_folder = step.path.rpartition("/")[0] == step.to_path.rpartition("/")[0]
    return "renamed" if same_folder else "moved"


def _receiver(step: Step) -> str:
    if step.action is Action.REPLACE:
        return f"{step.side} (as a new document; the old one goes to trash)"
    spelled = step.name and step.name != step.to_path.rpartition("/")[2]
    return f"{step.side} as {step.name}" if spelled else step.side
