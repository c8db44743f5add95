"""A watch that runs beside a test, in a thread of its own."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from synctool.engine.clock import SYSTEM
from synctool.engine.watching import loop
from synctool.engine.watching.loop import Watch
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.noticing import Notifier
from synctool.entry.cli.roster import Roster
from synctool.entry.cli.session import Session
from synctool.entry.cli.watching import Rounds

QUICK = "\nwatch: {settle_seconds: 0.05, poll: 1s, full_look_minutes: 10080}\n"


def until(true, what="what was waited for", seconds=60):
    """Wait until something is true, for as long as a busy machine may need."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.02)


class Leaping:
    """The system's clock, but that it can leap ahead."""

    def __init__(self):
        self.ahead = 0

    def now_ns(self):
        return SYSTEM.now_ns() + self.ahead * 10**9

    def monotonic(self):
        return SYSTEM.monotonic() + self.ahead

    def sleep(self, seconds):
        SYSTEM.sleep(seconds)


class Running:
    """A watch that goes on: everything that it was told of rounds, and how it is doing."""

    def __init__(self, watch, rounds):
        self.watch, self.rounds, self.told = watch, rounds, []

    def show(self, told):
        self.told.append(told)
        self.rounds.show(told)

    def idle(self):
        """Wait until every profile was looked at, and none is being looked at."""
        until(lambda: all(self.settled()), "rest")

    def settled(self):
        profiles = self.watch.pulse().profiles.values()
        return [h.rounds > 0 and h.going_on_ns is None for h in profiles] or [False]


@contextmanager
def watching(folder, *names, as_json=False, clock=SYSTEM):
    """Watch the profiles of a working folder while the block runs; then it is stopped in good order."""
    session = Session(folder / "profiles", folder / "state", clock=clock)
    session.state.mkdir(exist_ok=True)
    tools = tools_of(session)
    rounds = Rounds(session, tools, Notifier(session), as_json=as_json)
    running = Running(None, rounds)
    running.watch = Watch(tools, Roster(session, names), rounds.attempt, running.show)
    with ThreadPoolExecutor(1) as beside:
        ended = beside.submit(running.watch.run)
        try:
            yield running
        finally:
            tools.stopped.set()
            ended.result()


def check_at_every_beat(monkeypatch):
    """Roots and profiles are asked after often, so that nobody has to wait for that."""
    monkeypatch.setattr(loop, "BEAT", 0.05)
    monkeypatch.setattr(loop, "BEATS_A_CHECK", 1)
    monkeypatch.setattr(loop, "BEATS_A_PULSE", 1)
