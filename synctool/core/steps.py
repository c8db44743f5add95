"""Writes down the steps that bring every visible side to what was agreed."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from synctool.core import names
from synctool.core.item import ROOT, ItemId
from synctool.core.merge import Sight
from synctool.core.model import Entry, Gap, Handle, Kind, SideName
from synctool.core.place import Placement
from synctool.core.plan import Action, Layer, Notice, Step, Why
from synctool.core.policy import Refused, Role, Settle
from synctool.core.waves import in_waves
from synctool.core.world import Case, World

EVERYTHING = frozenset(("exists", "content", "folder", "name"))


def steps_of(placement: Placement) -> tuple[tuple[Step, ...], tuple[Notice, ...]]:
    """The steps of a plan in their order, and what a person should know of what is not done."""
    world = placement.world
    steps: list[Step] = []
    notices: list[Notice] = []
    for side in world.policy.ranks:
        if world.looks[side].blind:
            continue
        drafted: list[Step] = []
        for item in sorted(world.cases):
            found, said = _for_side(world, world.cases[item], side)
            drafted += found
            notices += said
        if not world.traits[side].moves_folders:
            drafted = [s for s in drafted if s.action is not Action.MOVE or not _hides(world, side, s.item)]
            followers = _followers(world, side, drafted)
            moved = {s.item for s in followers if not _gets_new_ref(world, s.item)}  # a move labels anew
            drafted = [s for s in drafted if s.action is not Action.LABEL or s.item not in moved] + followers
        drafted += _freed(world, side, drafted)
        drafted, kept = _empty_folders_only(world, side, drafted)
        notices += kept
        steps += in_waves(world, side, _spelled_apart(world, side, drafted))
    order = {side: rank for rank, side in enumerate(world.policy.ranks)}
    steps.sort(key=lambda s: (s.layer.value, s.wave, s.path, s.item, order[s.side], s.action.value))
    return tuple(steps), tuple(notices)


def _for_side(  # noqa: PLR0911 - one line for each situation
    world: World, case: Case, side: SideName
) -> tuple[list[Step], list[Notice]]:
    """What one side must do for one item."""
    lacks = case.lacking.get(side)
    if lacks is None or case.sights[side] is Gap.UNKNOWN:
        return _labels(world, case, side), []
    if not world.receives(side):
        return [], [Notice(world.path(case.item), "differs by role", side)]
    if not case.agreed.value.exists:
        return _removal(world, case, side)
    if refusal := world.refusal(side, case.item):
        return [], [Notice(world.path(case.item), refusal, side)]
    if not world.open_folder(case.agreed.value.folder, side):
        return [], []
    if "exists" in lacks:
        return _arrival(world, case, side)
    return _change(world, case, side, lacks), []


def _arrival(world: World, case: Case, side: SideName) -> tuple[list[Step], list[Notice]]:
    """The steps by which an item comes to a side that does not hold it."""
    gone = case.row(side).value.exists
    if gone and world.policy.refused is Refused.LEAVE and _disobeyed(world, side):
        return [], [Notice(world.path(case.item), "was deleted there; left so, as the profile says", side)]
    if case.before.kind is Kind.FOLDER:
        return [_step(world, case, side, Layer.STRUCTURE, Action.MAKE, EVERYTHING)], []
    source = source_of(world, case, side)
    if not source:
        return [], [Notice(world.path(case.item), "its bytes are on a side that cannot be seen now", side)]
    copy = case.origin is not None
    layer, action = (Layer.COPY, Action.COPY) if copy else (Layer.WRITE, Action.WRITE)
    return [_step(world, case, side, layer, action, EVERYTHING, source)], []


def _disobeyed(world: World, side: SideName) -> bool:
    obeyed = world.policy.deletes_from
    return obeyed is not None and side not in obeyed


def _change(world: World, case: Case, side: SideName, lacks: frozenset[str]) -> list[Step]:
    """Move and/or write what a side already holds."""
    steps: list[Step] = []
    entry = case.entries[side]
    assert isinstance(entry, Entry)
    moved = lacks & {"folder", "name"}
    source = source_of(world, case, side) if "content" in lacks else ""
    if moved and not world.pinned(case.item):
        name = spelled(world, case, side)
        if _extension_changes(world, side, entry, name):
            origin = source or source_of(world, case, side) or side
            return [_step(world, case, side, Layer.WRITE, Action.REPLACE, EVERYTHING, origin)]
        if not (entry.name == name and case.sights[side].folder == case.agreed.value.folder):  # type: ignore[union-attr]
            steps.append(_step(world, case, side, Layer.STRUCTURE, Action.MOVE, frozenset(moved)))
    if source:
        steps.append(_step(world, case, side, Layer.WRITE, Action.WRITE, frozenset(("content",)), source))
    elif world.traits[side].labels and _gets_new_ref(world, case.item):
        steps.append(_step(world, case, side, Layer.LABEL, Action.LABEL, frozenset()))
    if case.before.kind is Kind.FOLDER and not entry.stamp:
        steps.append(_step(world, case, side, Layer.STRUCTURE, Action.MAKE, EVERYTHING))
    return steps


def _extension_changes(world: World, side: SideName, entry: Entry, name: str) -> bool:
    if entry.kind is Kind.FOLDER or not world.traits[side].fixed_extension:
        return False
    return names.split_extension(entry.name)[1].lower() != names.split_extension(name)[1].lower()


def _removal(world: World, case: Case, side: SideName) -> tuple[list[Step], list[Notice]]:
    path = world.path_before(case.item)
    if world.policy.role(side) is Role.ARCHIVE:
        return [], [Notice(path, "deleted elsewhere; kept in the archive", side)]
    if world.policy.role(side) is Role.MIRROR and not any(case.before.versions):
        where, name = world.path(case.sights[side].folder), case.sights[side].name  # type: ignore[union-attr]
        path = f"{where}/{name}" if where else name
        return [], [Notice(path, "only here; a mirror's own documents are left alone", side)]
    layer = Layer.REMOVE_FOLDERS if case.before.kind is Kind.FOLDER else Layer.REMOVE
    return [_step(world, case, side, layer, Action.REMOVE, EVERYTHING)], []


def _labels(world: World, case: Case, side: SideName) -> list[Step]:
    """Bring the Filevine ids that a side keeps as metadata up to date, where nothing else does."""
    entry = case.entries[side]
    implied = isinstance(entry, Entry) and entry.kind is Kind.FOLDER and not entry.stamp
    if implied and case.agreed.value.exists and world.receives(side):
        return [_step(world, case, side, Layer.STRUCTURE, Action.MAKE, EVERYTHING)]
    if not (world.traits[side].labels and isinstance(entry, Entry) and case.before.kind is Kind.FILE):
        return []
    if not (case.agreed.value.exists and world.receives(side)):
        return []
    ours = label_of(world, case.item)
    if _gets_new_ref(world, case.item) or (ours and ours != case.row(side).label):
        return [_step(world, case, side, Layer.LABEL, Action.LABEL, frozenset())]
    return []


def _gets_new_ref(world: World, item: ItemId) -> bool:
    """Whether a side with lasting refs is about to make a document of a file: a new one, or one that replaces its old."""
    case = world.cases.get(item)
    if case is None or case.before.kind is Kind.FOLDER:
        return False
    for side, traits in world.traits.items():
        lacks, entry = case.lacking.get(side, frozenset()), case.entries[side]
        replaced = isinstance(entry, Entry) and _extension_changes(
            world, side, entry, spelled(world, case, side)
        )
        new = "exists" in lacks or (lacks & {"folder", "name"} and replaced)
        if traits.lasting_refs and new and world.receives(side) and not world.refusal(side, case.item):
            return True
    return False


def label_of(world: World, item: ItemId) -> str:
    """The Filevine ids of an item as one text: document, folder, path of the folder; "" while it has none."""
    for side, traits in world.traits.items():
        entry = world.entry(item, side) if traits.lasting_refs else Gap.ABSENT
        if isinstance(entry, Entry):
            folder = world.agreed(item).value.folder
            parent = world.entry(folder, side)
            handle = parent.handle if isinstance(parent, Entry) else entry.parent
            return label_text(entry.handle, handle, world.path(folder) if folder != ROOT else "")
    return ""


def label_text(document: Handle, folder: Handle, path: str) -> str:
    """The Filevine ids of a document as one text."""
    return f"{document}|{folder}|{path}"


def source_of(world: World, case: Case, receiver: SideName) -> SideName:
    """The side to read the agreed content from: the nearest that really holds it; "" if none can be seen."""
    if case.origin is not None:
        return case.origin[1]

    def good(side: SideName, sight: Sight) -> bool:
        if side == receiver or isinstance(sight, Gap):
            return False
        row = case.row(side)
        stands = row.value.exists and row.versions.content == case.agreed.versions.content
        return sight.content == case.agreed.value.content or (stands and sight.content == row.value.content)

    holders = [s for s in world.policy.ranks if good(s, case.sights[s])]
    near = [s for s in holders if world.traits[s].cheap_reads]
    return next(iter((*near, *holders)), "")


def spelled(world: World, case: Case, side: SideName) -> str:
    """How a side shall spell an item's name: as it does already, as the name is, or a stand-in."""
    row, name = case.row(side), case.agreed.value.name
    if row.value.exists and row.value.name == name and row.spelled:
        return row.spelled
    return names.stand_in(name, world.traits[side].names, folder=case.before.kind is Kind.FOLDER)


def _step(
    world: World,
    case: Case,
    side: SideName,
    layer: Layer,
    action: Action,
    settles: frozenset[str],
    source: SideName = "",
) -> Step:
    entry = case.entries[side]
    gone = action is Action.REMOVE
    return Step(
        layer=layer,
        action=action,
        side=side,
        item=case.item,
        kind=case.before.kind,
        path=world.path_before(case.item),
        to_path=world.path_before(case.item) if gone else world.path(case.item),
        why=_why(case, side, action),
        entry=entry if isinstance(entry, Entry) else None,
        folder=case.agreed.value.folder,
        name="" if gone else spelled(world, case, side),
        content=None if gone else case.agreed.value.content,
        source=source,
        origin=case.origin[0] if case.origin and source else 0,
        settles=settles,
        causes=_causes(case, action),
    )


def _why(case: Case, side: SideName, action: Action) -> Why:  # noqa: PLR0911 - one line for each cause
    merged = case.merged
    if case.origin is not None or (merged.conflict and merged.conflict.how is not Settle.HOLD):
        return Why.CONFLICT
    if action is Action.LABEL:
        return Why.LABELS
    if action is Action.REMOVE:
        return Why.DELETED if merged.deleted_by else Why.CATCHING_UP
    if case.agreed.versions == case.before.versions:
        return (
            Why.RESTORED
            if case.row(side).value.exists and case.sights[side] is Gap.ABSENT
            else Why.CATCHING_UP
        )
    if not any(case.before.versions):
        return Why.NEW
    if action is Action.MOVE:
        return Why.MOVED if case.agreed.value[2:] != case.before.value[2:] else Why.STAND_IN
    return Why.EDITED if case.before.value.exists else Why.RESTORED


def _causes(case: Case, action: Action) -> tuple[SideName, ...]:
    merged = case.merged
    if action is Action.REMOVE:
        return merged.deleted_by
    if case.origin is not None:
        return (case.origin[1],)
    about = ("folder", "name") if action is Action.MOVE else ("content",)
    voters = [side for name in about for side in merged.voters.get(name, ())]
    return tuple(dict.fromkeys(voters or merged.voters.get("name", ())))


def _hides(world: World, side: SideName, item: ItemId) -> bool:
    """Whether something in a folder cannot be seen now, so that it could not follow."""
    if world.entry(item, side) is Gap.UNKNOWN or not world.open_folder(item, side):
        return True
    return bool(world.looks[side].unlisted) and any(
        _hides(world, side, inside) for inside in world.held_in(side, item)
    )


def _followers(world: World, side: SideName, drafted: Iterable[Step]) -> list[Step]:
    """Moves of what lies in moved folders, on a side whose folders do not take their content along."""
    moving = {step.item for step in drafted if step.action in (Action.MOVE, Action.REMOVE)}
    queue = [s.item for s in drafted if s.action is Action.MOVE and s.kind is Kind.FOLDER]
    found: list[Step] = []
    while queue:
        for item in world.held_in(side, queue.pop()):
            if item in moving:
                continue
            moving.add(item)
            step = _follower(world, side, item)
            found.append(step)
            if step.kind is Kind.FOLDER:
                queue.append(item)
    return found


def _follower(world: World, side: SideName, item: ItemId) -> Step:
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


def _freed(world: World, side: SideName, drafted: Iterable[Step]) -> list[Step]:
    """Moves of stand-ins whose true names become free on this side."""
    taken = {(s.folder, s.name) for s in drafted}
    leaving = {s.item for s in drafted if s.action in (Action.MOVE, Action.REMOVE, Action.REPLACE)}
    places: dict[tuple[ItemId, str], None] = {}
    for item, case in sorted(world.cases.items()):
        row, sight = case.row(side).value, case.sights[side]
        if row.exists and (item in leaving or isinstance(sight, Gap) or sight[2:] != row[2:]):
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
                found.append(replace(_follower(world, side, item), name=true, why=Why.STAND_IN))
                break
    return found


def _empty_folders_only(world: World, side: SideName, drafted: list[Step]) -> tuple[list[Step], list[Notice]]:
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


def _spelled_apart(world: World, side: SideName, drafted: list[Step]) -> list[Step]:
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
        others = {claimed.get(place, step.item), *_standing(world, side, step, key)} - leaving - {step.item}
        if others or claimed.get(place, step.item) != step.item:
            ref = label_of(world, step.item).partition("|")[0]
            ref = f"fv-{int(ref[1:])}" if ref else f"{step.item}"
            step = replace(step, name=names.with_ref(step.name, ref, folder=step.kind is Kind.FOLDER))  # noqa: PLW2901
        claimed[step.folder, key(step.name)] = step.item
        result.append(step)
    return result


def _standing(world: World, side: SideName, step: Step, key: Callable[[str], str]) -> set[ItemId]:
    """The items that a side holds now where a step would put its own."""
    held = ((item, world.entry(item, side)) for item in world.held_named(side, step.folder, step.name))
    return {item for item, entry in held if isinstance(entry, Entry) and key(entry.name) == key(step.name)}
