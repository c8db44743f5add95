"""Carries out the steps of a plan: layer by layer, wave by wave, every result written down as the side tells it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from threading import BoundedSemaphore

from synctool.core.item import NO_ROW, ROOT, ItemId, Row
from synctool.core.labels import label_text
from synctool.core.merge import received
from synctool.core.model import Content, Entry, Handle, Ids, Meta, Place, SideName
from synctool.core.plan import Action, Layer, Plan, Step
from synctool.core.policy import Policy
from synctool.core.world import path_of
from synctool.engine.clock import Clock
from synctool.engine.folders import Mapping as Folders
from synctool.engine.outcome import Done, Failed
from synctool.engine.tools import Progress
from synctool.engine.transfer import Carried, fetched, rewound
from synctool.errors import Rejected, SideError, Stale
from synctool.sides.base import Side
from synctool.store.audit import Audit
from synctool.store.ledger import Ledger

WORKERS = 16
CARRYING = (Action.WRITE, Action.COPY, Action.REPLACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that taking a step needs. state: the folder of the state; turns: how many steps a side takes at once."""

    number: int
    actor: str
    ledger: Ledger
    audit: Audit
    sides: Mapping[SideName, Side]
    policy: Policy
    state: Path
    clock: Clock
    progress: Progress
    turns: Mapping[SideName, BoundedSemaphore] = field(default_factory=dict)


Result = Done | Failed


def carry_out(run: Run, plan: Plan) -> list[Result]:
    """Take every step; what fails is told, and the others go on."""
    results: list[Result] = []
    unkept: set[ItemId] = set()
    run = replace(run, turns={name: BoundedSemaphore(side.traits.jobs) for name, side in run.sides.items()})
    with ThreadPoolExecutor(WORKERS) as pool:
        for _, group in groupby(plan.steps, key=lambda step: (step.layer.value, step.wave)):
            jobs = [_blocked(steps, unkept) or _job(run, steps) for steps in _together(group)]
            for made in pool.map(lambda job: job(), jobs):
                results += made
                unkept |= {r.step.origin for r in made if isinstance(r, Failed)} - {0}
    return results


def _together(steps: Iterable[Step]) -> list[list[Step]]:
    """Steps that share one reading: the writes of one item; every other step is alone."""
    shared: dict[ItemId, list[Step]] = {}
    alone: list[list[Step]] = []
    for step in steps:
        if step.action in CARRYING:
            shared.setdefault(step.item, []).append(step)
        else:
            alone.append([step])
    return alone + list(shared.values())


def _blocked(steps: list[Step], unkept: set[ItemId]) -> Callable[[], list[Result]] | None:
    """Nothing takes the place of bytes, or removes them, before they could be kept elsewhere."""
    if steps[0].layer in (Layer.WRITE, Layer.REMOVE) and steps[0].item in unkept:
        return lambda: [
            Failed(step, "left as it is: its bytes could not be kept elsewhere first", 5) for step in steps
        ]
    return None


def _job(run: Run, steps: list[Step]) -> Callable[[], list[Result]]:
    if steps[0].action in CARRYING:
        return lambda: list(_carry(run, steps))
    return lambda: [_attempt(run, steps[0], lambda: _act(run, steps[0]))]


def _attempt(run: Run, step: Step, act: Callable[[], "Taken"]) -> Result:
    """Take one step and write down what came of it."""
    now = run.clock.now_ns()
    before = run.ledger.row(step.item, step.side) or NO_ROW
    run.ledger.journal.record(run.number, now, step, "begun")
    try:
        with run.turns[step.side]:
            taken = act()
    except SideError as error:
        result: Result = Failed(step, _in_place(error, step), error.exit_code)
        run.ledger.journal.record(run.number, run.clock.now_ns(), step, "failed", str(error))
        if isinstance(error, Rejected):
            content = run.ledger.agreed(step.item).value.content  # as read by now, so that it is known again
            run.ledger.refuse(step.side, step.to_path, content.digest if content else "", error.what)
    else:
        run.ledger.put_row(step.item, step.side, taken.row, run.policy.ranks, moved_from=taken.moved_from)
        digest = taken.row.held.sha256 if taken.row.held else ""
        former = before.held if taken.acted else None
        run.ledger.journal.record(run.number, run.clock.now_ns(), step, "done", sha256=digest, former=former)
        if taken.acted:
            run.audit.record(_facts(run, step, former, taken, digest))
        result = Done(step, taken.size)
    run.progress.took(result)
    return result


def _in_place(error: SideError, step: Step) -> str:
    """The failure as one line: the side and the common path, and the other side if the failure is that one's."""
    hint = f"; {error.hint}" if error.hint else ""
    elsewhere = f"{error.side}: " if error.side not in ("", step.side) else ""
    return f"{step.side}: {step.to_path}: {elsewhere}{error.what}{hint}"


def _facts(run: Run, step: Step, former: Entry | None, taken: "Taken", digest: str) -> dict[str, object]:
    moment = datetime.fromtimestamp(run.clock.now_ns() // 10**9, UTC)
    return {
        "at": moment.isoformat(),
        "run": run.number,
        "actor": run.actor,
        "side": step.side,
        "action": step.action.value,
        "path": step.path,
        "to_path": step.to_path,
        "why": step.why.value,
        "causes": list(step.causes),
        "size": taken.size,
        "before": former.sha256 if former else "",
        "after": digest,
    }


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


def _act(run: Run, step: Step) -> Taken:
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


def _carry(run: Run, steps: list[Step]) -> Iterator[Result]:
    """Read the bytes of one item once, and give them to every side that shall have them."""
    first = steps[0]
    source = run.sides.get(first.source)
    row = run.ledger.row(first.origin or first.item, first.source)
    entry = first.kept or (row.held if row else None)
    try:
        if source is None or entry is None:
            raise Stale("the bytes are not where they were", side=first.source, path=first.path)
        with fetched(source, entry, first.content, first.to_path, run.state) as carried:
            _learn(run, first, entry, carried.content)
            for step in _in_order(run, steps):
                yield _attempt(run, step, _giving(run, step, entry, carried))
    except SideError as error:
        for step in steps:
            yield _attempt(run, step, _raising(error))


def _giving(run: Run, step: Step, source: Entry, carried: Carried) -> Callable[[], Taken]:
    return lambda: _give(run, step, source, carried)


def _raising(error: SideError) -> Callable[[], Taken]:
    def fail() -> Taken:
        raise error

    return fail


def _in_order(run: Run, steps: list[Step]) -> list[Step]:
    """Filevine first, so that its ids go out with the bytes to the others; then by rank."""
    ranks = run.policy.ranks
    return sorted(steps, key=lambda s: (not run.sides[s.side].traits.lasting_refs, ranks.index(s.side)))


def _learn(run: Run, step: Step, entry: Entry, content: Content) -> None:
    """Now that the bytes were read, say what they are wherever they were only named."""
    item = step.origin or step.item
    if step.content is not None and not step.content.read:
        run.ledger.refine(step.item, step.content, content)
        run.ledger.refine(item, step.content, content)
    row = run.ledger.row(item, step.source)
    if step.kept is None and row is not None and row.held is not None and row.held.stamp == entry.stamp:
        held = row.held._replace(sha256=content.digest)
        run.ledger.put_row(item, step.source, replace(row, held=held), run.policy.ranks)


def _give(run: Run, step: Step, source: Entry, carried: Carried) -> Taken:
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
