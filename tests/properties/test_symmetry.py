"""The order of work, the number of workers and the names of sides change nothing."""

from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from synctool.core.names import identity
from synctool.engine.acts import Run
from synctool.engine.execute import carry_out
from synctool.store.audit import Audit
from tests.properties.houses import FEW, scripts, trees
from tests.properties.people import HOUSES, People, house
from tests.properties.questions import Asker

OTHERS = {
    "one": "zulu",
    "two": "yankee",
    "three": "xray",
    "filevine": "whiskey",
    "s3": "victor",
    "zdrive": "uniform",
}


def lived(folder, traits, tree, script):
    """A rig on which people made a tree that all sides agree on, and then did these things."""
    rig = house(Path(folder), traits)
    people = People(rig)
    for deed in tree:
        people.act(**deed)
    rig.run()
    rig.run()
    for deed in script:
        people.act(**deed)
    return rig


def answer(rig):
    asker = Asker(rig)
    return asker.answer(asker.differences())


def carried_out(rig, order):
    """The trees after every step of the plan, taken in this order inside each layer and wave."""
    plan = answer(rig)
    steps = list(plan.steps)
    order.shuffle(steps)
    steps.sort(key=lambda s: (s.layer.value, s.wave))
    rig.ledger.settle(plan.decisions, rig.profile.policy.ranks, frozenset())
    run = Run(
        number=1,
        actor="test",
        ledger=rig.ledger,
        audit=Audit(rig.tools.state / "audit.jsonl"),
        sides=rig.sides,
        policy=rig.profile.policy,
        state=rig.tools.state,
        clock=rig.clock,
        progress=rig.tools.progress,
    )
    carry_out(run, replace(plan, steps=tuple(steps)))
    return rig.trees()


@FEW
@given(
    kind=st.sampled_from(["alike", "firm"]),
    tree=trees,
    script=scripts,
    order=st.randoms(use_true_random=False),
)
def test_inside_a_layer_any_order_and_any_number_of_workers_do_the_same(kind, tree, script, order):
    ends = []
    for jobs, shuffled in ((1, Random(0)), (8, order)):
        traits = {name: replace(t, jobs=jobs) for name, t in HOUSES[kind].items()}
        with TemporaryDirectory() as folder:
            rig = lived(folder, traits, tree, script)
            ends.append(carried_out(rig, shuffled))
            rig.ledger.close()
    assert ends[0] == ends[1]


def renamed(text):
    for name, other in OTHERS.items():
        text = text.replace(name, other)
    return text


@FEW
@given(kind=st.sampled_from(["alike", "firm"]), tree=trees, script=scripts)
def test_other_names_for_the_sides_are_other_names_in_the_plan(kind, tree, script):
    told = []
    script = [deed | {"data": deed["data"] or b"%d" % n} for n, deed in enumerate(script)]
    tree = [deed | {"data": deed["data"] or b"tree %d" % n} for n, deed in enumerate(tree)]
    for name in (identity, renamed):
        traits = {name(side): t for side, t in HOUSES[kind].items()}
        with TemporaryDirectory() as folder:
            rig = lived(folder, traits, tree, script)
            told.append(sorted(renamed(repr(fact)) for fact in _facts(answer(rig).steps)))
            rig.ledger.close()
    assert told[0] == told[1]


def _facts(steps):
    """What is told of a step, but for numbers that a side gives out, which follow the order of the writers."""
    return [
        (
            s.layer,
            s.wave,
            s.action,
            s.side,
            s.path,
            s.to_path,
            s.content and s.content.size,
            s.source,
            s.causes,
        )
        for s in steps
    ]
