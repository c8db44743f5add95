"""Whatever a profile says of roles, conflicts, deletes, holds and brakes: no content is lost, and runs come to an end."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from synctool.core.model import Kind
from synctool.core.patterns import Pattern
from synctool.core.plan import Action
from synctool.core.policy import Brakes, Role, Rule
from tests.properties.houses import FEW, HELD, LAWS, everywhere, houses, lose_state, numbers, opened, settle
from tests.properties.people import files

excluding = st.lists(st.sampled_from(["a", "b/", "*.docx", "*.txt", "/a/", "c"]), max_size=2)


def steps_done(outcome, *actions):
    return [done.step for done in outcome.done if done.step.action in actions]


@LAWS
@given(houses(), st.lists(st.none() | numbers, min_size=4, max_size=4))
def test_content_survives_every_run_whatever_the_profile_says_and_whoever_is_away(drawn, away):
    with opened(drawn, agreed=False) as (rig, people):
        names = list(rig.sides)
        script = [drawn.script[n::3] for n in range(3)]
        for deeds, gone in zip([[], *script], away, strict=True):
            for deed in deeds:
                people.act(**deed)
            rig.down = set() if gone is None else {names[gone % len(names)]}
            before, unseen = everywhere(rig), {name: rig.sides[name].tree() for name in rig.down}
            rig.run()
            assert before <= everywhere(rig)
            assert unseen == {name: rig.sides[name].tree() for name in rig.down}


@LAWS
@given(houses())
def test_runs_come_to_an_end_and_then_find_nothing_to_do_whatever_the_profile_says(drawn):
    with opened(drawn) as (rig, people):
        for deed in drawn.script:
            people.act(**deed)
        settle(rig)
        assert not rig.plan().steps
        outcome = rig.run()
        assert not outcome.done
        assert outcome.exit_code in ({0, 4} if drawn.policy["conflicts"][0].settle.value == "hold" else {0})


@LAWS
@given(houses())
def test_a_source_is_never_written_and_an_archive_never_loses_a_path_to_a_delete(drawn):
    with opened(drawn, agreed=False) as (rig, people):
        rig.run()
        for deed in drawn.script:
            people.act(**deed)
        roles = rig.profile.policy.roles
        sources = [name for name, role in roles.items() if role is Role.SOURCE]
        before = {name: rig.sides[name].tree() for name in sources}
        outcome = settle(rig)
        assert before == {name: rig.sides[name].tree() for name in sources}
        removed = {step.side for step in steps_done(outcome, Action.REMOVE)}
        assert not {name for name in removed if roles.get(name) is Role.ARCHIVE}


@LAWS
@given(houses())
def test_nothing_is_removed_past_a_hold(drawn):
    drawn = replace(drawn, policy={**drawn.policy, "holds": (HELD,)})
    with opened(drawn) as (rig, people):
        agreed = {path for side in rig.sides.values() for path in files(side) if HELD.matches(path)}
        for deed in drawn.script:
            people.act(**deed)
        for _ in range(2):
            for step in steps_done(rig.run(), Action.REMOVE):
                assert step.path not in agreed
                assert not HELD.matches(step.path)


@LAWS
@given(houses(profile=None), st.integers(0, 2))
def test_no_more_is_removed_than_the_brake_lets_pass(drawn, limit):
    with opened(drawn) as (rig, people):
        rig.policy(brakes=Brakes(deletes_count=limit, deletes_share=1, overwrites_share=1, shrunk=0))
        removed = set()
        for deed in drawn.script:
            people.act(**deed)
        for _ in range(2):
            outcome = rig.run()
            documents = {d.item for d in outcome.planned.plan.decisions if d.agreed.kind is Kind.FILE}
            removed |= {s.item for s in steps_done(outcome, Action.REMOVE) if s.item in documents}
            assert len(removed) <= limit
            assert bool(outcome.planned.plan.brakes) == (outcome.exit_code == 6)


@LAWS
@given(houses(), st.lists(excluding, min_size=1, max_size=3))
def test_filters_never_delete_and_never_change_what_is_there(drawn, rules):
    with opened(drawn) as (rig, _):
        before = rig.trees()
        for number, excluded in enumerate([*rules, []]):
            rig.policy(rules=tuple(Rule(Pattern(text), include=False) for text in excluded))
            rig.profile = replace(rig.profile, rules_digest=f"rules {number}")
            rig.run()
            for name, tree in rig.trees().items():
                assert before[name].items() <= tree.items()


@LAWS
@given(houses())
def test_losing_the_state_removes_nothing_and_every_content_is_still_there(drawn):
    with opened(drawn) as (rig, people):
        for deed in drawn.script:
            people.act(**deed)
        lose_state(rig)
        before = {name: set(side.tree().values()) for name, side in rig.sides.items()}
        kept = everywhere(rig)
        for _ in range(3):
            assert not steps_done(rig.run(), Action.REMOVE)
        assert kept <= everywhere(rig)
        if not drawn.policy.get("roles") and drawn.policy["conflicts"][0].settle.value == "keep-both":
            union = set().union(*before.values())
            assert all(union <= set(side.tree().values()) for side in rig.sides.values())


@FEW
@given(houses(profile=None))
def test_what_all_agree_on_stays_as_it_is_when_the_state_is_lost_and_makes_no_copies(drawn):
    with opened(drawn) as (rig, people):
        for deed in drawn.script:
            people.act(**deed)
        settle(rig)
        before = rig.trees()
        for _ in range(2):
            assert not steps_done(rig.run(), *Action)
        lose_state(rig)
        rig.run()
        assert rig.trees() == before


@FEW
@given(houses(), st.lists(st.tuples(numbers, numbers), max_size=6))
def test_a_touch_transfers_nothing_and_equal_edits_are_no_conflict(drawn, touched):
    with opened(drawn) as (rig, _):
        rig.clock.tick()
        for where, which in touched:
            side = list(rig.sides.values())[where % len(rig.sides)]
            if found := files(side):
                side.touch(found[which % len(found)])
        for side in rig.sides.values():
            side.put("kept.txt", b"the same edit")
            side.put("new here.txt", b"the same new document")
        outcome = rig.run()
        assert not any(done.size for done in outcome.done)
        assert not [s for s in outcome.planned.plan.standoffs if "kept" in s.path or "new here" in s.path]
