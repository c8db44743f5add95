"""Copies that are there before the first run are adopted by content, or by size where the profile says so."""

from synctool.core.policy import Adopt
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig, StillClock
from tests.engine.test_agreement import DRIVE, FILEVINE, settled


def test_an_edit_of_what_was_adopted_by_size_is_an_edit(tmp_path):
    clock = StillClock()
    sides = {n: MemorySide(n, clock=clock.now_ns, traits=t) for n, t in (("fv", FILEVINE), ("z", DRIVE))}
    rig = Rig(tmp_path, sides, clock, adopt=Adopt.SIZE)
    for side in sides.values():
        side.put("a.txt", b"same")
        side.put("b.txt", b"both")
    assert rig.run().done == ()
    sides["z"].put("a.txt", b"edited on the drive")
    sides["fv"].put("b.txt", b"edited in Filevine")
    assert rig.run().exit_code == 0
    assert settled(rig) == {"a.txt": b"edited on the drive", "b.txt": b"edited in Filevine"}
