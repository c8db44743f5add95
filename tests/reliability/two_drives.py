"""Gives a case on two drives with every kind of work to do, and says what must be true of it after any accident."""

import os
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

from synctool.entry.cli import main
from synctool.sides.base import RESERVED
from synctool.store.audit import verify
from tests.entry.profiles import write

PROFILE = """\
version: 1
timezone: America/Denver
watch: {{settle_seconds: 0}}
sides:
  left: {{kind: drive, root: '{left}', names: posix}}
  right: {{kind: drive, root: '{right}', names: windows}}
"""
SIDES = ("left", "right")
LARGE = 3 << 20  # bytes: more than one write
ONE_BY_ONE = """
import concurrent.futures
import sys

class OneByOne:
    map = staticmethod(map)

    def __init__(self, workers): ...

    def __enter__(self):
        return self

    def __exit__(self, *error): ...

concurrent.futures.ThreadPoolExecutor = OneByOne

from synctool.engine.clock import SYSTEM
from synctool.entry.cli import main

class Impatient:
    began, monotonic = SYSTEM.now_ns(), SYSTEM.monotonic

    def now_ns(self):  # one second, so one folder in trash, and the calls have the same numbers every time
        return self.began

    def sleep(self, seconds): ...

raise SystemExit(main(sys.argv[1:], Impatient()))
"""
"""The command line, all of it in one thread, so that the n-th call is the same one every time; it waits for nothing."""


class Case:
    """A folder with the two drives, the state and the profile of one case."""

    def __init__(self, folder):
        self.folder = folder
        self.state = folder / "state"
        roots = {side: folder / side for side in SIDES}
        write(folder / "profiles" / "case.yaml", PROFILE.format(**roots))
        for root in roots.values():
            root.mkdir(exist_ok=True)

    def like(self, folder):
        """The same case, as it is now, in another folder."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Case(folder)

    def words(self, *args):
        return ("--profiles", str(self.folder / "profiles"), "--state", str(self.state), *args)

    def run(self, *args):
        """A command, in this process; its exit code."""
        with chdir(self.folder):
            return main(self.words(*args))

    def command(self, *args, under=(), script=ONE_BY_ONE):
        """A command as a program of its own; what became of it."""
        return subprocess.run(
            [*under, sys.executable, "-B", "-c", script, *self.words(*args)],
            cwd=Path(__file__).parents[2],
            env={k: v for k, v in os.environ.items() if not k.startswith(("SYNCTOOL_", "COVERAGE_"))},
            capture_output=True,
            check=False,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )

    def documents(self):
        """(side, path) → bytes of every file that is not synctool's own."""
        return {
            (side, place.relative_to(self.folder / side).as_posix()): place.read_bytes()
            for side in SIDES
            for place in (self.folder / side).rglob("*")
            if place.is_file() and not is_own(place)
        }

    def folders(self):
        return {
            (side, place.relative_to(self.folder / side).as_posix())
            for side in SIDES
            for place in (self.folder / side).rglob("*")
            if place.is_dir() and not is_own(place)
        }

    def kept(self):
        """The bytes of everything in trash."""
        return {
            place.read_bytes()
            for side in SIDES
            for place in (self.folder / side / RESERVED / "trash").rglob("*")
            if place.is_file()
        }

    def leftovers(self):
        """What is half done, but for what was put into trash: that is kept as long as everything there."""
        return [
            place
            for place in self.folder.rglob(".~synctool-*")
            if "trash" not in place.relative_to(self.folder).parts
        ]

    def records(self):
        """How many records the audit log has; its chain is sound."""
        return verify(self.state / "case.audit.jsonl")


def is_own(place):
    place = Path(place)
    return any(part == RESERVED or part.startswith(".~synctool-") for part in place.parts)


def with_work(folder):
    """A case that was in agreement until people went to work on both sides of it."""
    case = Case(folder)
    left, right = folder / "left", folder / "right"
    for path in (
        "still.txt", "edited.txt", "Motions/edited.txt", "renamed.txt", "gone.txt", "contested.txt",
        "Old/inside.txt", "Old/Deep/inside.txt", "Emptied/gone.txt", "one.txt", "two.txt", "brief.txt",
    ):  # fmt: skip
        write(left / path, f"first {path}")
    (left / "Empty").mkdir()
    assert case.run("apply", "--yes") == 0
    write(left / "edited.txt", "edited on the left")
    write(right / "Motions/edited.txt", "edited on the right")
    write(left / "contested.txt", "contested, as the left has it")
    write(right / "contested.txt", "contested, the right's way")
    write(left / "new.txt", "n" * LARGE)
    write(right / "Fresh/Deep/new.txt", "new on the right")
    (left / "renamed.txt").rename(left / "Motions/moved.txt")
    (right / "Old").rename(right / "New")
    write(right / "New/new.txt", "new in a renamed folder")
    (left / "Old/inside.txt").rename(left / "Old/renamed inside.txt")
    (right / "gone.txt").unlink()
    shutil.rmtree(right / "Emptied")
    (left / "Empty").rmdir()
    (right / "one.txt").rename(right / "free.txt")
    (right / "two.txt").rename(right / "one.txt")
    (right / "free.txt").rename(right / "two.txt")
    (left / "brief.txt").rename(left / "Brief.txt")
    return case
