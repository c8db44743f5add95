"""Whatever people do on whichever side, in whatever order: the promises hold."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from synctool.core.names import identity
from synctool.core.plan import Action
from tests.properties.houses import LAWS, deeds, numbers, trees
from tests.properties.people import HOUSES, People, files, folders, house
from tests.properties.questions import Asker


def work(plan):
    """The steps but for labels: one that went stale while its side was away shows only when its item is decided."""
    return [step for step in plan.steps if step.action is not Action.LABEL]


class Laws(RuleBasedStateMachine):
    """People act on any side, sides fail and come back, and runs happen between."""

    @initialize(kind=st.sampled_from(sorted(HOUSES)), tree=trees)
    def begin(self, kind, tree=()):
        self.folder = TemporaryDirectory()
        self.rig = house(Path(self.folder.name), HOUSES[kind])
        self.people = People(self.rig)
        self.kind = kind
        for deed in tree:
            self.people.act(**deed)
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
        self.one_plan_for_one_question()
        unseen = {name: self.rig.sides[name].tree() for name in self.rig.down}
        outcome = self.rig.run()
        assert not outcome.planned.plan.brakes
        assert not {done.step.side for done in outcome.done} & self.rig.down
        assert unseen == {name: self.rig.sides[name].tree() for name in self.rig.down}
        assert not self.people.lost()

    @rule(where=numbers, which=numbers)
    def run_with_an_unreadable_folder(self, where, which):
        side = list(self.rig.sides.values())[where % len(self.rig.sides)]
        folder = folders(side)[which % len(folders(side))]
        hidden = sorted(data for path, data in side.tree().items() if path.startswith(folder))
        side.unreadable = {folder}
        self.rig.run()
        side.unreadable = set()
        left = list(side.tree().values())
        assert all(left.count(data) >= hidden.count(data) for data in hidden)
        assert not self.people.lost()

    @rule(where=numbers, which=numbers)
    def run_while_a_document_can_be_neither_read_nor_changed(self, where, which):
        side = list(self.rig.sides.values())[where % len(self.rig.sides)]
        if found := files(side):
            path = found[which % len(found)]
            data = side.tree()[path]
            side.unreadable, side.locked = {path}, {path: "somebody"}
            self.rig.run()
            side.unreadable, side.locked = set(), {}
            assert data in side.tree().values()
            assert not self.people.lost()

    @rule()
    def settle(self):
        self.rig.down = set()
        self.run()
        self.run()
        assert not self.rig.plan().steps
        assert self.rig.run().exit_code == 0
        trees = [{identity(p): data for p, data in t.items()} for t in self.rig.trees().values()]
        if self.kind == "alike":
            assert all(tree == trees[0] for tree in trees)
        held = [sorted((p.count("/"), data) for p, data in t.items()) for t in trees]
        assert all(h == held[0] for h in held), trees

    def one_plan_for_one_question(self):
        asker = Asker(self.rig)
        asked = asker.differences()
        backwards = replace(asked, looks=dict(reversed(asked.looks.items())))
        plan = asker.answer(asked)
        assert plan == asker.answer(asked) == asker.answer(backwards)
        assert repr(plan.steps) == repr(asker.answer(backwards).steps)
        assert work(plan) == work(asker.answer(asker.everything()))

    def teardown(self):
        try:
            self.settle()
        finally:
            self.rig.ledger.close()
            self.folder.cleanup()


TestLaws = Laws.TestCase
TestLaws.settings = LAWS
