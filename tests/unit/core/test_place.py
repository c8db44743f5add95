"""Every item gets a place of its own: folders that live on, circles, copies of losers, and who steps aside."""

from dataclasses import replace

import pytest

from synctool.core.merge import Conflict, Merged
from synctool.core.model import Content, Entry, Gap, Kind
from synctool.core.patterns import Pattern
from synctool.core.place import Placement, day, place
from synctool.core.policy import Settle
from synctool.core.ruling import Ruling, Word
from tests.unit.core.made import Made, content

NOON = 1_780_000_000 * 10**9  # 2026-05-28
UNREAD = Content(1, "?zdrive/a/new")


@pytest.fixture
def made():
    """d/e/a.txt as items 1 / 2 / 3, and x.txt as item 9."""
    made = Made()
    made.folder(1, "d")
    made.folder(2, "e", 1)
    made.hold(3, "a.txt", 2)
    made.hold(9, "x.txt", size=9)
    return made


def values(made):
    placement = place(made.world)
    return {item: case.agreed.value for item, case in placement.world.cases.items()}


def living(made):
    return {item for item, value in values(made).items() if value.exists}


def told(made):
    return [(n.path, n.text, n.side) for n in place(made.world).notices]


def test_a_question_is_not_changed_by_its_answer(made):
    for item in (1, 2):
        made.say(item, exists=False)
    world = made.world
    place(world)
    assert not world.cases[1].agreed.value.exists


def test_whatever_lives_keeps_its_folders_alive(made):
    for item in (1, 2):
        made.say(item, exists=False)
    assert living(made) == {1, 2}
    made.say(3, exists=False)
    assert living(made) == set()
    made.say(3)
    assert living(made) == {1, 2, 3}
    made.say(3, folder=1)
    assert living(made) == {1, 3}
    made.cases.pop(1)
    assert living(made) == {3}


def test_a_folder_that_was_gone_does_not_live_for_the_remains_in_it(made):
    gone = made.known.agreed[2]
    made.known.agreed[2] = replace(gone, value=gone.value._replace(exists=False))
    made.say(2)
    assert living(made) == set()


def test_a_folder_that_was_gone_lives_again_for_what_lies_deeper(made):
    gone = made.known.agreed[1]
    made.known.agreed[1] = replace(gone, value=gone.value._replace(exists=False))
    made.say(1)
    made.say(3)
    assert living(made) == {1, 3}


def test_moves_that_make_a_circle_are_undone_and_told(made):
    made.folder(4, "f")
    made.hold(5, "in.txt", 4)
    made.say(1, folder=4)
    made.say(4, folder=2)
    made.say(3, folder=0)
    found = values(made)
    assert [found[item].folder for item in (1, 4, 3)] == [0, 0, 0]
    text = "was moved so that it would lie within itself; left where it was"
    assert told(made) == [("d", text, ""), ("f", text, "")]


def test_what_only_lies_in_a_circle_is_not_told(made):
    made.folder(4, "f")
    made.say(1, folder=4, name="dd")
    made.say(4, folder=1)
    made.say(3, name="b.txt")
    assert [path for path, *_ in told(made)] == ["d", "f"]
    assert values(made)[1].name == "dd"


MADE_ONE = "two folders have this name; made one"


def test_two_folders_of_one_name_become_one(made):
    made.folder(4, "f")
    made.hold(5, "in.txt", 4)
    made.hold(6, "out.txt", 4)
    made.hold(7, "gone.txt", 4)
    made.say(4, name="d")
    made.say(5)
    made.say(7, exists=False)
    found = values(made)
    assert (found[5].folder, found[7].folder) == (1, 4)
    assert told(made) == [("d", MADE_ONE, "")]
    assert place(made.world).unheard == {6}
    made.say(6, folder=0)
    assert values(made)[6].folder == 0
    assert not values(made)[4].exists
    assert place(made.world).unheard == frozenset()


def test_three_folders_of_one_name_become_one_and_so_do_those_in_them(made):
    for item in (4, 5):
        made.folder(item, f"f{item}")
        made.folder(item + 10, "e", item)
        made.say(item, name="d")
        made.say(item + 10)
    assert living(made) == set()
    assert [path for path, *_ in told(made)] == ["d", "d/e"]
    assert place(made.world).unheard == frozenset()


def test_a_folder_and_a_document_of_one_name_are_not_made_one(made):
    made.say(9, name="d")
    found = values(made)
    assert found[9].exists
    assert found[9].name.startswith("d (conflict filevine undated ")


def conflict(*losers, how=Settle.KEEP_BOTH):
    """A conflict that these lost: (size, side)."""
    return Conflict(content(5), ("filevine",), tuple((content(n), side) for n, side in losers), how)


def fight(made, *losers, how=Settle.KEEP_BOTH, **facts):
    """Let x.txt be contested; facts of the entry that the losers' sides show."""
    facts = {"stamp": "new", "mtime_ns": NOON, **facts}
    shown = {side: made.entry(side, 9, "x.txt", 0, content(n), **facts) for n, side in losers}
    made.say(9, content=content(5), shows=shown, merged=Merged(None, {}, conflict=conflict(*losers, how=how)))
    return place(made.world)


NAME = "x (conflict zdrive 2026-05-28 000000).txt"


def test_a_loser_gets_a_copy_beside_the_winner(made):
    made.known.next_item = 50
    made.folder(4, "f")
    made.say(4)
    placement = fight(made, (7, "zdrive"))
    copy = placement.world.cases[50]
    assert copy.agreed.value == (True, content(7), 0, NAME)
    assert (copy.item, copy.origin, copy.before.kind, copy.before.new) == (50, (9, "zdrive"), Kind.FILE, True)
    assert set(copy.entries.values()) == set(copy.sights.values()) == {Gap.ABSENT}
    assert placement.world.next_item == 51
    (standoff,) = placement.standoffs
    assert (standoff.item, standoff.path, standoff.copies, standoff.items) == (9, "x.txt", (NAME,), (50,))
    assert standoff.conflict.losers == ((content(7), "zdrive"),)


def test_nothing_is_known_of_a_copy_on_a_side_that_is_away(made):
    case = made.say(9, shows={"s3": Gap.UNKNOWN}, merged=Merged(None, {}, conflict=conflict((7, "zdrive"))))
    assert case.entries["s3"] is Gap.UNKNOWN
    copy = place(made.world).world.cases[1000]
    assert copy.entries == {"filevine": Gap.ABSENT, "s3": Gap.UNKNOWN, "zdrive": Gap.ABSENT}


def test_every_loser_gets_a_copy_of_its_own(made):
    made.hold(8, "y.txt", size=8)
    made.say(8, merged=Merged(None, {}, conflict=conflict((4, "s3"))))
    placement = fight(made, (6, "s3"), (7, "zdrive"))
    assert [standoff.items for standoff in placement.standoffs] == [(1000,), (1001, 1002)]
    names = [placement.world.cases[item].agreed.value.name for item in (1000, 1001, 1002)]
    assert names == ["y (conflict s3 undated 000000).txt", NAME.replace("zdrive", "s3"), NAME]


@pytest.mark.parametrize("how", [Settle.HOLD, Settle.PREFER, Settle.NEWEST])
def test_only_keeping_both_makes_copies(made, how):
    placement = fight(made, (7, "zdrive"), how=how)
    (standoff,) = placement.standoffs
    assert (standoff.copies, standoff.items) == ((), ())
    assert placement.world.next_item == 1000


def test_a_sibling_that_holds_the_losers_bytes_is_the_copy(made):
    made.hold(20, NAME, size=7)
    placement = fight(made, (7, "zdrive"))
    assert placement.standoffs[0].items == (20,)
    assert placement.standoffs[0].copies == (NAME,)
    assert 1000 not in placement.world.cases


def test_a_sibling_of_other_bytes_is_not_and_the_copy_says_more_of_its_own(made):
    made.hold(20, NAME, size=8)
    placement = fight(made, (7, "zdrive"))
    longer = NAME.replace("000000", "0" * 12)
    assert (placement.standoffs[0].copies, placement.standoffs[0].items) == ((longer,), (1000,))
    assert placement.to_read == ()


@pytest.mark.parametrize(("size", "asked"), [(7, ["zdrive"]), (8, [])])
def test_a_sibling_that_may_be_the_copy_is_read_first(made, size, asked):
    made.hold(20, NAME, on=["zdrive"], size=size)
    entry = made.entry("zdrive", 20, NAME, 0, content(size), stamp="new", sha256="")
    case = made.say(20, content=Content(size, "?new"), shows={"zdrive": entry})
    sights = {**case.sights, "zdrive": case.agreed.value}
    made.cases[20] = replace(case, sights=sights)
    placement = fight(made, (7, "zdrive"))
    assert set(placement.to_read) == {(side, entry) for side in asked}
    made.cases[20] = replace(case, sights={**case.sights, "zdrive": Gap.UNKNOWN})
    assert fight(made, (7, "zdrive")).to_read == ()


def test_a_name_says_the_day_of_the_losers_own_version(made):
    assert fight(made, (7, "zdrive"), mtime_ns=0).standoffs[0].copies == (
        NAME.replace("2026-05-28", "undated"),
    )
    made.policy["timezone"] = "Asia/Tokyo"
    late = fight(made, (7, "zdrive"), mtime_ns=NOON + 10 * 3600 * 10**9)
    assert late.standoffs[0].copies == (NAME.replace("28", "29"),)


@pytest.mark.parametrize(
    ("time_ns", "expected"),
    [
        (1, "1970-01-01"),
        (86_400 * 10**9 - 1, "1970-01-01"),
        (86_400 * 10**9, "1970-01-02"),
        (-1, "1969-12-31"),
        (10**30, "undated"),
    ],
)
def test_a_day_begins_at_midnight(time_ns, expected):
    assert day(time_ns, "UTC") == expected


ROOM = "another item has this name; this one is now {}"


def test_of_two_at_one_place_the_second_steps_aside(made):
    made.hold(8, "y.txt", size=8)
    for item, side in ((8, "zdrive"), (9, "filevine")):
        entry = made.world.entry(item, side)._replace(mtime_ns=NOON)
        merged = Merged(None, {"name": (side,)})
        made.say(item, name="z.txt", shows={side: entry}, merged=merged)
    found = values(made)
    name = "z (conflict filevine undated 000000).txt"
    assert (found[9].name, found[8].name) == ("z.txt", name)
    assert told(made) == [("z.txt", ROOM.format(name), "")]
    assert place(made.world).unheard == frozenset()


def test_who_must_step_aside_and_was_not_heard_is_heard_first(made):
    made.folder(8, "y")
    made.say(8, name="x.txt")
    placement = place(made.world)
    assert placement.unheard == {9}
    assert placement.notices == ()


def twins(made, *, size=9, on=("s3",)):
    """A new document comes to the place of x.txt."""
    made.say(9, shows=dict.fromkeys(on, Gap.ABSENT))
    made.come(20, "x.txt", on=on, size=size)


def test_equal_documents_at_one_place_become_one(made):
    twins(made)
    found = values(made)
    assert (found[9].exists, found[20].exists) == (True, False)
    assert told(made) == [("x.txt", "two documents have this name and the same text; made one", "")]


def test_equal_documents_that_one_side_holds_both_are_two(made):
    made.come(20, "x.txt", on=["s3"], size=9)
    made.say(9)
    name = "x (conflict s3 undated 000000).txt"
    assert values(made)[20].name == name
    assert told(made) == [("x.txt", ROOM.format(name), "")]


def test_other_documents_at_one_place_are_two(made):
    twins(made, size=8)
    found = values(made)
    assert found[20].exists
    assert found[20].name != "x.txt"


@pytest.mark.parametrize(("hold", "kept"), [("x.txt", True), ("elsewhere", False)])
def test_a_legal_hold_keeps_both(made, hold, kept):
    made.policy["holds"] = (Pattern(hold),)
    twins(made)
    assert values(made)[20].exists is kept


def test_a_legal_hold_on_where_it_was_keeps_both(made):
    made.policy["holds"] = (Pattern("d/"),)
    made.hold(3, "a.txt", 2, size=9)
    made.say(3, name="x.txt", folder=0, shows=dict.fromkeys(made.traits, Gap.ABSENT))
    made.say(9)
    assert values(made)[3].exists
    made.policy["holds"] = ()
    assert not values(made)[3].exists


def test_where_a_side_tells_them_apart_by_number_nobody_steps_aside(made):
    made.traits["filevine"] = replace(made.traits["filevine"], unique_names=False)
    made.come(20, "x.txt", on=["filevine"], size=8)
    made.folder(30, "z")
    made.come(21, "z", on=["filevine"], size=8)
    assert values(made)[20].name == "x.txt"
    assert values(made)[21].name != "z"


@pytest.mark.parametrize("which", ["the one that comes", "the one that stays", "both, of other sizes"])
def test_what_nobody_has_read_is_read_before_it_steps_aside(made, which):
    def unread(item, side, size):
        entry = made.entry(side, item, "x.txt", 0, content(size), stamp="new", sha256="")
        return {side: entry}, Content(size, f"?{side}")

    stays, comes = (9, 8) if which == "both, of other sizes" else (9, 9)
    twins(made, size=comes)
    if which != "the one that stays":
        entry, bytes_ = unread(20, "s3", comes)
        case = made.cases[20]
        case = case.revised(case.agreed.value._replace(content=bytes_))
        made.cases[20] = replace(
            case, entries={**case.entries, **entry}, sights={**case.sights, "s3": case.agreed.value}
        )
    if which != "the one that comes":
        entry, bytes_ = unread(9, "zdrive", stays)
        case = made.say(9, content=bytes_, shows=entry)
        made.cases[9] = replace(case, sights={**case.sights, "zdrive": case.agreed.value})
    placement = place(made.world)
    expected = ["zdrive"] if which == "the one that stays" else ["s3"]
    assert [side for side, _ in placement.to_read] == expected
    assert placement.notices == ()
    assert values(made)[20].name == "x.txt"


def test_what_no_side_shows_steps_aside_undated_and_what_a_person_brings_back_dated(made):
    kept = Entry(Kind.FILE, "t/y", "", "y", "s", 8, mtime_ns=NOON)
    made.hold(8, "y.txt", size=8)
    ruling = Ruling(Word.TAKE, content(8), kept={"zdrive": kept})
    gone = dict.fromkeys(made.traits, Gap.ABSENT)
    made.say(9)
    made.say(8, name="x.txt", shows=gone)
    assert values(made)[8].name == "x (conflict  undated 000000).txt"
    made.say(8, name="x.txt", shows=gone, merged=Merged(None, {}, ruling=ruling))
    assert values(made)[8].name == "x (conflict zdrive 2026-05-28 000000).txt"


def test_what_a_person_brings_back_from_another_document_is_dated_by_that(made):
    made.hold(8, "y.txt", size=8)
    made.hold(7, "copy.txt", on=["s3"], size=8)
    row = made.known.stands[7]["s3"]
    made.known.stands[7]["s3"] = replace(row, held=row.held._replace(mtime_ns=NOON))
    ruling = Ruling(Word.TAKE, content(8), origin=7)
    gone = dict.fromkeys(made.traits, Gap.ABSENT)
    made.say(9)
    made.say(8, name="x.txt", shows=gone, merged=Merged(None, {}, ruling=ruling))
    assert values(made)[8].name == "x (conflict s3 2026-05-28 000000).txt"
    made.say(8, name="x.txt", shows={"s3": Gap.ABSENT}, merged=Merged(None, {}, ruling=ruling))
    assert values(made)[8].name == "x (conflict filevine undated 000000).txt"


def test_a_document_steps_aside_in_the_name_of_who_holds_its_bytes(made):
    made.hold(8, "y.txt", size=8)
    shown = {"filevine": made.entry("filevine", 8, "y.txt", 0, content(7), stamp="old")}
    case = made.say(8, name="x.txt", shows=shown)
    old = case.sights["s3"]._replace(content=content(7))
    made.cases[8] = replace(case, sights={**case.sights, "filevine": old})
    made.say(9)
    assert values(made)[8].name == "x (conflict s3 undated 000000).txt"


def test_who_made_one_leaves_its_folder_to_go(made):
    made.folder(4, "f")
    made.say(4, exists=False)
    made.come(20, "x.txt", on=["s3"], size=9)
    made.say(9, shows={"s3": Gap.ABSENT})
    assert living(made) == {9}


def test_what_is_put_back_into_a_folder_keeps_it_alive(made):
    made.folder(4, "f")
    made.say(1, exists=False)
    made.say(2, folder=4)
    made.say(4, folder=2)
    assert (values(made)[2].folder, values(made)[1].exists) == (1, True)


def test_a_folder_that_lives_on_becomes_one_with_a_new_one_of_its_name(made):
    for item in (1, 2):
        made.say(item, exists=False)
    made.say(3, exists=False)
    made.come(20, "d", on=["zdrive"], kind=Kind.FOLDER)
    made.come(21, "new.txt", 1, on=["s3"])
    assert living(made) == {1, 21}


def test_what_did_not_move_is_not_put_back(made):
    made.say(1, folder=2)
    made.say(2)
    assert [path for path, *_ in told(made)] == ["d"]


def test_what_is_settled_is_told_in_the_order_of_the_paths(made):
    for item, name in ((10, "z"), (11, "y")):
        made.folder(item, name)
        made.folder(item + 10, f"{name}2")
        made.say(item)
        made.say(item + 10, name=name)
    for item, name in ((30, "q.txt"), (31, "p.txt")):
        made.hold(item, name, size=item)
        made.hold(item + 10, f"2{name}", size=item)
        made.say(item)
        made.say(item + 10, name=name)
    assert [path for path, *_ in told(made)] == ["y", "z", "p.txt", "q.txt"]


def test_a_copy_whose_longer_name_is_taken_too_steps_aside(made):
    longer = NAME.replace("000000", "0" * 12)
    made.hold(20, NAME, size=8)
    made.hold(21, longer, size=8)
    placement = fight(made, (7, "zdrive"))
    assert placement.standoffs[0].items == (1000,)
    assert placement.world.cases[1000].agreed.value.name != longer


def test_a_sibling_that_nobody_read_nor_spoke_of_is_another(made):
    made.hold(20, NAME, size=7)
    agreed = made.known.agreed[20]
    unread = agreed.value.content._replace(digest="?somewhere")
    made.known.agreed[20] = replace(agreed, value=agreed.value._replace(content=unread))
    assert fight(made, (7, "zdrive")).standoffs[0].copies == (NAME.replace("000000", "0" * 12),)


def test_a_placement_says_nothing_unless_told(made):
    assert Placement(made.world) == Placement(made.world, (), (), (), frozenset())


def test_a_dead_folder_in_which_something_new_lies_is_heard_first(made):
    for item in (1, 2):
        gone = made.known.agreed[item]
        made.known.agreed[item] = replace(gone, value=gone.value._replace(exists=False))
    made.come(20, "new.txt", 2, on=["zdrive"])
    assert place(made.world).unheard == {1, 2}
    made.known.agreed[2] = replace(gone, value=gone.value._replace(exists=True))
    made.say(2)
    assert place(made.world).unheard == {1}


def test_a_copy_that_could_not_be_made_is_read_from_the_loser_again(made):
    made.hold(20, NAME, size=7)
    made.hold(8, NAME.replace("000000", "1"), size=7)
    made.say(20, shows=dict.fromkeys(made.traits, Gap.ABSENT))
    made.say(8)
    placement = fight(made, (7, "zdrive"))
    assert placement.world.cases[20].origin == (9, "zdrive")
    assert placement.world.cases[8].origin is None
    made.say(20)
    assert fight(made, (7, "zdrive")).world.cases[20].origin is None
    made.cases.pop(20)
    assert 20 not in fight(made, (7, "zdrive")).world.cases
