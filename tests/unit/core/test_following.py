"""What lies in a folder goes where it goes, and a folder in which something is left stays."""

import pytest

from synctool.core.following import empty_folders_only, follower, followers, hides
from synctool.core.model import Gap, Kind
from synctool.core.plan import Action, Layer, Step, Why
from tests.unit.core.made import Made, content


@pytest.fixture
def made():
    """d/e/a.txt and d/b.txt, as items 1 / 2 / 3 and 4."""
    made = Made()
    made.folder(1, "d")
    made.folder(2, "e", 1)
    made.hold(3, "a.txt", 2)
    made.hold(4, "b.txt", 1, s3="b [4].txt")
    return made


def step(made, item, action, side="s3", **facts):
    world = made.world
    shown = {"to_path": world.path(item), "path": world.path_before(item), **facts}
    return Step(
        layer=Layer.STRUCTURE, action=action, side=side, item=item, kind=world.kind(item), why=Why.MOVED, **shown
    )  # fmt: skip


def test_what_cannot_be_seen_is_hidden_in_every_folder_above(made):
    def hidden():
        return [item for item in (1, 2, 3, 4) if hides(made.world, "s3", item)]

    assert hidden() == []
    made.hold(9, "z.txt", on=["zdrive"])
    made.show("s3", unlisted={"d/e/": "no right"})
    assert hidden() == [1, 2]
    made.show("s3", unlisted={"x/": "no right"}, unseen=frozenset({3}))
    assert hidden() == [1, 2, 3]
    made.say(4, shows={"s3": Gap.UNKNOWN})
    assert hidden() == [1, 2, 3, 4]


def follow(made, *drafted):
    return [(s.item, s.path, s.to_path, s.name, s.folder) for s in followers(made.world, "s3", drafted)]


def test_all_that_lies_in_a_moved_folder_follows(made):
    made.say(1, name="x")
    assert follow(made, step(made, 1, Action.MOVE)) == [
        (2, "d/e", "x/e", "e", 1),
        (4, "d/b.txt", "x/b.txt", "b [4].txt", 1),
        (3, "d/e/a.txt", "x/e/a.txt", "a.txt", 2),
    ]


def test_who_goes_by_itself_does_not_follow(made):
    made.say(1, name="x")
    made.say(3, folder=0)
    moved = step(made, 1, Action.MOVE)
    assert [i for i, *_ in follow(made, moved, step(made, 4, Action.REMOVE))] == [2, 3]
    assert [i for i, *_ in follow(made, moved, step(made, 3, Action.MOVE))] == [2, 4]
    assert [i for i, *_ in follow(made, moved, step(made, 2, Action.MOVE))] == [3, 4]
    assert [i for i, *_ in follow(made, moved, step(made, 4, Action.WRITE))] == [2, 4, 3]


@pytest.mark.parametrize(
    ("action", "with_entry", "elsewhere", "follows"),
    [
        (Action.MAKE, True, True, True),
        (Action.MAKE, True, False, False),
        (Action.MAKE, False, True, False),
        (Action.REMOVE, True, True, False),
        (Action.LABEL, True, True, False),
    ],
)
def test_only_a_folder_that_goes_elsewhere_is_followed(made, action, with_entry, elsewhere, follows):
    if elsewhere:
        made.say(1, name="x")
    entry = made.world.entry(1, "s3") if with_entry else None
    assert bool(follow(made, step(made, 1, action, entry=entry))) is follows


def test_a_document_is_followed_by_nobody(made):
    made.say(4, name="x")
    assert follow(made, step(made, 4, Action.MOVE)) == []


def test_a_follower_goes_where_it_belongs_under_the_name_it_has_there(made):
    made.say(1, name="x")
    found = follower(made.world, "s3", 4)
    assert found == Step(
        layer=Layer.STRUCTURE,
        action=Action.MOVE,
        side="s3",
        item=4,
        kind=Kind.FILE,
        path="d/b.txt",
        to_path="x/b.txt",
        why=Why.MOVED,
        entry=made.world.entry(4, "s3"),
        folder=1,
        name="b [4].txt",
        content=content(1),
    )


KEPT = "is kept: something in it is not ours to remove"


def removed(made, *steps):
    """What is left of some steps, and the folders of which it is told that they are kept."""
    left, notices = empty_folders_only(made.world, "s3", list(steps))
    assert {(n.text, n.side) for n in notices} <= {(KEPT, "s3")}
    return [s.item for s in left], [n.path for n in notices]


def remove(made, *items):
    return [step(made, i, Action.REMOVE, entry=made.world.entry(i, "s3")) for i in items]


def test_an_empty_folder_goes_with_all_that_was_in_it(made):
    assert removed(made, *remove(made, 1, 2, 3, 4)) == ([1, 2, 3, 4], [])


def test_what_moves_out_is_not_left_in_it(made):
    assert removed(made, *remove(made, 1, 2, 3), step(made, 4, Action.MOVE)) == ([1, 2, 3, 4], [])
    assert removed(made, *remove(made, 1, 2, 3), step(made, 4, Action.WRITE)) == ([2, 3, 4], ["d"])


def test_a_folder_in_which_something_is_left_stays_and_so_do_those_above(made):
    assert removed(made, *remove(made, 1, 2, 4)) == ([4], ["d/e", "d"])


@pytest.mark.parametrize(
    "facts", [{"occupied": frozenset({"d/e/"})}, {"unlisted": {"d/e/": "no right"}}], ids=["occupied", "unlisted"]
)  # fmt: skip
def test_a_folder_that_holds_what_is_not_ours_stays(made, facts):
    made.show("s3", **facts)
    assert removed(made, *remove(made, 1, 2, 3, 4)) == ([3, 4], ["d/e", "d"])


def test_a_folder_that_stays_may_still_move(made):
    kept = [*remove(made, 1), step(made, 1, Action.MOVE)]
    assert removed(made, *kept)[0] == [1]
