"""Prepares what costs before anything is compared: starting, and watching when nothing happens."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import latency, tools
from benchmarks.contest import Setting
from benchmarks.ground import Ground
from benchmarks.measuring import Run
from benchmarks.tools import Contestant
from benchmarks.trees import Tree
from benchmarks.unchanged import held

IDLE = 60.0  # seconds


def start(ground: Ground) -> Setting:
    """The help, and a plan of ten files; beside them the help of other programs."""
    settings = ground.settings(ground.thin)
    _, profile = held(ground, Tree(10, 3))
    shown = Contestant("synctool --help", (sys.executable, "-m", "synctool.entry.cli", "--help"))
    peers = [
        tools.helping("rclone", "help"),
        tools.helping("s5cmd", "--help"),
        tools.helping("aws", "--version"),
    ]
    return Setting(
        [shown, tools.synctool(ground, "plan", profile), *peers], settings, counted=ground.requests
    )


def watch(_: Ground, profiles: int) -> Setting:
    """``synctool watch`` over so many cases, each on three sides, in which nothing happens for a minute."""
    with TemporaryDirectory() as folder, latency.firm(Path(folder), profiles, 3.0) as there:
        found = latency.measured(there, 0, IDLE)
    ran = Run(IDLE, found.idle * IDLE, int(found.memory * 2**20))
    return Setting([], {}, already={f"synctool watch, {profiles} idle profiles": ran})
