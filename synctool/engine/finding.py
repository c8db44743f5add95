"""Finds the document or folder that a person means by a path: the common one, a side's own, or one that it had."""

from collections.abc import Iterator

from synctool.core.item import ItemId
from synctool.core.model import SideName
from synctool.core.names import fold
from synctool.core.plan import Plan
from synctool.engine.folders import Mapping
from synctool.engine.rounds import Round
from synctool.store.remembered import Remembered


def find(this: Round, plan: Plan, path: str) -> ItemId | None:
    """The number of what is, will be, or last was at a path; None if nothing ever was."""
    known = this.ledger.remembered()
    candidates = (
        *_planned(plan, path),
        *_agreed(known, path),
        *(item for side in this.profile.policy.ranks for item in _on_side(this, known, side, path)),
        *_former(this, path),
    )
    return next(iter(candidates), None)


def _planned(plan: Plan, path: str) -> Iterator[ItemId]:
    """What a plan names: after it, before it, or by what a side calls a new one."""
    folder, _, name = path.rpartition("/")
    yield from (d.item for d in plan.decisions if d.path == path and d.agreed.value.exists)
    yield from (step.item for step in (*plan.steps, *plan.withheld) if path in (step.path, step.to_path))
    for decision in plan.decisions:
        called = {row.held.name for row in decision.rows.values() if row.held}
        if name in called and decision.path.rpartition("/")[0] == folder:
            yield decision.item


def _agreed(known: Remembered, path: str) -> Iterator[ItemId]:
    item = 0
    for name in path.split("/"):
        found = [i for i in known.named(item, fold(name)) if known.item(i).value.name == name]
        if not found:
            return
        item = found[0]
    yield item


def _on_side(this: Round, known: Remembered, side: SideName, path: str) -> Iterator[ItemId]:
    """What a side held at a path of its own."""
    mapping = Mapping(side, this.profile.policy, this.sides.traits[side])
    parts, folder, item = path.split("/"), "", 0
    for number in range(len(parts), 0, -1):
        if mapped := mapping.at("/".join(parts[:number])):
            parts = [*mapped.at.split("/"), *parts[number:]]
            break
    for name in parts:
        entries = ((i, known.held_by(side, i)) for i in known.held_named(side, folder, fold(name)))
        found = [(i, entry) for i, entry in entries if entry is not None and entry.name == name]
        if not found:
            return
        item, folder = found[0][0], found[0][1].handle
    yield item


def _former(this: Round, path: str) -> Iterator[ItemId]:
    """What had this path last, as far as it is still remembered."""
    remembered = set(this.ledger.remembered().everything())
    for step in reversed(this.ledger.journal.happened()):
        if path in (step.path, step.to_path) and step.item in remembered:
            yield step.item
