"""Gives every item a place of its own, after each was decided for itself.

Whatever lives keeps its folders alive; no folder becomes its own ancestor; a loser of a conflict gets a name beside the
winner; and of two items that want one place, one steps aside.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from synctool.core import names
from synctool.core.heirs import follow_the_rest, holds_life
from synctool.core.item import Agreed, ItemId, Value
from synctool.core.merge import Merged, revised
from synctool.core.model import Content, Entry, Gap, Kind, SideName
from synctool.core.plan import Notice, Standoff
from synctool.core.policy import Settle
from synctool.core.standing import Places, at, places, ranked, told_apart_by_ref
from synctool.core.world import Case, World, folders_of

Cases = dict[ItemId, Case]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Placement:
    """A world in which every item has its place.

    to_read: contents whose digests a name needs; unheard: items that must be decided too before anything can be said.
    """

    world: World
    standoffs: tuple[Standoff, ...] = ()
    notices: tuple[Notice, ...] = ()
    to_read: tuple[tuple[SideName, Entry], ...] = ()
    unheard: frozenset[ItemId] = frozenset()


def place(world: World) -> Placement:
    """Find every item its place."""
    cases = dict(world.cases)
    world = replace(world, cases=cases)  # the passes below each rewrite this one copy
    followed = follow_the_rest(world, cases)
    dead = _keep_alive(world, cases)
    circles = _undo_circles(world, cases)
    merged, unheard = _merge_folders(world, cases)
    standoffs, world = _keep_copies(world, cases)
    apart = _set_apart(world, cases)
    _keep_alive(world, cases)
    notices = (*followed, *circles, *merged, *apart.notices)
    return Placement(world, standoffs, notices, apart.to_read, dead | unheard | apart.unheard)


def _keep_alive(world: World, cases: Cases) -> frozenset[ItemId]:
    """Make the folders of everything that lives, live; those that are dead and must be decided too for it."""
    dead: set[ItemId] = set()
    for item in cases:
        dying = cases[item].before.value.exists and not cases[item].agreed.value.exists
        if dying and cases[item].before.kind is Kind.FOLDER and holds_life(world, item):
            cases[item] = cases[item].revised(cases[item].agreed.value._replace(exists=True))
    for item in cases:
        for folder in _folders(world, item) if cases[item].agreed.value.exists else ():
            if world.agreed(folder).value.exists:
                continue
            if folder in cases:
                cases[folder] = cases[folder].revised(cases[folder].agreed.value._replace(exists=True))
            else:
                dead.add(folder)
    return frozenset(dead)


def _folders(world: World, item: ItemId) -> list[ItemId]:
    return folders_of(item, lambda i: world.agreed(i).value)


def _undo_circles(world: World, cases: Cases) -> tuple[Notice, ...]:
    """Merged moves that would make a folder its own ancestor are not done, none of them, and reported."""
    notices: list[Notice] = []
    while circle := [item for item in cases if _was_moved(cases[item]) and item in _folders(world, item)]:
        for item in circle:
            case = cases[item]
            cases[item] = case.revised(case.agreed.value._replace(folder=case.before.value.folder))
            text = "was moved so that it would lie within itself; left where it was"
            notices.append(Notice(world.path_before(item), text))
    return tuple(notices)


def _was_moved(case: Case) -> bool:
    return case.before.value.exists and case.agreed.value.folder != case.before.value.folder


def _merge_folders(world: World, cases: Cases) -> tuple[tuple[Notice, ...], frozenset[ItemId]]:
    """Make one of folders that want one name: what lies in the others lies in the first, and they go."""
    notices: list[Notice] = []
    unheard: set[ItemId] = set()
    while twins := _namesakes(world, cases):
        first, *others = ranked(world, twins)
        notices.append(Notice(world.path(first), "two folders have this name; made one"))
        for other in others:
            unheard |= {item for item in world.known.lying_in(other) if item not in cases}
            for item, case in cases.items():
                if case.agreed.value.exists and case.agreed.value.folder == other:
                    cases[item] = case.revised(case.agreed.value._replace(folder=first))
            cases[other] = cases[other].revised(cases[other].agreed.value._replace(exists=False))
    return tuple(notices), frozenset(unheard)


def _namesakes(world: World, cases: Cases) -> list[ItemId]:
    """The first folders that want one place, if there are any."""
    wanted = places(cases)
    rivals = (at(world, wanted, *place) for place in sorted(wanted))
    folders = ([item for item in items if world.kind(item) is Kind.FOLDER] for items in rivals)
    return next((items for items in folders if len(items) > 1), [])


def _keep_copies(world: World, cases: Cases) -> tuple[tuple[Standoff, ...], World]:
    """Every loser of a conflict that keeps both gets an item of its own, unless a sibling already is that copy."""
    standoffs: list[Standoff] = []
    there, kept = places(cases), _kept_copies(world, cases)
    number = world.next_item
    for item, case in list(cases.items()):
        conflict = case.merged.conflict
        if conflict is None:
            continue
        items: list[ItemId] = []
        for content, side in conflict.losers if conflict.how is Settle.KEEP_BOTH else ():
            name = _copy_name(world, there, case, (content, side))
            siblings = at(world, there, case.agreed.value.folder, name)
            same = [i for i in siblings if world.agreed(i).value.content == content]
            same += kept.get(_text(case.agreed.value._replace(content=content)), ())
            items.append(same[0] if same else number)
            if not same:
                cases[number] = _copy(number, case, name, content, side)
                kept.setdefault(_text(cases[number].agreed.value), []).append(number)
                number += 1
            elif same[0] in cases and not _held(world, cases[same[0]]):  # it could not be made until now
                cases[same[0]] = replace(cases[same[0]], origin=(item, side))
        copies = tuple(world.agreed(copy).value.name for copy in items)
        standoffs.append(Standoff(item, world.path(item), conflict, copies, tuple(items)))
    return tuple(standoffs), replace(world, next_item=number)


def _kept_copies(world: World, cases: Cases) -> dict[Value, list[ItemId]]:
    """The conflict copies that a side holds beside contested documents, by their text."""
    folders = {case.agreed.value.folder for case in cases.values() if case.merged.conflict}
    beside = {i for folder in folders if not world.is_new(folder) for i in world.known.lying_in(folder)}
    found: dict[Value, list[ItemId]] = {}
    for item in sorted(beside | cases.keys()):
        value = world.agreed(item).value
        copy = value.exists and value.folder in folders and value.name != names.copied(value.name)
        if copy and _is_in_sight(world, item):
            found.setdefault(_text(value), []).append(item)
    return found


def _is_in_sight(world: World, item: ItemId) -> bool:
    """Whether a side shows what is agreed of an item."""
    case = world.cases.get(item)
    sights = case.sights.values() if case else ()
    return not case or any(isinstance(s, Value) and s.content == case.agreed.value.content for s in sights)


def _text(value: Value) -> Value:
    """What is kept only once: bytes in a folder, as a text of one document, whatever its copies are called."""
    return value._replace(exists=True, name=names.copied(value.name))


def _copy_name(world: World, there: Places, case: Case, loser: tuple[Content, SideName]) -> str:
    """What the copy of a loser is called; with more of its digest where something else has that name."""
    content, side = loser
    name = _conflict_name(world, case, side, content)
    siblings = at(world, there, case.agreed.value.folder, name)
    held = [world.agreed(i).value.content for i in siblings if not _may_hold(world, i, content)]
    return name if all(each == content for each in held) else _conflict_name(world, case, side, content, 12)


def _may_hold(world: World, item: ItemId, content: Content) -> bool:
    """Whether an item's bytes, which nobody has read, may be these."""
    held = world.agreed(item).value.content
    return item in world.cases and held is not None and not held.read and held.size == content.size


def _unread(world: World, item: ItemId) -> list[tuple[SideName, Entry]]:
    """The entry to read, on the first side in rank that shows an item's new bytes; none while no side does."""
    case = world.cases[item]
    for side in world.policy.ranks:
        sight, entry = case.sights[side], case.entries[side]
        if (
            isinstance(sight, Value)
            and isinstance(entry, Entry)
            and sight.content == case.agreed.value.content
        ):
            return [(side, entry)]
    return []


def _conflict_name(world: World, case: Case, side: SideName, content: Content, digits: int = 6) -> str:
    entry = _held(world, case).get(side)
    date = day(entry.mtime_ns if entry else 0, world.policy.timezone)
    return names.conflict_name(case.agreed.value.name, side, date, content.digest, digits)


def _held(world: World, case: Case) -> dict[SideName, Entry]:
    """What sides hold of an item, by rank; of one that nobody holds, what a person brings back, from wherever it is."""
    held = {side: case.entries[side] for side in world.policy.ranks}
    ruling = case.merged.ruling
    if ruling and not any(isinstance(entry, Entry) for entry in held.values()):
        copies = {side: world.entry(ruling.origin, side) for side in held if ruling.origin}
        held = {side: ruling.kept.get(side) or copies.get(side, Gap.ABSENT) for side in held}
    return {side: entry for side, entry in held.items() if isinstance(entry, Entry)}


def day(time_ns: int, timezone: str) -> str:
    """The date of a side's own time in the profile's timezone; ``undated`` for a side that does not say."""
    if not time_ns:
        return "undated"
    try:
        moment = EPOCH + timedelta(microseconds=time_ns // 1000)
        return moment.astimezone(ZoneInfo(timezone)).date().isoformat()
    except OverflowError:
        return "undated"


def _copy(number: ItemId, case: Case, name: str, content: Content, side: SideName) -> Case:
    before = Agreed(Kind.FILE)
    value = Value(exists=True, content=content, folder=case.agreed.value.folder, name=name)
    gaps = {s: Gap.UNKNOWN if e is Gap.UNKNOWN else Gap.ABSENT for s, e in case.entries.items()}
    return Case(
        item=number,
        before=before,
        rows={},
        entries=gaps,
        sights=gaps,
        merged=Merged(agreed=before, voters={}),
        agreed=revised(before, value),
        origin=(case.item, side),
    )


def _set_apart(world: World, cases: Cases) -> Placement:
    """Of several items at one place, let all but one step aside under a conflict name."""
    notices: list[Notice] = []
    to_read: list[tuple[SideName, Entry]] = []
    unheard: set[ItemId] = set()
    wanted = places(cases)
    for folder, name in sorted(wanted):
        rivals = at(world, wanted, folder, name)
        if len(rivals) == 1 or told_apart_by_ref(world, rivals):
            continue
        first, *others = ranked(world, rivals)
        for loser in others:
            if loser not in cases:
                unheard.add(loser)
            elif (unread := _uncompared(world, first, loser)) is None:
                notices.append(_make_room(world, cases, first, loser))
            else:
                to_read += unread
    return Placement(world, notices=tuple(notices), to_read=tuple(to_read), unheard=frozenset(unheard))


def _uncompared(world: World, first: ItemId, loser: ItemId) -> list[tuple[SideName, Entry]] | None:
    """What must be read before anything can be said of two documents at one place; None if nothing."""
    content = world.agreed(loser).value.content
    assert content is not None  # folders of one name were made one
    if not content.read:
        return _unread(world, loser)
    return (_may_hold(world, first, content) and _unread(world, first)) or None


def _make_room(world: World, cases: Cases, first: ItemId, loser: ItemId) -> Notice:
    """Let one document step aside for another; with equal contents they are one, unless one side or a legal hold keeps both."""
    case, path = cases[loser], world.path(loser)
    content = case.agreed.value.content
    assert content is not None
    both = any(
        isinstance(world.entry(first, side), Entry) and isinstance(case.entries[side], Entry)
        for side in world.policy.ranks
    )
    held = any(hold.matches(p) for hold in world.policy.holds for p in (path, world.path_before(loser)))
    if content == world.agreed(first).value.content and not (both or held):
        cases[loser] = case.revised(case.agreed.value._replace(exists=False))
        return Notice(path, "two documents have this name and the same text; made one")
    new = _aside(world, loser, content)
    cases[loser] = case.revised(case.agreed.value._replace(name=new))
    return Notice(path, f"another item has this name; this one is now {new}")


def _aside(world: World, item: ItemId, content: Content) -> str:
    """The conflict name of a document that must step aside."""
    case = world.cases[item]
    held = _held(world, case)
    sights = {s: case.sights[s] for s in held}
    exact = [s for s, sight in sights.items() if isinstance(sight, Value) and sight.content == content]
    side = next(iter((*exact, *held)), "")
    return _conflict_name(world, case, side, content)
