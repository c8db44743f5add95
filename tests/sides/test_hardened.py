import io
from hashlib import sha256

import pytest

from synctool.core.model import Kept, Meta, Place, Unlisted
from synctool.errors import Denied, Stale, Unavailable
from synctool.sides.hardened import Hardened
from synctool.sides.memory import MemorySide


class Flaky(MemorySide):
    """Answers "not now" as often as it is told, at the operation it is told."""

    def __init__(self, failures=0, retry_after=None, breaks_after=None):
        super().__init__("memory", clock=lambda: 1)
        self.failures = failures
        self.retry_after = retry_after
        self.breaks_after = breaks_after

    def fail(self):
        if self.failures:
            self.failures -= 1
            raise Unavailable("not now", retry_after=self.retry_after)

    def list(self, folders=None):
        for count, row in enumerate(super().list(folders)):
            if count == self.breaks_after:
                self.fail()
            yield row

    def kept(self):
        for count, kept in enumerate(super().kept()):
            if count == self.breaks_after:
                self.fail()
            yield kept

    def stat(self, entry):
        self.fail()
        return super().stat(entry)


@pytest.fixture
def waits():
    return []


def hardened(side, waits, **options):
    return Hardened(side, sleep=waits.append, random=lambda: 1.0, **options)


def test_an_operation_is_tried_again_with_growing_waits(waits):
    side = Flaky(failures=3)
    side.put("a.txt", b"one")
    entry = next(iter(side.list()))
    assert hardened(side, waits).stat(entry) == entry
    assert waits == [1, 2, 4]


def test_waits_scatter():
    waits = []
    side = Flaky(failures=1)
    side.put("a.txt", b"one")
    Hardened(side, sleep=waits.append, random=lambda: 0.0).stat(next(iter(side.list())))
    assert waits == [0.5]


def test_a_side_that_never_answers_is_given_up(waits):
    side = Flaky(failures=99)
    side.put("a.txt", b"one")
    with pytest.raises(Unavailable):
        hardened(side, waits, attempts=3).stat(next(iter(side.list())))
    assert len(waits) == 2


@pytest.mark.parametrize(("asked", "waited"), [(7.5, 7.5), (3600, 60)])
def test_a_side_is_given_the_time_it_asks_for_up_to_a_minute(waits, asked, waited):
    side = Flaky(failures=1, retry_after=asked)
    side.put("a.txt", b"one")
    hardened(side, waits).stat(next(iter(side.list())))
    assert waits == [waited]


def test_the_bytes_are_rewound_before_they_are_sent_again(waits):
    class Draining(MemorySide):
        drained = False

        def write(self, at, data, meta):
            if not self.drained:
                self.drained = True
                data.read()
                raise Unavailable("cut off")
            return super().write(at, data, meta)

    side = Draining("memory", clock=lambda: 1)
    promise = Meta(size=3, sha256=sha256(b"one").hexdigest())
    assert hardened(side, waits).write(Place("", "a.txt"), io.BytesIO(b"one"), promise).size == 3
    assert waits == [1]


@pytest.mark.parametrize("breaks_after", [0, 1, 2])
def test_a_listing_that_breaks_off_is_taken_up_where_it_was(waits, breaks_after):
    side = Flaky(failures=2, breaks_after=breaks_after)
    for path in ("a.txt", "b.txt", "c.txt"):
        side.put(path, b"x")
    assert [entry.name for entry in hardened(side, waits).list()] == ["a.txt", "b.txt", "c.txt"]
    assert len(waits) == 2


def test_a_listing_of_folders_that_breaks_off_is_taken_up_as_well(waits):
    side = Flaky(failures=2, breaks_after=1)
    for path in ("a/a.txt", "a/b.txt", "c.txt"):
        side.put(path, b"x")
    assert [entry.name for entry in hardened(side, waits).list(["a/"])] == ["a.txt", "b.txt"]
    assert len(waits) == 2


@pytest.mark.parametrize("breaks_after", [0, 1, 2])
def test_what_is_kept_is_told_once_whatever_breaks_off(waits, breaks_after):
    side = Flaky(failures=2, breaks_after=breaks_after)
    for _ in range(3):
        side.put("a.txt", b"x")
        side.remove(next(iter(MemorySide.list(side))))
    handles = [kept.entry.handle for kept in hardened(side, waits).kept()]
    assert len(handles) == len(set(handles)) == 3
    assert len(waits) == 2
    side.failures, side.breaks_after = 99, 0
    with pytest.raises(Unavailable):
        list(hardened(side, waits).kept())


def test_what_could_not_be_listed_is_still_said_after_a_break(waits):
    side = Flaky(failures=1, breaks_after=2)
    side.put("a/one.txt", b"x")
    side.put("b.txt", b"x")
    side.unreadable.add("a/")
    rows = list(hardened(side, waits).list())
    assert Unlisted("a/", "made unreadable") in rows
    assert [row.name for row in rows if not isinstance(row, Unlisted)] == ["a", "b.txt"]


def test_a_listing_that_never_ends_well_is_given_up(waits):
    side = Flaky(failures=99, breaks_after=0)
    side.put("a.txt", b"x")
    with pytest.raises(Unavailable):
        list(hardened(side, waits).list())


def test_other_failures_are_not_tried_again(waits):
    side = MemorySide("memory", clock=lambda: 1)
    side.put("a.txt", b"one")
    entry = next(iter(side.list()))
    side.put("a.txt", b"two")
    with pytest.raises(Stale):
        hardened(side, waits).read(entry)
    assert waits == []


def test_a_source_is_read_and_never_written(waits):
    inner = MemorySide("memory", clock=lambda: 1)
    inner.put("a.txt", b"one")
    source = hardened(inner, waits, read_only=True)
    entry = next(iter(source.list()))
    promise = Meta(size=3, sha256=sha256(b"two").hexdigest())
    for change in (
        lambda: source.write(entry, io.BytesIO(b"two"), promise),
        lambda: source.make_folder(Place("", "a")),
        lambda: source.move(entry, Place("", "b.txt")),
        lambda: source.remove(entry),
        lambda: source.purge(Kept(entry, "a.txt", 0)),
        lambda: source.label(entry, promise),
        lambda: source.mark(b"{}"),
    ):
        with pytest.raises(Denied):
            change()
    assert source.stat(entry) == entry
    assert source.read(entry).read() == b"one"
    assert source.marker() is None
    assert inner.tree() == {"a.txt": b"one"}


class Breaking(Flaky):
    """Breaks off a document every so many bytes."""

    every = 1000

    def read(self, entry, start=0):
        return io.BufferedReader(Torn(self, super().read(entry, start)), 64)


class Torn(io.RawIOBase):
    def __init__(self, side, data):
        self.side, self.data, self.left = side, data, side.every

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.left:
            self.side.fail()
        piece = self.data.read(min(len(buffer), self.left or len(buffer)))
        self.left -= min(len(piece), self.left)
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize("start", [0, 1, 2500])
def test_a_document_that_breaks_off_is_taken_up_at_the_byte_that_is_missing(waits, start):
    side = Breaking(failures=7)
    data = bytes(range(250)) * 40
    side.put("a.bin", data)
    entry = next(iter(side.list()))
    with hardened(side, waits).read(entry, start) as stream:
        assert b"".join(iter(lambda: stream.read(333), b"")) == data[start:]
    assert len(waits) == 7


def test_a_document_that_breaks_off_at_one_byte_for_ever_is_given_up(waits):
    side = Breaking(failures=99)
    side.every = 0
    side.put("a.bin", b"one")
    with pytest.raises(Unavailable), hardened(side, waits).read(next(iter(side.list()))) as stream:
        stream.read()
    assert len(waits) == 4
