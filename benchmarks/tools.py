"""Spells how synctool and its peers are asked to do the same work, each in its quickest way that is safe."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from benchmarks.ground import BUCKET, Firm, Ground
from benchmarks.measuring import ROOT

ROUND = "{round}"
PEERS = ROOT / ".venv-peers"
WANTED = {  # how each says its version
    "rclone": ("version",),
    "unison": ("-version",),
    "rsync": ("--version",),
    "s5cmd": ("version",),
    "aws": ("--version",),
}
S5CMD = "lib/*/site-packages/s5cmd/bin/s5cmd"  # what the package's own command, a Python, would start


@dataclass(frozen=True, slots=True)
class Contestant:
    """Who does the work: how the tables call it, its command line, and what its environment holds."""

    name: str
    command: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    codes: frozenset[int] = frozenset({0})

    def in_round(self, number: int) -> "Contestant":
        """The same, with the round's number where its command line asks for it."""
        return replace(self, command=tuple(word.replace(ROUND, str(number)) for word in self.command))

    @property
    def tool(self) -> str:
        """The program it is, as ``WANTED`` knows it."""
        return self.name.split(maxsplit=1)[0].strip(",")


@cache
def program(tool: str) -> str | None:
    """Where a peer is installed: in the environment of its own, beside this Python, or anywhere; None: it is not."""
    if tool == "s5cmd" and (own := next(PEERS.glob(S5CMD), None)):
        return str(own)
    near = (PEERS / "bin", Path(sys.executable).parent, None)
    return next(filter(None, (shutil.which(tool, path=place) for place in near)), None)


@cache
def version(tool: str) -> str:
    """The version that a peer says it has."""
    path = program(tool)
    said = subprocess.run([path, *WANTED[tool]], capture_output=True, text=True, check=True) if path else None
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr) if said else None
    return found[0] if found else ""


def synctool(ground: Ground, words: str, profile: Path) -> Contestant:
    """``synctool plan`` or ``apply``, from this checkout; its state lies beside the trees."""
    where = ("--profiles", str(profile.parent), "--state", str(ground.folder / "state"))
    act = {"apply": ("apply", "--yes"), "plan": ("plan", "--exit-code")}[words]
    command = (sys.executable, "-m", "synctool.entry.cli", *where, *act, str(profile))
    return Contestant(f"synctool {words}", command)


def inside(ground: Ground, what: str, profile: Path, *hint: str) -> Contestant:
    """A part of synctool, without the start of a program."""
    words = (str(profile), str(ground.folder / "state"), *hint)
    return Contestant(f"synctool, {what} alone", (sys.executable, "-m", "benchmarks.inside", what, *words))


def agreeing(ground: Ground, profile: Path) -> Contestant:
    """What writes the state of a profile whose sides hold the same."""
    words = (str(profile), str(ground.folder / "state"))
    return Contestant("agreeing", (sys.executable, "-m", "benchmarks.agreeing", *words))


def floor(manifest: Path, *places: str, noting: bool = False) -> Contestant:
    """The least that can be done."""
    command = (sys.executable, "-m", "benchmarks.floor", *["--note"] * noting, str(manifest), *places)
    return Contestant("floor", command)


def download(firm: Firm, *near: str, fetching: bool = True) -> Contestant:
    """The least that Filevine's documents cost: listed, beside what lies near, and downloaded if asked."""
    command = (sys.executable, "-m", "benchmarks.download", *["--bytes"] * fetching)
    return Contestant("floor", (*command, firm.url, str(firm.org), str(firm.project), *near))


def rsync(one: Path, other: Path, *words: str) -> Contestant:
    """One way, by size and time."""
    return _peer("rsync", "-a", "--delete", *words, f"{one}/", f"{other}/")


def unison(one: Path, other: Path) -> Contestant:
    """Both ways, with its archives."""
    words = ("-batch", "-ui", "text", "-times", "-silent", "-fastcheck", "true")
    return _peer("unison", str(one), str(other), *words)


def rclone_sync(one: Path, other: Path | str) -> Contestant:
    """One way: folders by size and time; a bucket by size and the server's own time, which needs no request an object."""
    far = ("--update", "--use-server-modtime", "--fast-list", "--checkers", "16", "--transfers", "16")
    return _peer("rclone sync", "sync", str(one), _remote(other), *far * isinstance(other, str))


def rclone_copy(one: Path, other: str) -> Contestant:
    """One way, into a place known to be empty, looking at nothing before or after."""
    lean = ("--no-check-dest", "--no-traverse", "--s3-no-check-bucket", "--s3-no-head", "--ignore-checksum")
    return _peer("rclone copy", "copy", str(one), _remote(other), *lean, "--transfers", "32")


def rclone_bisync(ground: Ground, one: Path, other: Path | str, *words: str) -> Contestant:
    """Both ways, with its listings; a bucket is compared by size alone, as its times cost a request an object."""
    far = ("--compare", "size", "--size-only", "--fast-list", "--checkers", "16", "--transfers", "16")
    work = ("--workdir", str(ground.folder / f"bisync-{Path(str(other)).name}"))
    return _peer(
        "rclone bisync", "bisync", str(one), _remote(other), *work, *far * isinstance(other, str), *words
    )


def s5cmd_sync(one: Path, prefix: str, endpoint: str) -> Contestant:
    """One way, by size and time."""
    words = ("--log", "error", "--endpoint-url", endpoint, "sync", "--delete")
    return _peer("s5cmd sync", *words, f"{one}/", f"s3://{BUCKET}/{prefix}")


def s5cmd_cp(one: Path, prefix: str, endpoint: str) -> Contestant:
    """One way, looking at nothing before."""
    source = f"{one}/" if one.is_dir() else str(one)
    return _peer(
        "s5cmd cp", "--log", "error", "--endpoint-url", endpoint, "cp", source, f"s3://{BUCKET}/{prefix}"
    )


def aws_sync(one: Path, prefix: str) -> Contestant:
    """One way, by size and time."""
    return _peer(
        "aws s3 sync", "s3", "sync", "--only-show-errors", "--delete", str(one), f"s3://{BUCKET}/{prefix}"
    )


def helping(tool: str, words: str) -> Contestant:
    """No work at all."""
    return _peer(f"{tool} {words}", words)


def _peer(name: str, *words: str) -> Contestant:
    tool = name.split(maxsplit=1)[0]
    return Contestant(name, (program(tool) or tool, *words))


def _remote(place: Path | str) -> str:
    return str(place) if isinstance(place, Path) else f"s3:{BUCKET}/{place}"
