"""Watches profiles: hears what changes, gives each the rounds that are due, and tells what came of them, until it is stopped."""

import os
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from math import inf
from pathlib import Path
from typing import NamedTuple, Protocol

from synctool.config.profile import DriveSettings, FilevineSettings, Profile, Settings
from synctool.core.events import Aimed, Home
from synctool.core.model import Handle, SideName
from synctool.core.pacing import EVERYWHERE, Ended, Habit, Hint, Places
from synctool.engine import inquire
from synctool.engine.outcome import Outcome, Planned
from synctool.engine.postponing import is_passing
from synctool.engine.tools import Tools
from synctool.engine.watching import pulse
from synctool.engine.watching.board import Board, Turn
from synctool.engine.watching.decisions import Decisions
from synctool.engine.watching.ears import Ears, Key
from synctool.engine.watching.post import Post
from synctool.engine.watching.pulse import Health, Pulse
from synctool.errors import SyncError
from synctool.store.lease import whoami

WORKERS = 8

TOLD = 3600.0
"""Seconds for which a Filevine that told of a change need not be asked for others."""

BEAT = 0.25
"""Seconds between two looks at what no thread tells by itself."""

BEATS_A_CHECK = 8
BEATS_A_PULSE = 20


class Watched(NamedTuple):
    """A profile with the sides that take part, and those that do not."""

    profile: Profile
    left_out: frozenset[SideName]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one round: places is where it looked, None everywhere; what: there is none when it failed.

    trouble: what is to be said of a failure, a line each.
    """

    profile: str
    at_ns: int
    seconds: float
    places: Places | None
    exit_code: int
    what: Outcome | Planned | None = None
    trouble: tuple[str, ...] = ()

    @property
    def ended(self) -> Ended:
        """What it says of the rounds to come."""
        if not isinstance(self.what, Outcome):
            return Ended(self.exit_code, self.what.again if self.what else frozenset())
        return Ended(self.exit_code, self.what.again, bool(self.what.done), is_passing(self.what))


Attempt = Callable[[Watched, Turn], Told]
"""Makes one round; what fails is told, and not raised."""


class Roster(Protocol):
    """Who is to be watched."""

    def __call__(self) -> Mapping[str, Watched]:
        """Those that are to be watched now, by name."""

    def homes(self) -> Collection[Home]:
        """The Filevine sides of those, and of templates."""

    def welcome(self, template: str, project: int) -> str:
        """Watch a project of a template from now on; the name under which it is."""


class Watch:
    """The profiles of one installation, kept the same."""

    def __init__(self, tools: Tools, roster: Roster, attempt: Attempt, show: Callable[[Told], None]) -> None:
        self._tools = tools
        self._roster = roster
        self._attempt = attempt
        self._show = show
        self._board = Board(tools.clock)
        self._ears = Ears()
        self._decisions = Decisions(tools)
        self._post = Post(tools.state, self._aim, self._board.waits)
        self._told: dict[int | None, float] = {}  # when each organisation last told of a change
        self._watched: dict[str, Watched] = {}
        self._health: dict[str, Health] = {}
        self._since_ns = self._at_ns = tools.clock.now_ns()

    def run(self) -> None:
        """Watch until ``tools.stopped``; then no round begins, and those that go on end within the step they are in."""
        with ExitStack() as stack:
            stack.callback(pulse.end, self._tools.state)
            stack.callback(self._ears.close)
            stack.callback(self._post.close)
            pool = stack.enter_context(ThreadPoolExecutor(WORKERS, "round"))
            stack.callback(self._board.close)
            stack.callback(self._tools.stopped.set)
            self._call_the_roll()
            workers = [pool.submit(self._work) for _ in range(WORKERS)]
            for beat in count():
                self._beat(beat)
                if self._tools.stopped.wait(BEAT):
                    return
                for worker in workers:
                    if worker.done():  # it never is, but for a failure that nobody foresaw
                        worker.result()

    def pulse(self) -> Pulse:
        """How the watch is doing; may be asked from any thread."""
        clock, known = self._tools.clock, dict(self._health)
        shift = clock.now_ns() - int(clock.monotonic() * 1e9)
        profiles = {}
        for name, each in self._board.standing().items():
            due_ns = (
                max(self._since_ns, int(max(0.0, each.due) * 1e9) + shift) if each.since is None else None
            )
            going_on_ns = int(each.since * 1e9) + shift if each.since is not None else None
            health = known.get(name, Health())
            profiles[name] = replace(health, due_ns=due_ns, going_on_ns=going_on_ns, hints=each.hints)
        orgs = self._tools.tally.told()
        return Pulse(os.getpid(), whoami(), self._since_ns, self._at_ns, profiles, orgs)

    def _beat(self, beat: int) -> None:
        """Ask after what no thread tells by itself."""
        self._at_ns = self._tools.clock.now_ns()
        if beat % BEATS_A_CHECK == 0:
            self._ears.check()
            self._call_the_roll()
            for profile in self._decisions.news(each.profile for each in self._watched.values()):
                self._board.put(profile.name, [Hint(side, EVERYWHERE) for side in profile.sides])
        self._post.deliver(self._roster.homes())
        self._told |= dict.fromkeys(self._post.heard(), self._tools.clock.monotonic())
        if beat % BEATS_A_PULSE == 0:
            with suppress(OSError):  # its age tells that it could not be written
                pulse.write(self._tools.state, self.pulse())

    def _call_the_roll(self) -> None:
        """Watch those that are to be watched now, as they are now."""
        present = self._roster()
        for name in self._watched.keys() - present.keys():
            self._board.dismiss(name)
        for key in self._keys() - {key for watched in present.values() for key in _drives(watched.profile)}:
            self._ears.forget(key)
        for name, watched in present.items():
            if name not in self._watched:
                self._health[name] = Health(agreed_ns=self._agreed_ns(watched.profile))
            if self._watched.get(name) != watched:
                self._watched[name] = watched
                self._health[name] = replace(self._health[name], max_age_ns=_max_age_ns(watched.profile))
                for key, root in _drives(watched.profile).items():
                    self._ears.listen(key, root, partial(self._hear, key))
            self._board.enrol(self._habit(watched.profile))
        self._watched = dict(present)

    def _keys(self) -> set[Key]:
        return {key for watched in self._watched.values() for key in _drives(watched.profile)}

    def _habit(self, profile: Profile) -> Habit:
        heard = {side for side in profile.sides if self._ears.hears((profile.name, side))}
        heard |= {side for side, settings in profile.sides.items() if self._tells(settings)}
        return Habit(
            name=profile.name,
            sides=frozenset(profile.sides),
            polled=frozenset(profile.sides) - heard,
            settle=profile.watch.settle_seconds,
            poll=profile.watch.poll_seconds,
            full=profile.watch.full_look_minutes * 60,
        )

    def _tells(self, settings: Settings) -> bool:
        """Whether a side is a Filevine that has told of changes lately."""
        last = self._told.get(settings.org, -inf) if isinstance(settings, FilevineSettings) else -inf
        return last > self._tools.clock.monotonic() - TOLD

    def _hear(self, key: Key, handle: Handle) -> None:
        name, side = key
        self._board.put(name, [Hint(side, handle)])

    def _aim(self, aimed: Aimed) -> str:
        """Note the hint of an event; the first one of a project that a template stands for makes it watched."""
        name = aimed.profile
        if name not in self._watched:
            name = self._roster.welcome(aimed.profile, aimed.project)
            self._call_the_roll()
        self._board.put(name, [aimed.hint])
        return name

    def _agreed_ns(self, profile: Profile) -> int | None:
        """When the sides last agreed, before this watch; its first round tells what is wrong with the state."""
        try:
            return inquire.status(profile, self._tools).agreed_ns
        except SyncError:
            return None

    def _work(self) -> None:
        """Make one round after another, until no more are given out."""
        while turn := self._board.take():
            if watched := self._watched.get(turn.name):
                told = self._attempt(watched, turn)
                self._health[turn.name] = _counted(self._health[turn.name], told)
                self._board.end(turn.name, told.ended)
                self._show(told)
            else:
                self._board.end(turn.name, Ended(0))


def _drives(profile: Profile) -> dict[Key, Path]:
    """The folders of a profile's drives."""
    return {
        (profile.name, side): Path(settings.root)
        for side, settings in profile.sides.items()
        if isinstance(settings, DriveSettings)
    }


def _max_age_ns(profile: Profile) -> int:
    """How old an agreement may get; only a look at everything can find one."""
    return int(max(profile.max_age, 2 * 60 * profile.watch.full_look_minutes) * 1e9)


def _counted(health: Health, told: Told) -> Health:
    """How a profile is doing after one more round."""
    outcome = told.what if isinstance(told.what, Outcome) else None
    at_ns = told.at_ns + int(told.seconds * 1e9)
    return replace(
        health,
        ended_ns=at_ns,
        agreed_ns=at_ns if outcome and outcome.agreed else health.agreed_ns,
        exit_code=told.exit_code,
        rounds=health.rounds + 1,
        steps=health.steps + (len(outcome.done) if outcome else 0),
        failed=health.failed + (len(outcome.failed) if outcome else 0),
        size=health.size + (sum(done.size for done in outcome.done) if outcome else 0),
    )
