"""A look at what was hinted at alone, and at more where that says so, comes to what a look at everything comes to."""

import re

from hypothesis import given
from hypothesis import strategies as st

from synctool.core.model import Unlisted
from tests.properties.houses import FEW, houses, opened, settle

NONSENSE = (
    *(
        "../outside.txt",
        "/etc/hostname",
        "..",
        "/",
        "//",
        "a//b",
        ".",
        "a/../b",
        "nowhere/at/all/x.txt",
        "\0",
        "é",
        "f",
        "d",
    ),
    *(
        "d999999999999",
        "f999999999999",
        "f000000000001x",
        ".synctool/trash/1",
        ".placeholder",
        "a/.placeholder",
        "d\u0663",
    ),
)


def shown(rig):
    return {
        name: {e.handle: e for e in side.list() if not isinstance(e, Unlisted)}
        for name, side in rig.sides.items()
    }


def documents(side):
    """What a side holds where; which of two names that a drive takes for one carries a number, the first to come decides."""
    return sorted((re.sub(r" \[\w+-\d+\]", "", path).casefold(), data) for path, data in side.tree().items())


def changed(before, after):
    """The handles under which a side shows something else than before."""
    found = {
        name: frozenset(
            h for h in before[name].keys() | after[name].keys() if before[name].get(h) != after[name].get(h)
        )
        for name in before
    }
    return {name: handles for name, handles in found.items() if handles}


def round_of(rig, hints):
    """One round with these hints; in it no side that was partly looked at may have deleted anything."""
    outcome = rig.run(hints=hints)
    partly = {n for n, s in rig.sides.items() if not s.traits.lasting_refs and "" not in hints.get(n, ())}
    assert not any(decision.deleted.keys() & partly for decision in outcome.planned.plan.decisions)
    assert outcome.planned.glanced == {n for n in rig.sides if "" not in hints.get(n, ())}
    return outcome


def come_to_an_end(rig, hints):
    """Rounds with hints, and full looks where these ask for them."""
    for _ in range(6):
        outcome = round_of(rig, hints)
        hints = {side: frozenset({""}) for side in outcome.again}
        if not hints and not outcome.done:
            return
    raise AssertionError("it comes to no end")


@given(houses(None))
@FEW
def test_hints_lead_to_what_a_full_look_leads_to(drawn):
    ends = []
    for hinted in (False, True):
        with opened(drawn) as (rig, people):
            before = shown(rig)
            for deed in drawn.script:
                people.act(**deed)
            if hinted:
                come_to_an_end(rig, changed(before, shown(rig)))
            else:
                settle(rig)
            assert not people.lost()
            ends.append({name: documents(side) for name, side in rig.sides.items()})
    assert ends[0] == ends[1]


@given(houses(None), st.data())
@FEW
def test_hints_that_are_doubled_missing_or_nonsense_do_no_harm(drawn, data):
    with opened(drawn) as (rig, people):
        before = shown(rig)
        for deed in drawn.script:
            people.act(**deed)
        true = changed(before, shown(rig))
        for _ in range(2):
            hints = {}
            for name in data.draw(st.sets(st.sampled_from(sorted(rig.sides)))):
                known = sorted({*before[name], *true.get(name, ()), *NONSENSE})
                hints[name] = frozenset(data.draw(st.sets(st.sampled_from(known))))
            round_of(rig, hints)
            assert not people.lost()
        settle(rig)
        settle(rig)
        assert not people.lost()
        assert not rig.plan().steps
