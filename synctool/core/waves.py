"""Orders the steps of one side so that every place is free when it is needed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count

from synctool.core import names
from synctool.core.item import ROOT, ItemId, Value
from synctool.core.model import Kind, SideName
from synctool.core.plan import Action, Layer, Step
from synctool.core.world import World

Blockers = Mapping[ItemId, set[ItemId]]
"""For each item that shall go somewhere, the items that stand there and are leaving."""

Waiting = list[tuple[Step, set[ItemId]]]
"""Steps that are not taken yet, and the items whose steps must be taken before each."""


def in_waves(world: World, side: SideName, steps: Iterable[Step]) -> list[Step]:
    """The steps with their waves: a step follows the one that vacates its place and the one that brings its folder.

    What leaves its place too late for another, or moves in a circle, first steps aside under a temporary name.
    """
    steps = list(steps)
    blockers = _blockers(world, side, steps)
    early = _making_room(world, side, steps, blockers)
    steps = [replace(step, layer=Layer.STRUCTURE) if step.item in early else step for step in steps]
    done = [_deepest_first(s) for s in steps if s.layer is not Layer.STRUCTURE]
    in_the_way = _in_the_way(blockers)
    late = [s for s in done if s.item in in_the_way and s.action in (Action.REMOVE, Action.REPLACE)]
    done += [_aside(world, side, step, 0) for step in late]
    blockers = _without(blockers, {s.item for s in late})
    waiting = _waiting(world, side, (s for s in steps if s.layer is Layer.STRUCTURE), blockers)
    wave = 1 if late else 0
    while waiting:
        busy = {step.item for step, _ in waiting}
        ready = _at_once(world, side, [step for step, needs in waiting if needs.isdisjoint(busy)])
        stuck = None if ready else _movable(waiting, blockers)
        if stuck is None:  # with nothing ready either, the places themselves will refuse
            done += [replace(step, wave=wave) for step in ready or (step for step, _ in waiting)]
            taken = {step.item for step in ready} or busy
            waiting = [(step, needs) for step, needs in waiting if step.item not in taken]
        else:
            done.append(_aside(world, side, stuck, wave))
            blockers = _without(blockers, {stuck.item})
            waiting = _waiting(world, side, (step for step, _ in waiting), blockers)
        wave += 1
    return done


def _at_once(world: World, side: SideName, ready: list[Step]) -> list[Step]:
    """Those that may be taken side by side: a folder waits for what leaves it, whose path handles change with it."""
    if world.traits[side].lasting_refs:
        return ready
    left = {ROOT}
    for step in ready:
        folder = _folder_now(world, side, step.item) if step.entry else ROOT
        while folder not in left:
            left.add(folder)
            folder = _folder_now(world, side, folder)
    return [step for step in ready if step.item not in left or step.action is not Action.MOVE]


def _waiting(world: World, side: SideName, steps: Iterable[Step], blockers: Blockers) -> Waiting:
    return [(step, _needs(world, side, step, blockers) - {step.item}) for step in steps]


def _movable(waiting: Waiting, blockers: Blockers) -> Step | None:
    """The first that can step aside for another."""
    in_the_way = _in_the_way(blockers)
    return next((s for s, _ in waiting if s.action is Action.MOVE and s.item in in_the_way), None)


def _without(blockers: Blockers, gone: set[ItemId]) -> Blockers:
    return {item: standing - gone for item, standing in blockers.items()}


def _in_the_way(blockers: Blockers) -> set[ItemId]:
    return set().union(*blockers.values())


def _aside(world: World, side: SideName, step: Step, wave: int) -> Step:
    """A move of a step's entry, within its folder, to a free name that carries the item and keeps the extension."""
    assert step.entry is not None
    folder = _folder_now(world, side, step.item)
    tries = (names.making_room(step.entry.name, step.item, times) for times in count())
    return replace(
        step,
        layer=Layer.STRUCTURE,
        action=Action.MOVE,
        wave=wave,
        folder=folder,
        name=next(name for name in tries if not world.held_named(side, folder, name)),
        settles=frozenset(),
    )


def _deepest_first(step: Step) -> Step:
    return replace(step, wave=-step.path.count("/")) if step.layer is Layer.REMOVE_FOLDERS else step


def _folder_now(world: World, side: SideName, item: ItemId) -> ItemId:
    """The folder item that an item's entry lies in now."""
    case = world.cases.get(item)
    sight = case.sights[side] if case else None
    return sight.folder if isinstance(sight, Value) else world.known.item(item).value.folder


def _blockers(world: World, side: SideName, steps: Iterable[Step]) -> Blockers:
    """For each step's item, the items that stand where it shall go and are leaving."""
    leaving = {s.item for s in steps if s.action in (Action.MOVE, Action.REMOVE, Action.REPLACE)}
    found: dict[ItemId, set[ItemId]] = {}
    for step in steps:
        stays = step.action in (Action.REMOVE, Action.LABEL) or (
            step.action is Action.WRITE and step.entry is not None
        )
        standing = set() if stays else set(world.held_named(side, step.folder, step.name)) & leaving
        if standing - {step.item}:
            found[step.item] = standing - {step.item}
    return found


def _making_room(world: World, side: SideName, steps: Iterable[Step], blockers: Blockers) -> set[ItemId]:
    """What is removed with the moves already, because it stands in the way; its bytes are kept as with any removal.

    A folder that holds something steps aside as a whole, or, where that cannot be, is emptied first.
    """
    removed = {step.item: step.kind for step in steps if step.action is Action.REMOVE}
    queue = [item for item in _in_the_way(blockers) if item in removed]
    early: set[ItemId] = set()
    while queue:
        item = queue.pop()
        inside = world.held_in(side, item) if removed[item] is Kind.FOLDER else []
        if not (inside and world.traits[side].moves_folders):
            early.add(item)
            queue += [each for each in inside if each in removed]
    return early


def _needs(world: World, side: SideName, step: Step, blockers: Blockers) -> set[ItemId]:
    """The items whose steps must be taken before this one: who stands in the way, and the folders it goes into."""
    if step.action is Action.REMOVE:
        return set(world.held_in(side, step.item)) if step.kind is Kind.FOLDER else set()
    needs = {ROOT, *blockers.get(step.item, ())}
    folder = step.folder
    while folder not in needs:
        needs.add(folder)
        folder = world.agreed(folder).value.folder
    return needs
