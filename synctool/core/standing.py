"""Knows which items want which place, and who keeps one that several want."""

from collections import defaultdict
from collections.abc import Mapping

from synctool.core import names
from synctool.core.item import ItemId
from synctool.core.model import Entry, Kind, SideName
from synctool.core.world import Case, World

Places = Mapping[tuple[ItemId, str], list[ItemId]]


def places(cases: Mapping[ItemId, Case]) -> Places:
    """The cases that live, by folder and name."""
    found: dict[tuple[ItemId, str], list[ItemId]] = defaultdict(list)
    for item, case in cases.items():
        if case.agreed.value.exists:
            found[case.agreed.value.folder, case.agreed.value.name].append(item)
    return found


def at(world: World, wanted: Places, folder: ItemId, name: str) -> list[ItemId]:
    """The living items of exactly this name in a folder, by number."""
    known = () if world.is_new(folder) else world.known.named(folder, names.fold(name))
    same = [i for i in known if i not in world.cases and world.agreed(i).value.name == name]
    return sorted((*same, *wanted.get((folder, name), ())))


def told_apart_by_ref(world: World, rivals: list[ItemId]) -> bool:
    """Whether one side that allows it holds all of them under that one name now; none is asked to give a name twice."""

    def holds(side: SideName, item: ItemId) -> bool:
        entry = world.entry(item, side)
        return isinstance(entry, Entry) and entry.name == world.agreed(item).value.name

    files = all(world.kind(item) is Kind.FILE for item in rivals)
    return files and any(
        not traits.unique_names and all(holds(side, item) for item in rivals)
        for side, traits in world.traits.items()
    )


def ranked(world: World, rivals: list[ItemId]) -> list[ItemId]:
    """Who keeps the place: a folder before a file, whose agreed place it is, else the first in rank order."""

    def rank(item: ItemId) -> tuple[bool, bool, int, ItemId]:
        case, now = world.cases.get(item), world.agreed(item)
        before, voters = (case.before, case.merged.voters) if case else (now, {})
        stays = before.value.exists and before.value[2:] == now.value[2:]
        moved_by = (*voters.get("name", ()), *voters.get("folder", ()))
        order = min(map(world.policy.ranks.index, moved_by), default=len(world.policy.ranks))
        return now.kind is Kind.FILE, not stays, order, item

    return sorted(rivals, key=rank)
