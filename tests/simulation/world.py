"""Draws a world from a seed, and lets it live: sides, a profile, people, weather, crashes and time."""

import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from synctool.core.patterns import Pattern
from synctool.core.policy import Adopt, Brakes, ConflictRule, Refused, Role, Rule, Settle
from synctool.engine.connect import Connected
from synctool.engine.cycle import apply_round
from synctool.engine.rounds import Round
from synctool.engine.tools import Ask, Tools
from synctool.errors import Braked, Misuse, SideError, StateError
from synctool.sides.hardened import Hardened
from synctool.sides.memory import PATHS, REFS
from synctool.store.ledger import Ledger
from tests.engine.rig import Rig, StillClock
from tests.properties.houses import HELD
from tests.properties.people import (
    ALIKE,
    DRIVE,
    FILEVINE,
    KEPT,
    LENIENT,
    NAMES,
    S3,
    VERBS,
    People,
    files,
    folders,
)
from tests.simulation.baton import Baton, Crew, Lock
from tests.simulation.laws import Laws
from tests.simulation.orders import Orders, taken_by_decision
from tests.simulation.weather import CALM, Exposed, Weather

KINDS = (PATHS, REFS, FILEVINE, S3, DRIVE)
PATIENCE = 6
"""Clean runs in which a world at rest must have settled."""


class Crash(BaseException):
    """The program is gone."""


@dataclass
class Tally:
    """What a world went through."""

    runs: int = 0
    failures: int = 0
    crashes: int = 0
    deeds: int = 0
    orders: int = 0


class World(Rig):
    """A rig in the weather. scenes: how many days it lives before it rests; without: the scenes that are left out.

    busy: people also give orders, meet at one document, and close places to everything new.
    """

    def __init__(self, seed, folder, without=()):
        self.seed = seed
        self.random = Random(f"{seed} drawn")
        self.without = without
        self.busy = Random(f"{seed} busy").random() < 0.5
        self.scenes = self.random.randint(2, 7)
        self.trace = []
        self.tally = Tally()
        self.rejected = self.forgot = False
        self.weather = CALM
        self.backup = None
        self.repeated = set(ALIKE)  # what people have written more than once
        self.moments = 0
        self.dead = self.asleep = False
        self.changes = Counter()
        self.clock = Ticking(self)
        self.laws = Laws(self)
        super().__init__(folder, self._sides(), self.clock, **_policy(self.random, self.names))
        self.ledger.close()
        self.profile = replace(self.profile, trash_days=self.random.choice((7, 30)))
        self.baton = Baton(self._below)
        self.crew = self.random.choice((1, 2, 4, 16))
        self.tools = Tools(folder, self.clock, pool=self._crew)
        self.people = People(self)
        self.orders = Orders(self)
        self.ledger = self._ledger()
        for side in self.sides.values():
            side.put(KEPT, b"kept")

    def live(self):
        """Every scene, and then the rest. Raises Broken, or what nobody foresaw."""
        for number in range(self.scenes):
            if number not in self.without:
                self.random = Random(f"{self.seed} scene {number}")
                self.tell(f"-- scene {number}")
                self._scene()
        self.random = Random(f"{self.seed} rest")
        self.tell("-- rest")
        self._rest()

    def tell(self, text):
        self.trace.append(f"{self.clock.now - self.clock.began:>16} {self.baton.mine.name:9} {text}")

    def did(self, side, verb):
        self.changes[side, verb] += 1

    def happens(self, what):
        happened = not self.asleep and self.random.randrange(100) < getattr(self.weather, what)
        self.tally.failures += happened and what != "deeds"
        return happened

    def moment(self, text=""):
        """A point in time at which anything may happen, and somebody else may go on."""
        if self.asleep:
            return
        self._gone()
        if text:
            self.tell(text)
        self.moments += 1
        if self.moments == self.weather.crash:
            self.dead = True
            self.tally.crashes += 1
            self.tell("crash")
        self._gone()
        self.clock.now += self.random.randrange(1, 10**8)
        self.baton.pass_on()
        self._gone()
        if self.happens("away"):
            side = self.random.choice(list(self.sides.values()))
            side.away = not side.away
            self.tell(f"{side.name} {'goes away' if side.away else 'comes back'}")
        if self.happens("deeds"):
            self.deed()

    def _gone(self):
        if self.dead:
            raise Crash

    def _below(self, count):
        return self.random.randrange(count)

    def _crew(self, workers):
        return Crew(self.baton, min(workers, self.crew), lambda: self.random.random() < 0.5)

    def _ledger(self):
        ledger = Ledger(self.tools.state / "case.db")
        lock, disk = Lock(self.moment), Disk(ledger._db, self)
        for part in (ledger, ledger.journal, ledger.disputes):
            part._lock, part._db = lock, disk
        return ledger

    @contextmanager
    def sleeping(self):
        """Nothing happens meanwhile: somebody only looks."""
        before, self.asleep = self.asleep, True
        try:
            yield
        finally:
            self.asleep = before

    def _sides(self):
        self.names = [f"side{n}" for n in range(1, self.random.choice((2, 2, 3, 3, 4)) + 1)]
        sides = {}
        for name in self.names:
            traits = replace(self.random.choice(KINDS), jobs=16)
            if self.random.random() < 0.2:
                traits = replace(traits, folds_case=not traits.folds_case)
            sides[name] = Exposed(name, self, clock=self.clock.now_ns, traits=traits)
            if self.random.random() < 0.1:
                sides[name].refuses = self.random.choice("0123456789abcdef")
        return sides

    def _scene(self):
        draw = self.random
        self.clock.tick(draw.choice((1, 60, 3600, 86_400, 8 * 86_400, 40 * 86_400)))
        for _ in range(draw.randint(0, 6)):
            self.deed()
        if self.busy and draw.random() < 0.5:
            self._clash()
        self._mishap(draw.random())
        self.down = {name for name in self.names if draw.random() < 0.1}
        for side in self.sides.values():
            side.unreadable = {draw.choice(folders(side)[1:] or ["x/"])} if draw.random() < 0.1 else set()
            side.locked = {draw.choice(list(side.tree())): "somebody"} if draw.random() < 0.1 else {}
        closed = draw.choice(([], self.names, self.names[:1])) if self.busy else []
        for name, side in self.sides.items():
            side.closed = name in closed
        self.weather = _weather(draw)
        self.tell(f"{self.weather} down: {sorted(self.down)}")
        for _ in range(draw.choice((1, 1, 2))):
            self.once()
        if self.busy and draw.random() < 0.5:
            self.orders.give()
        self.weather = CALM

    def _mishap(self, number):
        """Now and then the state is lost, an older copy of it is put back, or the rules are changed."""
        if number < 0.04:
            self.tell("the state is lost")
            self._put_state(None)
        elif number < 0.08 and self.backup:
            self.tell("an older state is put back")
            self._put_state(self.backup)
        elif number < 0.12:
            self._exclude(self.random.sample(("a", "b/", "*.docx", "*.txt", "/a/", "c"), 2))
        elif number < 0.2:
            self.backup = self._copied()

    def _exclude(self, patterns):
        self.tell(f"excluded: {patterns}")
        self.policy(rules=tuple(Rule(Pattern(text), include=False) for text in patterns))
        self.profile = replace(self.profile, rules_digest=repr(patterns))

    def deed(self):
        """Somebody does something at a side."""
        draw = self.random
        deed = {name: draw.randrange(21) for name in ("where", "one", "two")}
        deed |= {"verb": draw.choice(VERBS), "name": draw.choice(NAMES)}
        if draw.random() < 0.3:
            there = [data for side in self.sides.values() for data in side.tree().values()]
            deed["data"] = draw.choice((*ALIKE, *there))
            self.repeated.add(deed["data"])
        self.tally.deeds += 1
        self.tell(f"person: {deed}")
        self.people.act(**deed)

    def _clash(self):
        """Two people work on one document, each at another side."""
        one, two = self.random.sample(list(self.sides.values()), 2)
        both = sorted({*files(one)} & {*files(two)})
        path = self.random.choice(both) if both else NAMES[2]
        for side in (one, two):
            there = files(side)
            deed = {"verb": "edit", "one": there.index(path)} if both else {"verb": "put", "one": 0}
            self.tell(f"person: {path!r} on {side.name}")
            self.people.act(where=self.names.index(side.name), two=0, name=path, **deed)

    def _rest(self):
        self.down = set()
        for side in self.sides.values():
            side.unreadable, side.locked, side.away, side.closed = set(), {}, False, False
        if self.profile.policy.rules:
            self._exclude(())
        for _ in range(PATIENCE):
            self.clock.tick(86_400)
            outcome = self.once() or self.once()
            codes = frozenset()
            while new := {brake.code for brake in outcome.planned.plan.brakes} - codes:
                codes |= new  # behind one brake there may be another
                outcome = self.once(accepted=codes)
            if not outcome.done and outcome.exit_code in (0, 4):
                break
        self.laws.at_rest(self.once())

    def once(self, saved=None, **ask):
        """One run, as the weather lets it be; None if it was cut short."""
        self.tally.runs += 1
        self.changes = Counter()
        outcome = self.attempt(lambda: apply_round(self.round(**ask), saved, self._confirm))
        if outcome is not None:
            self.tell(f"exit {outcome.exit_code}, {len(outcome.done)} done, {len(outcome.failed)} failed")
        with self.sleeping():
            self.laws.after_any_run()
            if outcome is not None:
                self.laws.after_a_run(outcome, self.changes)
            else:
                self.laws.recorded()
        return outcome

    def attempt(self, call):
        """What a call of the engine gives, as the weather lets it be; None if it was cut short or refused."""
        self.moments = 0
        before = self._copied() if self.weather.power else None
        try:
            return call()
        except Crash:
            self._restart(before)
        except (sqlite3.OperationalError, StateError) as error:
            self.tell(f"ended: {error}")
            if "older" in str(error):  # a person moves it away
                self._put_state(None)
            else:
                self._restart()
        except (Misuse, Braked, SideError) as error:
            self.tell(f"refused: {error}")
        return None

    def _confirm(self, planned):
        """Whoever decides takes away what the plan says, knowingly."""
        digests = {self.sides[side].shown.get(stamp) for side, stamp in taken_by_decision(planned.plan)}
        self.people.excused |= {data for data in self.people.made if sha256(data).hexdigest() in digests}
        return True

    def round(self, **ask):
        up, closed = {}, dict.fromkeys(self.down, "is down")
        for name, side in self.sides.items():
            if name not in closed:
                source = self.profile.policy.role(name) is Role.SOURCE
                up[name] = Hardened(
                    side, sleep=self.clock.sleep, random=lambda: 0.5, attempts=2, read_only=source
                )
        return Round(self.profile, Ask(**ask), self.tools, self.ledger, Connected(up, closed))

    def _restart(self, durable=None):
        self.dead = False
        if durable is None:
            self.ledger.close()
            self.ledger = self._ledger()
        else:
            self._put_state(durable)

    def _copied(self):
        """The state as it is now."""
        copy = sqlite3.connect(":memory:")
        self.ledger._db.backup(copy)
        return copy

    def _put_state(self, copy):
        """Put a copy of a state in the place of the present one, or nothing."""
        self.forgot = True
        self.ledger.close()
        for file in self.tools.state.glob("case.db*"):
            file.unlink()
        if copy is not None:
            with closing(sqlite3.connect(self.tools.state / "case.db")) as there:
                copy.backup(there)
        self.ledger = self._ledger()


class Ticking(StillClock):
    """Time that passes with every moment; whoever sleeps lets the others go on."""

    def __init__(self, world):
        super().__init__()
        self.began = self.now
        self._world = world

    def sleep(self, seconds):
        self.tick(seconds)
        self._world.moment("sleep")

    def tick(self, seconds=60):
        self.now += int(seconds * 1e9)


class Disk:
    """The database of a state on a disk that fails now and then: nothing is begun, or nothing is kept."""

    def __init__(self, connection, world):
        self._connection = connection
        self._world = world

    def execute(self, statement, *values):
        if statement in ("BEGIN IMMEDIATE", "COMMIT") and self._world.happens("disk"):
            self._world.tell(f"{statement}: the disk fails")
            raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(statement, *values)

    def __getattr__(self, name):
        return getattr(self._connection, name)


def _weather(draw):
    """Mostly one thing is the matter, sometimes all, sometimes none."""
    crash = draw.choice((0, 0, draw.randint(1, 60), draw.randint(1, 400)))
    kinds = [field.name for field in fields(Weather) if field.type is int and field.name != "crash"]
    bad = draw.choice(([], kinds, [draw.choice(kinds)], draw.sample(kinds, 3)))
    return Weather(
        **{kind: draw.choice((1, 5, 20)) for kind in bad},
        crash=crash,
        power=bool(crash) and draw.random() < 0.3,
    )


def _policy(draw, names):
    said = {"brakes": LENIENT}
    if draw.random() < 0.3:
        said["roles"] = {draw.choice(names): draw.choice(list(Role))}
    settle = draw.choice((Settle.KEEP_BOTH, *Settle))
    said["conflicts"] = (
        ConflictRule(Pattern("**"), settle, draw.choice(names) if settle is Settle.PREFER else ""),
    )
    if draw.random() < 0.3:
        said["deletes_from"] = frozenset(draw.sample(names, draw.randint(1, len(names))))
        said["refused"] = draw.choice(list(Refused))
    if draw.random() < 0.3:
        said["holds"] = (HELD,)
    if draw.random() < 0.3:
        said["brakes"] = Brakes(draw.randint(0, 3), 1, 1, draw.choice((0, 0.5)))
    said["adopt"] = draw.choice((Adopt.CONTENT, *Adopt))
    return said


def lived(seed, without=()):
    """A world that has lived, and what was broken in it: (world, error or None)."""
    with TemporaryDirectory() as folder:
        world = World(seed, Path(folder), without)
        try:
            world.live()
        except Exception as error:  # noqa: BLE001 - whatever it is, the seed is told with it
            return world, error
        else:
            return world, None
        finally:
            world.ledger.close()
