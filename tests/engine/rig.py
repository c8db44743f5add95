"""A round of the real engine on sides in memory, with a clock that stands still."""

from dataclasses import replace
from pathlib import Path

from synctool.config.profile import Notices, Profile, Watch
from synctool.core.policy import Policy
from synctool.engine.connect import Connected
from synctool.engine.cycle import always, apply_round, plan_round
from synctool.engine.rounds import Round
from synctool.engine.tools import Ask, Tools
from synctool.store.ledger import Ledger

DAY = 24 * 3600 * 10**9


class StillClock:
    """Time that passes only when told to."""

    def __init__(self, now_ns=1_780_000_000 * 10**9):
        self.now = now_ns

    def now_ns(self):
        return self.now

    def monotonic(self):
        return self.now / 1e9

    def sleep(self, seconds):
        self.now += int(seconds * 1e9)

    def tick(self, seconds=60):
        self.sleep(seconds)


class Rig:
    """Sides, a state and a profile; ``run()`` is one apply, ``plan()`` one plan."""

    def __init__(self, folder, sides, clock, **policy):
        self.clock = clock
        self.sides = sides
        self.down = set()
        self.rulings = {}
        self.profile = Profile(
            name="case",
            file=Path("profiles/case.yaml"),
            enabled=True,
            mode="sync",
            project="",
            policy=Policy(ranks=tuple(sides), **policy),
            sides={},
            trash_days=30,
            watch=Watch(),
            notices=Notices(),
            max_age=86400,
            digest="d",
            rules_digest="r",
            warnings=(),
        )
        self.ledger = Ledger(folder / "case.db")
        self.tools = Tools(folder, clock)

    def policy(self, **changes):
        self.profile = replace(self.profile, policy=replace(self.profile.policy, **changes))

    def round(self, **ask):
        up = {name: side for name, side in self.sides.items() if name not in self.down}
        closed = dict.fromkeys(self.down, "is down")
        sides = Connected(up, closed)
        return Round(self.profile, Ask(**ask), self.tools, self.ledger, sides, rulings=self.rulings)

    def plan(self, **ask):
        return plan_round(self.round(**ask)).plan

    def run(self, saved=None, confirm=always, **ask):
        outcome = apply_round(self.round(**ask), saved, confirm)
        self.clock.tick()
        return outcome

    def trees(self):
        return {name: tree(side) for name, side in self.sides.items()}


def tree(side):
    """Paths and bytes; folders end in a slash and hold None."""
    return dict(side.tree())
