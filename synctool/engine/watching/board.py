"""Keeps the hints of every profile until a worker takes them, from whatever thread they come."""

from collections.abc import Collection, Mapping
from math import inf
from threading import Condition
from typing import NamedTuple

from synctool.core.pacing import (
    Ended,
    Habit,
    Hint,
    Pace,
    Places,
    begun,
    due,
    ended,
    hear,
    is_still,
    waits,
)
from synctool.engine.clock import Clock


class Turn(NamedTuple):
    """A round that is to be made now: whose, and where it looks; None is everywhere.

    still: nothing has been heard of these places for long enough.
    """

    name: str
    places: Places | None
    still: bool = False


class Standing(NamedTuple):
    """How a profile stands: when its next round is due and since when one goes on, in monotonic seconds, and what it heard."""

    due: float
    since: float | None
    hints: int


class Board:
    """Where hints wait; every method may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = Condition()
        self._habits: dict[str, Habit] = {}
        self._paces: dict[str, Pace] = {}
        self._due: dict[str, float] = {}
        self._since: dict[str, float] = {}
        self._hints: dict[str, int] = {}
        self._closed = False

    def enrol(self, habit: Habit) -> None:
        """Watch a profile, or watch it otherwise than until now; what is new is looked at everywhere first."""
        with self._changed:
            old = self._habits.get(habit.name)
            if old == habit:
                return
            self._habits[habit.name] = habit
            if old and old.sides == habit.sides:
                self._put(habit.name, self._paces[habit.name])
            else:
                self._put(habit.name, Pace(taken={} if habit.name in self._since else None))

    def dismiss(self, name: str) -> None:
        """Watch a profile no longer; the round that is going on may end."""
        with self._changed:
            for kept in (self._habits, self._paces, self._due, self._hints):
                kept.pop(name, None)

    def put(self, name: str, hints: Collection[Hint]) -> None:
        """Note hints for a profile; for one that is not watched they say nothing."""
        with self._changed:
            if name in self._paces:
                self._hints[name] = self._hints.get(name, 0) + len(hints)
                self._put(name, hear(self._paces[name], self._habits[name], hints, self._clock.monotonic()))

    def take(self) -> Turn | None:
        """The next round, as soon as one is due; None when the board is closed."""
        with self._changed:
            while not self._closed:
                if turn := self._next():
                    return turn
                pause = min(self._due.values(), default=inf) - self._clock.monotonic()
                self._changed.wait(None if pause == inf else max(0.0, pause))
            return None

    def end(self, name: str, how: Ended) -> None:
        """A round has ended."""
        with self._changed:
            self._since.pop(name, None)
            if name in self._paces:
                self._put(name, ended(self._paces[name], self._habits[name], how, self._clock.monotonic()))

    def waits(self, name: str, hint: Hint) -> bool:
        """Whether a hint has not been followed yet by a profile that is watched."""
        with self._changed:
            return name in self._paces and waits(self._paces[name], hint)

    def standing(self) -> Mapping[str, Standing]:
        """How every profile stands."""
        with self._changed:
            return {
                name: Standing(moment, self._since.get(name), self._hints.get(name, 0))
                for name, moment in self._due.items()
            }

    def close(self) -> None:
        """Give out no more rounds."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _next(self) -> Turn | None:
        now = self._clock.monotonic()
        name = min(self._due, key=lambda each: self._due[each], default=None)
        if name is None or self._due[name] > now:
            return None
        pace, places = begun(self._paces[name], self._habits[name], now)
        self._since[name] = now
        self._put(name, pace)
        return Turn(name, places, is_still(pace, self._habits[name], now))

    def _put(self, name: str, pace: Pace) -> None:
        self._paces[name] = pace
        self._due[name] = due(pace, self._habits[name])
        self._changed.notify()
