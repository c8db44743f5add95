"""Breaks one moment of a run: a call of a side, a statement of the database, or a record of the audit; before it or after it."""

import errno
import io
import re
import sqlite3

from synctool.errors import Unavailable
from synctool.store.audit import Audit

ONCE, LASTING, DEATH, FULL, LOCKED, TORN = "once", "for good", "death", "full", "locked", "torn"
BEFORE, AFTER = "before", "after"
CHANGES = re.compile(r"\s*(BEGIN|INSERT|UPDATE|DELETE|COMMIT)")


class Death(BaseException):
    """The program is gone: nothing that it was about to do happens."""


class Moments:
    """The moments of one kind, counted from 1; one of them can be broken.

    after: whether what should happen does happen, and only its answer is lost.
    """

    def __init__(self):
        self.rest()

    def rest(self):
        self.count, self.number, self.fault, self.after = 0, 0, "", False

    def arm(self, number, fault, when):
        self.count, self.number, self.fault, self.after = 0, number, fault, when == AFTER

    def next(self):
        """The fault of the next moment, or none."""
        self.count += 1
        over = self.fault == LASTING and self.count > self.number
        dead = self.fault == DEATH and self.count > self.number
        return self.fault if dead or over or self.count == self.number else ""

    @property
    def late(self):
        return self.after and self.count == self.number


class Gate:
    """A side whose calls are moments. done: what changed it, as (verb, name)."""

    def __init__(self, side, dead):
        self.side = side
        self.moments = Moments()
        self.dead = dead
        self.done = []

    name = property(lambda self: self.side.name)
    traits = property(lambda self: self.side.traits)

    def open(self):
        self.side.open()

    def close(self):
        self.side.close()

    def ids(self, entry, folder_path):
        return self.side.ids(entry, folder_path)

    def list(self):
        yield from self._listed(self.side.list)

    def relist(self, known):
        yield from self._listed(lambda: self.side.relist(known))

    def kept(self):
        yield from self._listed(self.side.kept)

    def stat(self, entry):
        return self._call(lambda: self.side.stat(entry))

    def read(self, entry, *start):
        fault, late = self._fate(), self.moments.late
        if fault and not late:
            self._break(fault)
        data = self.side.read(entry, *start)
        return io.BufferedReader(Torn(data.read(), lambda: self._break(fault))) if fault else data

    def write(self, at, data, meta):
        return self._change("write", lambda: self.side.write(at, data, meta))

    def make_folder(self, at):
        return self._change("make", lambda: self.side.make_folder(at))

    def move(self, entry, to, meta=None):
        return self._change("move", lambda: self.side.move(entry, to, meta))

    def remove(self, entry):
        return self._change("remove", lambda: self.side.remove(entry))

    def purge(self, kept):
        return self._change("purge", lambda: self.side.purge(kept))

    def sweep(self, before_ns):
        return self._call(lambda: self.side.sweep(before_ns))

    def label(self, entry, meta):
        return self._change("label", lambda: self.side.label(entry, meta))

    def marker(self):
        return self._call(self.side.marker)

    def mark(self, data):
        return self._call(lambda: self.side.mark(data))

    def _fate(self):
        if self.dead:
            raise Death
        return self.moments.next()

    def _break(self, fault):
        if fault == DEATH:
            self.dead.append(self.name)
            raise Death
        raise Unavailable("gives no answer", side=self.name)

    def _call(self, call):
        fault, late = self._fate(), self.moments.late
        if fault and not late:
            self._break(fault)
        answer = call()
        if fault:
            self._break(fault)
        return answer

    def _change(self, verb, call):
        def noted():
            before = self.side.tree(), self.side.trash
            answer = call()
            if before != (self.side.tree(), self.side.trash):
                self.done.append((self.name, verb))
            return answer

        return self._call(noted)

    def _listed(self, listing):
        fault, late = self._fate(), self.moments.late
        if fault and not late:
            self._break(fault)
        rows = list(listing())
        yield from rows[: len(rows) // 2] if fault else rows
        if fault:
            self._break(fault)


class Torn(io.RawIOBase):
    """A stream that gives half of its bytes, and then breaks."""

    def __init__(self, data, broken):
        self.rest, self.broken = data[: len(data) // 2], broken

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.rest:
            self.broken()
        piece, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


class Statements(sqlite3.Connection):
    """A connection whose changing statements are moments of ``moments``; ``dead`` is as for a side."""

    moments = Moments()
    dead = []

    def execute(self, sql, parameters=(), /):
        if self.dead:
            raise Death
        if not CHANGES.match(sql):
            return super().execute(sql, parameters)
        fault, late = self.moments.next(), self.moments.late
        if fault and not late:
            self._break(fault)
        answer = super().execute(sql, parameters)
        if fault:
            self._break(fault)
        return answer

    def _break(self, fault):
        if fault == DEATH:
            self.dead.append("database")
            raise Death
        text, code = {
            FULL: ("database or disk is full", sqlite3.SQLITE_FULL),
            LOCKED: ("database is locked", sqlite3.SQLITE_BUSY),
        }[fault]
        error = sqlite3.OperationalError(text)
        error.sqlite_errorcode = code
        raise error


class Records:
    """Makes the records of audits moments: before, after, and torn in the middle of a line."""

    def __init__(self, monkeypatch, dead):
        self.moments, self.dead = Moments(), dead
        record, sync = Audit.record, Audit.sync
        monkeypatch.setattr(
            Audit, "record", lambda audit, facts: self._moment(audit, lambda: record(audit, facts))
        )
        monkeypatch.setattr(Audit, "sync", lambda audit: self._moment(audit, lambda: sync(audit)))

    def _moment(self, audit, write):
        if self.dead:
            raise Death
        fault, late = self.moments.next(), self.moments.late
        if fault and not late and fault != TORN:
            self._break(fault)
        before = audit._path.stat().st_size if audit._path.exists() else 0
        answer = write()
        if fault == TORN:
            with audit._path.open("r+b") as file:
                file.truncate((before + audit._path.stat().st_size) // 2)
            self._break(DEATH)
        if fault:
            self._break(fault)
        return answer

    def _break(self, fault):
        if fault == FULL:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.dead.append("audit")
        raise Death
