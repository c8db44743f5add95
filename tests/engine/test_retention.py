"""Trash is purged when its time is over, once a day, and never what a hold or an archive keeps."""

import json

import pytest

from synctool.core.patterns import Pattern
from synctool.core.policy import MappedFolder, Role
from synctool.errors import Unavailable
from tests.properties.people import DRIVE, FILEVINE, S3, house


@pytest.fixture
def rig(tmp_path):
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE})
    rig.run()
    yield rig
    rig.ledger.close()


def wait(rig, days):
    rig.clock.tick(days * 86400)
    rig.run()


def trash(rig):
    """The bytes that each side keeps in trash."""
    return {name: {side.read(k.entry).read() for k in side.kept()} for name, side in rig.sides.items()}


def drop(rig, path, side="filevine"):
    """Put a document on every side, and delete it on this one."""
    rig.sides["filevine"].put(path, path.encode())
    rig.run()
    rig.sides[side].delete(path)
    rig.run()


def purged(rig):
    records = (rig.tools.state / "case.audit.jsonl").read_text().splitlines()
    return [(r["side"], r["path"]) for r in map(json.loads, records) if r["action"] == "purge"]


def test_trash_is_purged_after_its_days_and_each_purge_is_on_record(rig):
    drop(rig, "a.txt")
    wait(rig, 29)
    assert trash(rig) == {"filevine": set(), "s3": {b"a.txt"}, "zdrive": {b"a.txt"}}
    drop(rig, "b.txt")
    wait(rig, 2)
    assert trash(rig) == {"filevine": set(), "s3": {b"b.txt"}, "zdrive": {b"b.txt"}}
    assert purged(rig) == [("s3", "a.txt"), ("zdrive", "a.txt")]


def test_deleted_documents_are_forgotten_when_their_trash_is(rig):
    drop(rig, "f/a.txt")
    count = len(rig.ledger.remembered().everything())
    rig.sides["filevine"].delete("f")
    rig.run()
    wait(rig, 29)
    assert len(rig.ledger.remembered().everything()) == count
    assert not rig.ledger.remembered().waiting()
    wait(rig, 2)
    assert len(rig.ledger.remembered().everything()) == count - 2


def test_a_number_that_was_forgotten_is_not_given_again(rig):
    drop(rig, "a.txt")
    number = rig.ledger.remembered().next_item
    wait(rig, 31)
    assert rig.ledger.remembered().next_item == number


def test_trash_is_looked_through_once_a_day(rig):
    drop(rig, "a.txt")
    wait(rig, 31)
    asked = []
    kept = rig.sides["s3"].kept
    rig.sides["s3"].kept = lambda: asked.append(1) or kept()
    rig.run()
    assert not asked
    wait(rig, 1)
    assert asked


def test_what_fails_is_tried_again_at_the_next_run(rig, caplog):
    drop(rig, "a.txt")
    purge = rig.sides["s3"].purge

    def fail(_):
        raise Unavailable("is busy", side="s3")

    rig.sides["s3"].purge = fail
    wait(rig, 31)
    assert trash(rig)["s3"] == {b"a.txt"}
    assert "trash could not be purged" in caplog.text
    rig.sides["s3"].purge = purge
    rig.run()
    assert trash(rig)["s3"] == set()


def test_what_lies_under_a_hold_is_never_purged(rig):
    for path in ("held/a.txt", "free/b.txt"):
        drop(rig, path, side="zdrive")
    rig.policy(holds=(Pattern("held/**"),))
    wait(rig, 31)
    assert trash(rig)["filevine"] == {b"held/a.txt"}
    assert trash(rig)["s3"] == {b"held/a.txt"}


def test_a_hold_finds_a_document_by_its_common_path_where_a_folder_is_kept_elsewhere(tmp_path):
    folders = (MappedFolder("held", {"zdrive": "02 Held"}), MappedFolder("free", {"zdrive": "03 Free"}))
    rig = house(tmp_path, {"filevine": FILEVINE, "zdrive": DRIVE}, folders=folders)
    for path in ("02 Held", "03 Free"):
        rig.sides["zdrive"].put(path + "/")
    for path in ("held/a.txt", "free/b.txt"):
        drop(rig, path)
    rig.policy(holds=(Pattern("held/**"),))
    wait(rig, 31)
    assert trash(rig)["zdrive"] == {b"held/a.txt"}
    rig.ledger.close()


def test_what_cannot_be_told_from_a_held_document_is_not_purged(rig):
    drop(rig, "a.txt", side="zdrive")
    rig.ledger._db.execute("DELETE FROM journal")
    rig.policy(holds=(Pattern("held/**"),))
    wait(rig, 31)
    assert trash(rig) == {"filevine": {b"a.txt"}, "s3": set(), "zdrive": set()}


def test_what_no_longer_says_where_it_was_is_not_purged_beside_a_hold(rig):
    drop(rig, "a.txt")
    kept = rig.sides["s3"]._trash._kept
    kept.update({handle: former._replace(was="") for handle, former in kept.items()})
    rig.policy(holds=(Pattern("held/**"),))
    wait(rig, 31)
    assert trash(rig) == {"filevine": set(), "s3": {b"a.txt"}, "zdrive": set()}


def test_an_archive_and_a_source_keep_their_trash(rig):
    for number in range(2):
        rig.sides["filevine"].put("a.txt", b"%d" % number)
        rig.run()
    rig.policy(roles={"s3": Role.ARCHIVE, "zdrive": Role.SOURCE})
    wait(rig, 31)
    assert trash(rig)["s3"] == {b"0"}
    assert trash(rig)["zdrive"] == {b"0"}


def test_a_side_that_was_away_is_purged_when_it_is_back(rig):
    drop(rig, "a.txt")
    rig.down = {"s3"}
    wait(rig, 31)
    rig.down = set()
    rig.run()
    assert trash(rig)["s3"] == set()
