"""What a simulated world brought to light, each as the shortest story that shows it."""

from contextlib import suppress

import pytest

from synctool.core.patterns import Pattern
from synctool.core.policy import Adopt, ConflictRule, Settle
from synctool.errors import Rejected, Stale
from synctool.sides.memory import PATHS, REFS
from tests.properties.people import DRIVE, FILEVINE, S3, house


@pytest.fixture
def rig_of(tmp_path):
    rigs = []

    def make(*traits, **policy):
        rig = house(tmp_path, {f"side{n}": t for n, t in enumerate(traits, 1)}, **policy)
        rigs.append(rig)
        rig.run()
        return rig, *rig.sides.values()

    yield make
    for rig in rigs:
        rig.ledger.close()


def settled_by(settle, side=""):
    return {"conflicts": (ConflictRule(Pattern("**"), settle, side),)}


def test_a_copy_that_could_not_be_made_while_a_side_was_away_is_made_later(rig_of):
    rig, _, two, three = rig_of(PATHS, PATHS, PATHS)
    two.put("a.txt", b"two")
    three.put("a.txt", b"other")
    reading, three.read = three.read, lambda entry: changed(entry) if three.asked else reading(entry)
    three.asked = False
    rig.down = {"side1"}
    rig.run(confirm=lambda planned: setattr(three, "asked", True) or True)
    three.asked = False
    rig.run()
    assert sorted(two.tree().values()) == sorted(three.tree().values()) == [b"kept", b"other", b"two"]


def changed(entry):
    raise Stale("it changed since the look", path="a.txt")


def test_a_preferred_version_wins_over_an_agreed_one_that_only_an_unseen_side_may_hold(rig_of):
    rig, one, two, _ = rig_of(PATHS, PATHS, PATHS, **settled_by(Settle.PREFER, "side1"))
    two.put("kept.txt", b"from two")
    rig.down = {"side1", "side3"}
    rig.run()
    one.put("kept.txt", b"from one")
    rig.down = {"side2", "side3"}
    standoff = rig.plan().standoffs[0]
    assert (standoff.conflict.winners, standoff.conflict.losers) == (("side1",), ())
    rig.run()
    rig.down = set()
    rig.run()
    assert two.tree() == {"kept.txt": b"from one"}
    assert b"from two" in two.trash.values()


def test_what_is_assumed_of_a_document_whose_conflict_is_held_is_assumed_anew(rig_of):
    rig, *sides = rig_of(REFS, REFS, REFS, adopt=Adopt.SIZE, **settled_by(Settle.HOLD))
    for side, data in zip(sides, (b"first", b"other", b"x"), strict=True):
        side.put("a.txt", data)
    assert [rig.run().exit_code for _ in range(3)] == [4, 4, 4]


def test_a_document_in_the_way_whose_bytes_cannot_be_had_is_not_asked_for_again_and_again(rig_of):
    rig, one, two = rig_of(REFS, PATHS)
    rig.down = {"side2"}
    one.put("a", b"never read")
    rig.run()
    rig.down = set()
    two.put("a/b.txt", b"b")
    one.unreadable = {"a"}
    assert rig.run().exit_code == 5
    one.unreadable = set()
    rig.run()
    assert rig.run().exit_code == 0
    assert sorted(one.tree().values()) == sorted(two.tree().values())


def test_a_document_that_comes_back_brings_back_its_folder_that_was_deleted_long_ago(rig_of):
    rig, one, two = rig_of(PATHS, PATHS)
    one.put("a.txt", b"a")
    rig.run()
    rig.down = {"side1"}
    two.put("folder/")
    two.rename("a.txt", "folder/a.txt")
    rig.run()
    two.delete("folder")
    rig.run()
    rig.down = set()
    one.put("a.txt", b"edited meanwhile")
    assert rig.run().exit_code == 0
    assert one.tree() == two.tree()
    assert one.tree()["folder/a.txt"] == b"edited meanwhile"


def test_no_label_is_written_again_and_again_for_an_id_that_nobody_can_give(rig_of):
    rig, _, bucket, drive = rig_of(REFS, S3, PATHS, **settled_by(Settle.HOLD))
    rig.down = {"side1"}
    bucket.put("a.txt", b"a")
    rig.run()
    bucket.put("a.txt", b"of the bucket")
    drive.put("a.txt", b"of the drive")
    rig.down = set()
    rig.run()
    outcome = rig.run()
    assert not outcome.done
    assert outcome.exit_code == 4


def test_no_label_is_written_for_the_id_of_a_document_that_was_refused(rig_of):
    rig, one, bucket = rig_of(REFS, S3)

    def refusing(at, data, meta):
        raise Rejected("a virus was found in it", side="side1")

    one.write = refusing
    bucket.put("a.txt", b"a")
    rig.run()
    outcome = rig.run()
    assert not outcome.done
    assert outcome.exit_code == 4


def test_a_held_document_that_cannot_take_its_new_name_is_replaced_with_its_own_bytes(rig_of):
    rig, one, two = rig_of(FILEVINE, PATHS, **settled_by(Settle.HOLD))
    two.put("a.doc", b"first")
    rig.run()
    one.put("a.doc", b"of one")
    two.put("a.doc", b"of two")
    rig.run()
    two.rename("a.doc", "a.docx")
    assert [rig.run().exit_code for _ in range(2)] == [4, 4]
    assert (one.tree()["a.docx"], two.tree()["a.docx"]) == (b"of one", b"of two")
    assert not rig.plan().steps


@pytest.mark.parametrize("traits", [REFS, PATHS])
def test_a_document_moved_into_a_folder_that_cannot_be_listed_is_not_taken_for_deleted(rig_of, traits):
    rig, one, two = rig_of(traits, REFS)
    one.put("a.txt", b"a")
    one.put("closed/b.txt", b"b")
    rig.run()
    same = two._nodes.descend("a.txt").key
    one.rename("a.txt", "closed/a.txt")
    one.unreadable = {"closed/"}
    outcome = rig.run()
    assert outcome.exit_code == 5
    assert not outcome.done
    one.unreadable = set()
    assert rig.run().exit_code == 0
    assert one.tree() == two.tree()
    assert two._nodes.descend("closed/a.txt").key == same


@pytest.mark.parametrize("traits", [REFS, PATHS])
def test_what_is_deleted_while_a_folder_cannot_be_listed_goes_when_it_can(rig_of, traits):
    rig, one, two = rig_of(traits, REFS)
    one.put("a.txt", b"a")
    one.put("closed/b.txt", b"b")
    rig.run()
    one.delete("a.txt")
    one.unreadable = {"closed/"}
    rig.run()
    assert "a.txt" in two.tree()
    one.unreadable = set()
    rig.run()
    assert one.tree() == two.tree()
    assert "a.txt" not in two.tree()


def test_a_delete_that_was_outvoted_is_not_heard_again_when_the_document_could_not_be_put_back(rig_of):
    rig, one, two, three = rig_of(PATHS, PATHS, PATHS)
    rig.down = {"side2"}
    one.put("a.txt", b"a")
    rig.run()
    one.delete("a.txt")
    two.put("a.txt", b"a")
    rig.down = set()
    writing, one.write = one.write, lambda at, data, meta: changed(at)
    assert rig.run().exit_code == 5
    one.write = writing
    rig.run()
    assert one.tree() == two.tree() == three.tree()
    assert one.tree()["a.txt"] == b"a"


class Cut(BaseException):
    """The power is gone."""


@pytest.mark.parametrize("away", [set(), {"side1"}, {"side2"}])
@pytest.mark.parametrize("path", ["A/", "A.txt", "A/x.txt"])
def test_a_stand_in_that_was_made_and_not_written_down_is_known_again(rig_of, path, away):
    rig, one, two, three = rig_of(REFS, PATHS, DRIVE)
    one.put("a/" if path != "A.txt" else "a.txt")
    rig.run()
    one.put(path, b"" if path.endswith("/") else b"big")
    writing = rig.ledger.put_row

    def cut(item, side, row, *more, **facts):
        if side == "side3" and "[fv-" in row.spelled:
            raise Cut
        writing(item, side, row, *more, **facts)

    rig.ledger.put_row = cut
    with pytest.raises(Cut):
        rig.run()
    rig.ledger.put_row = writing
    rig.down = away
    rig.run()
    rig.down = set()
    rig.run()
    assert not [name for name in one.tree() if "[fv-" in name]
    assert one.tree() == two.tree()
    assert len(three.tree()) == len(one.tree())


class Cutting:
    """A database that is gone at its n-th transaction from now."""

    def __init__(self, database, number):
        self.database = database
        self.left = number

    def execute(self, statement, *values):
        if statement == "BEGIN IMMEDIATE":
            self.left -= 1
            if not self.left:
                raise Cut
        return self.database.execute(statement, *values)

    def __getattr__(self, name):
        return getattr(self.database, name)


def test_unequal_copies_of_one_size_are_both_in_sight_after_a_crash_at_any_moment(tmp_path):
    number, whole = 0, False
    while not whole:
        number += 1
        rig = house(tmp_path, {"side1": REFS, "side2": PATHS, "side3": PATHS}, adopt=Adopt.SIZE)
        rig.down = {"side3"}
        one, two, _ = rig.sides.values()
        one.put("a.txt", b"one")
        two.put("a.txt", b"two")
        parts = (rig.ledger, rig.ledger.journal, rig.ledger.disputes)
        database = rig.ledger._db
        for part in parts:
            part._db = Cutting(database, number)
        with suppress(Cut):
            rig.run()
            whole = True
        for part in parts:
            part._db = database
        for _ in range(3):
            rig.run()
        assert sorted(one.tree().values()) == sorted(two.tree().values()) == [b"kept", b"one", b"two"], number
        rig.ledger.close()
    assert number > 10
