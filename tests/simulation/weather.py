"""Puts a side in memory out in the weather: it fails, forgets to answer, lists what was, and changes under our hands."""

import io
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from synctool.core.model import Kind, Place, Unlisted
from synctool.errors import Denied, InUse, Rejected, Stale, Unavailable
from synctool.sides.memory import MemorySide

REFUSALS = (Unavailable, Unavailable, Unavailable, Denied, Stale, InUse)


@dataclass(frozen=True)
class Weather:
    """How often in a hundred calls something goes wrong, or somebody acts; and the moment of a crash, 0 for none."""

    refused: int = 0  # a call fails, and nothing was done
    unheard: int = 0  # a call does its work, and its answer is lost
    cut: int = 0  # bytes stop coming
    stale: int = 0  # a listing shows, here and there, what was a moment ago
    paged: int = 0  # a listing comes in two parts, with a moment between them
    deeds: int = 0  # a person does something
    disk: int = 0  # the state cannot be written
    away: int = 0  # a side goes away, or comes back
    crash: int = 0
    power: bool = False  # the crash takes along what this run wrote in the state


CALM = Weather()


class Exposed(MemorySide):
    """A side in memory, every call of which is a moment of its world.

    shown: the SHA-256 of the bytes behind every stamp it ever let anybody see. refuses: the first hex digits of contents
    that it will never accept. closed: nothing new may be put there.
    """

    def __init__(self, name, world, **facts):
        super().__init__(name, **facts)
        self.world = world
        self.shown = {}
        self.refuses = ""
        self.closed = False
        self._former = []

    def open(self):
        return self._asked("open", "", super().open)

    def list(self, folders=None):
        if folders is not None:
            inside = partial(MemorySide.list, self, folders)
            yield from self._asked("list", "", lambda: [self._saw_row(row) for row in inside()])
            return
        rows = self._asked("list", "", self._rows_now)
        if self.world.happens("paged") and rows:
            cut = self.world.random.randrange(len(rows))
            yield from rows[:cut]
            last = max((row.handle for row in rows[:cut] if not isinstance(row, Unlisted)), default="")
            rows = self._asked("list", f"after {last}", self._rows_now)
            rows = [row for row in rows if isinstance(row, Unlisted) or row.handle > last]
        yield from rows

    def handles(self):
        """What is there, whether or not the side can be reached."""
        return [self._nodes.handle(node) for node in self._nodes]

    def kept(self):
        yield from self._asked("kept", "", lambda: list(MemorySide.kept(self)))

    def stat(self, entry):
        return self._asked("stat", entry.handle, lambda: self._saw(MemorySide.stat(self, entry)))

    def read(self, entry, start=0):
        data = self._asked("read", entry.handle, lambda: MemorySide.read(self, entry, start)).read()
        if data and self.world.happens("cut"):
            return Torn(data[: self.world.random.randrange(len(data))], self.name, entry.handle)
        return io.BytesIO(data)

    def write(self, at, data, meta):
        if self.refuses and meta.sha256.startswith(tuple(self.refuses)):
            self._asked("write", at, lambda: None)
            self.world.rejected = True
            raise Rejected("a virus was found in it", side=self.name)
        if self.closed and isinstance(at, Place):
            self._asked("write", at, lambda: None)
            raise Denied("nothing new may be put there", side=self.name)
        return self._changed("write", at, lambda: MemorySide.write(self, at, data, meta))

    def make_folder(self, at):
        return self._changed("make_folder", at, lambda: MemorySide.make_folder(self, at))

    def move(self, entry, to, meta=None):
        return self._changed("move", (entry.handle, to), lambda: MemorySide.move(self, entry, to, meta))

    def remove(self, entry):
        return self._changed("remove", entry.handle, lambda: MemorySide.remove(self, entry))

    def purge(self, kept):
        self.world.laws.may_purge(self, kept)
        return self._changed("purge", kept.entry.handle, lambda: MemorySide.purge(self, kept))

    def label(self, entry, meta):
        return self._changed("label", entry.handle, lambda: MemorySide.label(self, entry, meta))

    def marker(self):
        return self._asked("marker", "", super().marker)

    def mark(self, data):
        return self._asked("mark", "", lambda: MemorySide.mark(self, data))

    def _asked(self, verb, what, answer):
        """One call: a moment before it, perhaps a failure, its work, perhaps no answer, and a moment after it."""
        text = f"{self.name} {verb} {_told(what)}"
        self.world.moment(text)
        if self.world.happens("refused"):
            raise self._failure(text)
        answered = answer()
        if self.world.happens("unheard"):
            self.world.tell(f"{text}: done, but not heard")
            raise Unavailable("no answer came", side=self.name)
        self.world.moment(f"{text}: {_told(answered)}")
        return answered

    def _changed(self, verb, what, change):
        def work():
            self.world.laws.may_change(self, verb)
            self._former = self._shown_rows() if not self.away else []
            return self._saw(change())

        changed = self._asked(verb, what, work)
        self.world.did(self.name, verb)
        return changed

    def _failure(self, text):
        kind = self.world.random.choice(REFUSALS)
        self.world.tell(f"{text}: {kind.__name__}")
        return kind("the weather is bad", side=self.name)

    def _rows_now(self):
        rows = self._shown_rows()
        if (
            self._former
            and not any(isinstance(row, Unlisted) for row in rows)
            and self.world.happens("stale")
        ):
            rows = list(self._mixed(rows))
        self._former = rows
        return rows

    def _shown_rows(self):
        return [self._saw_row(row) for row in MemorySide.list(self)]

    def _saw_row(self, row):
        return row if isinstance(row, Unlisted) else self._saw(row)

    def _mixed(self, rows):
        """A listing that shows, entry by entry, what is there or what was there a moment ago."""
        now = {row.handle: row for row in rows}
        then = {row.handle: row for row in self._former if not isinstance(row, Unlisted)}
        for handle in sorted({*now, *then}):
            row = (now if self.world.random.random() < 0.5 else then).get(handle)
            if row is not None:
                yield row

    def _saw(self, entry):
        if entry is not None and entry.kind is Kind.FILE:
            node = self._nodes.find(entry.handle) or self._trash.find(entry.handle)
            assert node.stamp == entry.stamp
            self.shown[entry.stamp] = sha256(node.data).hexdigest()
        return entry


class Torn(io.BytesIO):
    """Bytes that stop coming."""

    def __init__(self, data, side, handle):
        super().__init__(data)
        self._side, self._handle = side, handle

    def read(self, size=-1, /):
        if data := super().read(size):
            return data
        raise Unavailable("the bytes stopped coming", side=self._side, path=self._handle)

    read1 = read


def _told(what):
    """An entry, a place, a list or nothing, in a few words that are the same in every process."""
    if isinstance(what, list):
        return f"[{', '.join(map(_told, what))}]"
    if isinstance(what, bytes):
        return "a marker"  # which names this process
    if isinstance(what, io.BytesIO):
        return f"{len(what.getvalue())} bytes"
    if hasattr(what, "stamp"):
        return f"{what.handle} {what.name!r} {what.stamp}"
    return "" if what is None else repr(what) if isinstance(what, tuple) else str(what)
