"""Names that stand in for others, and the ids kept beside an object, follow what they are about."""

import pytest

from synctool.core.policy import Refused
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig, StillClock, tree
from tests.engine.test_agreement import DRIVE, FILEVINE, S3, settled


@pytest.fixture
def rig(tmp_path):
    clock = StillClock()
    traits = {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE}
    sides = {name: MemorySide(name, clock=clock.now_ns, traits=t) for name, t in traits.items()}
    return Rig(tmp_path, sides, clock)


def test_a_stand_in_gets_its_true_name_when_that_becomes_free(rig):
    for path in ("A.txt", "a.txt", "x.txt"):
        rig.sides["filevine"].put(path, path.encode())
    rig.run()
    assert tree(rig.sides["zdrive"]) == {"A.txt": b"A.txt", "a [fv-3].txt": b"a.txt", "x.txt": b"x.txt"}
    rig.sides["filevine"].delete("A.txt")
    assert rig.run().exit_code == 0
    assert settled(rig) == {"a.txt": b"a.txt", "x.txt": b"x.txt"}


def test_ids_follow_a_document_that_became_another_for_its_extension(rig):
    rig.sides["filevine"].put("a.doc", b"1")
    rig.run()
    rig.sides["zdrive"].rename("a.doc", "a.docx")
    assert rig.run().exit_code == 0
    assert settled(rig) == {"a.docx": b"1"}


def test_an_object_does_not_wait_for_the_ids_of_a_document_whose_delete_is_left_so(rig):
    rig.policy(deletes_from=frozenset({"zdrive"}), refused=Refused.LEAVE)
    for path in ("a.txt", "b.txt"):
        rig.sides["filevine"].put(path, path.encode())
    rig.run()
    rig.sides["filevine"].delete("a.txt")
    rig.run()
    assert not rig.plan().steps
    assert "a.txt" in tree(rig.sides["s3"])
