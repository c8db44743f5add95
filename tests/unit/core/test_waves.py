"""In which order one side's steps are taken, so that every place is free when it is needed."""

from dataclasses import replace

import pytest

from synctool.core.model import Kind
from synctool.core.plan import Action, Layer, Step, Why
from synctool.core.waves import in_waves
from tests.unit.core.made import Made, content


@pytest.fixture
def made():
    return Made()


def step(made, item, action, *, side="zdrive", new=False, **facts):
    """A step to where the item shall be by what is agreed now."""
    world = made.world
    layers = {Action.MAKE: Layer.STRUCTURE, Action.MOVE: Layer.STRUCTURE, Action.REMOVE: Layer.REMOVE}
    kind = world.kind(item)
    layer = layers.get(action, Layer.WRITE)
    if action is Action.REMOVE and kind is Kind.FOLDER:
        layer = Layer.REMOVE_FOLDERS
    value, gone = world.agreed(item).value, action is Action.REMOVE
    shown = {
        "layer": layer,
        "path": world.path_before(item),
        "to_path": world.path(item),
        "why": Why.MOVED,
        "entry": None if new else world.entry(item, side),
        "folder": value.folder,
        "name": "" if gone else value.name,
        **facts,
    }
    return Step(action=action, side=side, item=item, kind=kind, **shown)


def waves(made, *steps, side="zdrive"):
    return [(s.wave, s.layer.name, s.action.name, s.item, s.name) for s in in_waves(made.world, side, steps)]


def moves(made, *steps, side="zdrive"):
    return [(s.wave, s.item, s.name) for s in in_waves(made.world, side, steps)]


def move(made, item, **now):
    if now:
        made.say(item, **now)
    return step(made, item, Action.MOVE)


def test_who_needs_nobodys_place_goes_at_once(made):
    made.hold(1, "a")
    made.hold(2, "b")
    for item, name in ((1, "c"), (2, "d")):
        made.say(item, name=name)
    assert moves(made, move(made, 1), move(made, 2)) == [(0, 1, "c"), (0, 2, "d")]


def test_who_needs_anothers_place_waits_for_it(made):
    for item, name, now in ((1, "a", "b"), (2, "b", "c"), (3, "c", "d")):
        made.hold(item, name)
        made.say(item, name=now)
    assert moves(made, *(move(made, i) for i in (1, 2, 3))) == [(0, 3, "d"), (1, 2, "c"), (2, 1, "b")]


def test_who_stays_is_waited_for_by_nobody(made):
    made.hold(1, "a")
    made.hold(2, "b")
    made.say(1, name="b")
    made.say(2)
    assert moves(made, move(made, 1), step(made, 2, Action.WRITE)) == [(0, 2, "b"), (0, 1, "b")]


@pytest.mark.parametrize("action", [Action.REMOVE, Action.LABEL, Action.WRITE])
def test_what_stays_in_its_place_needs_no_other(made, action):
    made.hold(1, "a")
    made.hold(2, "A")
    for item in (1, 2):
        made.say(item, name="x")
    entry = made.world.entry(1, "zdrive")
    stays = step(made, 1, action, name="A", entry=entry, layer=Layer.STRUCTURE)
    assert [wave for wave, *_ in moves(made, stays, move(made, 2, name="b"))] == [0, 0]


def test_what_is_written_anew_needs_its_place(made):
    made.hold(2, "a")
    made.say(2, name="b")
    made.come(7, "a", on=["s3"])
    new = step(made, 7, Action.WRITE, new=True)
    assert waves(made, new, move(made, 2)) == [
        (0, "WRITE", "WRITE", 7, "a"),
        (0, "STRUCTURE", "MOVE", 2, "b"),
    ]


def test_a_circle_is_cut_once_by_the_first_that_can_step_aside(made):
    for item, name, now in ((1, "a.txt", "b.txt"), (2, "b.txt", "a.txt")):
        made.hold(item, name)
        made.say(item, name=now)
    assert moves(made, move(made, 1), move(made, 2)) == [
        (0, 1, "a (moving 1).txt"),
        (1, 2, "a.txt"),
        (2, 1, "b.txt"),
    ]


def test_who_steps_aside_does_so_within_its_folder_and_settles_nothing(made):
    made.folder(5, "d")
    made.hold(9, "a (moving 1).txt", 5)
    for item, name, now in ((1, "a.txt", "b.txt"), (2, "b.txt", "a.txt")):
        made.hold(item, name, 5)
        made.say(item, name=now)
    steps = [replace(move(made, item), settles=frozenset({"name"})) for item in (1, 2)]
    first, *_ = in_waves(made.world, "zdrive", steps)
    assert (first.folder, first.name, first.settles, first.layer) == (
        5,
        "a (moving 1').txt",
        frozenset(),
        Layer.STRUCTURE,
    )


def test_who_was_moved_there_already_steps_aside_where_it_now_is(made):
    made.folder(5, "d")
    made.folder(6, "e")
    for item, name, now in ((1, "a.txt", "b.txt"), (2, "b.txt", "a.txt")):
        made.hold(item, name, 5)
        shown = {"zdrive": made.entry("zdrive", item, name, 5 + item % 2, content(1))}
        case = made.say(item, name=now, folder=6 - item % 2, shows=shown)
        sights = {**case.sights, "zdrive": case.sights["zdrive"]._replace(folder=5 + item % 2)}
        made.cases[item] = replace(case, sights=sights)
    first, *rest = in_waves(made.world, "zdrive", [move(made, 1), move(made, 2)])
    assert (first.folder, [step.folder for step in rest]) == (6, [6, 5])


def test_what_is_also_written_is_so_in_its_turn(made):
    for item, name, now in ((1, "a", "b"), (2, "b", "a")):
        made.hold(item, name)
        made.say(item, name=now)
    found = waves(made, move(made, 1), step(made, 1, Action.WRITE), move(made, 2))
    assert [(wave, action, item) for wave, _, action, item, _ in found] == [
        (0, "WRITE", 1),
        (0, "MOVE", 1),
        (1, "MOVE", 2),
        (2, "MOVE", 1),
    ]


def test_what_is_written_and_leaves_anyway_need_not_step_aside(made):
    for item, name, now in ((1, "a", "c"), (2, "b", "a")):
        made.hold(item, name)
        made.say(item, name=now)
    assert waves(made, move(made, 1), step(made, 1, Action.WRITE), move(made, 2)) == [
        (0, "WRITE", "WRITE", 1, "c"),
        (0, "STRUCTURE", "MOVE", 1, "c"),
        (1, "STRUCTURE", "MOVE", 2, "a"),
    ]


def test_a_folder_that_is_made_where_it_was_implied_keeps_nobody_waiting(made):
    made.folder(1, "A")
    made.hold(2, "b")
    made.say(2, name="a")
    made.say(1)
    steps = [replace(s, side="s3") for s in (step(made, 1, Action.MAKE), move(made, 2))]
    assert moves(made, *steps, side="s3") == [(0, 1, "A"), (0, 2, "a")]


def test_what_is_removed_makes_room_for_what_is_new(made):
    made.hold(1, "a")
    made.say(1, exists=False)
    made.come(7, "a", on=["s3"])
    found = waves(made, step(made, 1, Action.REMOVE), step(made, 7, Action.WRITE, new=True))
    assert [layer for _, layer, *_ in found] == ["WRITE", "STRUCTURE"]


def test_every_folder_above_is_waited_for(made):
    made.folder(4, "a")
    made.folder(5, "b", 4)
    made.hold(1, "x")
    made.say(4, name="aa")
    made.say(1, folder=5)
    assert moves(made, move(made, 1), move(made, 4)) == [(0, 4, "aa"), (1, 1, "x")]


def test_who_is_in_nobodys_way_does_not_step_aside(made):
    for item, name, now in ((1, "a", "b"), (2, "b", "a"), (3, "c", "A")):
        made.hold(item, name)
        made.say(item, name=now)
    first, *_ = moves(made, *(move(made, item) for item in (3, 1, 2)))
    assert first == (0, 1, "a (moving 1)")


def test_only_who_moves_steps_aside(made):
    made.folder(1, "a")
    made.hold(3, "x", 1)
    made.hold(4, "b")
    made.say(1, exists=False)
    made.say(3, name="b", folder=0)
    made.say(4, name="a")
    steps = [replace(s, side="s3") for s in (step(made, 1, Action.REMOVE), move(made, 3), move(made, 4))]
    assert moves(made, *steps, side="s3") == [
        (0, 4, "b (moving 4)"),
        (1, 3, "b"),
        (2, 1, ""),
        (3, 4, "a"),
    ]


def test_what_nobody_can_make_room_for_is_left_to_the_places(made):
    made.folder(1, "a")
    made.hold(3, "x", 1)
    made.say(1, exists=False)
    made.say(3, name="a", folder=0)
    steps = [replace(s, side="s3") for s in (step(made, 1, Action.REMOVE), move(made, 3))]
    assert moves(made, *steps, side="s3") == [(0, 1, ""), (0, 3, "a")]


def test_a_folder_that_is_made_where_it_was_implied_does_not_wait(made):
    made.folder(1, "a")
    made.hold(3, "x", 1)
    made.say(3, folder=0)
    steps = [replace(s, side="s3") for s in (step(made, 1, Action.MAKE), move(made, 3))]
    assert moves(made, *steps, side="s3") == [(0, 1, "a"), (0, 3, "x")]


def test_what_is_removed_makes_room_first(made):
    made.hold(1, "a")
    made.hold(2, "b")
    made.say(1, exists=False)
    made.say(2, name="a")
    assert waves(made, step(made, 1, Action.REMOVE), move(made, 2)) == [
        (0, "STRUCTURE", "REMOVE", 1, ""),
        (1, "STRUCTURE", "MOVE", 2, "a"),
    ]
    assert waves(made, step(made, 1, Action.REMOVE)) == [(0, "REMOVE", "REMOVE", 1, "")]


def folder_in_the_way(made):
    """The folder a (1), which goes with what is in it, stands where 2 shall be."""
    made.folder(1, "a")
    made.hold(3, "in.txt", 1)
    made.hold(4, "out.txt", 1)
    made.hold(2, "b")
    made.say(2, name="a")
    for item in (1, 3):
        made.say(item, exists=False)
    made.say(4, folder=0)
    return [step(made, i, Action.REMOVE) for i in (1, 3)] + [move(made, 2), move(made, 4)]


def test_a_folder_that_goes_steps_aside_as_a_whole(made):
    assert waves(made, *folder_in_the_way(made)) == [
        (0, "REMOVE_FOLDERS", "REMOVE", 1, ""),
        (0, "REMOVE", "REMOVE", 3, ""),
        (0, "STRUCTURE", "MOVE", 1, "a (moving 1)"),
        (1, "STRUCTURE", "MOVE", 2, "a"),
        (1, "STRUCTURE", "MOVE", 4, "out.txt"),
    ]


def test_a_folder_that_cannot_move_whole_is_emptied_first(made):
    steps = [replace(s, side="s3") for s in folder_in_the_way(made)]
    assert waves(made, *steps, side="s3") == [
        (0, "STRUCTURE", "REMOVE", 3, ""),
        (0, "STRUCTURE", "MOVE", 4, "out.txt"),
        (1, "STRUCTURE", "REMOVE", 1, ""),
        (2, "STRUCTURE", "MOVE", 2, "a"),
    ]


def test_an_empty_folder_in_the_way_is_removed_first(made):
    made.folder(1, "a")
    made.hold(2, "b")
    made.say(1, exists=False)
    made.say(2, name="a")
    assert waves(made, step(made, 1, Action.REMOVE), move(made, 2)) == [
        (0, "STRUCTURE", "REMOVE", 1, ""),
        (1, "STRUCTURE", "MOVE", 2, "a"),
    ]


def test_what_is_replaced_late_steps_aside_for_who_needs_its_place(made):
    made.hold(1, "a.doc")
    made.hold(2, "b.doc")
    made.say(1, name="a.docx")
    made.say(2, name="a.doc")
    replaced = step(made, 1, Action.REPLACE)
    assert waves(made, replaced, move(made, 2)) == [
        (0, "WRITE", "REPLACE", 1, "a.docx"),
        (0, "STRUCTURE", "MOVE", 1, "a (moving 1).doc"),
        (1, "STRUCTURE", "MOVE", 2, "a.doc"),
    ]
    assert waves(made, replaced) == [(0, "WRITE", "REPLACE", 1, "a.docx")]


def test_the_deepest_folders_go_first(made):
    made.folder(1, "a")
    made.folder(2, "b", 1)
    made.folder(3, "c", 2)
    for item in (1, 2, 3):
        made.say(item, exists=False)
    assert [(wave, item) for wave, item, _ in moves(made, *(step(made, i, Action.REMOVE) for i in (1, 2, 3)))] == [
        (0, 1),
        (-1, 2),
        (-2, 3),
    ]  # fmt: skip


def test_folders_are_made_before_what_goes_into_them(made):
    made.come(7, "a", on=["s3"], kind=Kind.FOLDER)
    made.come(8, "b", 7, on=["s3"], kind=Kind.FOLDER)
    made.hold(1, "x")
    made.say(1, folder=8)
    steps = [move(made, 1), *(step(made, i, Action.MAKE, new=True) for i in (8, 7))]
    assert moves(made, *steps) == [(0, 7, "a"), (1, 8, "b"), (2, 1, "x")]


def leaving(made):
    """The folder a (1) is renamed, and b (2) in it, and what lies in that (3) leaves for the root."""
    made.folder(1, "a")
    made.folder(2, "b", 1)
    made.hold(3, "c", 2)
    made.say(1, name="aa")
    made.say(2, name="bb")
    made.say(3, folder=0)
    return [move(made, item) for item in (1, 2, 3)]


def test_a_folder_is_renamed_after_what_leaves_it(made):
    assert moves(made, *leaving(made)) == [(0, 3, "c"), (1, 1, "aa"), (2, 2, "bb")]


def test_where_handles_last_the_order_does_not_matter(made):
    steps = [replace(s, side="filevine") for s in leaving(made)]
    assert moves(made, *steps, side="filevine") == [(0, 1, "aa"), (0, 3, "c"), (1, 2, "bb")]


def test_what_comes_new_keeps_no_folder_waiting(made):
    made.folder(1, "a")
    made.say(1, name="aa")
    made.come(7, "n", on=["s3"], kind=Kind.FOLDER)
    assert [w for w, *_ in moves(made, move(made, 1), step(made, 7, Action.MAKE, new=True))] == [0, 0]


def test_two_circles_are_each_cut_once(made):
    for item, name, now in ((1, "a", "b"), (2, "b", "a"), (3, "c", "d"), (4, "d", "c")):
        made.hold(item, name)
        made.say(item, name=now)
    found = moves(made, *(move(made, item) for item in (1, 2, 3, 4)))
    assert [item for _, item, name in found if "moving" in name] == [1, 3]
    assert sorted(item for _, item, _ in found) == [1, 1, 2, 3, 3, 4]
    assert [wave for wave, *_ in found] == sorted(wave for wave, *_ in found)
