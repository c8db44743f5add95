"""Lets what is new in a folder follow the rest of it, when the folder went and most of it was moved to one other.

A path side shows no more of "z was merged into y" than documents moved from z to y, and z gone. Whoever saved something
new in z meanwhile meant the folder, wherever it is now.
"""

from collections import Counter
from collections.abc import Mapping

from synctool.core.item import ItemId
from synctool.core.plan import Notice
from synctool.core.standing import Places, at, places
from synctool.core.world import Case, World


def follow_the_rest(world: World, cases: dict[ItemId, Case]) -> tuple[Notice, ...]:
    """Put what is new in folders that went where the rest went; in doubt leave it, and say so.

    A folder in which anything else lives has not gone. Nothing follows twice: where the rest went must be there to stay.
    """
    wanted = places(cases)
    notices: list[Notice] = []
    for folder, inside in _left_behind(world, cases).items():
        went = Counter(
            world.agreed(item).value.folder
            for item in world.known.lying_in(folder)
            if world.agreed(item).value.exists
        )
        target = next((to for to, count in went.items() if count * 2 > went.total()), None)
        for item in inside if went else ():
            if target is None or not _has_room(world, wanted, target, item):
                text = "is left where it is: it is not clear where the rest of its folder went"
            else:
                cases[item] = cases[item].revised(cases[item].agreed.value._replace(folder=target))
                text = "is new, and was put where the rest of its folder went"
            notices.append(Notice(world.path(item), text))
    return tuple(notices)


def _left_behind(world: World, cases: Mapping[ItemId, Case]) -> dict[ItemId, list[ItemId]]:
    """The folders that went although something new lies in them, and nothing else; with what is new, by number."""
    inside: dict[ItemId, list[ItemId]] = {}
    for item, case in cases.items():
        if case.agreed.value.exists:
            inside.setdefault(case.agreed.value.folder, []).append(item)
    return {
        folder: items
        for folder, items in inside.items()
        if not world.agreed(folder).value.exists
        and all(map(world.is_new, items))
        and not holds_life(world, folder)
    }


def holds_life(world: World, folder: ItemId) -> bool:
    """Whether something that nothing was said about lies in a folder."""
    return any(item not in world.cases for item in world.known.lying_in(folder))


def _has_room(world: World, wanted: Places, target: ItemId, item: ItemId) -> bool:
    """Whether a folder is there to stay, and holds nothing of the item's name."""
    stays = world.agreed(target).value.exists
    return stays and not at(world, wanted, target, world.agreed(item).value.name)
