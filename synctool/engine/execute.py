"""Carries out the steps of a plan: layer by layer, wave by wave, every result written down as the side tells it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from threading import BoundedSemaphore

from synctool.core.item import NO_ROW, ItemId
from synctool.core.keeping import UNKEPT, takes
from synctool.core.model import Content, Entry
from synctool.core.plan import Action, Layer, Plan, Step
from synctool.engine.acts import Run, Taken, act, give
from synctool.engine.outcome import Done, Failed
from synctool.engine.presence import ask_after, left
from synctool.engine.transfer import Carried, Way, drop_old_parts, fetched, is_large, spent
from synctool.errors import Full, InUse, Rejected, SideError, Stale, Unavailable
from synctool.store.journal import replaces

WORKERS = 16
LARGE_AT_ONCE = 2  # fewer than any side's turns, so that the small ones always have one
CARRYING = (Action.WRITE, Action.COPY, Action.REPLACE)


Result = Done | Failed
Job = Callable[[], list[Result]]


def carry_out(run: Run, plan: Plan) -> list[Result]:
    """Take every step; what fails is told, and the others go on."""
    run = replace(run, turns={name: BoundedSemaphore(side.traits.jobs) for name, side in run.sides.items()})
    drop_old_parts(run.state, run.clock.now_ns())
    large = _large(plan)
    first, last = Layer.STRUCTURE, Layer.REMOVE_FOLDERS
    between = [step for step in plan.steps if step.layer not in (first, last)]
    slow = [step for step in between if large & {step.item, step.origin}]
    quick = [step for step in between if not large & {step.item, step.origin}]
    results = _through(run, [step for step in plan.steps if step.layer is first], WORKERS)
    with run.pool(2) as lanes:
        try:
            for made in lanes.map(
                lambda lane: _through(run, *lane), [(quick, WORKERS), (slow, LARGE_AT_ONCE)]
            ):
                results += made
        except BaseException:
            run.broken.set()
            raise
    return results + _through(run, [step for step in plan.steps if step.layer is last], WORKERS)


def _large(plan: Plan) -> set[ItemId]:
    """The items whose bytes take long, or whose place they take, with the items they are read as: nothing else waits."""
    carrying = [step for step in plan.steps if step.action in CARRYING]
    sizes = [(step, max(given.size for given in (step.content, step.entry) if given)) for step in carrying]
    large = [step for step, size in sizes if is_large(size)]
    items = {item for step in large for item in (step.item, step.origin)} - {0}
    return items | {step.item for step in carrying if step.origin in items}


def _through(run: Run, steps: Iterable[Step], workers: int) -> list[Result]:
    """Take these steps, so many at a time, layer by layer and wave by wave."""
    results: list[Result] = []
    unkept: list[Step] = []
    with run.pool(workers) as pool:
        for _, group in groupby(steps, key=lambda step: (step.layer.value, step.wave)):
            jobs = [_unless_ending(run, steps, _blocked(steps, unkept)) for steps in _together(group)]
            for made in pool.map(lambda job: job(), jobs):
                results += made
                unkept += [r.step for r in made if isinstance(r, Failed) and r.step.origin]
    return results


def _together(steps: Iterable[Step]) -> list[list[Step]]:
    """Steps that share one reading: the writes of one item's content; every other step is alone."""
    shared: dict[tuple[ItemId, Content | None], list[Step]] = {}
    alone: list[list[Step]] = []
    for step in steps:
        if step.action in CARRYING:
            shared.setdefault((step.item, step.content), []).append(step)
        else:
            alone.append([step])
    return alone + list(shared.values())


def _blocked(steps: list[Step], unkept: Iterable[Step]) -> Job | None:
    """Nothing takes the place of bytes, or removes them, before they could be kept elsewhere."""
    if any(takes(step, failed) for step in steps for failed in unkept):
        return lambda: [Failed(step, UNKEPT, 5) for step in steps]
    return None


def _unless_ending(run: Run, steps: list[Step], blocked: Job | None) -> Job:
    job = blocked or _job(run, steps)
    left = "stopped before it was begun; the next run goes on"
    return lambda: [Failed(step, left, 5) for step in steps] if run.ending else job()


def _job(run: Run, steps: list[Step]) -> Job:
    if steps[0].action in CARRYING:
        return lambda: list(_carry(run, steps))
    return lambda: [_attempt(run, steps[0], _refusal(run, steps[0]) or (lambda: act(run, steps[0])))]


def _attempt(run: Run, step: Step, act: Callable[[], Taken]) -> Result:
    """Take one step and write down what came of it: in the audit log first, which says what was done whatever follows."""
    before = run.ledger.row(step.item, step.side) or NO_ROW
    try:
        with run.turns[step.side]:
            run.lease.check()
            run.ledger.journal.begin(run.number, run.clock.now_ns(), step, run.audit.sync)
            taken = act()
    except SideError as error:
        result = _failed(run, step, before.held, error)
    else:
        result = _done(run, step, before.held, taken)
    run.progress.took(result)
    return result


def _done(run: Run, step: Step, before: Entry | None, taken: Taken) -> Result:
    former = before if taken.acted else None
    digest = taken.row.held.sha256 if taken.row.held else ""
    if taken.acted:
        run.audit.record({**_facts(run, step, former), "size": taken.size, "after": digest})
    run.lease.check()  # what somebody else has seen since is not to be written over
    run.ledger.put_row(step.item, step.side, taken.row, run.policy.ranks, moved_from=taken.moved_from)
    run.ledger.journal.record(run.number, run.clock.now_ns(), step, "done", sha256=digest, former=former)
    return Done(step, taken.size)


def _failed(run: Run, step: Step, before: Entry | None, error: SideError) -> Result:
    if isinstance(error, Full) and step.content and step.action in CARRYING:
        run.full[step.side] = min(step.content.size, run.full.get(step.side, step.content.size))
    elif isinstance(error, Unavailable) and error.side == step.side:  # it may have been done all the same
        run.audit.record({**_facts(run, step, before), "outcome": f"unknown: {error.what}"})
    ask_after(run, error)
    run.lease.check()
    run.ledger.journal.record(run.number, run.clock.now_ns(), step, "failed", str(error))
    if isinstance(error, Rejected):
        content = run.ledger.agreed(step.item).value.content  # as read by now, so that it is known again
        run.ledger.refuse(step.side, step.to_path, content.digest if content else "", error.what)
    in_use, moved = isinstance(error, InUse), isinstance(error, Stale)
    return Failed(step, _in_place(error, step), error.exit_code, in_use, moved)


def _in_place(error: SideError, step: Step) -> str:
    """The failure as one line: the side and the common path, and the other side if the failure is that one's."""
    hint = f"; {error.hint}" if error.hint else ""
    elsewhere = f"{error.side}: " if error.side not in ("", step.side) else ""
    return f"{step.side}: {step.to_path}: {elsewhere}{error.what}{hint}"


def _facts(run: Run, step: Step, former: Entry | None) -> dict[str, object]:
    moment = datetime.fromtimestamp(run.clock.now_ns() // 10**9, UTC)
    return {
        "at": moment.isoformat(),
        "run": run.number,
        "actor": run.actor,
        "item": step.item,
        "kind": step.kind.value,
        "side": step.side,
        "action": step.action.value,
        "path": step.path,
        "to_path": step.to_path,
        "why": step.why.value,
        "causes": list(step.causes),
        "replaced": replaces(step),
        "before": former.sha256 if former else "",
    }


def _carry(run: Run, steps: list[Step]) -> Iterator[Result]:
    """Read the bytes of one item once, and give them to every side that shall have them, and room for them."""
    refused = [(step, refusal) for step in steps if (refusal := _refusal(run, step))]
    for step, refusal in refused:
        yield _attempt(run, step, refusal)
    if steps := [step for step in steps if all(step is not other for other, _ in refused)]:
        yield from _deliver(run, steps)


def _refusal(run: Run, step: Step) -> Callable[[], Taken] | None:
    """Fails a step that need not be tried: its side is away, or had no room for something that was no larger."""
    if gone := left(run, step.side):
        return _raising(gone)
    least = run.full.get(step.side) if step.action in CARRYING else None
    if least is not None and step.content is not None and step.content.size >= least:
        no_room = "no room was left for a smaller one"
        return _raising(Full(no_room, side=step.side, hint="make room, then run again"))
    return None


def _deliver(run: Run, steps: list[Step]) -> Iterator[Result]:
    first = steps[0]
    source = run.sides.get(first.source)
    row = run.ledger.row(first.origin or first.item, first.source)
    entry = first.kept or (row.held if row else None)
    try:
        if source is None or entry is None:
            raise Stale("the bytes are not where they were", side=first.source, path=first.path)
        if gone := left(run, first.source):
            raise gone
        way = Way(first.to_path, run.state, f"{run.ledger.get('state')} {first.item}", _watching(run, first))
        with fetched(source, entry, first.content, way) as carried:
            _learn(run, first, entry, carried.content)
            made = [_attempt(run, step, _giving(run, step, entry, carried)) for step in _in_order(run, steps)]
            if not any(isinstance(each, Failed) and each.exit_code == SideError.exit_code for each in made):
                spent(carried)
        yield from made
    except SideError as error:
        for step in steps:
            yield _attempt(run, step, _raising(error))


def _watching(run: Run, step: Step) -> Callable[[int], None]:
    def told(size: int) -> None:
        if run.ending:
            raise SideError("stopped in the middle", path=step.to_path, hint="the next run goes on with it")
        run.progress.carrying(step.to_path, size)

    return told


def _giving(run: Run, step: Step, source: Entry, carried: Carried) -> Callable[[], Taken]:
    return lambda: give(run, step, source, carried)


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
    unread = step.content and not step.content.read and step.content
    named = dict.fromkeys({step.item, step.origin or step.item}, unread) if unread else {}
    run.ledger.learn(step.source, entry, content, named)
