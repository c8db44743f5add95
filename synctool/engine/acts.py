"""Does what one step asks of one side, and says what that side then stands for."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import BoundedSemaphore, Event

from synctool.core.item import NO_ROW, ROOT, ItemId, Row
from synctool.core.labels import label_text
from synctool.core.model import Content, Entry, Handle, Ids, Meta, Place, SideName
from synctool.core.plan import Action, Step
from synctool.core.policy import Policy
from synctool.core.receiving import received
from synctool.core.world import path_of
from synctool.engine.clock import Clock
from synctool.engine.folders import Mapping as Folders
from synctool.engine.tools import Progress
from synctool.engine.transfer import Carried, rewound
from synctool.errors import SideError, Stale, Unavailable
from synctool.sides.base import Side
from synctool.store.audit import Audit
from synctool.store.lease import ALONE, Lease
from synctool.store.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that taking a step needs. state: the folder of the state; turns: how many steps a side takes at once.

    pool: makes what so many steps are taken side by side in.
    full: the smallest size, in bytes, that a side has had no room for.
    away: the sides that were gone when a step failed there, and why; asking: those that are being asked after.
    stopped: somebody wants the run to end; broken: it failed for want of something that it cannot do without.
    """

    number: int
    actor: str
    ledger: Ledger
    audit: Audit
    sides: Mapping[SideName, Side]
    policy: Policy
    state: Path
    clock: Clock
    progress: Progress
    lease: Lease = ALONE
    pool: Callable[[int], Executor] = ThreadPoolExecutor
    turns: Mapping[SideName, BoundedSemaphore] = field(default_factory=dict)
    stopped: Event = field(default_factory=Event)
    broken: Event = field(default_factory=Event)
    full: dict[SideName, int] = field(default_factory=dict)
    away: dict[SideName, SideError] = field(default_factory=dict)
    asking: set[SideName] = field(default_factory=set)

    @property
    def ending(self) -> bool:
        """Whether what is not begun is left, and large documents break off."""
        return self.stopped.is_set() or self.broken.is_set()


@dataclass(frozen=True, slots=True)
class Taken:
    """The row after a step, the bytes it moved, and whether the side was touched at all.

    moved_from: the former path handle of a folder that took along what is in it.
    """

    row: Row
    size: int = 0
    acted: bool = True
    moved_from: Handle = ""


def _held(run: Run, step: Step) -> tuple[Row, Entry]:
    """The row and the entry of a step's item on its side, as they are now."""
    row = run.ledger.row(step.item, step.side) or NO_ROW
    if row.held is None:
        raise Stale("is not there any more", side=step.side, path=step.path)
    return row, row.held


def _place(run: Run, step: Step) -> Place:
    """Where a step's item shall be, by the handle that its folder has now."""
    folder = ""
    if step.folder != ROOT:
        row = run.ledger.row(step.folder, step.side)
        if row is None or row.held is None:
            raise Stale("its folder is not there yet", side=step.side, path=step.to_path)
        folder = row.held.handle
    return Place(folder, step.name)


def act(run: Run, step: Step) -> Taken:
    """Take a step that carries no bytes."""
    if step.action is Action.MAKE:
        return _make(run, step)
    if step.action is Action.RESTORE:
        return _restore(run, step)
    row, entry = _held(run, step)
    side, agreed = run.sides[step.side], run.ledger.agreed(step.item)
    if step.action is Action.REMOVE:
        side.remove(entry)
        return Taken(received(agreed, row, None, step.settles))
    if step.action is Action.LABEL:
        meta, label = _labelled(run, step, entry)
        return Taken(replace(row, held=_keeping(side.label(entry, meta), entry), label=label))
    meta, label = _labelled(run, step, entry)
    place = _place(run, step)
    moved = _keeping(side.move(entry, place, meta if side.traits.labels else None), entry)
    takes_along = moved.handle.endswith("/") and moved.handle != entry.handle and side.traits.moves_folders
    if step.settles:
        after = received(agreed, row, moved, step.settles)
    else:  # it only makes room, or follows its folder: the name it stands for is the same
        after = replace(row, held=moved, spelled=moved.name if row.spelled == entry.name else row.spelled)
    after = replace(after, label=label if side.traits.labels else row.label)
    return Taken(after, moved_from=entry.handle if takes_along else "")


def _make(run: Run, step: Step) -> Taken:
    side, agreed = run.sides[step.side], run.ledger.agreed(step.item)
    folders = Folders(step.side, run.policy, side.traits)
    entry = side.make_folder(folders.place(step.to_path, _place(run, step)))
    mapped = folders.by_handle.get(entry.handle) or (folders.of_common(step.to_path) if folders else None)
    entry = folders.shown(entry, mapped) if mapped else entry
    row = run.ledger.row(step.item, step.side) or NO_ROW
    return Taken(received(agreed, row, entry, step.settles))


def _restore(run: Run, step: Step) -> Taken:
    """Put back what the side kept, as the same document that it was."""
    side, agreed, kept = run.sides[step.side], run.ledger.agreed(step.item), step.kept
    assert kept is not None, "only what is kept is put back"
    row = run.ledger.row(step.item, step.side) or NO_ROW
    meta, label = _labelled(run, step, kept)
    entry = _keeping(side.move(kept, _place(run, step), meta if side.traits.labels else None), kept)
    return Taken(replace(received(agreed, row, entry, step.settles), label=label))


def _keeping(entry: Entry, former: Entry) -> Entry:
    """What a side says after a step that left the bytes alone, with what is known of those bytes."""
    return entry._replace(sha256=entry.sha256 or former.sha256)


def give(run: Run, step: Step, source: Entry, carried: Carried) -> Taken:
    """Give one side the bytes: a new document, a new version, or nothing if it turns out to hold them."""
    side, agreed = run.sides[step.side], run.ledger.agreed(step.item)
    row = run.ledger.row(step.item, step.side) or NO_ROW
    size, digest = carried.content
    meta, label = _labelled(run, step, source, carried.content)
    if step.action is Action.WRITE and row.held is not None and row.held.sha256 == digest:
        stale = label != row.label
        held = _keeping(side.label(row.held, meta), row.held) if stale else row.held
        return Taken(replace(received(agreed, row, held, step.settles), label=label), acted=stale)
    if step.action is Action.WRITE and step.entry is not None:
        _, target = _held(run, step)
        entry = side.write(target, rewound(carried), meta)
    else:
        entry = side.write(_place(run, step), rewound(carried), meta)
    if entry.size < size:  # more may be what the side makes of it; less is a part of it
        what = f"holds {entry.size:,} of the {size:,} bytes that were sent"
        raise Unavailable(what, side=step.side, path=step.to_path, hint="the next run keeps both")
    if step.action is Action.REPLACE:
        side.remove(_held(run, step)[1])
    entry = entry._replace(sha256=digest)
    return Taken(replace(received(agreed, row, entry, step.settles), label=label), size)


def _labelled(run: Run, step: Step, source: Entry, content: Content | None = None) -> tuple[Meta, str]:
    """What travels with the bytes, and the ids in it as the row remembers them."""
    agreed = run.ledger.agreed(step.item)
    content = content or agreed.value.content or Content(source.size, source.sha256)
    ids, label = _ids(run, step.item)
    side = run.sides[step.side]
    meta = Meta(
        size=content.size,
        sha256=content.digest if content.read else source.sha256,
        mtime_ns=source.mtime_ns,
        origin=step.source or next(iter(step.causes), step.side),
        key=f"synctool-{run.ledger.get('state')}-{step.item}-{agreed.versions.content}-{agreed.versions.exists}",
        ids=ids if side.traits.labels else None,
    )
    return meta, label if side.traits.labels else ""


def _ids(run: Run, item: ItemId) -> tuple[Ids | None, str]:
    """What Filevine calls an item, as far as it is there."""
    for name in run.policy.ranks:
        side = run.sides.get(name)
        row = run.ledger.row(item, name) if side and side.traits.lasting_refs else None
        if row is not None and row.held is not None:
            folder = run.ledger.agreed(item).value.folder
            path = path_of(folder, lambda i: run.ledger.agreed(i).value)
            above = run.ledger.row(folder, name) if folder != ROOT else None
            parent = above.held.handle if above and above.held else "" if folder == ROOT else row.held.parent
            ids = run.sides[name].ids(row.held._replace(parent=parent), path)
            return ids, label_text(row.held.handle, parent, path)
    return None, ""
