"""Writes down the runs of a profile and the steps they took: for people, and for counting; never replayed."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from synctool.core.brakes import History
from synctool.core.item import ItemId
from synctool.core.model import Entry, Handle, SideName
from synctool.core.plan import Action, Step, Why
from synctool.store.db import lasting, transaction

_ACTIONS = frozenset(action.value for action in Action)
NEXT = "INSERT INTO meta VALUES ('next', ?) ON CONFLICT (key) DO UPDATE SET value = max(value + 0, excluded.value + 0)"
"""Lets no item's number be given again."""
DAY_NS = 24 * 3600 * 10**9
_HAPPENING = "at_ns, run, item, side, action, path, to_path, state, text, sha256, kind, handle, stamp, size, before, why"


_TOLD = (
    "INSERT INTO journal (run, at_ns, item, kind, side, action, path, to_path, why, replaced, state, text, sha256,"
    " handle, stamp, size, before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_Line = tuple[str | int, ...]


class Ending(NamedTuple):
    """How the last run ended. agreed_ns: when a run last ended with all sides agreeing, None if never."""

    at_ns: int
    exit_code: int
    agreed_ns: int | None
    summary: Mapping[str, Any]


class Ran(NamedTuple):
    """A run that ended: its number, who asked for it, when it began and ended, and what it summed up.

    documents: how many it changed on any side.
    """

    run: int
    actor: str
    began_ns: int
    ended_ns: int
    exit_code: int
    summary: Mapping[str, Any]
    documents: int


class Happening(NamedTuple):
    """One step that was taken (``done``) or not (``failed``), under the paths before and after it.

    handle, stamp, size, before: what the side held until then and the step took away, and the SHA-256 of its bytes;
    "" where there was nothing, or nobody knew. before is ``?`` where that was not written down yet.
    """

    at_ns: int
    run: int
    item: ItemId
    side: SideName
    action: str
    path: str
    to_path: str
    state: str
    text: str
    sha256: str
    kind: str
    handle: Handle
    stamp: str
    size: int
    before: str
    why: str


class Cut(NamedTuple):
    """A step that a run began, and that nobody knows the end of: the run died.

    done: how many steps like it the run had done before, as one that makes room and then goes on does.
    """

    run: int
    item: ItemId
    kind: str
    side: SideName
    action: str
    path: str
    to_path: str
    why: str
    replaced: int
    done: int


def replaces(step: Step) -> bool:
    """Whether a step puts other bytes in the place of what its side holds."""
    return step.action in (Action.WRITE, Action.REPLACE) and step.entry is not None


def _facts(run: int, at_ns: int, step: Step) -> _Line:
    what = (step.item, step.kind.value, step.side, step.action.value, step.path, step.to_path, step.why.value)
    return run, at_ns, *what, replaces(step)


class Journal:
    """The runs and steps of one profile. Safe to use from several threads; every method is one transaction."""

    def __init__(self, connection: sqlite3.Connection, lock: threading.RLock) -> None:
        self._db = connection
        self._lock = lock
        self._beginning: list[_Line] = []

    def begin_run(self, at_ns: int, actor: str) -> int:
        """The number of a run that begins now; no place is ever marked with a run that the state has lost."""
        with self._lock, lasting(self._db), transaction(self._db):
            cursor = self._db.execute("INSERT INTO runs (started_ns, actor) VALUES (?, ?)", (at_ns, actor))
            return int(cursor.lastrowid or 0)

    def end_run(
        self, run: int, at_ns: int, exit_code: int, *, agreed: bool, summary: Mapping[str, Any]
    ) -> None:
        """How a run ended; agreed: whether all sides now agree."""
        with self._lock, transaction(self._db):
            self._db.execute(
                "UPDATE runs SET ended_ns = ?, exit_code = ?, agreed = ?, summary = ? WHERE run = ?",
                (at_ns, exit_code, int(agreed), json.dumps(summary), run),
            )

    def last_run(self) -> int:
        """The number of the last run that began; 0 before the first."""
        with self._lock:
            return int(self._db.execute("SELECT coalesce(max(run), 0) FROM runs").fetchone()[0])

    def last_end(self) -> Ending | None:
        """How the last run that ended did."""
        query = "SELECT ended_ns, exit_code, summary FROM runs WHERE ended_ns IS NOT NULL ORDER BY run DESC LIMIT 1"
        with self._lock:
            found = self._db.execute(query).fetchone()
            agreed = self._db.execute("SELECT max(ended_ns) FROM runs WHERE agreed").fetchone()[0]
        return Ending(found[0], found[1], agreed, json.loads(found[2])) if found else None

    def runs(self, most: int) -> list[Ran]:
        """The last runs that ended, oldest first, so many at most."""
        query = (
            "WITH last AS (SELECT * FROM runs WHERE ended_ns IS NOT NULL ORDER BY run DESC LIMIT ?), changed AS"
            " (SELECT run, count(DISTINCT item) AS documents FROM journal WHERE state = 'done' AND kind = 'file'"
            " AND at_ns >= (SELECT min(started_ns) FROM last) GROUP BY run)"  # there is an index by time
            " SELECT run, actor, started_ns, ended_ns, exit_code, summary, coalesce(documents, 0)"
            " FROM last LEFT JOIN changed USING (run) ORDER BY run"
        )
        with self._lock:
            found = [Ran(*row) for row in self._db.execute(query, (most,))]
        return [ran._replace(summary=json.loads(str(ran.summary))) for ran in found]

    def begun(self) -> list[tuple[int, int]]:
        """The runs that never said how they ended, or are going on: their numbers, and when they began."""
        query = (
            "SELECT run, started_ns FROM runs WHERE exit_code IS NULL AND (run = (SELECT max(run) FROM runs)"
            " OR run IN (SELECT run FROM journal WHERE state = 'begun')) ORDER BY run"  # others are recalled
        )
        with self._lock:
            return list(self._db.execute(query))

    def happened(self) -> list[Happening]:
        """Every step that was taken or failed, oldest first."""
        query = f"SELECT {_HAPPENING} FROM journal WHERE state <> 'begun' ORDER BY entry"  # noqa: S608 - fixed names
        with self._lock:
            return [Happening(*row) for row in self._db.execute(query)]

    def cut_off(self) -> list[Cut]:
        """The steps that runs began and did not end, oldest first."""
        query = (
            "SELECT run, item, kind, side, action, path, to_path, why, replaced,"
            " (SELECT count(*) FROM journal AS d WHERE d.state = 'done' AND (d.run, d.item, d.side, d.action, d.to_path)"
            " = (b.run, b.item, b.side, b.action, b.to_path)) FROM journal AS b"
            " WHERE state = 'begun' AND run IN (SELECT run FROM runs WHERE ended_ns IS NULL)"
            " AND NOT EXISTS (SELECT 1 FROM journal AS e WHERE e.entry > b.entry AND (e.run, e.item, e.side, e.action,"
            " e.to_path) = (b.run, b.item, b.side, b.action, b.to_path)) ORDER BY entry"
        )
        with self._lock:
            return [Cut(*row) for row in self._db.execute(query)]

    def recall(self, facts: Mapping[str, Any], at_ns: int) -> None:
        """Write down, inside a transaction of the caller, a step or an override as the audit log tells it."""
        run, actor, action = facts["run"], facts["actor"], facts["action"]
        self._db.execute(
            "INSERT OR IGNORE INTO runs (run, started_ns, actor) VALUES (?, ?, ?)", (run, at_ns, actor)
        )
        if action == "override":
            taken = (facts["code"], facts["rule"], run, at_ns, actor)
            self._db.execute("INSERT OR IGNORE INTO overrides VALUES (?, ?, ?, ?, ?)", taken)
        elif action in _ACTIONS and "item" in facts:
            outcome = facts.get("outcome", "")
            step = tuple(facts[key] for key in ("item", "kind", "side", "action", "path", "to_path", "why"))
            ended = ("failed" if outcome else "done", outcome, facts.get("after", ""))
            self._db.execute(
                "INSERT INTO journal (run, at_ns, item, kind, side, action, path, to_path, why, replaced, state, text, sha256,"
                " before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (run, at_ns, *step, int(facts["replaced"]), *ended, facts.get("before", "")),
            )
            self._db.execute(NEXT, (str(facts["item"] + 1),))

    def paths(self, side: SideName) -> dict[Handle, frozenset[str]]:
        """The common paths of what steps took away on a side, by the handle it had there."""
        query = "SELECT DISTINCT handle, path, to_path FROM journal WHERE side = ? AND handle <> ''"
        found: dict[Handle, frozenset[str]] = {}
        with self._lock:
            for handle, *paths in self._db.execute(query, (side,)):
                found[handle] = found.get(handle, frozenset()) | set(paths)
        return found

    def record(
        self,
        run: int,
        at_ns: int,
        step: Step,
        state: str,
        text: str = "",
        *,
        sha256: str = "",
        former: Entry | None = None,
    ) -> None:
        """Write down what is about to happen, or what did. state: begun, done or failed; former: what it took away."""
        taken = former if replaces(step) or step.action is Action.REMOVE else None
        held = (taken.handle, taken.stamp, taken.size, taken.sha256) if taken else ("", "", 0, "")
        with self._lock, transaction(self._db):
            self._db.execute(_TOLD, (*_facts(run, at_ns, step), state, text, sha256, *held))

    def begin(self, run: int, at_ns: int, step: Step, before: Callable[[], object]) -> None:
        """Write down that a step is about to happen, so that a power cut does not take it: in one go with all that wait for that.

        before: makes what was noted elsewhere of earlier steps last; it is called first.
        """
        line = (*_facts(run, at_ns, step), "begun", "", "", "", "", 0, "")
        self._beginning.append(line)
        with self._lock:
            lines = list(self._beginning)
            if not any(line is each for each in lines):
                return  # somebody has kept it with his own
            before()
            with lasting(self._db), transaction(self._db):
                self._db.executemany(_TOLD, lines)
            del self._beginning[: len(lines)]

    def intend(self, run: int, at_ns: int, steps: Iterable[Step]) -> None:
        """Write down that all of these are about to happen."""
        with self._lock:
            for step in steps:
                self.record(run, at_ns, step, "begun")

    def history(self, now_ns: int) -> History:
        """What this profile did in the last 24 hours of which no person knew, and how many documents it has."""
        with self._lock:
            (documents,) = self._db.execute(
                "SELECT count(*) FROM items WHERE alive AND kind = 'file'"
            ).fetchone()
            counts = dict(
                self._db.execute(
                    "SELECT action = 'remove', count(DISTINCT item) FROM journal"
                    " WHERE at_ns > ? AND state = 'done' AND kind = 'file' AND (action = 'remove' OR replaced)"
                    " AND why <> ? AND run NOT IN (SELECT run FROM overrides)"
                    " AND NOT (action = 'remove' AND item IN (SELECT item FROM items WHERE alive)) GROUP BY 1",
                    (now_ns - DAY_NS, Why.DECIDED.value),
                )
            )
            spent = frozenset(code for (code,) in self._db.execute("SELECT code FROM overrides"))
        return History(counts.get(1, 0), counts.get(0, 0), documents, spent)
