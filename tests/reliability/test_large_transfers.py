"""Large documents on their way: taken up where they broke off, stopped, changed, and passed by small ones."""

import io
import os
import threading
from dataclasses import replace

import pytest

from synctool.core.model import Traits
from synctool.engine import transfer
from synctool.errors import StateError, Unavailable
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig, StillClock
from tests.reliability.tally import tried

DATA = bytes(range(251)) * 40_000  # 10 MB
FAR = Traits(lasting_refs=False)
NEAR = replace(FAR, cheap_reads=True)


class Telling(io.RawIOBase):
    """The bytes of a document, with a word to the side at every reading."""

    def __init__(self, side, data, offset):
        self.side, self.data, self.offset = side, data, offset

    def readable(self):
        return True

    def readinto(self, buffer):
        self.side.at(self.offset)
        piece = self.data.read(len(buffer))
        self.offset += len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


class Source(MemorySide):
    """Breaks off after so many bytes, changes what is read, and remembers from where it was read."""

    breaks_at = None
    starts: tuple[int, ...] = ()
    meanwhile = staticmethod(lambda offset: None)

    def at(self, offset):
        if self.breaks_at is not None and offset >= self.breaks_at:
            raise Unavailable("the line is dead", side=self.name)
        self.meanwhile(offset)

    def read(self, entry, start=0):
        if entry.size > 1000:
            self.starts += (start,)
            return io.BufferedReader(Telling(self, super().read(entry, start), start), 1 << 16)
        return super().read(entry, start)


@pytest.fixture(autouse=True)
def small_memory(monkeypatch):
    monkeypatch.setattr(transfer, "IN_MEMORY", 1 << 16)


@pytest.fixture(params=["far", "near"])
def rig(tmp_path, request):
    clock = StillClock()
    source = Source("s3", clock=clock.now_ns, traits=FAR if request.param == "far" else NEAR)
    rig = Rig(tmp_path, {"s3": source, "z": MemorySide("z", clock=clock.now_ns, traits=NEAR)}, clock)
    rig.source, rig.kind, rig.folder = source, request.param, tmp_path
    return rig


def parts(rig):
    return list((rig.folder / transfer.PARTS).glob("*"))


def is_done(rig):
    return rig.run().exit_code == 0 and rig.trees()["z"] == rig.trees()["s3"] and not parts(rig)


def test_a_large_document_arrives_and_leaves_nothing_behind(rig):
    rig.source.put("video.mp4", DATA)
    assert is_done(rig)
    assert rig.source.starts == ((0,) if rig.kind == "far" else (0, 0))
    tried("large", "a large document from a side far away or near")


def test_what_came_before_the_line_broke_is_not_fetched_again_by_the_next_run(rig):
    rig.source.put("video.mp4", DATA)
    rig.source.breaks_at = 5 << 20
    assert rig.run().exit_code == 5
    assert "video.mp4" not in rig.trees()["z"]
    rig.source.breaks_at, rig.source.starts = None, ()
    if rig.kind == "far":
        assert [part.stat().st_mode & 0o777 for part in parts(rig) if not part.suffix] == [0o600]
    assert is_done(rig)
    assert rig.source.starts == ((5 << 20,) if rig.kind == "far" else (0, 0))
    tried("large", "a reading that broke off, taken up by the next run")


def test_a_part_with_wrong_bytes_is_found_and_nothing_is_replaced(rig):
    rig.source.put("video.mp4", b"short and old")
    assert rig.run().exit_code == 0
    rig.source.put("video.mp4", DATA)
    rig.source.breaks_at = 5 << 20
    assert rig.run().exit_code == 5
    for part in parts(rig):
        if not part.suffix:
            part.write_bytes(b"\0" * part.stat().st_size)
    rig.source.breaks_at = None
    assert is_done(rig)
    assert rig.trees()["z"]["video.mp4"] == DATA
    tried("large", "a part that was damaged between two runs")


@pytest.mark.parametrize("note", [b"", b"5242880", b"x y", b"\xff\xfe", b"99999999999999999999 abc"])
def test_a_note_that_a_crash_tore_proves_nothing_and_the_part_is_fetched_anew(rig, note):
    rig.source.put("video.mp4", DATA)
    rig.source.breaks_at = 5 << 20
    assert rig.run().exit_code == 5
    for part in parts(rig):
        if part.suffix:
            part.write_bytes(note)
    rig.source.breaks_at, rig.source.starts = None, ()
    assert is_done(rig)
    assert rig.source.starts[0] == 0
    tried("large", "a note that a crash tore")


@pytest.mark.parametrize("rig", ["far"], indirect=True)
@pytest.mark.parametrize("end", ["", ".sum"])
def test_a_link_in_place_of_a_part_is_refused_and_what_it_leads_to_stays(rig, end):
    rig.source.put("video.mp4", DATA)
    rig.source.breaks_at = 5 << 20
    rig.run()
    other = rig.folder / "other"
    other.write_bytes(b"not ours")
    for part in parts(rig):
        if part.suffix == end:
            part.unlink()
            part.symlink_to(other)
    rig.source.breaks_at = None
    with pytest.raises(StateError, match=r"transfers.* cannot be used"):
        rig.run()
    assert other.read_bytes() == b"not ours"
    tried("large", "a link in place of a document on its way")


def test_a_document_that_changes_on_its_way_is_not_torn(rig):
    rig.source.put("video.mp4", DATA)
    other = DATA[::-1]

    def change(offset):
        if offset > 3 << 20:
            rig.source.meanwhile = lambda _: None
            rig.source.put("video.mp4", other)

    rig.source.meanwhile = change
    rig.run()
    assert rig.trees()["z"].get("video.mp4") in (None, DATA)
    assert is_done(rig)
    assert rig.trees()["z"]["video.mp4"] == other
    tried("large", "a document that changed on its way")


def test_small_documents_do_not_wait_for_large_ones(rig):
    small = [f"small {n}.txt" for n in range(300)]
    for name in small[:10]:
        rig.source.put(name, name.encode())
    rig.run()
    rig.source.delete(small[0])
    for n in range(20):
        rig.source.put(f"large {n}.mp4", DATA[: 1 << 18] + bytes([n]))
    for name in small[10:]:
        rig.source.put(name, name.encode())
    small[1:10] = []
    passed = threading.Event()

    def wait(_):
        assert passed.wait(20), "the small ones wait for the large"

    def took(result):
        taken.append(result.step.to_path)
        if len(taken) == len(small):
            passed.set()

    taken = []
    progress = Watching(took)
    progress.planned = lambda steps, size: setattr(rig.source, "meanwhile", wait)
    rig.tools = replace(rig.tools, progress=progress)
    assert is_done(rig)
    assert sorted(taken[: len(small)]) == sorted(small)
    tried("large", "small documents, and a removal, beside twenty large ones", len(small))


class Watching:
    """Hears what was taken."""

    def __init__(self, took, carrying=lambda path, size: None):
        self.took, self.carrying = took, carrying

    def looking(self, side, entries):
        pass

    reading = lambda self, adoption: None  # noqa: E731
    planned = looking


def test_an_interrupt_in_the_middle_of_a_large_document_stops_it_and_the_next_run_goes_on(rig):
    rig.source.put("small.txt", b"small")
    rig.source.put("video.mp4", DATA)
    seen = []

    def carrying(path, size):
        seen.append(size)

    def took(result):
        raise KeyboardInterrupt

    rig.tools = replace(rig.tools, progress=Watching(took, carrying))
    with pytest.raises(KeyboardInterrupt):
        rig.run()
    assert sum(seen) < 2 * len(DATA)
    assert "video.mp4" not in rig.trees()["z"]
    rig.tools = replace(rig.tools, progress=Watching(lambda result: None))
    assert is_done(rig)
    tried("large", "an interrupt in the middle")


def test_without_room_on_the_way_one_line_says_so(rig, monkeypatch):
    rig.source.put("video.mp4", DATA)
    monkeypatch.setattr(transfer.shutil, "disk_usage", lambda _: transfer.shutil._ntuple_diskusage(9, 9, 9))
    failed = rig.run().failed
    if rig.kind == "near":
        assert not failed
    else:
        assert "must wait in the state's folder" in failed[0].reason
        assert failed[0].reason.endswith("make room there")
    tried("large", "no room in the state's folder")


def test_a_part_that_nobody_went_on_with_is_swept(rig):
    rig.source.put("video.mp4", DATA)
    rig.source.breaks_at = 5 << 20
    rig.run()
    rig.source.delete("video.mp4")
    for part in parts(rig):
        os.utime(part, ns=(rig.clock.now_ns(),) * 2)
    rig.clock.tick(8 * 86400)
    rig.run()
    assert not parts(rig)
