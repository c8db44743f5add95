"""Which items want which place, and who keeps one that several want."""

from dataclasses import replace

import pytest

from synctool.core.merge import Merged
from synctool.core.model import Gap, Kind
from synctool.core.standing import at, places, ranked, told_apart_by_ref
from tests.unit.core.made import Made


@pytest.fixture
def made():
    return Made()


def moved_by(**voters):
    """What a merge says of who moved or renamed an item."""
    return Merged(None, {name: tuple(sides) for name, sides in voters.items()})


def test_who_lives_wants_its_place(made):
    for item in (1, 2, 3):
        made.hold(item, "a.txt")
    made.say(1)
    made.say(2, exists=False)
    made.say(3, name="b.txt", folder=7)
    assert dict(places(made.world.cases)) == {(0, "a.txt"): [1], (7, "b.txt"): [3]}


def test_at_a_place_are_those_of_exactly_this_name_said_and_unsaid(made):
    for item, name in ((4, "a.txt"), (9, "a.txt"), (5, "A.txt"), (1, "a.txt"), (2, "a.txt")):
        made.hold(item, name)
    made.say(1, name="b.txt")
    made.say(4)
    assert at(made.world, places(made.world.cases), 0, "a.txt") == [2, 4, 9]


def test_in_a_new_folder_is_only_what_comes_into_it(made):
    made.come(7, "d", on=["s3"], kind=Kind.FOLDER)
    made.hold(1, "a.txt", on=["s3"])
    made.known.agreed[1] = replace(made.known.agreed[1], value=made.known.agreed[1].value._replace(folder=7))
    made.come(8, "a.txt", 7, on=["s3"])
    assert at(made.world, places(made.world.cases), 7, "a.txt") == [8]


@pytest.mark.parametrize(
    ("unique", "on", "kinds", "apart"),
    [
        (False, ["filevine"], (Kind.FILE, Kind.FILE), True),
        (True, ["filevine"], (Kind.FILE, Kind.FILE), False),
        (False, ["s3"], (Kind.FILE, Kind.FILE), False),
        (False, ["filevine"], (Kind.FILE, Kind.FOLDER), False),
        (False, ["filevine"], (Kind.FOLDER, Kind.FOLDER), False),
    ],
)
def test_documents_of_one_name_are_apart_where_one_side_holds_them_all(made, unique, on, kinds, apart):
    made.traits["filevine"] = replace(made.traits["filevine"], unique_names=unique)
    for item, kind in enumerate(kinds, 1):
        made.hold(item, "a", on=on, kind=kind)
    assert told_apart_by_ref(made.world, [1, 2]) is apart


def test_one_that_is_elsewhere_is_not_apart(made):
    made.traits["filevine"] = replace(made.traits["filevine"], unique_names=False)
    made.hold(1, "a")
    made.hold(2, "a")
    made.say(2, shows={"filevine": Gap.ABSENT})
    assert not told_apart_by_ref(made.world, [1, 2])


def test_one_that_is_called_otherwise_there_is_not_apart_for_a_name_may_not_be_given_twice(made):
    made.traits["filevine"] = replace(made.traits["filevine"], unique_names=False)
    made.hold(1, "a")
    made.hold(2, "b")
    made.say(2, name="a")
    assert not told_apart_by_ref(made.world, [1, 2])


def test_a_folder_goes_before_a_document(made):
    made.hold(1, "a")
    made.folder(2, "a")
    assert ranked(made.world, [1, 2]) == [2, 1]


def test_whose_place_it_was_goes_before_who_comes(made):
    made.hold(1, "b")
    made.hold(2, "a")
    made.folder(7, "d")
    made.hold(3, "a", 7)
    for item in (1, 3):
        made.say(item, name="a", folder=0)
    made.come(4, "a", on=["filevine"])
    assert ranked(made.world, [1, 2, 3, 4])[0] == 2
    made.say(2)
    assert ranked(made.world, [1, 2, 3, 4])[0] == 2


def test_what_was_deleted_has_no_place_to_keep(made):
    for item in (1, 2):
        made.hold(item, "a")
    gone = made.known.agreed[1]
    made.known.agreed[1] = replace(gone, value=gone.value._replace(exists=False))
    made.say(1, exists=True)
    assert ranked(made.world, [1, 2]) == [2, 1]


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        ({"name": ["s3"]}, {"name": ["filevine"]}, [2, 1]),
        ({"folder": ["s3"]}, {"folder": ["filevine"]}, [2, 1]),
        ({"name": ["zdrive"], "folder": ["filevine"]}, {"name": ["s3"]}, [1, 2]),
        ({"name": ["zdrive", "filevine"]}, {"name": ["s3"]}, [1, 2]),
        ({"name": ["zdrive"]}, {}, [1, 2]),
        ({}, {}, [1, 2]),
        ({"content": ["zdrive"]}, {"name": ["zdrive"]}, [2, 1]),
    ],
)
def test_of_those_who_come_the_first_in_rank_goes_first(made, first, second, order):
    for item, voters in ((1, first), (2, second)):
        made.hold(item, f"{item}")
        made.say(item, name="a", merged=moved_by(**voters))
    assert ranked(made.world, [2, 1]) == order
