"""Whatever people do on whichever side, in whatever order: the promises hold."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from synctool.core.names import identity
from tests.properties.people import ALIKE, HOUSES, NAMES, VERBS, People, house

EXAMPLES = int(os.environ.get("SYNCTOOL_EXAMPLES", "0"))
settings.register_profile(
    "laws",
    max_examples=EXAMPLES or 25,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    stateful_step_count=14,
    suppress_health_check=list(HealthCheck),
)

numbers = st.integers(0, 40)
deeds = {"verb": st.sampled_from(VERBS), "where": numbers, "one": numbers, "two": numbers}
deeds |= {"name": st.sampled_from(NAMES), "data": st.none() | st.sampled_from(ALIKE)}


class Laws(RuleBasedStateMachine):
    """People act on any side, sides fail and come back, and runs happen between."""

    @initialize(kind=st.sampled_from(sorted(HOUSES)))
    def begin(self, kind):
        self.folder = TemporaryDirectory()
        self.rig = house(Path(self.folder.name), HOUSES[kind])
        self.people = People(self.rig)
        self.kind = kind
        self.settle()

    @rule(**deeds)
    def act(self, **deed):
        self.people.act(**deed)

    @rule(**deeds)
    def act_again(self, **deed):
        self.people.act(**deed)

    @rule(where=numbers)
    def go_down_or_up(self, where):
        names = list(self.rig.sides)
        self.rig.down ^= {names[where % len(names)]}

    @rule()
    def run(self):
        unseen = {name: self.rig.sides[name].tree() for name in self.rig.down}
        plan = self.rig.plan()
        assert plan == self.rig.plan()
        assert repr(plan) == repr(self.rig.plan())
        assert not plan.brakes
        assert not {s.side for s in plan.steps} & self.rig.down
        self.rig.run()
        assert unseen == {name: self.rig.sides[name].tree() for name in self.rig.down}
        assert not self.people.lost()

    @rule()
    def settle(self):
        self.rig.down = set()
        self.run()
        self.run()
        plan = self.rig.plan()
        assert not plan.steps, plan.steps
        trees = [{identity(p): data for p, data in t.items()} for t in self.rig.trees().values()]
        if self.kind == "alike":
            assert all(tree == trees[0] for tree in trees)
        held = [sorted((p.count("/"), data) for p, data in t.items()) for t in trees]
        assert all(h == held[0] for h in held), trees
        assert not self.people.lost()

    def teardown(self):
        try:
            self.settle()
        finally:
            self.rig.ledger.close()
            self.folder.cleanup()


TestLaws = Laws.TestCase
TestLaws.settings = settings.get_profile("laws")
