"""Writes down the steps that bring every visible side to what was agreed."""

from dataclasses import replace
from typing import NamedTuple

from synctool.core.following import empty_folders_only, followers, hides
from synctool.core.item import NO_ROW, PROPERTIES, ItemId, Value
from synctool.core.labels import gets_new_ref, is_mislabelled, needs_label
from synctool.core.merge import Sight
from synctool.core.model import Entry, Gap, Kind, SideName
from synctool.core.names import makes_room
from synctool.core.place import Placement
from synctool.core.plan import Action, Layer, Notice, Step, Why
from synctool.core.policy import Role, Settle
from synctool.core.receiving import holds
from synctool.core.spelling import extension_changes, freed, overlong, spelled, spelled_apart
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
        for case in world.cases.values():
            found, said = _for_side(world, case, side)
            drafted += found
            notices += said
        if not world.traits[side].moves_folders:
            drafted = [s for s in drafted if s.action is not Action.MOVE or not hides(world, side, s.item)]
            following = followers(world, side, drafted)
            moved = {s.item for s in following if not gets_new_ref(world, s.item)}  # a move labels anew
            drafted = [s for s in drafted if s.action is not Action.LABEL or s.item not in moved] + following
        drafted, kept = empty_folders_only(world, side, drafted)
        notices += kept
        drafted += freed(world, side, drafted)
        notices += overlong(world, side, drafted)
        steps += in_waves(world, side, spelled_apart(world, side, drafted))
    steps = _without_idle_labels(world, steps)
    order = {side: rank for rank, side in enumerate(world.policy.ranks)}
    steps.sort(key=lambda s: (s.layer.value, s.wave, s.path, s.item, order[s.side], s.action.value))
    return tuple(steps), tuple(notices)


def _without_idle_labels(world: World, steps: list[Step]) -> list[Step]:
    """The steps but for labels that wait for an id which nobody gives in this plan, because the bytes are out of reach."""
    giving = (Action.WRITE, Action.COPY, Action.REPLACE, Action.RESTORE)
    given = {s.item for s in steps if s.action in giving and world.traits[s.side].lasting_refs}
    return [
        s
        for s in steps
        if s.action is not Action.LABEL
        or s.item in given
        or is_mislabelled(world, world.cases[s.item], s.side)
    ]


def _for_side(  # noqa: PLR0911 - one line for each situation
    world: World, case: Case, side: SideName
) -> tuple[list[Step], list[Notice]]:
    """What one side must do for one item."""
    lacks = case.lacking.get(side)
    if lacks is None:
        return _upkeep(world, case, side), []
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
    if world.is_left(side, case):
        return [], [Notice(world.path(case.item), "was deleted there; left so, as the profile says", side)]
    if case.before.kind is Kind.FOLDER:
        return [_step(world, case, side, Layer.STRUCTURE, Action.MAKE, EVERYTHING)], []
    if back := _kept_by_itself(world, case, side):
        return [_step(world, case, side, Layer.COPY, Action.RESTORE, EVERYTHING, Source("", kept=back))], []
    source = source_of(world, case, side)
    if not source:
        return [], [Notice(world.path(case.item), "its bytes are on a side that cannot be seen now", side)]
    copy = case.origin is not None
    layer, action = (Layer.COPY, Action.COPY) if copy else (Layer.WRITE, Action.WRITE)
    return [_step(world, case, side, layer, action, EVERYTHING, source)], []


def _change(world: World, case: Case, side: SideName, lacks: frozenset[str]) -> list[Step]:
    """Move and/or write what a side already holds."""
    steps: list[Step] = []
    entry = case.entries[side]
    assert isinstance(entry, Entry)
    if case.before.kind is Kind.FOLDER and not entry.stamp:  # it moves with what implies it
        return [_step(world, case, side, Layer.STRUCTURE, Action.MAKE, EVERYTHING)]
    moved = bool(lacks & {"folder", "name"}) or makes_room(entry.name) == case.item
    if moved and not world.pinned(case.item):
        name = spelled(world, case, side)
        if extension_changes(world, side, entry, name):
            return [_replacement(world, case, side)]
        if not (entry.name == name and case.sights[side].folder == case.agreed.value.folder):  # type: ignore[union-attr]
            parts = _settled(case, side, lacks & {"folder", "name"})
            steps.append(_step(world, case, side, Layer.STRUCTURE, Action.MOVE, parts))
    if "content" in lacks and (source := source_of(world, case, side)):
        steps.append(_step(world, case, side, Layer.WRITE, Action.WRITE, frozenset(("content",)), source))
    elif world.traits[side].labels and gets_new_ref(world, case.item):
        steps.append(_step(world, case, side, Layer.LABEL, Action.LABEL, frozenset()))
    return steps


def _settled(case: Case, side: SideName, parts: frozenset[str]) -> frozenset[str]:
    """What a side stands for that receives these properties: to be there too, if with them it holds all that was agreed.

    Else a name that only stands for the agreed one would be given again and again. What was only taken for equal does not
    count: the next look remembers of it that it was.
    """
    if side in case.assumed or not parts:
        return parts
    row, sight = case.row(side), case.sights[side]
    assert isinstance(sight, Value)
    others = (name for name in PROPERTIES if name not in parts)
    whole = not row.value.exists and all(holds(name, case.agreed, row, sight) for name in others)
    return parts | {"exists"} if whole else parts


def _removal(world: World, case: Case, side: SideName) -> tuple[list[Step], list[Notice]]:
    path = world.path_before(case.item)
    if world.policy.role(side) is Role.ARCHIVE:
        return [], [Notice(path, "deleted elsewhere; kept in the archive", side)]
    if world.policy.role(side) is Role.MIRROR and case.before.new:
        where, name = world.path(case.sights[side].folder), case.sights[side].name  # type: ignore[union-attr]
        path = f"{where}/{name}" if where else name
        return [], [Notice(path, "only here; a mirror's own documents are left alone", side)]
    layer = Layer.REMOVE_FOLDERS if case.before.kind is Kind.FOLDER else Layer.REMOVE
    return [_step(world, case, side, layer, Action.REMOVE, EVERYTHING)], []


def _upkeep(world: World, case: Case, side: SideName) -> list[Step]:
    """What a side that lacks nothing needs all the same: a placeholder of its folder, the ids of its document."""
    entry = case.entries[side]
    if not (isinstance(entry, Entry) and case.agreed.value.exists and world.receives(side)):
        return []
    if entry.kind is Kind.FOLDER and not entry.stamp:
        return [_step(world, case, side, Layer.STRUCTURE, Action.MAKE, EVERYTHING)]
    if makes_room(entry.name) == case.item and isinstance(case.sights[side], Value):
        return _change(world, case, side, frozenset())
    if needs_label(world, case, side):
        return [_step(world, case, side, Layer.LABEL, Action.LABEL, frozenset())]
    return []


class Source(NamedTuple):
    """Where bytes are read: a side, and there another item's or what is kept, if not what the item's own row holds."""

    side: SideName
    origin: ItemId = 0
    kept: Entry | None = None


def source_of(world: World, case: Case, receiver: SideName) -> Source | None:
    """Where to read the agreed content: on the nearest side that really holds it; None if none can be seen.

    What is only assumed to be the content may be read for it when its digest proves it, and not else.
    """
    if case.origin is not None:
        return Source(case.origin[1], case.origin[0])

    def good(side: SideName, sight: Sight) -> bool:
        if side == receiver or isinstance(sight, Gap):
            return False
        row = case.row(side)
        content = case.agreed.value.content
        if (row.assumed or side in case.assumed) and not (content and content.read):
            return False
        stands = row.versions.content == case.agreed.versions.content
        return sight.content == content or (stands and sight.content == row.value.content)

    holders = [s for s in world.policy.ranks if good(s, case.sights[s])]
    near = [s for s in holders if world.traits[s].cheap_reads]
    return next((Source(side) for side in (*near, *holders)), None) or _ruled_source(world, case)


def _replacement(world: World, case: Case, side: SideName) -> Step:
    """A new document for one that cannot take the agreed name; with its own bytes while a conflict of contents is held."""
    held = case.merged.conflict is not None and case.merged.conflict.how is Settle.HOLD
    origin = None if held else source_of(world, case, side)
    settles = EVERYTHING if origin else frozenset(("folder", "name"))
    step = _step(world, case, side, Layer.WRITE, Action.REPLACE, settles, origin or Source(side))
    return step if origin else replace(step, content=case.sights[side].content)  # type: ignore[union-attr]


def _ruled_source(world: World, case: Case) -> Source | None:
    """Where the content that a person chose is, when no side holds it as this item: another item, or what is kept."""
    ruling = case.merged.ruling
    if ruling is None:
        return None
    ranks = [side for side in world.policy.ranks if not world.looks[side].blind]
    if ruling.origin and world.agreed(ruling.origin).value.content == ruling.content:
        holder = next((side for side in ranks if _holds_agreed(world, ruling.origin, side)), "")
        if holder:
            return Source(holder, ruling.origin)
    back = next((side for side in ranks if _kept_by_itself(world, case, side)), "")
    if back:
        return Source(back)  # by then it is there again
    return next((Source(side, kept=ruling.kept[side]) for side in ranks if side in ruling.kept), None)


def _holds_agreed(world: World, item: ItemId, side: SideName) -> bool:
    """Whether a side really holds the agreed content of an item, and does not only have to catch up with it."""
    case = world.cases.get(item)
    row = case.row(side) if case else world.known.rows(item).get(side, NO_ROW)
    sight = case.sights[side] if case else row.value
    if isinstance(sight, Gap) or row.assumed or not isinstance(world.entry(item, side), Entry):
        return False
    return holds("content", world.agreed(item), row, sight)


def _kept_by_itself(world: World, case: Case, side: SideName) -> Entry | None:
    """What a side with lasting refs keeps of a document it lacks, proven: put back, it is the same document again."""
    ruling, content = case.merged.ruling, case.agreed.value.content
    kept = ruling.kept.get(side) if ruling and content else None
    if kept is None or not world.traits[side].lasting_refs or not world.receives(side):
        return None
    lost = case.sights[side] is Gap.ABSENT and kept.sha256 == content.digest  # type: ignore[union-attr]
    lost = lost and not extension_changes(world, side, kept, spelled(world, case, side))
    return kept if lost and world.open_folder(case.agreed.value.folder, side) else None


def _step(
    world: World,
    case: Case,
    side: SideName,
    layer: Layer,
    action: Action,
    settles: frozenset[str],
    source: Source | None = None,
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
        source=source.side if source else "",
        origin=source.origin if source else 0,
        kept=source.kept if source else None,
        settles=settles,
        causes=_causes(case, action),
    )


def _why(case: Case, side: SideName, action: Action) -> Why:  # noqa: PLR0911 - one line for each cause
    merged = case.merged
    if merged.ruling is not None and action is not Action.LABEL:
        return Why.DECIDED
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
    if case.before.new:
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
