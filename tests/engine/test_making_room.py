"""What a run that was cut off let make room for another is moved on, and nobody takes its name for a person's word."""

import pytest

from synctool.core.names import makes_room, making_room
from synctool.errors import Stale, Unavailable
from tests.engine.rig import tree
from tests.properties.people import DRIVE, FILEVINE, KEPT, PATHS, REFS, S3, house

KINDS = {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE, "plain": PATHS}


class Cut(BaseException):
    """The power is gone."""


def swapped(side, one, two):
    for old, new in ((one, "between"), (two, one), ("between", two)):
        side.rename(old, new)


def across(side):
    swapped(side, "x/a.txt", "y/a.txt")


def full_folders(side):
    swapped(side, "x/full", "y/full")


def empty_folders(side):
    swapped(side, "x/empty", "y/empty")


def names_only(side):
    swapped(side, "x/a.txt", "x/b.txt")


STIRS = (across, full_folders, empty_folders, names_only)


@pytest.fixture
def office(tmp_path):
    """All kinds of sides that agree, and one more where people are at work."""
    rig = house(tmp_path, {"where it is done": REFS, **KINDS})
    there = {
        "x/a.txt": b"one",
        "y/a.txt": b"two",
        "x/b.txt": b"three",
        "x/stays": b"four",
        "y/stays": b"five",
    }
    for path, data in {**there, "x/full/1.txt": b"six", "y/full/2.txt": b"seven"}.items():
        rig.sides["plain"].put(path, data)
    for path in ("x/empty/", "y/empty/"):
        rig.sides["plain"].put(path)
    rig.run()
    yield rig
    rig.ledger.close()


def cut_off(rig, name, *, known):
    """Let the power go when a side has let something make room; known: when that was written down. Whether it went."""
    side, ledger = rig.sides[name], rig.ledger
    move, put_row, asides = side.move, ledger.put_row, []

    def moved(entry, to, meta=None):
        after = move(entry, to, meta)
        if makes_room(to.name) and not known:
            raise Cut
        asides.extend([after] * bool(makes_room(to.name)))
        return after

    def written(*args, **more):
        put_row(*args, **more)
        if asides:
            raise Cut

    side.move, ledger.put_row = moved, written
    try:
        rig.run()
    except Cut:
        return True
    finally:
        side.move, ledger.put_row = move, put_row
    return False


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("stir", STIRS)
@pytest.mark.parametrize("name", KINDS)
def test_a_run_cut_off_while_something_makes_room_is_ended_by_the_next(office, name, stir, known):
    done = office.sides["where it is done"]
    stir(done)
    wanted = tree(done)
    assert cut_off(office, name, known=known)
    office.clock.tick()
    outcome = office.run()
    assert not outcome.failed
    assert office.trees() == dict.fromkeys(office.sides, wanted)
    assert not office.plan().steps


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("name", ["zdrive", "refs", "plain"])
def test_a_folder_that_makes_room_for_a_document_goes_all_the_same(tmp_path, name, known):
    rig = house(tmp_path, {"where it is done": REFS, "zdrive": DRIVE, "refs": REFS, "plain": PATHS})
    done = rig.sides["where it is done"]
    done.put("x/full/1.txt", b"one")
    rig.run()
    done.delete("x/full")
    done.put("x/full", b"now a document")
    assert cut_off(rig, name, known=known)
    rig.clock.tick()
    assert not rig.run().failed
    wanted = {"x/": b"", "x/full": b"now a document", KEPT: b"kept"}
    assert rig.trees() == dict.fromkeys(rig.sides, wanted)
    rig.ledger.close()


def test_what_was_edited_while_it_made_room_is_edited_and_moved_on(office):
    across(office.sides["filevine"])
    assert cut_off(office, "zdrive", known=False)
    aside = next(path for path in tree(office.sides["zdrive"]) if "(moving" in path)
    office.sides["zdrive"].put(aside, b"edited")
    office.run()
    first, *others = office.trees().values()
    assert all(other == first for other in others)
    assert b"edited" in first.values()
    assert not [path for path in first if "(moving" in path]


def test_a_document_that_a_person_calls_so_is_called_so(office):
    number = office.ledger.remembered().next_item
    for given in (number, 1, 2):
        office.sides["filevine"].put(making_room("brief.docx", given, 0), b"a person's %d" % given)
    office.run()
    found = tree(office.sides["zdrive"])
    assert {f"brief (moving {given}).docx" for given in (number, 1, 2)} < set(found)
    assert not office.plan().steps


def test_a_name_of_any_length_has_room_for_the_number():
    for name in ("é" * 200 + ".docx", "x" * 255, "a.b", ".hidden", KEPT):
        assert len(making_room(name, 123, 2).encode()) < 160
        assert makes_room(making_room(name, 123, 2)) == 123
    assert making_room("brief.docx", 7, 1) == "brief (moving 7').docx"
    assert makes_room("brief.docx") == makes_room("(moving 7).docx") == 0


def test_a_place_that_is_taken_meanwhile_leaves_it_making_room_until_the_next_run(office):
    across(office.sides["filevine"])
    drive = office.sides["zdrive"]
    move = drive.move

    def refused(entry, to, meta=None):
        if makes_room(entry.name):
            raise Stale("the place is taken", side="zdrive", path=to.name)
        return move(entry, to, meta)

    drive.move = refused
    assert office.run().exit_code == 5
    drive.move = move
    assert office.run().exit_code == 0
    assert tree(drive) == tree(office.sides["filevine"])
    assert not [path for path in tree(drive) if "(moving" in path]


@pytest.mark.parametrize("stir", STIRS)
@pytest.mark.parametrize("name", KINDS)
def test_what_made_room_and_seemed_not_to_is_moved_on_by_the_next_run(office, name, stir):
    done, side = office.sides["where it is done"], office.sides[name]
    stir(done)
    wanted, move = tree(done), side.move

    def moved(entry, to, meta=None):
        after = move(entry, to, meta)
        if makes_room(to.name):
            raise Unavailable("the answer was lost", side=name, path=to.name)
        return after

    side.move = moved
    assert office.run().exit_code == 5
    side.move = move
    office.clock.tick()
    assert office.run().exit_code == 0
    assert office.trees() == dict.fromkeys(office.sides, wanted)
    assert not office.plan().steps
