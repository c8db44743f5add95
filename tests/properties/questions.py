"""Asks the core what a run would ask it, without the run; and the same with every entry taken for a difference."""

from dataclasses import replace

from synctool.core.decide import Question, decide
from synctool.core.known import Look
from synctool.engine.look import differences
from synctool.engine.reading import Reader
from synctool.engine.sieve import sift


class Asker:
    """Looks at the sides of a rig as they are now, and decides."""

    def __init__(self, rig):
        self.rig = rig
        self.sides = {name: side for name, side in rig.sides.items() if name not in rig.down}
        self.reader = Reader(rig.ledger, self.sides)
        self.known = rig.ledger.remembered()

    def differences(self):
        """The question that a run would ask."""
        return Question(
            known=self.known,
            looks={name: self._look(name) for name in self.rig.sides},
            traits={name: side.traits for name, side in self.rig.sides.items()},
            policy=self.rig.profile.policy,
            waiting=self.known.waiting(),
        )

    def everything(self):
        """The same with all that is as it was taken for different, and every item for waiting."""
        asked = self.differences()
        items = list(self.rig.ledger.remembered().everything())
        looks = {name: self._whole(look) for name, look in asked.looks.items()}
        return replace(asked, looks=looks, waiting=items)

    def answer(self, asked):
        """What the core decides, once all that it must read is read."""
        plan = decide(asked)
        while plan.to_read:
            asked = replace(asked, looks=self.reader.read(plan.to_read, asked.looks))
            plan = decide(asked)
        return plan

    def _look(self, name):
        if name in self.rig.down:
            return Look(side=name, unlisted={"": "is down"})
        side, policy = self.rig.sides[name], self.rig.profile.policy
        found = differences(side, self.known, policy, lambda *_: None)
        return sift(side, self.known, policy, found, lambda entry: self.reader.sha256(side, entry)).look

    def _whole(self, look):
        rows = ((handle, item) for handle, *_, item in self.known.in_order(look.side))
        same = {
            handle: self.known.held_by(look.side, item)
            for handle, item in rows
            if not (look.blind or handle in look.missing or item in look.unseen | look.withdrawn)
        }
        return replace(look, seen={**same, **look.seen})
