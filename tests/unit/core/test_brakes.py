"""What a person should look at first: what is counted, and what is withheld with it."""

from dataclasses import replace

import pytest

from synctool.core.brakes import History, brake, fresh_code, side_brake, withhold, withhold_items
from synctool.core.item import Agreed, Value
from synctool.core.known import Look
from synctool.core.merge import Merged
from synctool.core.model import Gap, Kind
from synctool.core.plan import Action, Brake, Decision, Layer, Plan, Step, Why
from synctool.core.policy import Brakes, Policy
from synctool.core.ruling import Ruling, Word
from tests.unit.core.made import Made, content

LAX = Brakes(1000, 1000, 1000, 0)


@pytest.fixture
def made():
    """Forty documents, 1 to 40, at the root."""
    made = Made()
    for item in range(1, 41):
        made.hold(item, f"{item}.txt", size=item)
    return made


def plan(made):
    """A plan with one step and one decision for every case."""
    steps = [
        Step(
            layer=Layer.REMOVE,
            action=Action.REMOVE,
            side="zdrive",
            item=item,
            kind=case.before.kind,
            path=f"{item}",
            to_path=f"{item}",
            why=Why.DELETED,
        )
        for item, case in made.world.cases.items()
    ]
    decisions = [Decision(item, case.agreed, {}, "") for item, case in made.world.cases.items()]
    return Plan(steps=tuple(steps), decisions=tuple(decisions))


def braked(made, *accepted, documents=40, **history):
    return brake(plan(made), made.world, History(documents=documents, **history), frozenset(accepted))


def texts(made, **history):
    return [each.text for each in braked(made, **history).brakes]


def delete(made, *items):
    for item in items:
        made.say(item, exists=False)


def items_of(steps):
    return {step.item for step in steps}


@pytest.mark.parametrize(
    ("limits", "gone", "history", "text"),
    [
        ({"deletes_count": 3}, 3, {}, None),
        ({"deletes_count": 3}, 4, {}, "4 of 40 documents would be deleted"),
        ({"deletes_count": 3}, 3, {"deleted": 1}, "3 of 41 documents would be deleted, 1 more in the last 24 hours"),
        ({"deletes_count": 3}, 0, {"deleted": 9}, None),
        ({"deletes_share": 0.25}, 10, {}, None),
        ({"deletes_share": 0.25}, 11, {}, "11 of 40 documents would be deleted"),
        ({"deletes_share": 0.25}, 9, {"deleted": 1}, None),
        ({"deletes_share": 0.25}, 9, {"deleted": 2}, "9 of 42 documents would be deleted, 2 more in the last 24 hours"),
        ({"deletes_share": 0.25}, 5, {"documents": 9}, None),
        ({"deletes_share": 0.25}, 5, {"documents": 10}, "5 of 10 documents would be deleted"),
    ],
)  # fmt: skip
def test_deletes_beyond_a_limit(made, limits, gone, history, text):
    made.policy["brakes"] = replace(LAX, **limits)
    delete(made, *range(1, gone + 1))
    assert texts(made, **history) == ([text] if text else [])


@pytest.mark.parametrize(
    ("edited", "history", "text"),
    [
        (20, {}, None),
        (21, {}, "21 of 40 documents would be overwritten"),
        (20, {"overwritten": 1}, "20 of 40 documents would be overwritten, 1 more in the last 24 hours"),
        (0, {"overwritten": 30}, None),
        (6, {"documents": 9}, None),
        (6, {"documents": 10}, "6 of 10 documents would be overwritten"),
    ],
)
def test_overwrites_beyond_a_limit(made, edited, history, text):
    made.policy["brakes"] = replace(LAX, overwrites_share=0.5)
    for item in range(1, edited + 1):
        made.say(item, content=content(100 + item))
    assert texts(made, **history) == ([text] if text else [])


def test_what_was_renamed_or_comes_back_is_not_overwritten(made):
    made.policy["brakes"] = replace(LAX, overwrites_share=0)
    made.say(1, name="x.txt")
    gone = made.known.agreed[2]
    made.known.agreed[2] = replace(gone, value=gone.value._replace(exists=False))
    made.say(2, exists=True, content=content(200))
    made.say(3, exists=False, content=content(201))
    made.come(50, "new.txt", on=["s3"], size=202)
    assert texts(made) == []


@pytest.mark.parametrize(("on", "counts"), [(["s3"], False), (["s3", "zdrive"], True)])
def test_what_one_side_alone_held_takes_nobodys_place(made, on, counts):
    made.policy["brakes"] = replace(LAX, overwrites_share=0)
    made.hold(1, "1.txt", on=on)
    made.say(1, content=content(100))
    assert texts(made) == (["1 of 40 documents would be overwritten"] if counts else [])


def test_what_arrives_elsewhere_with_the_same_bytes_is_a_move(made):
    made.policy["brakes"] = replace(LAX, deletes_count=0)
    delete(made, 1)
    made.come(50, "moved.txt", on=["zdrive"], size=1)
    assert texts(made) == []
    made.hold(41, "other.txt", size=1)
    made.say(41)
    assert texts(made) == []
    made.cases.pop(50)
    assert texts(made) == ["1 of 40 documents would be deleted"]
    made.come(50, "moved.txt", on=["zdrive"], size=1)
    delete(made, 41)
    assert texts(made) == ["1 of 40 documents would be deleted"]


def dead(made, *items):
    """Let documents be gone already, and still be spoken of."""
    for item in items:
        gone = made.known.agreed[item]
        made.known.agreed[item] = replace(gone, value=gone.value._replace(exists=False))
        made.say(item)


def test_what_was_gone_before_is_no_place_that_bytes_moved_to(made):
    made.policy["brakes"] = replace(LAX, deletes_count=0)
    made.hold(41, "same bytes.txt", size=1)
    dead(made, 41)
    delete(made, 1)
    assert texts(made) == ["1 of 40 documents would be deleted"]


def test_what_is_withheld_may_lie_in_a_folder_that_nothing_is_said_of(made):
    made.policy["brakes"] = replace(LAX, deletes_count=0)
    made.folder(50, "d")
    made.hold(51, "x.txt", 50, size=51)
    delete(made, 51)
    assert items_of(braked(made).withheld) == {51}


def test_what_goes_for_good_or_was_gone_before_is_no_new_delete(made):
    made.policy["brakes"] = replace(LAX, deletes_count=0)
    gone = made.known.agreed[1]
    made.known.agreed[1] = replace(gone, value=gone.value._replace(exists=False))
    made.say(1)
    made.say(2)
    assert texts(made) == []
    delete(made, 3)
    assert items_of(braked(made).withheld) == {3}


def test_folders_are_not_counted_nor_what_a_person_decided(made):
    made.policy["brakes"] = replace(LAX, deletes_count=0)
    made.folder(50, "d")
    delete(made, 50)
    made.say(1, exists=False, merged=Merged(None, {}, ruling=Ruling(Word.GONE)))
    assert texts(made) == []


def ransom(made, struck):
    """So many documents to strike, where no other limit is in the way."""
    made.policy["brakes"] = LAX
    return range(1, struck + 1)


RANSOM = "11 of 40 documents changed their extension or became empty at once, as ransomware does"


@pytest.mark.parametrize(
    ("struck", "documents", "told"),
    [(11, 40, True), (10, 40, False), (10, 39, True), (9, 20, False), (11, 9, False)],
)
def test_many_that_become_empty_at_once(made, struck, documents, told):
    for item in ransom(made, struck):
        made.say(item, content=content(0))
    text = RANSOM.replace("11", f"{struck}").replace("40", f"{documents}")
    assert texts(made, documents=documents) == ([text] if told else [])


def test_what_was_empty_or_is_not_is_no_ransom(made):
    for item in ransom(made, 12):
        made.hold(item, f"{item}.txt", size=0)
        made.say(item, content=content(item))
    assert texts(made) == []
    for item in ransom(made, 12):
        made.hold(item, f"{item}.txt", size=0)
        made.say(item, content=replace_digest(content(0)))
    assert texts(made) == []


def replace_digest(value):
    return value._replace(digest="f" * 64)


@pytest.mark.parametrize(
    ("name", "told"),
    [("{}.locked", True), ("{}.TXT", False), ("{}.txt.locked", True), ("x{}.txt", False), ("{}", True)],
)
def test_many_that_change_their_extension_at_once(made, name, told):
    for item in ransom(made, 11):
        made.say(item, name=name.format(item))
    assert texts(made) == ([RANSOM] if told else [])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("{}.locked", True),
        ("{}.TXT.locked", True),
        ("{}.txt.locked", True),
        ("{}.txt.locked.by", True),
        ("{}.TXT", False),
        ("other {}.pdf", False),
        ("{}x.locked", False),
        ("{}", True),
    ],
)
def test_many_that_vanish_while_others_of_their_stem_appear(made, name, told):
    for item in ransom(made, 11):
        delete(made, item)
        made.come(100 + item, name.format(item), on=["zdrive"], size=1000 + item)
    assert texts(made) == ([RANSOM] if told else [])


def test_what_appears_in_another_folder_is_no_ransom(made):
    made.folder(99, "d")
    for item in ransom(made, 11):
        delete(made, item)
        made.come(100 + item, f"{item}.locked", 99, on=["zdrive"], size=1000 + item)
    assert texts(made) == []


def test_what_comes_and_goes_at_once_is_no_ransom(made):
    for item in ransom(made, 11):
        delete(made, item)
        made.come(100 + item, f"{item}.locked", on=["zdrive"], size=1000 + item)
        made.cases[100 + item] = made.cases[100 + item].revised(
            made.cases[100 + item].agreed.value._replace(exists=False)
        )
    assert texts(made) == []


def test_who_was_gone_or_lives_beside_is_no_ransom(made):
    for item in ransom(made, 11):
        dead(made, item)
        made.come(100 + item, f"{item}.locked", on=["zdrive"], size=1000 + item)
    assert texts(made) == []
    made.cases = {}
    for item in ransom(made, 11):
        made.hold(item, f"{item}.txt", size=item)
        made.say(item)
        made.come(100 + item, f"{item}.locked", on=["zdrive"], size=1000 + item)
    assert texts(made) == []
    made.cases = {}
    for item in ransom(made, 11):
        delete(made, item)
        made.hold(100 + item, f"{item}.locked", size=1000 + item)
        made.say(100 + item, content=content(2000 + item))
    assert texts(made) == []


def test_what_goes_under_another_name_or_comes_back_empty_is_no_ransom(made):
    for item in ransom(made, 11):
        made.say(item, exists=False, name=f"{item}.locked")
    assert texts(made) == []
    for item in ransom(made, 11):
        dead(made, item)
        made.say(item, exists=True, content=content(0))
    assert texts(made) == []


def test_a_leading_dot_begins_no_extension(made):
    for item in ransom(made, 11):
        made.hold(item, f".{item}")
        delete(made, item)
        made.come(100 + item, f".{item}.x", on=["zdrive"], size=1000 + item)
    assert texts(made) == [RANSOM]


def test_ransomwares_shape_withholds_everything(made):
    for item in ransom(made, 11):
        made.say(item, content=content(0))
    made.say(30, name="renamed.txt")
    found = braked(made)
    assert not found.steps
    assert not found.decisions
    assert len(found.withheld) == 12
    assert len(found.brakes[0].steps) == 12
    assert found.brakes[0].rule == "ransomware"


def test_a_limit_withholds_what_it_counted_and_the_folders_it_lies_in(made):
    made.policy["brakes"] = replace(LAX, deletes_count=1)
    made.folder(50, "d")
    made.folder(51, "e", 50)
    made.folder(52, "kept")
    for item, folder in ((60, 51), (61, 52)):
        made.hold(item, f"{item}.txt", folder, size=item)
    delete(made, 50, 51, 60, 61)
    made.say(52, name="renamed")
    made.say(1, name="x.txt")
    found = braked(made)
    assert items_of(found.withheld) == {50, 51, 60, 61}
    assert {d.item for d in found.decisions} == items_of(found.steps) == {1, 52}
    assert set(found.brakes[0].steps) == {s.id for s in found.withheld if s.item in (60, 61)}
    assert [(b.rule, b.side, b.accepted) for b in found.brakes] == [("deletes", "", False)]


def test_what_a_person_let_pass_is_done(made):
    made.policy["brakes"] = replace(LAX, deletes_count=1, overwrites_share=0)
    delete(made, 1, 2)
    made.say(3, content=content(300))
    assert [each.rule for each in braked(made).brakes] == ["deletes", "overwrites"]
    codes = [each.code for each in braked(made).brakes]
    assert len(set(codes)) == 2
    found = braked(made, codes[0])
    assert [each.accepted for each in found.brakes] == [True, False]
    assert items_of(found.steps) == {1, 2}
    assert items_of(found.withheld) == {3}


def test_a_plan_without_a_finding_is_as_it_was(made):
    delete(made, 1)
    assert braked(made) == plan(made)


def code(made, **history):
    (found,) = braked(made, **history).brakes
    return found.code


def test_a_code_names_the_paths_and_what_the_sides_show(made):
    made.policy["brakes"] = replace(LAX, deletes_count=0)
    made.hold(41, "1.txt", size=1)
    delete(made, 1)
    one = code(made)
    assert code(made, deleted=3) == one
    assert code(made, spent=frozenset({one})) != one
    made.cases.clear()
    delete(made, 2)
    assert code(made) != one
    made.cases.clear()
    entry = made.world.entry(1, "s3")
    made.say(1, exists=False, shows={"s3": entry._replace(stamp="stamp~young")})
    assert code(made) == one
    made.say(1, exists=False, shows={"s3": entry._replace(stamp="other")})
    other = code(made)
    made.say(1, exists=False, shows={"s3": Gap.ABSENT})
    absent = code(made)
    made.say(1, exists=False, shows={"s3": Gap.UNKNOWN})
    assert len({one, other, absent, code(made)}) == 4


def test_a_code_is_the_same_whatever_the_order(made):
    made.policy["brakes"] = replace(LAX, deletes_count=0)
    made.hold(1, "b.txt")
    made.hold(2, "a.txt")
    delete(made, 1, 2)
    one = code(made)
    for item, name in ((1, "a.txt"), (2, "b.txt")):
        made.hold(item, name)
        made.known.stands[item] = {
            s: replace(row, held=row.held._replace(stamp="stamp"))
            for s, row in made.known.stands[item].items()
        }
    delete(made, 1, 2)
    assert code(made) == one


def test_withholding_adds_to_what_is_withheld(made):
    delete(made, 1, 2, 3)
    found = withhold_items(withhold(plan(made), [1], made.world), {2})
    assert [step.item for step in found.withheld] == [1, 2]
    assert items_of(found.steps) == {3}
    assert [d.item for d in found.decisions] == [3]


LIMITS = Policy(ranks=("zdrive",))


@pytest.mark.parametrize(
    ("remembered", "listed", "text"),
    [
        (2, 0, "is empty; it held 2 entries when last seen"),
        (1, 0, None),
        (0, 0, None),
        (9, 1, None),
        (10, 5, None),
        (10, 4, "shows 4 of the 10 entries it held when last seen"),
        (1000, 499, "shows 499 of the 1000 entries it held when last seen"),
        (10, 20, None),
    ],
)
def test_a_side_that_shrank_is_not_believed(remembered, listed, text):
    brake = side_brake(Look("zdrive"), remembered, listed, LIMITS)
    assert (brake and brake.text) == text
    assert brake is None or brake.side == "zdrive"


def test_a_side_that_was_not_seen_did_not_shrink():
    assert side_brake(Look("zdrive", unlisted={"": "is down"}), 10, 0, LIMITS) is None


def test_a_shrunken_sides_code_names_what_is_missing():
    one, other = (side_brake(Look("zdrive", missing={name: 1}), 10, 1, LIMITS) for name in "ab")
    assert one.code != other.code


def test_a_code_is_short_enough_to_read_out_and_another_once_it_has_served():
    first = fresh_code((), "deletes", "a")
    second = fresh_code({first}, "deletes", "a")
    third = fresh_code({first, second}, "deletes", "a")
    assert len({first, second, third}) == 3
    assert {len(code) for code in (first, second, third)} == {10}
    assert fresh_code({second}, "deletes", "a") == first


def test_a_shrunken_sides_code_serves_once_and_is_of_this_side_and_number():
    brake = side_brake(Look("zdrive"), 10, 1, LIMITS)
    others = (
        side_brake(Look("s3"), 10, 1, LIMITS),
        side_brake(Look("zdrive"), 10, 2, LIMITS),
        side_brake(Look("zdrive"), 10, 1, LIMITS, {brake.code}),
    )
    assert brake.code not in {other.code for other in others}
    assert {b.rule for b in (brake, *others)} == {"shrunk"}


def test_a_side_that_shrank_is_named():
    look = Look("zdrive", missing={"b": 2, "a": 1})
    found = side_brake(look, 10, 4, Policy(ranks=()))
    same = side_brake(Look("zdrive", missing={"a": 1, "b": 2}), 10, 4, Policy(ranks=()))
    assert found == same
    assert replace(found, text="", code="") == Brake("shrunk", "", "", "zdrive")


def test_what_shall_lie_in_something_withheld_is_withheld_too():
    def decision(item, folder, *, exists=True):
        value = Value(exists=exists, content=None, folder=folder, name=str(item))
        return Decision(item, Agreed(Kind.FOLDER, value), {}, str(item))

    places = {1: 0, 2: 1, 3: 2, 4: 0}
    decisions = (*(decision(*each) for each in places.items()), decision(5, 1, exists=False))
    found = withhold_items(Plan(decisions=decisions), {1})
    assert [each.item for each in found.decisions] == [4, 5]
