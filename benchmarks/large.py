"""Measures how fast one large document goes from place to place, and how much memory that takes.

``python -m benchmarks.large --size 20GB zdrive:s3 s3:zdrive`` runs ``synctool apply`` once for each pair, in a process of its
own; without pairs all are taken. The far end is read without synctool, and its SHA-256 compared. The servers, SeaweedFS and
a Filevine that keeps what it holds in memory, run in processes of their own, so that what is measured is synctool alone.
"""

import argparse
import hashlib
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, NamedTuple, Self

from synctool.emulators.filevine import FilevineEmulator
from synctool.emulators.filevine.accounts import Credentials
from synctool.emulators.seaweedfs import SeaweedFS

UNITS = {"MB": 10**6, "GB": 10**9}
BLOCK = 1 << 20
NAME = "deposition.mp4"
SIDES = ("zdrive", "zdrive2", "s3", "filevine")
PAIRS = [(one, other) for one, other in product(SIDES, SIDES) if one not in (other, "zdrive2")]
PROFILE = {
    "zdrive": "{{kind: drive, root: '{drive}'}}",
    "zdrive2": "{{kind: drive, root: '{drive}2'}}",
    "s3": "{{kind: s3, bucket: large, prefix: cases/, endpoint_url: '{s3}'}}",
    "filevine": "{{kind: filevine, api_url: '{filevine}', identity_url: '{filevine}', requests_per_second: 20, auth: {{mode: token, "
    "client_id: '${{ID}}', client_secret: '${{SECRET}}', token: '${{PAT}}'}}}}",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What one transfer took: seconds, the most memory the process held (bytes), whether the bytes arrived."""

    seconds: float
    memory: int
    arrived: bool


class Facts(NamedTuple):
    """How to reach a Filevine."""

    url: str
    credentials: Credentials
    project: int


class Filevine:
    """A Filevine with one project, in a process of its own, where a colleague does what is asked; a context manager."""

    facts: Facts

    def __enter__(self) -> Self:
        start = multiprocessing.get_context("spawn")
        self._line, far = start.Pipe()
        self._process = start.Process(target=_serve, args=(far,), daemon=True)
        self._process.start()
        self.facts = self._line.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    def ask(self, what: str, file: Path | None) -> object:
        """Let the colleague ``upload`` a file, or tell the ``digest`` of the document."""
        self._line.send((what, file))
        return self._line.recv()


def _serve(line: Connection) -> None:
    with FilevineEmulator() as filevine:
        people = filevine.colleague
        project = people.add_project("Large v Larger")
        line.send(Facts(filevine.url, filevine.credentials, project))
        while True:
            what, file = line.recv()
            if what == "upload":
                line.send(people.upload(project, NAME, file.read_bytes()))
            else:
                (leaf,) = people.tree(project)
                line.send(hashlib.sha256(leaf.bytes or b"").hexdigest())


class Places:
    """A drive, a bucket and a project, each empty, and how to reach them without synctool."""

    def __init__(self, folder: Path, s3: SeaweedFS, filevine: "Filevine") -> None:
        self.folder = folder
        self.s3 = s3
        self.filevine = filevine
        self.client: Any = s3.client()
        s3.make_bucket("large", versioned=False)
        for name in ("drive", "drive2"):
            (folder / name).mkdir()

    def put(self, side: str, source: Path) -> None:
        """Put the document there, as people would."""
        if side == "zdrive":
            source.rename(self.folder / "drive" / NAME)
        elif side == "s3":
            self.client.upload_file(str(source), "large", f"cases/{NAME}")
        else:
            self.filevine.ask("upload", source)

    def digest(self, side: str) -> str:
        """The SHA-256 of the document that is there now."""
        if side == "filevine":
            return str(self.filevine.ask("digest", None))
        if side == "s3":
            return _digest(self.client.get_object(Bucket="large", Key=f"cases/{NAME}")["Body"])
        with (self.folder / side.removeprefix("z") / NAME).open("rb") as file:
            return _digest(file)

    def environment(self) -> dict[str, str]:
        """What the profile asks for."""
        known = self.filevine.facts.credentials
        return {
            **os.environ,
            "ID": known.client_id,
            "SECRET": known.client_secret,
            "PAT": known.pat,
            "AWS_ACCESS_KEY_ID": self.s3.access_key,
            "AWS_SECRET_ACCESS_KEY": self.s3.secret_key,
        }

    def profile(self, sides: tuple[str, str]) -> Path:
        """A profile that joins two of the places."""
        facts = {"drive": self.folder / "drive", "s3": self.s3.endpoint, "filevine": self.filevine.facts.url}
        lines = [f"  {side}: {PROFILE[side].format(**facts)}" for side in sides]
        file = self.folder / "large.yaml"
        file.write_text(
            "\n".join(("version: 1", f"project: {self.filevine.facts.project}", "sides:", *lines, "")),
            "utf-8",
        )
        return file


@contextmanager
def places() -> Iterator[Places]:
    """Three empty places in a folder that is removed afterwards."""
    with (
        TemporaryDirectory() as folder,
        SeaweedFS(Path(folder) / "weed") as s3,
        Filevine() as filevine,
    ):
        yield Places(Path(folder), s3, filevine)


def _digest(source: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := source.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def made(file: Path, size: int) -> str:
    """Write a file of so many bytes that repeat nowhere near; says their SHA-256."""
    digest, block = hashlib.sha256(), bytearray(os.urandom(BLOCK))
    with file.open("wb") as target:
        for number, start in enumerate(range(0, size, BLOCK)):
            block[:8] = number.to_bytes(8)
            piece = bytes(block[: min(BLOCK, size - start)])
            digest.update(piece)
            target.write(piece)
    return digest.hexdigest()


def carried(here: Places, pair: tuple[str, str], size: int) -> Figures:
    """Run one transfer of so many bytes and measure it."""
    source = here.folder / "source"
    wanted = made(source, size)
    here.put(pair[0], source)
    source.unlink(missing_ok=True)
    profile, state = here.profile(pair), here.folder / "state"
    command = [
        sys.executable,
        "-m",
        "synctool.entry.cli",
        "--state",
        str(state),
        "apply",
        "--yes",
        str(profile),
    ]
    begun = time.monotonic()
    child = subprocess.Popen(
        command, env=here.environment(), stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1]
    )
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    return Figures(seconds, peak(usage), not child.returncode and here.digest(pair[1]) == wanted)


def peak(usage: resource.struct_rusage) -> int:
    """The most memory a process held, in bytes."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> int:
    """Measure the pairs that are asked for, and say one line for each."""
    parser = argparse.ArgumentParser(prog="benchmarks.large", description=__doc__)
    parser.add_argument("--size", default="1GB", help="300MB, 20GB …")
    parser.add_argument("pairs", nargs="*", default=[":".join(pair) for pair in PAIRS])
    asked = parser.parse_args()
    size = int(asked.size[:-2]) * UNITS[asked.size[-2:].upper()]
    failed = 0
    for words in asked.pairs:
        one, _, other = words.partition(":")
        with places() as here:
            figures = carried(here, (one, other), size)
        failed += not figures.arrived
        told = "arrived" if figures.arrived else "DID NOT ARRIVE"
        speed = size / figures.seconds / 1e6
        sys.stdout.write(
            f"{one} → {other}: {told}, {speed:.0f} MB/s, {figures.memory / 2**20:.0f} MiB at most\n"
        )
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
