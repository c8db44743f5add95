"""Spells names as each side can hold them, and gives true names back when they become free."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from synctool.core import names
from synctool.core.following import follower
from synctool.core.item import ItemId, Value
from synctool.core.model import Entry, Gap, Kind, SideName
from synctool.core.plan import Action, Notice, Step, Why
from synctool.core.world import Case, World


def spelled(world: World, case: Case, side: SideName) -> str:
    """How a side shall spell an item's name: as it does already, as the name is, or a stand-in."""
    row, name = case.row(side), case.agreed.value.name
    made_room = names.makes_room(row.spelled) == case.item
    if row.value.exists and row.value.name == name and row.spelled and not made_room:
        return row.spelled
    return names.stand_in(name, world.traits[side].names, folder=case.before.kind is Kind.FOLDER)


def extension_changes(world: World, side: SideName, entry: Entry, name: str) -> bool:
    """Whether a side that fixes extensions would have to change one."""
    if entry.kind is Kind.FOLDER or not world.traits[side].fixed_extension:
        return False
    return names.split_extension(entry.name)[1].lower() != names.split_extension(name)[1].lower()


def spelled_apart(world: World, side: SideName, drafted: list[Step]) -> list[Step]:
    """Give a stand-in that carries its ref to every arrival whose name on this side is another item's for good."""
    traits = world.traits[side]
    leaving = {s.item for s in drafted if s.action in (Action.REMOVE, Action.MOVE, Action.REPLACE)}
    key = names.fold if traits.folds_case else names.identity
    claimed: dict[tuple[ItemId, str], ItemId] = {}
    result: list[Step] = []
    for step in drafted:
        if not step.name or not traits.unique_names or step.action is Action.LABEL:
            result.append(step)
            continue
        place = (step.folder, key(step.name))
        standing = _standing(world, side, step, key) - leaving
        if {claimed.get(place, step.item), *standing} - {step.item}:
            name = names.with_ref(step.name, _ref(world, step.item), folder=step.kind is Kind.FOLDER)
            step = replace(step, name=names.stand_in(name, traits.names))  # noqa: PLW2901
        claimed[step.folder, key(step.name)] = step.item
        result.append(step)
    return result


def overlong(world: World, side: SideName, steps: Iterable[Step]) -> list[Notice]:
    """The documents that come to a side under a path longer than its users' programs can open.

    They are not given stand-ins: a name cut to its folder's path would be another whenever a folder above is renamed.
    """
    limit = world.traits[side].max_path
    if limit is None:
        return []
    notices: list[Notice] = []
    for step in steps:
        length = len(step.to_path.encode("utf-16-le", "surrogatepass")) // 2
        if step.name and step.kind is Kind.FILE and length > limit:
            text = f"its path has {length} characters there; Explorer and Word open no more than {limit}"
            notices.append(Notice(step.to_path, text, side))
    return notices


def _ref(world: World, item: ItemId) -> str:
    """What tells an item from every other: its lasting ref, else its number here."""
    for side, traits in world.traits.items():
        entry = world.entry(item, side) if traits.lasting_refs else Gap.ABSENT
        if isinstance(entry, Entry):
            return names.ref_of(entry.handle)
    return f"{item}"


def _standing(world: World, side: SideName, step: Step, key: Callable[[str], str]) -> set[ItemId]:
    """The items that a side holds now where a step would put its own."""
    held = ((item, world.entry(item, side)) for item in world.held_named(side, step.folder, step.name))
    return {item for item, entry in held if isinstance(entry, Entry) and key(entry.name) == key(step.name)}


def freed(world: World, side: SideName, drafted: Iterable[Step]) -> list[Step]:
    """Moves of stand-ins whose true names become free on this side."""
    taken = {(s.folder, s.name) for s in drafted}
    leaving = {s.item for s in drafted if s.action in (Action.MOVE, Action.REMOVE, Action.REPLACE)}
    places: dict[tuple[ItemId, str], None] = {}
    for item, case in world.cases.items():
        row, sight = case.row(side).value, case.sights[side]
        moved = isinstance(sight, Value) and sight[2:] != row[2:]
        if row.exists and (item in leaving or sight is Gap.ABSENT or moved):
            places[row.folder, row.name] = None
    key = names.fold if world.traits[side].folds_case else names.identity
    found: list[Step] = []
    for folder, name in places if world.receives(side) else ():
        for item in world.known.named(folder, names.fold(name)):
            entry, value = world.entry(item, side), world.agreed(item).value
            true = names.stand_in(
                value.name, world.traits[side].names, folder=world.kind(item) is Kind.FOLDER
            )
            here = value.exists and value.folder == folder and key(value.name) == key(name)
            free = item not in leaving and (folder, true) not in taken
            if here and free and isinstance(entry, Entry) and entry.name != true:
                found.append(replace(follower(world, side, item), name=true, why=Why.STAND_IN))
                break
    return found
