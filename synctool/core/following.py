"""Lets folders take along what lies in them, and stay where something else does."""

from collections.abc import Iterable

from synctool.core.item import ItemId
from synctool.core.model import Entry, Kind, SideName
from synctool.core.plan import Action, Layer, Notice, Step, Why
from synctool.core.world import World


def hides(world: World, side: SideName, item: ItemId) -> bool:
    """Whether something in a folder cannot be seen now, so that it could not follow."""
    if not world.open_folder(item, side):
        return True
    return bool(world.looks[side].unlisted) and any(
        hides(world, side, inside) for inside in world.held_in(side, item)
    )


def followers(world: World, side: SideName, drafted: Iterable[Step]) -> list[Step]:
    """Moves of what lies in moved folders, on a side whose folders do not take their content along."""
    moving = {step.item for step in drafted if step.action in (Action.MOVE, Action.REMOVE)}
    queue = [s.item for s in drafted if s.kind is Kind.FOLDER and _leaves(s)]
    found: list[Step] = []
    while queue:
        for item in world.held_in(side, queue.pop()):
            if item in moving:
                continue
            step = follower(world, side, item)
            found.append(step)
            if step.kind is Kind.FOLDER:
                queue.append(item)
    return found


def _leaves(step: Step) -> bool:
    """Whether a folder goes elsewhere: moved, or made anew where it was only implied before."""
    remade = step.action is Action.MAKE and step.entry is not None and step.path != step.to_path
    return step.action is Action.MOVE or remade


def follower(world: World, side: SideName, item: ItemId) -> Step:
    """The move of an item to where it belongs, under the name it has on this side."""
    entry = world.entry(item, side)
    assert isinstance(entry, Entry)
    return Step(
        layer=Layer.STRUCTURE,
        action=Action.MOVE,
        side=side,
        item=item,
        kind=entry.kind,
        path=world.path_before(item),
        to_path=world.path(item),
        why=Why.MOVED,
        entry=entry,
        folder=world.agreed(item).value.folder,
        name=entry.name,
        content=world.agreed(item).value.content,
    )


def empty_folders_only(world: World, side: SideName, drafted: list[Step]) -> tuple[list[Step], list[Notice]]:
    """Drop the removal of folders in which something is left, unlisted, excluded or unknown."""
    leaving = {s.item for s in drafted if s.action in (Action.REMOVE, Action.MOVE)}
    kept: set[ItemId] = set()
    notices: list[Notice] = []
    removals = [s for s in drafted if s.action is Action.REMOVE and s.kind is Kind.FOLDER]
    look = world.looks[side]
    for step in sorted(removals, key=lambda s: -s.path.count("/")):
        assert step.entry is not None
        inside = world.held_in(side, step.item)
        left = [i for i in inside if i not in leaving or i in kept]
        if left or step.entry.handle in look.occupied or step.entry.handle in look.unlisted:
            kept.add(step.item)
            notices.append(Notice(step.path, "is kept: something in it is not ours to remove", side))
    return [s for s in drafted if s.item not in kept or s.action is not Action.REMOVE], notices
