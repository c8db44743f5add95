"""Puts links, pipes and devices into a tree, before and in the middle of every operation: none is ever followed."""

import hashlib
import io
import os
import socket
import sys
import time
from contextlib import suppress

import pytest

from synctool.core.model import Entry, Meta, Place
from synctool.errors import SideError
from synctool.sides.base import RESERVED
from synctool.sides.drive import DriveSide
from tests.reliability.tally import tried

SECRET = b"what lies outside and is nobody's business"
CALLS = {
    "open",
    "os.mkdir",
    "os.rmdir",
    "os.remove",
    "os.rename",
    "os.link",
    "os.scandir",
    "os.utime",
    "os.chmod",
}


class Meddler:
    """Somebody who swaps something in the tree just before the n-th call of the system that the drive side makes."""

    def __init__(self):
        self.left, self.act = None, None
        sys.addaudithook(self.hear)

    def hear(self, event, _args):
        if self.left is None or event not in CALLS:
            return
        self.left -= 1
        if self.left == 0:
            self.left = None
            self.act()

    def before(self, call, act):
        self.left, self.act = call, act

    def stop(self):
        """Whether the operation was over before its n-th call."""
        over, self.left = self.left is not None, None
        return over


@pytest.fixture(scope="module")
def meddler():
    made = Meddler()
    yield made
    made.stop()


class Tree:
    """A root, with a folder, a document, trash and a marker, and what lies outside."""

    def __init__(self, folder):
        self.outside = folder / "outside"
        self.root = folder / "Z"
        (self.outside / "Case").mkdir(parents=True)
        (self.outside / "Case" / "brief.txt").write_bytes(SECRET)
        (self.outside / "brief.txt").write_bytes(SECRET)
        (self.outside / "marker.json").write_bytes(SECRET)
        (self.root / "Case" / "Deep").mkdir(parents=True)
        (self.root / "Case" / "brief.txt").write_bytes(b"brief")
        (self.root / "Case" / "Deep" / "brief.txt").write_bytes(b"deep")
        self.side = DriveSide("zdrive", root=self.root, names="posix", settle_ns=0, clock=time.time_ns)
        self.side.open()
        self.side.mark(b"{}")
        self.before = self.witness()

    def witness(self):
        """Everything outside the root: kind, mode, time, bytes."""
        found = {}
        for place in (self.outside, *self.outside.rglob("*")):
            status = place.lstat()
            data = place.read_bytes() if place.is_file() else b""
            found[place] = status.st_mode, status.st_mtime_ns, status.st_nlink, data
        return found

    def entry(self, handle):
        return next(e for e in self.side.list() if isinstance(e, Entry) and e.handle == handle)


def put(side, at, data=b"new bytes"):
    meta = Meta(size=len(data), sha256=hashlib.sha256(data).hexdigest(), mtime_ns=10**18)
    return side.write(at, io.BytesIO(data), meta)


def bring_back(place):
    kept = next(iter(place.side.kept()))
    place.side.move(kept.entry, Place("Case/", "back.txt"))


def prepare_trash(place):
    place.side.remove(place.entry("Case/brief.txt"))


OPERATIONS = {
    "list": lambda p: list(p.side.list()),
    "stat": lambda p: p.side.stat(p.known),
    "read": lambda p: p.side.read(p.known).read(),
    "write a new document": lambda p: put(p.side, Place("Case/", "new.txt")),
    "write a new version": lambda p: put(p.side, p.known),
    "make a folder": lambda p: p.side.make_folder(Place("Case/", "New")),
    "move": lambda p: p.side.move(p.known, Place("Case/Deep/", "moved.txt")),
    "remove": lambda p: p.side.remove(p.known),
    "mark": lambda p: p.side.mark(b'{"run": 1}'),
    "read the marker": lambda p: p.side.marker(),
}


def swap(place, path):
    """Put a link to the outside where something of the tree is, which is set aside."""

    def act():
        target = place.root / path
        aside = place.root / f"set aside {path.replace('/', ' ')}"
        outside = place.outside / "brief.txt" if "." in target.name[1:] else place.outside
        with suppress(OSError):
            target.rename(aside)
        target.symlink_to(outside)

    return act


def swap_temporaries(place):
    """Put links to the outside where files are that are not finished yet."""

    def act():
        for unfinished in list(place.root.rglob(".~synctool*")):
            unfinished.unlink()
            unfinished.symlink_to(place.outside / "brief.txt")

    return act


MEDDLING = {
    "the folder": lambda p: swap(p, "Case"),
    "a folder below": lambda p: swap(p, "Case/Deep"),
    "the document": lambda p: swap(p, "Case/brief.txt"),
    "synctool's own folder": lambda p: swap(p, RESERVED),
    "the trash": lambda p: swap(p, f"{RESERVED}/trash"),
    "what is not finished": swap_temporaries,
}


def attempt(operation, place):
    """What was read, if anything; a failure is a side's, in one line."""
    try:
        return operation(place)
    except SideError as error:
        return str(error).encode()


@pytest.mark.parametrize("meddling", MEDDLING)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_link_put_there_before_any_call_of_an_operation_is_not_followed(
    tmp_path, meddler, operation, meddling
):
    call, over = 0, False
    while not over:
        call += 1
        place = Tree(tmp_path / str(call))
        place.known = place.entry("Case/brief.txt")
        meddler.before(call, MEDDLING[meddling](place))
        result = attempt(OPERATIONS[operation], place)
        over = meddler.stop()
        assert place.witness() == place.before, (operation, meddling, call)
        assert not isinstance(result, bytes) or SECRET not in result
        place.side.close()
    assert call > 1
    tried("hostile", "a link put there in the middle of an operation", call - 1)


@pytest.mark.parametrize(
    "name", ["Case", RESERVED, f"{RESERVED}/trash", f"{RESERVED}/marker.json", "Case/brief.txt"]
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_link_that_is_there_is_not_followed(tmp_path, operation, name):
    place = Tree(tmp_path)
    place.known = place.entry("Case/brief.txt")
    prepare_trash(place)
    put(place.side, Place("Case/", "brief.txt"), b"brief")
    place.known = place.entry("Case/brief.txt")
    swap(place, name)()
    before = place.witness()
    result = attempt(OPERATIONS[operation], place)
    assert place.witness() == before
    assert not isinstance(result, bytes) or SECRET not in result
    place.side.close()
    tried("hostile", "a link that is there")


@pytest.mark.parametrize("name", ["Case", RESERVED, f"{RESERVED}/trash"])
def test_nothing_is_brought_back_or_destroyed_over_a_link(tmp_path, name):
    place = Tree(tmp_path)
    prepare_trash(place)
    kept = next(iter(place.side.kept()))
    day = place.outside / kept.entry.handle.split("/")[2] / "Case"
    for spot in (day, place.outside / "trash" / day.parent.name / "Case"):
        spot.mkdir(parents=True)
        (spot / "brief.txt").write_bytes(SECRET)
    swap(place, name)()
    before = place.witness()
    attempt(lambda p: p.side.move(kept.entry, Place("Case/", "back.txt")), place)
    attempt(lambda p: p.side.purge(kept), place)
    assert all(
        each.read_bytes() != SECRET
        for each in place.root.rglob("*")
        if not each.is_symlink() and each.is_file()
    )
    assert place.witness() == before
    place.side.close()
    tried("hostile", "a link that is there")


def test_a_hard_link_to_the_outside_is_replaced_and_its_other_name_stays_as_it_was(tmp_path):
    place = Tree(tmp_path)
    os.link(place.outside / "brief.txt", place.root / "Case" / "hard.txt")
    inside = place.entry("Case/hard.txt")
    put(place.side, inside, b"edited")
    assert (place.root / "Case" / "hard.txt").read_bytes() == b"edited"
    place.side.remove(place.entry("Case/hard.txt"))
    for kept in list(place.side.kept()):
        place.side.purge(kept)
    assert (place.outside / "brief.txt").read_bytes() == SECRET
    assert (place.outside / "brief.txt").stat().st_nlink == 1
    place.side.close()
    tried("hostile", "a hard link, pipe, socket or device")


def test_pipes_sockets_and_devices_are_told_and_never_opened_for_long(office, monkeypatch):
    root = office.zdrive.root
    office.filevine.put("a.txt", b"a")
    os.mkfifo(root / "pipe.txt")
    (root / "zero.txt").symlink_to("/dev/zero")
    with suppress(PermissionError):
        os.mknod(root / "device.txt", 0o20666, os.makedev(1, 5))
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(root)
        server.bind("socket.txt")
        outcome = office.done()
        told = {notice.path for notice in outcome.planned.plan.notices}
        assert {"pipe.txt", "zero.txt", "socket.txt"} <= told
        assert office.s3.tree() == {"a.txt": b"a"}
        assert (root / "a.txt").read_bytes() == b"a"
        assert not office.plan().steps
    tried("hostile", "a hard link, pipe, socket or device", 4)
