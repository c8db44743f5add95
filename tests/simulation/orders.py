"""Gives the orders that people and a watch give beside a plain run: a part of it, a saved plan, an undo, a decision."""

from functools import partial

from synctool.core.plan import Action, Why
from synctool.core.ruling import Word
from synctool.engine.conflicts import contested
from synctool.engine.cycle import plan_round
from synctool.engine.former import Undo
from synctool.engine.narrow import SavedPlan
from synctool.engine.resolve import Choice, resolve_round

TAKING = (Action.WRITE, Action.REPLACE, Action.REMOVE)


class Orders:
    """What people tell synctool in a world, by numbers that the world draws."""

    def __init__(self, world):
        self._world = world

    def give(self):
        """One order, whatever comes of it."""
        world = self._world
        world.tally.orders += 1
        with world.sleeping():
            decisions = [partial(self._resolve, one.path) for one in contested(world.ledger)]
        world.random.choice((self._apply_later, self._undo, self._only, self._hinted, *decisions))()

    def _apply_later(self):
        """A plan is saved; meanwhile time passes and people work; then it is applied."""
        world = self._world
        part = world.random.random() < 0.5
        world.tell(f"order: save {'a part of ' * part}a plan")
        planned = world.attempt(lambda: plan_round(world.round()))
        if planned is None:
            return
        steps = frozenset(step.id for step in planned.plan.steps if not part or world.random.random() < 0.5)
        saved = SavedPlan(planned.profile, planned.digest, planned.state, steps)
        world.clock.tick(world.random.choice((60, 600, 86_400)))
        for _ in range(world.random.randint(0, 3)):
            world.deed()
        world.tell(f"order: apply the saved plan of {len(steps)} steps")
        outcome = world.once(saved=saved)
        if outcome is not None:
            world.laws.as_saved(saved, outcome)

    def _only(self):
        """Somebody asks for one path alone."""
        world = self._world
        with world.sleeping():
            paths = sorted({path for side in world.sides.values() for path in side.tree()})
        path = world.random.choice(paths)
        world.tell(f"order: only {path!r}")
        world.once(only=(path,))

    def _hinted(self):
        """A watch looks where it was told to, at what is there, was there or never was."""
        world, hints = self._world, {}
        for name, side in world.sides.items():
            with world.sleeping():
                there = sorted(side.handles())
            told = world.random.sample([*there, "nowhere", ""], world.random.randint(0, 2))
            hints |= {name: frozenset(told)} if told else {}
        world.tell(f"order: look at { {name: sorted(told) for name, told in hints.items()} }")
        world.once(hints=hints, still=world.random.random() < 0.5)

    def _undo(self):
        world, journal = self._world, self._world.ledger.journal
        with world.sleeping():
            paths = sorted({path for step in journal.happened() for path in (step.path, step.to_path)})
            run = world.random.randint(0, journal.last_run())
        undo = world.random.choice((Undo(), Undo(run=run), *(Undo(path=path) for path in paths)))
        world.tell(f"order: {undo}")
        world.once(undo=undo)

    def _resolve(self, path):
        world = self._world
        takes = (Choice(Word.TAKE, name) for name in world.names)
        choice = world.random.choice((Choice(Word.KEEP_BOTH), Choice(Word.GONE), *takes))
        world.tell(f"order: resolve {path!r}: {choice.word.value} {choice.side}")
        world.attempt(lambda: resolve_round(world.round(actor="somebody"), path, choice, record=True))


def taken_by_decision(plan):
    """The side and the stamp of what a plan replaces or removes because a person decided so."""
    for step in plan.steps:
        if step.why is Why.DECIDED and step.action in TAKING and step.entry is not None:
            yield step.side, step.entry.stamp
