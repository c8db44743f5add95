"""On a real disk with coarse times, by the system's clock: an edit within one tick of the disk is an edit, and nothing is lost."""

import os
import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from synctool.config.profile import Watch
from synctool.core.names import fold
from synctool.engine.clock import SYSTEM
from synctool.sides.drive import DriveSide
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig
from tests.properties.houses import LAWS, deeds
from tests.properties.people import FILEVINE, KEPT, LENIENT, S3, People

PAUSES = (0, 0, 0, 0.002, 0.05)  # seconds between two deeds: mostly within one tick of a disk's clock
TICK = 40 * 10**6  # nanoseconds: the steps in which this disk tells times, as older file systems do
settle_ns = st.sampled_from([2 * 10**9, TICK])


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

    def __init__(self, name, *, root, **facts):
        super().__init__(name, root=root, **facts)
        self.folder = root
        self.meanwhile = None  # what somebody does as soon as a.txt was read

    def read(self, entry, start=0):
        with super().read(entry, start) as stream:
            data = stream.read()
        if entry.handle == "a.txt" and self.meanwhile:
            self.meanwhile()
        return BytesIO(data)

    def put(self, path, data=b""):
        at = self.folder / path
        folder = at if path.endswith("/") else at.parent
        folder.mkdir(parents=True, exist_ok=True)
        if folder is not at:
            at.write_bytes(data)
            self.touch(path)

    def delete(self, path):
        at = self.folder / path
        shutil.rmtree(at) if at.is_dir() else at.unlink()

    def rename(self, old, new):
        (self.folder / new).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / old).replace(self.folder / new)

    def touch(self, path):
        now = SYSTEM.now_ns() // TICK * TICK
        os.utime(self.folder / path, ns=(now, now))

    def tree(self):
        found = {}
        for at in sorted(self.folder.rglob("*")):
            path = at.relative_to(self.folder).as_posix()
            if not path.startswith(".synctool"):
                found[path + "/" * at.is_dir()] = b"" if at.is_dir() else at.read_bytes()
        return found

    @property
    def kept(self):
        return [at.read_bytes() for at in self.folder.glob(".synctool/trash/**/*") if at.is_file()]

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


class RealTime(RuleBasedStateMachine):
    """People work at a desk by the system's clock, in bursts and with pauses, and runs come between."""

    @initialize(names=st.sampled_from(["posix", "windows"]), young=settle_ns)
    def begin(self, names, young):
        self.folder = TemporaryDirectory()
        self.rig = office(Path(self.folder.name), names, young)
        self.drive = self.rig.sides["zdrive"]
        self.people = People(self.rig)
        self.saved = 0
        self.rig.sides["filevine"].put(KEPT, b"kept")
        self.drive.put("a.txt", b"0000")
        self.rig.run()

    @rule(**deeds)
    def act(self, **deed):
        self.people.act(**deed)

    @rule(times=st.integers(1, 3))
    def save_again_at_the_same_size(self, times):
        for _ in range(times):
            self.saved += 1
            self.people._write(self.drive, "a.txt", b"%04d" % self.saved)

    @rule(seconds=st.sampled_from(PAUSES))
    def pause(self, seconds):
        sleep(seconds)

    @rule()
    def run(self):
        self.rig.run()
        assert self.people.made - self.people.excused <= everywhere(self.rig)

    @rule()
    def run_while_somebody_saves(self):
        self.drive.meanwhile = lambda: self.save_again_at_the_same_size(1)
        self.run()
        self.drive.meanwhile = None

    @rule()
    def settle(self):
        for _ in range(4):
            sleep(0.02)
            if not self.rig.run().done:
                break
        assert self.people.made - self.people.excused <= everywhere(self.rig)
        assert not self.rig.plan().steps
        trees = [
            sorted((p.count("/"), data) for p, data in side.tree().items())
            for side in self.rig.sides.values()
        ]
        assert trees[0] == trees[1] == trees[2]

    def teardown(self):
        try:
            self.settle()
        finally:
            self.rig.ledger.close()
            self.drive.close()
            self.folder.cleanup()


TestRealTime = RealTime.TestCase
TestRealTime.settings = settings(LAWS, max_examples=max(1, LAWS.max_examples // 4))
