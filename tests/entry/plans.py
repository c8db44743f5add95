"""Makes steps and plans by hand."""

from itertools import count

from synctool.core.merge import Conflict
from synctool.core.model import Content, Entry, Kind
from synctool.core.plan import Action, Layer, Plan, Standoff, Step, Why
from synctool.core.policy import Settle
from synctool.engine.outcome import Planned

NOON = 1_795_262_400 * 10**9  # 2026-11-21 12:00 UTC
LAYERS = {
    Action.MAKE: Layer.STRUCTURE,
    Action.MOVE: Layer.STRUCTURE,
    Action.COPY: Layer.COPY,
    Action.RESTORE: Layer.COPY,
    Action.WRITE: Layer.WRITE,
    Action.REPLACE: Layer.WRITE,
    Action.LABEL: Layer.LABEL,
    Action.REMOVE: Layer.REMOVE,
}
_numbers = count(1)


def entry(name="a.docx", kind=Kind.FILE, size=1000):
    return Entry(kind, name, "", name, "stamp", size)


def steps(path, why, action, sides, **facts):
    """The same step on several sides; held says that the sides hold something already."""
    kind = facts.pop("kind", Kind.FILE)
    to_path = facts.pop("to_path", path)
    held = facts.pop("held", action in (Action.REMOVE, Action.MOVE, Action.LABEL, Action.REPLACE))
    carries = action in (Action.WRITE, Action.COPY, Action.REPLACE)
    shared = {
        "item": next(_numbers),
        "layer": LAYERS[action],
        "action": action,
        "kind": kind,
        "path": path,
        "to_path": to_path,
        "why": why,
        "entry": entry(path.rpartition("/")[2], kind) if held else None,
        "name": "" if action is Action.REMOVE else to_path.rpartition("/")[2],
        "content": Content(1_400_000, "ab" * 32) if carries else None,
        "source": (facts.get("causes") or ("filevine",))[0] if carries else "",
        "settles": frozenset({"content"}),
    }
    return tuple(Step(**{**shared, **facts}, side=side) for side in sides)


def standoff(path, how=Settle.KEEP_BOTH, copies=("x (conflict zdrive 2026-11-21 cdcdcd).docx",)):
    conflict = Conflict(
        winner=Content(10, "ab" * 32),
        winners=("filevine",),
        losers=((Content(12, "cd" * 32), "zdrive"),),
        how=how,
        others=(("zdrive",),),
    )
    return Standoff(1, path, conflict, copies)


def planned(*groups, **facts):
    plan = Plan(steps=tuple(step for group in groups for step in group), **facts)
    return Planned("case-1", "d1" * 32, "5e" * 8, NOON, plan)


EDIT = (Why.EDITED, Action.WRITE)
NEW = (Why.NEW, Action.WRITE)
DELETE = (Why.DELETED, Action.REMOVE)
MOVE = (Why.MOVED, Action.MOVE)
