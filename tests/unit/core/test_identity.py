"""Which entry is which item: said side by side, before anything is decided."""

from dataclasses import replace

import pytest

from synctool.core.identity import Pairing, numbered, pair
from synctool.core.item import NOTHING, Row
from synctool.core.model import Gap, Kind, Traits
from synctool.core.names import stand_in
from tests.properties.people import DRIVE, FILEVINE, S3
from tests.unit.core.made import Made, content

LONG = "Smith: v. Jones " * 20 + ".x"


@pytest.fixture
def made():
    """D (1) with a.txt (2); b.txt (3) at the root."""
    made = Made()
    made.known.next_item = 50
    made.folder(1, "d")
    made.hold(2, "a.txt", 1, size=2)
    made.hold(3, "b.txt", size=3)
    return made


def paired(made):
    world = made.world
    return pair(world.known, world.looks, world.traits, world.policy.ranks)


def owners(made, side):
    return paired(made).owners[side]


def shown(made, side, item, name, folder=0, size=9, **facts):
    return made.entry(side, item, name, folder, content(size), stamp="new", **facts)


def test_a_lasting_number_is_the_document_whatever_it_is_called(made):
    made.show("filevine", shown(made, "filevine", 2, "z.txt"), shown(made, "filevine", 77, "a.txt", 1))
    assert owners(made, "filevine") == {"d000000000002": 2, "d000000000077": 50}


def test_many_documents_of_one_name_are_not_each_compared_with_all_others(made, monkeypatch):
    asked = []
    lacks = Pairing._lacks
    monkeypatch.setattr(Pairing, "_lacks", lambda *args: asked.append(args) or lacks(*args))
    many = range(100, 400)
    made.show("filevine", *(shown(made, "filevine", n, "Brief.docx", 1, size=n) for n in many))
    assert len(set(owners(made, "filevine").values())) == len(many)
    assert len(asked) < 3 * len(many)


def test_what_is_at_its_place_is_the_same_document(made):
    made.show("zdrive", shown(made, "zdrive", 3, "b.txt"))
    assert owners(made, "zdrive") == {"b.txt": 3}


def test_equal_bytes_elsewhere_are_a_move(made):
    made.show("zdrive", shown(made, "zdrive", 3, "c.txt", size=3), missing=[3])
    assert owners(made, "zdrive") == {"c.txt": 3}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("two that look like it", {"c.txt": 50, "e.txt": 51}),
        ("two that it may be", {"c.txt": 50}),
        ("it is still there", {"b.txt": 3, "c.txt": 50}),
        ("no bytes", {"c.txt": 50}),
        ("other bytes", {"c.txt": 50}),
    ],
)
def test_equal_bytes_prove_no_move_when(made, case, expected):
    entries, missing = [shown(made, "zdrive", 3, "c.txt", size=3)], [3]
    match case:
        case "two that look like it":
            entries.append(shown(made, "zdrive", 3, "e.txt", size=3))
        case "two that it may be":
            made.hold(4, "twin.txt", size=3)
            missing = [3, 4]
        case "it is still there":
            entries.append(shown(made, "zdrive", 3, "b.txt", size=3))
            missing = []
        case "no bytes":
            made.hold(3, "b.txt", size=0)
            entries = [shown(made, "zdrive", 3, "c.txt", size=0)]
        case "other bytes":
            entries = [shown(made, "zdrive", 3, "c.txt", size=4)]
    made.show("zdrive", *entries, missing=missing)
    assert owners(made, "zdrive") == expected


def test_documents_that_change_places_are_moves(made):
    made.hold(4, "c.txt", size=4)
    made.show("zdrive", shown(made, "zdrive", 3, "c.txt", size=3), shown(made, "zdrive", 4, "b.txt", size=4))
    assert owners(made, "zdrive") == {"c.txt": 3, "b.txt": 4}


def test_a_document_that_went_on_under_its_name_was_only_copied(made):
    old = shown(made, "zdrive", 3, "b OLD.txt", size=3)
    made.show("zdrive", shown(made, "zdrive", 3, "b.txt", size=8), old)
    assert owners(made, "zdrive") == {"b.txt": 3, "b OLD.txt": 50}


def test_a_chain_whose_end_is_not_free_is_no_chain_of_moves(made):
    made.hold(4, "c.txt", size=4)
    entries = [
        shown(made, "zdrive", 3, "c.txt", size=3),
        shown(made, "zdrive", 3, "b.txt", size=8),
        shown(made, "zdrive", 4, "e.txt", size=4),
    ]
    made.show("zdrive", *entries)
    assert owners(made, "zdrive") == {"b.txt": 3, "c.txt": 4, "e.txt": 50}


def test_what_was_uploaded_again_is_the_same_document(made):
    made.show("filevine", shown(made, "filevine", 77, "A.txt", 1), missing=[2])
    assert owners(made, "filevine") == {"d000000000077": 2}


def test_a_folder_made_again_is_the_same_with_what_is_in_it(made):
    folder = made.entry("filevine", 70, "d")
    inside = shown(made, "filevine", 60, "a.txt", 1)._replace(parent=folder.handle)
    made.show("filevine", inside, folder, missing=[1, 2])
    assert owners(made, "filevine") == {folder.handle: 1, inside.handle: 2}


@pytest.mark.parametrize("case", ["another name", "another folder", "another kind", "an old folder"])
def test_what_is_new_elsewhere_is_another_document(made, case):
    made.folder(4, "e")
    entry = {
        "another name": shown(made, "filevine", 77, "z.txt", 1),
        "another folder": shown(made, "filevine", 77, "a.txt", 4),
        "another kind": made.entry("filevine", 77, "a.txt", 1),
        "an old folder": shown(made, "filevine", 77, "a.txt", 1),
    }[case]
    gone = [] if case == "an old folder" else [2]
    made.show("filevine", entry, missing=gone)
    assert owners(made, "filevine") == {entry.handle: 50}


def test_of_two_uploaded_again_the_first_takes_it(made):
    made.show(
        "filevine", *(shown(made, "filevine", n, "a.txt", 1) for n in (78, 77)), missing=[2]
    )  # fmt: skip
    assert owners(made, "filevine") == {"d000000000077": 2, "d000000000078": 50}


def test_what_comes_new_on_two_sides_is_one(made):
    for side in made.traits:
        made.show(side, shown(made, side, 77, "n.txt", 1))
    pairing = paired(made)
    assert [list(pairing.owners[side].values()) for side in made.traits] == [[50]] * 3
    assert pairing.kinds == {50: Kind.FILE}
    assert set(pairing.entries[50]) == set(made.traits)


@pytest.mark.parametrize("case", ["another folder", "another kind", "another name", "another case"])
def test_what_comes_new_at_another_place_is_another(made, case):
    other = {
        "another folder": shown(made, "s3", 78, "n.txt"),
        "another kind": made.entry("s3", 78, "n.txt", 1),
        "another name": shown(made, "s3", 78, "m.txt", 1),
        "another case": shown(made, "s3", 78, "N.txt", 1),
    }[case]
    made.show("filevine", shown(made, "filevine", 77, "n.txt", 1))
    made.show("s3", other)
    assert sorted(paired(made).kinds) == [50, 51]


def test_where_case_is_one_another_case_is_the_same(made):
    made.show("filevine", shown(made, "filevine", 77, "n.txt", 1))
    made.show("zdrive", shown(made, "zdrive", 78, "N.txt", 1))
    assert sorted(paired(made).kinds) == [50]


@pytest.mark.parametrize("kind", Kind)
def test_the_spelling_of_a_name_is_that_name(made, kind):
    bytes_ = content(9) if kind is Kind.FILE else None
    for name in ("re: x", LONG):
        spelled = stand_in(name, "windows", folder=kind is Kind.FOLDER)
        made.show("filevine", made.entry("filevine", 77, name, 0, bytes_))
        made.show("zdrive", made.entry("zdrive", 78, spelled, 0, bytes_))
        assert sorted(paired(made).kinds) == [50]
        made.show("zdrive", made.entry("zdrive", 78, spelled.replace("3A", "3B"), 0, bytes_))
        assert sorted(paired(made).kinds) == [50, 51]


def test_what_comes_new_joins_what_the_others_agreed_on(made):
    made.hold(4, "Re: x.txt", 1, on=["filevine"])
    made.hold(5, "plain.txt", 1, on=["filevine"])
    made.show("zdrive", shown(made, "zdrive", 4, "re%3A x.txt", 1), shown(made, "zdrive", 5, "PLAIN.txt", 1))
    assert owners(made, "zdrive") == {"d/re%3A x.txt": 50, "d/PLAIN.txt": 5}
    made.show("zdrive", shown(made, "zdrive", 4, "Re%3A x.txt", 1))
    assert owners(made, "zdrive") == {"d/Re%3A x.txt": 4}
    made.show("s3", shown(made, "s3", 5, "PLAIN.txt", 1))
    assert owners(made, "s3") == {"d/PLAIN.txt": 50}
    made.show("s3", shown(made, "s3", 5, "plain.txt", 1))
    assert owners(made, "s3") == {"d/plain.txt": 5}
    made.show("s3", made.entry("s3", 5, "plain.txt", 1))
    assert owners(made, "s3") == {"d/plain.txt/": 50}


def test_what_comes_new_does_not_join_what_its_side_has_or_claims(made):
    made.show("zdrive", shown(made, "zdrive", 4, "B.txt"))
    assert owners(made, "zdrive") == {"B.txt": 50}
    made.hold(4, "n.txt", on=["filevine"])
    made.show("zdrive", shown(made, "zdrive", 4, "n.txt"), shown(made, "zdrive", 4, "N.txt"))
    assert sorted(owners(made, "zdrive").values()) == [4, 50]


def test_what_comes_new_joins_what_another_side_moved_there(made):
    made.show("filevine", shown(made, "filevine", 3, "c.txt"))
    made.known.stands[3].pop("zdrive")
    made.show("zdrive", shown(made, "zdrive", 3, "c.txt"))
    assert owners(made, "zdrive") == {"c.txt": 3}


def test_what_is_left_over_of_a_deleted_document_draws_nothing_to_it(made):
    gone = made.known.agreed[3]
    made.known.agreed[3] = replace(gone, value=gone.value._replace(exists=False))
    made.known.stands[3].pop("zdrive")
    made.show("filevine", made.known.stands[3]["filevine"].held)
    made.show("zdrive", shown(made, "zdrive", 3, "b.txt"))
    assert owners(made, "zdrive") == {"b.txt": 50}
    made.show("filevine", shown(made, "filevine", 3, "b.txt"))
    assert owners(made, "zdrive") == {"b.txt": 3}


def test_what_lies_in_a_new_folder_is_told_apart_in_any_order(made):
    for side in ("filevine", "zdrive"):
        folder = made.entry(side, 90, "n")
        inside = shown(made, side, 77, "x.txt")._replace(
            parent=folder.handle, handle="d000000000077" if side == "filevine" else "n/x.txt"
        )
        made.show(side, inside, folder)
    pairing = paired(made)
    assert pairing.kinds == {50: Kind.FOLDER, 51: Kind.FILE}
    assert pairing.owners["zdrive"] == {"n/": 50, "n/x.txt": 51}


def test_what_lies_nobody_knows_where_is_not_told(made):
    made.show("filevine", shown(made, "filevine", 77, "x.txt", parent="f000000000099"))
    pairing = paired(made)
    assert not pairing.kinds
    lost = shown(made, "filevine", 2, "x.txt", parent="f000000000099")
    made.show("filevine", lost)
    pairing = paired(made)
    assert pairing.folder_of("filevine", lost) is None
    assert pairing.path("filevine", lost) is None


def test_a_path_is_made_of_what_the_side_calls_its_folders(made):
    made.show("zdrive", made.entry("zdrive", 1, "e\u0301"))
    entry = shown(made, "zdrive", 2, "a\u0301.txt", parent="e\u0301/")
    assert paired(made).path("zdrive", entry) == "\u00e9/\u00e1.txt"
    made.show("zdrive")
    assert paired(made).path("zdrive", shown(made, "zdrive", 2, "x", 1)) == "d/x"
    made.show("zdrive", unseen=frozenset({1}))
    assert paired(made).path("zdrive", shown(made, "zdrive", 2, "x", 1)) is None
    assert paired(made).path("zdrive", shown(made, "zdrive", 2, "x")) == "x"


def sight(made, item, side="zdrive"):
    return paired(made).sight(side, item)


def test_what_a_side_holds_of_an_item(made):
    held = made.known.stands[3]["zdrive"].held
    assert sight(made, 3) == held
    now = shown(made, "zdrive", 3, "b.txt")
    made.show("zdrive", now)
    assert sight(made, 3) == now
    made.show("zdrive", now, unread=frozenset({"b.txt"}))
    assert sight(made, 3) is Gap.UNKNOWN
    made.show("zdrive", missing=[3])
    assert sight(made, 3) is Gap.ABSENT
    for facts in ({"unseen": frozenset({3})}, {"withdrawn": frozenset({3})}, {"unlisted": {"": "down"}}):
        made.show("zdrive", **facts)
        assert sight(made, 3) is Gap.UNKNOWN
    made.show("zdrive", unlisted={"x/": "no right"})
    assert sight(made, 3) == held
    made.known.stands[3].pop("zdrive")
    assert sight(made, 3) is Gap.ABSENT


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"unlisted": {"x/": "no right"}}, Gap.UNKNOWN),
        ({"unlisted": {"x/": "no right", "c.txt": "no right"}, "unread": frozenset({"c.txt"})}, Gap.UNKNOWN),
        ({"unlisted": {"c.txt": "no right"}, "unread": frozenset({"c.txt"})}, Gap.ABSENT),
    ],
)
def test_what_is_missing_while_a_folder_cannot_be_listed_may_lie_in_there(made, facts, expected):
    made.show("zdrive", missing=[3], **facts)
    assert sight(made, 3) is expected
    made.show("zdrive", **facts)
    made.known.stands[3].pop("zdrive")
    assert sight(made, 3) is Gap.ABSENT


def test_a_folder_that_was_only_implied_is_not_gone_for_not_being_shown(made):
    row = made.known.stands[1]["s3"]
    made.show("s3", missing=[1])
    assert sight(made, 1, "s3") is Gap.ABSENT
    made.known.stands[1]["s3"] = replace(row, held=row.held._replace(stamp=""))
    assert sight(made, 1, "s3") is Gap.UNKNOWN
    made.known.stands[3]["s3"] = replace(
        made.known.stands[3]["s3"], held=made.known.stands[3]["s3"].held._replace(stamp="")
    )
    made.show("s3", missing=[3])
    assert sight(made, 3, "s3") is Gap.ABSENT


def test_whose_place_another_took_is_gone(made):
    made.hold(4, "c.txt", size=4)
    made.show("zdrive", shown(made, "zdrive", 4, "b.txt", size=4), missing=[4])
    assert sight(made, 3) is Gap.ABSENT
    assert sight(made, 4).handle == "b.txt"


def carried(made, name, folder=0, side="zdrive"):
    made.show(side, shown(made, side, 77, name, folder))
    return list(owners(made, side).values())


def test_a_name_that_carries_a_number_is_of_that_document(made):
    made.hold(4, "a:b.txt", on=["filevine"])
    assert carried(made, "a%3Ab [fv-4].txt") == [4]
    assert carried(made, "a:b [fv-4].txt", side="s3") == [4]
    assert carried(made, "other [fv-4].txt") == [50]
    assert carried(made, "a%3Ab [fv-5].txt") == [50]
    assert carried(made, "a%3Ab [fv-4].txt", 1) == [50]
    made.show("filevine", missing=[4])
    assert carried(made, "a%3Ab [fv-4].txt") == [50]


def test_a_folder_that_carries_a_number_is_that_folder(made):
    made.folder(4, "v.2", on=["filevine"])
    made.show("zdrive", made.entry("zdrive", 77, "v.2 [fv-4]"))
    assert list(owners(made, "zdrive").values()) == [4]
    assert numbered(made.entry("filevine", 4, "v:2"), "windows") == ("v:2 [fv-4]", "v%3A2 [fv-4]")


def test_a_number_in_filevine_itself_is_part_of_the_name(made):
    made.hold(4, "a.txt", on=["filevine"])
    assert carried(made, "a [fv-4].txt", side="filevine") == [50]


def test_the_remains_of_a_row_stand_for_nothing(made):
    made.hold(4, "n.txt", on=["filevine"])
    made.known.stands[4]["zdrive"] = Row(NOTHING)
    made.show("zdrive", shown(made, "zdrive", 4, "n.txt"))
    assert owners(made, "zdrive") == {"n.txt": 4}


def test_what_is_new_is_numbered_in_the_order_of_its_handles(made):
    made.show("zdrive", *(shown(made, "zdrive", 77, name) for name in ("z.txt", "y.txt", "x.txt")))
    assert owners(made, "zdrive") == {"x.txt": 50, "y.txt": 51, "z.txt": 52}


def test_of_two_of_one_name_the_first_is_joined(made):
    for item in (4, 5, 6, 7):
        made.hold(item, f"{item}.txt", on=["filevine"])
    made.show("filevine", *(shown(made, "filevine", item, "n.txt") for item in (7, 5, 4, 6)))
    made.show("zdrive", shown(made, "zdrive", 4, "n.txt"))
    assert owners(made, "zdrive") == {"n.txt": 4}


def test_a_new_folder_is_known_to_what_lies_in_it_also_where_it_is_listed_later(made):
    folder = made.entry("filevine", 90, "n")
    inside = shown(made, "filevine", 77, "x.txt", parent=folder.handle)
    made.show("filevine", inside, folder)
    assert owners(made, "filevine") == {folder.handle: 50, inside.handle: 51}


def test_one_side_that_calls_it_so_is_enough_to_join(made):
    made.known.stands[3].pop("s3")
    made.show("filevine", shown(made, "filevine", 3, "c.txt", size=3))
    made.show("zdrive", shown(made, "zdrive", 3, "e.txt", size=3), missing=[3])
    made.show("s3", shown(made, "s3", 3, "c.txt"))
    assert owners(made, "s3") == {"c.txt": 3}


def test_a_name_that_carries_a_number_is_of_that_document_also_while_its_side_is_away(made):
    made.traits["filevine"] = Traits(lasting_refs=False)
    made.show("filevine", unlisted={"": "is away"})
    made.known.stands[3].pop("zdrive")
    assert carried(made, "b [fv-3].txt") == [3]


def test_only_a_lasting_number_is_carried_by_a_name(made):
    made.hold(4, "d000000000004", on=["s3"])
    assert carried(made, "d000000000004 [fv-4]") == [50]


def test_a_number_is_looked_for_on_every_side_that_has_lasting_ones():
    made = Made(traits={"s3": S3, "filevine": FILEVINE, "other": FILEVINE, "zdrive": DRIVE})
    made.known.next_item = 50
    made.folder(1, "d")
    made.hold(4, "a.txt", on=["filevine", "other"])
    assert carried(made, "a [fv-4].txt") == [4]
    made.show("filevine", shown(made, "filevine", 4, "a.txt", 1))
    assert carried(made, "a [fv-4].txt") == [4]


def test_equal_bytes_under_another_lasting_number_are_another_document(made):
    made.show("filevine", shown(made, "filevine", 77, "z.txt", size=3), missing=[3])
    assert owners(made, "filevine") == {"d000000000077": 50}


def test_what_did_not_change_is_not_taken_for_a_twin_that_is_gone(made):
    made.hold(4, "twin.txt", size=3)
    same = shown(made, "zdrive", 3, "b.txt", size=3)
    made.show("zdrive", same, missing=[4])
    assert owners(made, "zdrive") == {"b.txt": 3}
    made.show("zdrive", same, shown(made, "zdrive", 4, "c.txt", size=3), missing=[4])
    assert owners(made, "zdrive") == {"b.txt": 3, "c.txt": 4}


def test_what_is_known_keeps_nothing_behind_it_from_being_known_again(made):
    known = made.entry("filevine", 1, "d")
    again = shown(made, "filevine", 77, "a.txt", 1)
    made.show("filevine", known, shown(made, "filevine", 3, "b.txt"), again, missing=[2])
    assert owners(made, "filevine")[again.handle] == 2


@pytest.mark.parametrize(("kind", "item"), [(Kind.FILE, 3), (Kind.FOLDER, 50)])
def test_what_makes_room_is_what_its_number_says_also_where_its_side_lost_it(made, kind, item):
    made.known.stands[3]["zdrive"] = Row()
    made.show(
        "zdrive", made.entry("zdrive", 77, "b (moving 3)", 0, content(9) if kind is Kind.FILE else None)
    )
    assert list(owners(made, "zdrive").values()) == [item]
