"""On a real disk, by the system's clock: an edit within the same tick of the clock is an edit, and nothing is lost."""

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

from hypothesis import given, settings
from hypothesis import strategies as st

from synctool.config.profile import Watch
from synctool.core.names import fold
from synctool.engine.clock import SYSTEM
from synctool.sides.drive import DriveSide
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig
from tests.properties.houses import LAWS, scripts
from tests.properties.people import FILEVINE, KEPT, LENIENT, S3, People

PAUSES = (0, 0, 0, 0.002, 0.05)  # seconds between two deeds: mostly within one tick of a disk's clock
settle_ns = st.sampled_from([2 * 10**9, 40 * 10**6])


class RealClock:
    """The system's clock, which nobody can make go on."""

    now_ns, monotonic, sleep = SYSTEM.now_ns, SYSTEM.monotonic, SYSTEM.sleep

    @property
    def now(self):
        return SYSTEM.now_ns()

    def tick(self):
        pass


class Disk(DriveSide):
    """A drive with the back door by which people work: what their programs do to its folder."""

    def put(self, path, data=b""):
        at = self._path / path
        folder = at if path.endswith("/") else at.parent
        folder.mkdir(parents=True, exist_ok=True)
        if folder is not at:
            at.write_bytes(data)

    def delete(self, path):
        at = self._path / path
        shutil.rmtree(at) if at.is_dir() else at.unlink()

    def rename(self, old, new):
        (self._path / new).parent.mkdir(parents=True, exist_ok=True)
        (self._path / old).replace(self._path / new)

    def touch(self, path):
        (self._path / path).touch()

    def tree(self):
        found = {}
        for at in sorted(self._path.rglob("*")):
            path = at.relative_to(self._path).as_posix()
            if not path.startswith(".synctool"):
                found[path + "/" * at.is_dir()] = b"" if at.is_dir() else at.read_bytes()
        return found

    @property
    def kept(self):
        return [at.read_bytes() for at in self._path.glob(".synctool/trash/**/*") if at.is_file()]

    def standing_at(self, path):
        """The path and the bytes of what stands at a path, as this drive tells names apart."""
        folds = fold if self.traits.folds_case else str
        wanted = folds(path.rstrip("/"))
        return next((found for found in self.tree().items() if folds(found[0].rstrip("/")) == wanted), None)


def office(folder, names, young):
    clock = RealClock()
    (folder / "drive").mkdir()
    drive = Disk("zdrive", root=folder / "drive", clock=clock.now_ns, names=names, settle_ns=young)
    memory = [MemorySide(n, clock=clock.now_ns, traits=t) for n, t in (("filevine", FILEVINE), ("s3", S3))]
    rig = Rig(folder, {side.name: side for side in (*memory, drive)}, clock, brakes=LENIENT)
    rig.profile = replace(rig.profile, watch=Watch(settle_seconds=0.01))
    drive.open()
    return rig


def everywhere(rig):
    held = {data for side in rig.sides.values() for data in side.tree().values()}
    kept = [d for side in rig.sides.values() for d in (side.trash.values() if hasattr(side, "trash") else ())]
    return held | set(kept) | set(rig.sides["zdrive"].kept)


@settings(LAWS, max_examples=max(1, LAWS.max_examples // 4))
@given(
    script=scripts,
    names=st.sampled_from(["posix", "windows"]),
    young=settle_ns,
    pauses=st.lists(st.sampled_from(PAUSES), min_size=8, max_size=8),
    runs=st.sets(st.integers(0, 7), max_size=3),
)
def test_what_people_do_on_a_real_disk_within_one_tick_of_its_clock_is_seen(
    script, names, young, pauses, runs
):
    with TemporaryDirectory() as folder:
        rig = office(Path(folder), names, young)
        people = People(rig)
        rig.sides["filevine"].put(KEPT, b"kept")
        rig.sides["zdrive"].put("a.txt", b"0000")
        rig.run()
        for number, deed in enumerate(script):
            people.act(**deed)
            people._write(rig.sides["zdrive"], "a.txt", b"%04d" % number)  # the same size, at once
            sleep(pauses[number])
            if number in runs:
                rig.run()
        for _ in range(4):
            sleep(0.02)
            if not rig.run().done:
                break
        assert b"%04d" % (len(script) - 1) in rig.sides["filevine"].tree().values()
        assert people.made - people.excused <= everywhere(rig)
        assert not rig.plan().steps
        trees = [
            sorted((p.count("/"), data) for p, data in side.tree().items()) for side in rig.sides.values()
        ]
        assert trees[0] == trees[1] == trees[2]
        rig.ledger.close()
        rig.sides["zdrive"].close()
