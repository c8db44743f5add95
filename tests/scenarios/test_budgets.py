"""Counts every request of a run: the listings, and a constant for each change."""

import re
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from synctool.sides.filevine.records import document_handle
from tests.scenarios.counting import Counting
from tests.scenarios.office import Office

LOOKING = Counter(
    {
        ("POST", "/connect/token"): 1,
        ("POST", "/utils/GetUserOrgsWithToken"): 1,
        ("GET", "/Projects/{projectId}"): 1,
        ("GET", "/Folders/list"): 1,
        ("GET", "/DocumentSeries"): 1,
    }
)
"""What signing in and looking costs in Filevine, however many documents there are (to 1000)."""

GREETING = Counter({("GET", "about"): 1, ("GET", "list"): 1, ("GET", "marker"): 1})
"""What looking costs in S3 (to 1000 objects): whether versions are kept, the listing, and whose place it is."""

MOVED = {("PUT", "copy"): 1, ("HEAD", "object"): 1, ("DELETE", "object"): 1}


@pytest.fixture
def counted(make_office, weed):
    with Counting(weed.endpoint) as proxy:
        office: Office = make_office()
        office.says(sides={"s3": {"endpoint_url": proxy.url}})
        for n in range(20):
            office.filevine.put(f"Letters/{n}.txt", b"letter %d" % n)
        office.done()
        office.zdrive.age()
        office.done()
        office.proxy = proxy
        yield office


def costs(office, act):
    """What the run after this act costs beyond looking: in Filevine and in S3, and the bytes that travelled."""
    act()
    office.fv.forget_requests()
    office.proxy.seen.clear()
    outcome = office.done()
    s3 = Counter(office.proxy.seen)
    if outcome.done:
        s3.subtract({("PUT", "marker"): 1})
    filevine = office.fv.requests_seen
    filevine.subtract(LOOKING)
    s3.subtract(GREETING)
    return {k: n for k, n in filevine.items() if n}, {k: n for k, n in s3.items() if n}, outcome


def test_an_unchanged_run_lists_and_does_nothing_else(counted):
    assert costs(counted, lambda: None)[:2] == ({}, {})


def test_a_listing_costs_a_request_a_page_of_documents_of_folders_and_of_objects(counted, monkeypatch):
    for n in range(9):
        counted.filevine.put(f"Motions/{n}/{n}.txt", b"motion %d" % n)
    counted.done()
    counted.zdrive.age()
    counted.done()
    colleague, project = counted.fv.colleague, counted.project
    documents, folders = len(colleague.tree(project)), 1 + len(colleague.folders(project))
    objects = len(counted.s3.keys())
    assert (documents, folders, objects) == (29, 12, 41)
    counted.fv.switch(page_size=8)
    monkeypatch.setattr("synctool.sides.s3.objects.PAGE", 8)
    filevine, s3, _ = costs(counted, lambda: None)
    assert filevine == {("GET", "/DocumentSeries"): 4 - 1, ("GET", "/Folders/list"): 2 - 1}
    assert s3 == {("GET", "list"): 6 - 1}


LISTING = """
import sys
from synctool.sides.drive import DriveSide
side = DriveSide("zdrive", root=sys.argv[1], clock=lambda: 0)
side.open()
print(sum(entry.name.endswith(".txt") for entry in side.list()))
"""


def test_a_look_at_a_drive_costs_one_stat_a_file(lacking, tmp_path):
    if not shutil.which("strace"):
        lacking("strace is not installed, to see what is asked of the disk")
    root, log = tmp_path / "root", tmp_path / "calls"
    names = [f"Letters/{n % 5}/{n}.txt" for n in range(50)]
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    strace = ("strace", "-f", "-qq", "-e", "trace=%%stat", "-o", log)
    ended = subprocess.run(
        [*strace, sys.executable, "-c", LISTING, root], capture_output=True, check=True, text=True
    )
    assert ended.stdout == "50\n"
    assert sorted(re.findall(r"(\d+)\.txt", log.read_text()), key=int) == [str(n) for n in range(50)]


def test_a_new_document_from_filevine_costs_one_locator_one_download_and_one_put(counted):
    filevine, s3, outcome = costs(counted, lambda: counted.filevine.put("Letters/new.txt", b"new"))
    assert filevine == {("GET", "/Documents/{documentId}/locator"): 1, ("GET", "/s3/{key}"): 1}
    assert s3 == {("PUT", "object"): 1}
    assert sorted((d.step.side, d.size) for d in outcome.done) == [("s3", 3), ("zdrive", 3)]


def test_a_new_document_from_the_drive_costs_three_requests_in_filevine_and_one_put(counted):
    filevine, s3, _ = costs(counted, lambda: counted.zdrive.put("Letters/new.txt", b"new"))
    assert sum(filevine.values()) == 3, filevine
    assert filevine == {
        ("POST", "/Documents"): 1,
        ("PUT", "/s3/{key}"): 1,
        ("POST", "/Projects/{projectId}/Documents/{documentId}"): 1,
    }
    assert s3 == {("PUT", "object"): 1}


def test_an_edit_on_the_drive_costs_six_requests_in_filevine_and_one_put(counted):
    filevine, s3, _ = costs(counted, lambda: counted.zdrive.put("Letters/0.txt", b"edited"))
    assert sum(filevine.values()) == 6, filevine
    assert s3 == {("PUT", "object"): 1}


def test_an_edit_in_filevine_costs_one_download_and_one_put(counted):
    filevine, s3, _ = costs(counted, lambda: counted.filevine.put("Letters/0.txt", b"edited"))
    assert filevine == {("GET", "/Documents/{documentId}/locator"): 1, ("GET", "/s3/{key}"): 1}
    assert s3 == {("PUT", "object"): 1}


@pytest.mark.parametrize("to", ["Letters/zero.txt", "0.txt"])
def test_a_rename_or_a_move_costs_one_request_in_filevine_and_no_bytes(counted, to):
    filevine, s3, outcome = costs(counted, lambda: counted.zdrive.rename("Letters/0.txt", to))
    assert sum(filevine.values()) == 1, filevine
    assert s3 == MOVED
    assert not any(done.size for done in outcome.done)


@pytest.mark.parametrize("to", ["Letters/zero.txt", "0.txt"])
def test_a_rename_or_a_move_in_filevine_costs_nothing_there(counted, to):
    filevine, s3, outcome = costs(counted, lambda: counted.filevine.rename("Letters/0.txt", to))
    assert filevine == {}
    assert s3 == MOVED
    assert not any(done.size for done in outcome.done)


def test_twenty_changes_cost_twenty_times_as_much_as_one(counted):
    def act():
        for n in range(20):
            counted.zdrive.put(f"Letters/{n}.txt", b"edited %d" % n)

    counted.says(brakes={"overwrites": {"share": 1}})
    filevine, s3, _ = costs(counted, act)
    assert sum(filevine.values()) == 120, filevine
    assert s3 == {("PUT", "object"): 20}


ENTERING = LOOKING - Counter({("GET", "/Folders/list"): 1, ("GET", "/DocumentSeries"): 1})
"""What signing in and reaching the project costs, without a look."""


@pytest.fixture
def watched(counted):
    """The same with three hundred documents."""
    for n in range(280):
        counted.filevine.put(f"Motions/{n % 14}/{n}.txt", b"motion %d" % n)
    counted.done()
    counted.zdrive.age()
    counted.done()
    return counted


def hinted(office, **hints):
    """What a round with these hints costs in Filevine beyond entering, and in S3."""
    office.fv.forget_requests()
    office.proxy.seen.clear()
    office.done(hints={side: frozenset(handles) for side, handles in hints.items()})
    filevine, s3 = office.fv.requests_seen, Counter(office.proxy.seen)
    filevine.subtract(ENTERING)
    return {k: n for k, n in filevine.items() if n}, {k: n for k, n in s3.items() if n}


FETCHED = {
    ("GET", "/DocumentSeries"): 1,
    ("GET", "/Documents/{documentId}/locator"): 1,
    ("GET", "/s3/{key}"): 1,
}
"""What a changed document of Filevine costs there: one look, where it is, and the bytes."""

REACHED = {("GET", "about"): 1, ("GET", "marker"): 1}
MARKED = REACHED | {("PUT", "marker"): 1}


def test_a_hint_costs_requests_for_its_document_however_many_there_are(watched):
    handle = document_handle(watched.filevine.document("Motions/3/3.txt"))
    watched.filevine.put("Motions/3/3.txt", b"edited")
    filevine, s3 = hinted(watched, filevine=[handle])
    assert filevine == FETCHED
    assert s3 == MARKED | {("PUT", "object"): 1}
    watched.filevine.put("Motions/3/new.txt", b"new")
    filevine, s3 = hinted(watched, filevine=[document_handle(watched.filevine.document("Motions/3/new.txt"))])
    assert filevine == FETCHED
    assert s3 == MARKED | {("PUT", "object"): 1}
    watched.zdrive.put("Motions/3/3.txt", b"edited again")
    filevine, s3 = hinted(watched, zdrive=["Motions/3/3.txt"])
    assert sum(filevine.values()) == 6, filevine
    assert s3 == MARKED | {("PUT", "object"): 1}
    watched.s3.put("Motions/3/3.txt", b"edited once more")
    filevine, s3 = hinted(watched, s3=["Motions/3/3.txt"])
    assert sum(filevine.values()) == 6, filevine
    assert s3 == REACHED | {("GET", "list"): 1, ("GET", "object"): 1}
    watched.settled()
