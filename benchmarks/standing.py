"""Prepares what costs before anything is compared: starting, and watching when nothing happens."""

import re
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import latency, tools
from benchmarks.contest import Setting
from benchmarks.ground import Ground
from benchmarks.measuring import Run
from benchmarks.tools import Contestant
from benchmarks.trees import Tree
from benchmarks.unchanged import held

SETTLE = 3.0  # seconds
REST = 60.0  # seconds, in which a start and what it announced comes to an end
UNPOLLED, POLLED = "synctool watch, none polled meanwhile", "synctool watch, each polled every 2 minutes"


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
    """``synctool watch`` over so many cases on three sides in which nothing happens: while none is polled, and while all are."""
    with TemporaryDirectory() as folder, latency.firm(Path(folder), profiles, SETTLE) as there:
        return Setting(
            [], {}, already={UNPOLLED: _idle(there, "15m", 30.0), POLLED: _idle(there, "2m", 120.0)}
        )


def _idle(there: latency.Firm, poll: str, seconds: float) -> Run:
    """What a watch takes that polls so often, once it is done with its start."""
    for file in (there.folder / "profiles").glob("*.yaml"):
        plain = re.sub(r", poll: \w+", "", file.read_text("utf-8"))
        file.write_text(
            plain.replace(f"settle_seconds: {SETTLE}", f"settle_seconds: {SETTLE}, poll: {poll}"), "utf-8"
        )
    with latency.watching(there) as pid:
        first = [root / "Pleadings/Complaint.pdf" for root in there.cases.values()]
        latency.until(lambda: all(file.exists() for file in first))
        time.sleep(REST)
        before = latency.cpu(pid)
        time.sleep(seconds)
        return Run(seconds, latency.cpu(pid) - before, int(latency.memory(pid) * 2**20))
