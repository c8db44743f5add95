from dataclasses import replace

import pytest

from synctool.errors import Denied, Rejected
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig, StillClock, tree
from tests.properties.people import DRIVE, FILEVINE, S3


class Strict(MemorySide):
    """A side that moves nothing while it is told not to."""

    error = None

    def move(self, entry, to, meta=None):
        if self.error:
            raise self.error("may not be moved", side=self.name, path=entry.name)
        return super().move(entry, to, meta)


@pytest.fixture
def rig(tmp_path):
    clock = StillClock()
    kinds = {"filevine": replace(FILEVINE, unique_names=False), "s3": S3, "zdrive": DRIVE}
    rig = Rig(tmp_path, {n: Strict(n, clock=clock.now_ns, traits=t) for n, t in kinds.items()}, clock)
    yield rig
    rig.ledger.close()


@pytest.mark.parametrize(
    ("error", "code", "then"), [(Denied, 5, {"e/": b"", "e/x.txt": b"one"}), (Rejected, 4, None)]
)
def test_a_move_that_a_side_refuses_deletes_nothing_and_is_told(rig, error, code, then):
    filevine = rig.sides["filevine"]
    filevine.put("x.txt", b"one")
    filevine.put("e/")
    rig.run()
    filevine.error = error
    rig.sides["zdrive"].rename("x.txt", "e/x.txt")
    before = tree(filevine)
    for _ in range(2):
        outcome = rig.run()
        assert outcome.exit_code == code
        assert tree(filevine) == before
        assert tree(rig.sides["s3"]) == tree(rig.sides["zdrive"]) == {"e/": b"", "e/x.txt": b"one"}
    filevine.error = None
    rig.run()
    assert tree(filevine) == (then or before)


def test_names_that_a_side_can_no_longer_hold_stay_until_something_is_done_with_them(rig):
    drive = rig.sides["zdrive"]
    drive.traits = replace(DRIVE, names="posix")
    for path in ("a:b.txt", "k.txt"):
        drive.put(path, path.encode())
    rig.run()
    drive.traits = DRIVE
    assert not rig.plan().steps
    rig.sides["filevine"].put("a:b.txt", b"edited")
    assert rig.run().exit_code == 0
    assert {tuple(t) for t in rig.trees().values()} == {("a:b.txt", "k.txt")}
    assert tree(drive)["a:b.txt"] == b"edited"


def test_two_documents_of_one_name_in_one_folder_of_filevine_live_side_by_side(rig):
    filevine, drive = rig.sides["filevine"], rig.sides["zdrive"]
    filevine.put("brief.docx", b"one")
    filevine.put("brief.docx", b"two", another=True)
    assert rig.run().exit_code == 0
    (numbered,) = set(tree(drive)) - {"brief.docx"}
    assert numbered.startswith("brief [fv-")
    assert tree(drive) == tree(rig.sides["s3"]) == {"brief.docx": b"one", numbered: b"two"}
    assert not rig.plan().steps
    drive.put(numbered, b"three")
    assert rig.run().exit_code == 0
    assert tree(rig.sides["s3"]) == {"brief.docx": b"one", numbered: b"three"}
    drive.delete("brief.docx")
    assert rig.run().exit_code == 0
    assert {tuple(each.items()) for each in rig.trees().values()} == {(("brief.docx", b"three"),)}
