"""Something new in a folder follows the rest of it, when the folder went and most of it was moved to one other."""

import pytest

from synctool.core.heirs import follow_the_rest, holds_life
from tests.unit.core.made import Made

FOLLOWED = "is new, and was put where the rest of its folder went"
LEFT = "is left where it is: it is not clear where the rest of its folder went"


@pytest.fixture
def made():
    """The folder old (1) with three documents (11 to 13); new (2) and other (3)."""
    made = Made()
    for item, name in ((1, "old"), (2, "new"), (3, "other")):
        made.folder(item, name)
    for item in (11, 12, 13):
        made.hold(item, f"{item}.txt", 1)
    made.say(1, exists=False)
    made.come(20, "fresh.txt", 1, on=["zdrive"])
    return made


def followed(made, *went):
    """Where the new document ends up when the three went to these folders (None: deleted), and what is told."""
    for item, folder in zip((11, 12, 13), went, strict=False):
        made.say(item, **({"exists": False} if folder is None else {"folder": folder}))
    world = made.world
    notices = follow_the_rest(world, world.cases)
    return world.agreed(20).value.folder, [(n.path, n.text) for n in notices]


@pytest.mark.parametrize(
    ("went", "where", "told"),
    [
        ((2, 2, 2), 2, ("new/fresh.txt", FOLLOWED)),
        ((2, 2, 3), 2, ("new/fresh.txt", FOLLOWED)),
        ((3, 2, 2), 2, ("new/fresh.txt", FOLLOWED)),
        ((2, 3, None), 1, ("old/fresh.txt", LEFT)),
        ((2, None, None), 2, ("new/fresh.txt", FOLLOWED)),
        ((2, 3, 0), 1, ("old/fresh.txt", LEFT)),
        ((0, 0, 3), 0, ("fresh.txt", FOLLOWED)),
        ((None, None, None), 1, None),
    ],
)
def test_what_is_new_goes_where_most_of_the_rest_went(made, went, where, told):
    assert followed(made, *went) == (where, [told] if told else [])


def test_all_that_is_new_goes_there(made):
    made.come(21, "more.txt", 1, on=["zdrive"])
    _, told = followed(made, 2, 2, 2)
    assert [path for path, _ in told] == ["new/fresh.txt", "new/more.txt"]


def test_nothing_follows_while_anything_else_lives_in_the_folder(made):
    assert followed(made, 2, 2) == (1, [])
    assert holds_life(made.world, 1)
    made.say(13)
    assert not holds_life(made.world, 1)
    assert followed(made, 2, 2) == (1, [])


def test_nothing_follows_while_the_folder_lives(made):
    made.say(1)
    assert followed(made, 2, 2, 2) == (1, [])


def test_nothing_follows_to_where_its_name_is_taken(made):
    made.hold(30, "fresh.txt", 2)
    assert followed(made, 2, 2, 2) == (1, [("old/fresh.txt", LEFT)])


def test_nothing_follows_into_a_folder_that_goes_too(made):
    made.say(2, exists=False)
    where, told = followed(made, 2, 2, 2)
    assert (where, told[0][1]) == (1, LEFT)


def test_what_is_new_elsewhere_stays_there(made):
    made.come(20, "fresh.txt", 3, on=["zdrive"])
    assert followed(made, 2, 2, 2) == (3, [])
