"""Runs one part of synctool in a process of its own and writes what that part took, without the start of a program.

``python -m benchmarks.inside plan|apply PROFILE STATE SIDE HANDLE`` takes a hint; ``… look PROFILE STATE`` tells what listing,
looking and deciding take when nothing has changed. The figures go to the file that the variable MEASURED names.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from synctool.config import load
from synctool.config.profile import Profile
from synctool.core.model import Handle, SideName
from synctool.engine import cycle
from synctool.engine.connect import connected
from synctool.engine.looking import look_around
from synctool.engine.record import at_hand, remembering
from synctool.engine.rounds import Round
from synctool.engine.tools import Ask, Tools

REPORT = "MEASURED"


def hinted(
    act: Callable[..., object], profile: Profile, tools: Tools, side: SideName, handle: Handle
) -> dict[str, float]:
    """Seconds, and seconds of CPU, from a hint to the end; a round without any has warmed up what a watch has warm."""
    cycle.plan(profile, Ask(hints={}), tools)
    with timed() as took:
        act(profile, Ask(hints={side: frozenset({handle})}), tools)
    return took


def looked(profile: Profile, tools: Tools) -> dict[str, float]:
    """Seconds for listing each side, for looking at all of them, and for deciding what was seen; bytes of the state."""
    found: dict[str, float] = {"state": tools.database(profile.name).stat().st_size}
    ask = Ask()
    with (
        at_hand(profile, tools) as here,
        remembering(profile, here) as ledger,
        connected(profile, ask.without, here) as sides,
    ):
        this = Round(profile, ask, here, ledger, sides)
        for name, side in sides.open.items():
            begun = time.perf_counter()
            for _ in side.list():
                pass
            found[f"list {name}"] = time.perf_counter() - begun
        begun = time.perf_counter()
        sighted = look_around(this)
        found["look"] = time.perf_counter() - begun
        begun = time.perf_counter()
        cycle.decided(this, sighted)
        found["decide"] = time.perf_counter() - begun
    return found


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """What happens within, in seconds, once it has ended."""
    took: dict[str, float] = {}
    begun, busy = time.perf_counter(), _cpu()
    yield took
    took |= {"wall": time.perf_counter() - begun, "cpu": _cpu() - busy}


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(words: list[str]) -> None:
    """Do one part, and write the figures."""
    what, file, state, *hint = words
    profile, tools = load(Path(file)), Tools(Path(state))
    figures = (
        looked(profile, tools)
        if what == "look"
        else hinted(getattr(cycle, what), profile, tools, hint[0], hint[1])
    )
    Path(os.environ[REPORT]).write_text(json.dumps(figures), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
