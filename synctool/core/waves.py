"""Orders the steps of one side so that every place is free when it is needed."""

from collections.abc import Iterable
from dataclasses import replace

from synctool.core import names
from synctool.core.item import ItemId
from synctool.core.model import Kind, SideName
from synctool.core.plan import Action, Layer, Step
from synctool.core.world import World


def in_waves(world: World, side: SideName, steps: Iterable[Step]) -> list[Step]:
    """The steps with their waves: a step follows the one that vacates its place and the one that brings its folder.

    A circle of moves is cut: the first of it steps aside under a temporary name that carries its item.
    """
    steps = list(steps)
    blockers = _blockers(world, side, steps)
    steps = [_early(step, blockers) for step in steps]
    waiting = [s for s in steps if s.layer is Layer.STRUCTURE]
    done = [_deepest_first(s) for s in steps if s.layer is not Layer.STRUCTURE]
    wave = 0
    while waiting:
        busy = {s.item for s in waiting}
        ready = [s for s in waiting if not (_needs(world, s, blockers) & (busy - {s.item}))]
        if not ready:
            stuck = next((s for s in waiting if s.action is Action.MOVE), waiting[0])
            aside = replace(stuck, name=_temporary(stuck), wave=wave, settles=frozenset())
            if stuck.action is not Action.MOVE or aside in done:
                ready = waiting  # nothing can be cut: the places themselves will refuse
            else:
                assert stuck.entry is not None
                done.append(replace(aside, folder=_folder_now(world, side, stuck)))
                blockers = {i: {b for b in by if b != stuck.item} for i, by in blockers.items()}
                wave += 1
                continue
        done += [replace(s, wave=wave) for s in ready]
        waiting = [s for s in waiting if s not in ready]
        wave += 1
    return done


def _temporary(step: Step) -> str:
    """A name that carries the item and keeps the extension, for an entry that steps aside."""
    stem, extension = names.split_extension(step.name)
    return f"{stem} (moving {step.item}){extension}"


def _deepest_first(step: Step) -> Step:
    return replace(step, wave=-step.path.count("/")) if step.layer is Layer.REMOVE_FOLDERS else step


def _folder_now(world: World, side: SideName, step: Step) -> ItemId:
    """The folder item that a step's entry lies in now."""
    case = world.cases.get(step.item)
    sight = case.sights[side] if case else None
    return (
        sight.folder
        if sight is not None and hasattr(sight, "folder")
        else world.known.item(step.item).value.folder
    )


def _blockers(world: World, side: SideName, steps: list[Step]) -> dict[ItemId, set[ItemId]]:
    """For each step's item, the items that stand where it shall go and are leaving."""
    leaving = {s.item for s in steps if s.action in (Action.MOVE, Action.REMOVE)}
    found: dict[ItemId, set[ItemId]] = {}
    for step in steps:
        if step.action in (Action.REMOVE, Action.LABEL):
            continue
        if step.action is Action.WRITE and step.entry is not None:
            continue
        standing = set(world.held_named(side, step.folder, step.name)) & leaving - {step.item}
        if standing:
            found[step.item] = standing
    return found


def _early(step: Step, blockers: dict[ItemId, set[ItemId]]) -> Step:
    """A removal that makes room is taken with the moves; its bytes are kept as with any removal."""
    in_the_way = set().union(*blockers.values()) if blockers else set()
    if step.action is Action.REMOVE and step.kind is Kind.FILE and step.item in in_the_way:
        return replace(step, layer=Layer.STRUCTURE)
    return step


def _needs(world: World, step: Step, blockers: dict[ItemId, set[ItemId]]) -> set[ItemId]:
    """The items whose steps must be taken before this one: who stands in the way, and the folders it goes into."""
    if step.action is Action.REMOVE:
        return set()
    needs = set(blockers.get(step.item, ()))
    folder = step.folder
    while folder and folder not in needs:
        needs.add(folder)
        folder = world.agreed(folder).value.folder
    return needs
