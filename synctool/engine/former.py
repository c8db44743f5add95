"""Works out from the journal what a run, or the last change at a path, took away."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from synctool.core.item import ItemId
from synctool.core.model import Kind, SideName
from synctool.core.plan import Action, Why
from synctool.errors import Misuse
from synctool.store.journal import Happening

ARRIVALS = frozenset((Action.WRITE.value, Action.RESTORE.value, Action.MAKE.value))

UNRECORDED = "?"
"""What the journal says of the former bytes where an earlier version wrote nothing down."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What shall be undone: a run, the last change at a path, or with neither the last run that took anything away."""

    run: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True)
class Former:
    """What one item was before a run.

    taken: the steps by which sides lost the content that comes back, first in rank first; none for what only an undo had
    brought, which goes again.
    """

    item: ItemId
    kind: Kind
    path: str
    taken: tuple[Happening, ...]


Path = Callable[[ItemId], str]


def formers(
    happened: Sequence[Happening], undo: Undo, ranks: Sequence[SideName], path: Path
) -> tuple[Undo, list[Former]]:
    """What is to be undone, named for good, and what each item was before. path: where an item lies now, "" for nowhere.

    Raises Misuse when there is nothing of the kind.
    """
    by_run = _changes(happened, ranks)
    undo, items = _asked(happened, undo, by_run, path)
    run = undo.run or max((n for n, found in by_run.items() if items & found.keys()), default=0)
    chosen = {item: steps for item, steps in by_run.get(run, {}).items() if not undo.path or item in items}
    if not chosen:
        raise Misuse(_nothing(happened, undo), hint="synctool log shows what each run did")
    found = [_former(item, steps, happened, ranks) for item, steps in sorted(chosen.items())]
    return (undo if undo.path else Undo(run=run)), found


def _nothing(happened: Iterable[Happening], undo: Undo) -> str:
    """Why nothing can be undone."""
    unknown = [s for s in happened if s.before == UNRECORDED and undo.path in ("", s.path, s.to_path)]
    if any(undo.run in (0, step.run) for step in unknown):
        return "was done by an earlier version of synctool, which did not write down what it took away"
    if undo.path:
        return f"nothing that is or was at {undo.path} was ever replaced or removed"
    return (
        f"run {undo.run} replaced and removed nothing" if undo.run else "nothing was ever replaced or removed"
    )


Changes = Mapping[int, Mapping[ItemId, tuple[Happening, ...]]]


def _changes(happened: Iterable[Happening], ranks: Sequence[SideName]) -> Changes:
    """What can be undone: by run and item, the steps that were taken."""
    gathered: dict[int, dict[ItemId, list[Happening]]] = defaultdict(lambda: defaultdict(list))
    for step in happened:
        if step.state == "done":
            gathered[step.run][step.item].append(step)
    return {
        run: {i: tuple(s) for i, s in items.items() if _lost(s) or _was_brought(s, ranks)}
        for run, items in gathered.items()
    }


def _lost(steps: Iterable[Happening]) -> list[Happening]:
    return [step for step in steps if step.handle]


def _was_brought(steps: Iterable[Happening], ranks: Sequence[SideName]) -> bool:
    """Whether a person's decision brought an item back to every side at once: nobody had it before."""
    came = {s.side for s in steps if s.why == Why.DECIDED.value and s.action in ARRIVALS and not s.handle}
    return came >= set(ranks)


def _asked(
    happened: Sequence[Happening], undo: Undo, by_run: Changes, path: Path
) -> tuple[Undo, frozenset[ItemId]]:
    """What is meant: a number is a run, unless a document is or was called so."""
    if not undo.path:
        return undo, frozenset(item for items in by_run.values() for item in items)
    items = _at(undo.path, happened, by_run, path)
    if not items and undo.path.isdecimal():
        return Undo(run=int(undo.path)), frozenset()
    return undo, items


def _at(wanted: str, happened: Iterable[Happening], by_run: Changes, path: Path) -> frozenset[ItemId]:
    """The item that is at a path, else the last that was, or all that is or was below it."""
    last = {item: run for run, items in sorted(by_run.items()) for item in items}
    places: dict[ItemId, set[str]] = {item: {path(item)} for item in last}
    folders = set()
    for step in happened:
        if step.item in places:
            places[step.item] |= {step.path, step.to_path}
        if step.kind == Kind.FOLDER.value and wanted in (step.path, step.to_path):
            folders.add(step.item)
    below = {i for i, found in places.items() if any(at.startswith(f"{wanted}/") for at in found)}
    if below or folders:
        return frozenset(below | {i for i in folders if i in last})
    there = [item for item, found in places.items() if wanted in found]
    best = max(there, key=lambda item: (path(item) == wanted, last[item]), default=None)
    return frozenset(() if best is None else (best,))


def _former(
    item: ItemId, steps: Sequence[Happening], happened: Iterable[Happening], ranks: Sequence[SideName]
) -> Former:
    """What comes back: what one side alone had and lost goes before what all had agreed on."""
    order = {side: rank for rank, side in enumerate(ranks)}
    lost = sorted(_lost(steps), key=lambda s: order.get(s.side, len(order)))
    kind, path = Kind(steps[-1].kind), steps[-1].to_path
    if not lost:
        return Former(item, kind, path, ())
    before = [s.sha256 for s in happened if s.item == item and s.run < lost[0].run and s.sha256]
    agreed = before[-1] if before else ""
    sizes = {step.size for step in lost if step.before == agreed}

    def agreed_before(step: Happening) -> tuple[bool, bool]:
        return step.before == agreed or (not step.before and step.size in sizes), not step.before

    first = min(lost, key=agreed_before)
    same = (s for s in lost if s is not first and s.before and s.before == first.before)
    return Former(item, kind, path, (first, *same))
