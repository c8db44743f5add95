"""Gives every item a place of its own, after each was decided for itself.

Whatever lives keeps its folders alive; no folder becomes its own ancestor; a loser of a conflict gets a name beside the
winner; and of two items that want one place, one steps aside.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from synctool.core import names
from synctool.core.item import ROOT, Agreed, ItemId, Value
from synctool.core.merge import Merged, revised
from synctool.core.model import Content, Entry, Gap, Kind, SideName
from synctool.core.plan import Notice, Standoff
from synctool.core.policy import Settle
from synctool.core.world import Case, World

Cases = dict[ItemId, Case]
Places = Mapping[tuple[ItemId, str], list[ItemId]]
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
    _keep_alive(world, cases)
    circles = _undo_circles(world, cases)
    merged, unheard = _merge_folders(world, cases)
    kept, world = _keep_copies(world, cases)
    apart = _set_apart(world, cases)
    _keep_alive(world, cases)
    notices = (*circles, *merged, *apart.notices)
    to_read = (*kept.to_read, *apart.to_read)
    return Placement(world, kept.standoffs, notices, to_read, unheard | apart.unheard)


def _keep_alive(world: World, cases: Cases) -> None:
    """Make the folders of everything that lives, live."""
    for item in sorted(cases):
        dying = cases[item].before.value.exists and not cases[item].agreed.value.exists
        if dying and cases[item].before.kind is Kind.FOLDER and _holds_life(world, item):
            cases[item] = cases[item].revised(cases[item].agreed.value._replace(exists=True))
    for item in sorted(cases):
        for folder in _folders(world, item) if cases[item].agreed.value.exists else ():
            if folder in cases and not cases[folder].agreed.value.exists:
                cases[folder] = cases[folder].revised(cases[folder].agreed.value._replace(exists=True))


def _holds_life(world: World, folder: ItemId) -> bool:
    """Whether something that nothing was said about lies in a folder."""
    return any(
        item not in world.cases and world.agreed(item).value.exists for item in world.known.lying_in(folder)
    )


def _folders(world: World, item: ItemId) -> list[ItemId]:
    """The folders an item lies in, nearest first; a circle ends the list."""
    found: list[ItemId] = []
    folder = world.agreed(item).value.folder
    while folder != ROOT and folder not in found:
        found.append(folder)
        folder = world.agreed(folder).value.folder
    return found


def _undo_circles(world: World, cases: Cases) -> tuple[Notice, ...]:
    """Merged moves that would make a folder its own ancestor are not done, and reported."""
    notices: list[Notice] = []
    for item, case in sorted(cases.items()):
        moved = case.before.value.exists and case.agreed.value.folder != case.before.value.folder
        if moved and item in _folders(world, item):
            cases[item] = case.revised(case.agreed.value._replace(folder=case.before.value.folder))
            text = "was moved so that it would lie within itself; left where it was"
            notices.append(Notice(world.path_before(item), text))
    return tuple(notices)


def _merge_folders(world: World, cases: Cases) -> tuple[tuple[Notice, ...], frozenset[ItemId]]:
    """Make one of folders that want one name: what lies in the others lies in the first, and they go."""
    notices: list[Notice] = []
    unheard: set[ItemId] = set()
    while twins := _namesakes(world, cases):
        first, *others = _ranked(world, twins)
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
    places = _places(cases)
    rivals = (_at(world, places, *place) for place in sorted(places))
    folders = ([item for item in items if world.kind(item) is Kind.FOLDER] for items in rivals)
    return next((items for items in folders if len(items) > 1), [])


def _keep_copies(world: World, cases: Cases) -> tuple[Placement, World]:
    """Every loser of a conflict that keeps both gets an item of its own, unless a sibling already is that copy."""
    standoffs: list[Standoff] = []
    to_read: list[tuple[SideName, Entry]] = []
    there = _places(cases)
    number = world.next_item
    for item, case in sorted(cases.items()):
        conflict = case.merged.conflict
        if conflict is None:
            continue
        copies: list[str] = []
        items: list[ItemId] = []
        for content, side in conflict.losers if conflict.how is Settle.KEEP_BOTH else ():
            name = _copy_name(world, there, case, (content, side))
            copies.append(name)
            siblings = _at(world, there, case.agreed.value.folder, name)
            for sibling in siblings:
                to_read += _unread(world, sibling) if _may_hold(world, sibling, content) else ()
            same = [i for i in siblings if world.agreed(i).value.content == content]
            items.append(same[0] if same else number)
            if not same:
                cases[number] = _copy(number, case, name, content, side)
                number += 1
        standoffs.append(Standoff(item, world.path(item), conflict, tuple(copies), tuple(items)))
    world = replace(world, next_item=number)
    return Placement(world, tuple(standoffs), to_read=tuple(to_read)), world


def _copy_name(world: World, there: Places, case: Case, loser: tuple[Content, SideName]) -> str:
    """What the copy of a loser is called; with more of its digest where something else has that name."""
    content, side = loser
    name = _conflict_name(world, case, side, content)
    siblings = _at(world, there, case.agreed.value.folder, name)
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


def _places(cases: Cases) -> Places:
    """The cases that live, by folder and name."""
    found: dict[tuple[ItemId, str], list[ItemId]] = defaultdict(list)
    for item, case in sorted(cases.items()):
        if case.agreed.value.exists:
            found[case.agreed.value.folder, case.agreed.value.name].append(item)
    return found


def _at(world: World, places: Places, folder: ItemId, name: str) -> list[ItemId]:
    """The living items of exactly this name in a folder, by number."""
    known = () if world.is_new(folder) else world.known.named(folder, names.fold(name))
    same = [i for i in known if i not in world.cases and world.agreed(i).value.name == name]
    return sorted((*same, *places.get((folder, name), ())))


def _conflict_name(world: World, case: Case, side: SideName, content: Content, digits: int = 6) -> str:
    entry = case.entries.get(side)
    time = entry.mtime_ns if isinstance(entry, Entry) else 0
    date = day(time, world.policy.timezone)
    return names.conflict_name(case.agreed.value.name, side, date, content.digest, digits)


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
    places = _places(cases)
    for folder, name in sorted(places):
        rivals = _at(world, places, folder, name)
        if len(rivals) == 1 or _told_apart_by_ref(world, rivals):
            continue
        for loser in _ranked(world, rivals)[1:]:
            if loser not in cases:
                unheard.add(loser)
                continue
            content = cases[loser].agreed.value.content
            assert content is not None  # folders of one name were made one
            if not content.read:
                to_read += _unread(world, loser)
                continue
            new = _aside(world, loser, content)
            notices.append(Notice(world.path(loser), f"another item has this name; this one is now {new}"))
            cases[loser] = cases[loser].revised(cases[loser].agreed.value._replace(name=new))
    return Placement(world, notices=tuple(notices), to_read=tuple(to_read), unheard=frozenset(unheard))


def _told_apart_by_ref(world: World, rivals: list[ItemId]) -> bool:
    """Whether one side that allows it holds all of them under that one name."""
    files = all(world.kind(item) is Kind.FILE for item in rivals)
    return files and any(
        not traits.unique_names and all(isinstance(world.entry(item, side), Entry) for item in rivals)
        for side, traits in world.traits.items()
    )


def _ranked(world: World, rivals: list[ItemId]) -> list[ItemId]:
    """Who keeps the place: a folder before a file, whose agreed place it is, else the first in rank order."""

    def rank(item: ItemId) -> tuple[bool, bool, int, ItemId]:
        case, now = world.cases.get(item), world.agreed(item)
        before, voters = (case.before, case.merged.voters) if case else (now, {})
        stays = before.value.exists and before.value[2:] == now.value[2:]
        moved_by = (*voters.get("name", ()), *voters.get("folder", ()))
        order = min(map(world.policy.ranks.index, moved_by), default=len(world.policy.ranks))
        return now.kind is Kind.FILE, not stays, order, item

    return sorted(rivals, key=rank)


def _aside(world: World, item: ItemId, content: Content) -> str:
    """The conflict name of a document that must step aside."""
    case = world.cases[item]
    holders = [s for s in world.policy.ranks if isinstance(case.entries[s], Entry)]
    sights = {s: case.sights[s] for s in holders}
    exact = [s for s, sight in sights.items() if isinstance(sight, Value) and sight.content == content]
    side = next(iter(exact + holders), "")
    return _conflict_name(world, case, side, content)
