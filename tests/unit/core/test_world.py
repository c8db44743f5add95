"""What a decision knows of each item: where it is, what a side holds of it, what may be done to it."""

from dataclasses import replace

import pytest

from synctool.core.model import Content, Gap, Kind
from synctool.core.policy import MappedFolder, Refused, Role
from synctool.core.ruling import Ruling, Word
from synctool.core.world import ROOT_ENTRY, folders_of, path_of
from tests.unit.core.made import Made, content


@pytest.fixture
def made():
    made = Made()
    made.folder(1, "d")
    made.folder(2, "e", 1)
    made.hold(3, "a.txt", 2)
    return made


def test_a_path_names_every_folder_before_and_after(made):
    assert made.world.path(3) == made.world.path_before(3) == "d/e/a.txt"
    made.say(1, name="x")
    made.say(3, name="b.txt", folder=1)
    assert made.world.path(3) == "x/b.txt"
    assert made.world.path_before(3) == "d/e/a.txt"
    assert made.world.path_before(2) == "d/e"


def test_what_is_new_was_before_where_it_will_be(made):
    made.come(7, "n", 1, on=["s3"], kind=Kind.FOLDER)
    made.come(8, "n.txt", 7, on=["s3"])
    made.hold(9, "old.txt")
    made.say(9, folder=7)
    made.say(1, name="x")
    assert made.world.path_before(8) == "x/n/n.txt"
    assert made.world.path_before(9) == "old.txt"
    assert (made.world.is_new(7), made.world.is_new(9), made.world.is_new(3)) == (True, False, False)


def test_of_what_was_moved_into_something_new_the_former_path_is_known(made):
    made.come(7, "n", on=["s3"], kind=Kind.FOLDER)
    made.known.agreed[2] = replace(made.known.agreed[2], value=made.known.agreed[2].value._replace(folder=7))
    made.say(3, name="b.txt")
    assert made.world.path_before(3) == "n/e/a.txt"


def test_a_circle_ends_a_path_and_a_list_of_folders(made):
    made.say(1, folder=2)
    values = {item: made.world.agreed(item).value for item in (1, 2, 3)}
    assert folders_of(3, values.get) == [2, 1]
    assert path_of(3, values.get) == "d/e/a.txt"


def test_what_a_side_holds_is_what_it_shows_or_what_it_held_when_last_seen(made):
    world = made.world
    assert world.entry(0, "s3") == ROOT_ENTRY
    assert world.entry(3, "s3").handle == "d/e/a.txt"
    made.hold(4, "b.txt", on=["s3"])
    assert made.world.entry(4, "zdrive") is Gap.ABSENT
    made.show("s3", unseen=frozenset({4}))
    assert made.world.entry(4, "s3") is Gap.UNKNOWN
    assert made.world.entry(3, "s3").handle == "d/e/a.txt"
    made.say(4, shows={"s3": Gap.ABSENT})
    assert made.world.entry(4, "s3") is Gap.ABSENT


def test_nothing_is_known_of_a_side_that_is_away(made):
    made.show("s3", unlisted={"": "is down"})
    assert [made.world.entry(item, "s3") for item in (0, 3)] == [Gap.UNKNOWN] * 2
    assert not made.world.open_folder(1, "s3")
    assert made.world.open_folder(1, "zdrive")


def test_only_a_folder_that_was_looked_into_is_open(made):
    made.show("s3", unlisted={"d/": "no right"})
    assert [made.world.open_folder(item, "s3") for item in (0, 1, 2)] == [True, False, True]
    made.say(1, shows={"s3": Gap.ABSENT})
    assert made.world.open_folder(1, "s3")
    made.say(1, shows={"s3": Gap.UNKNOWN})
    assert not made.world.open_folder(1, "s3")


def test_what_lies_in_a_folder_is_what_does_now(made):
    made.hold(9, "b.txt", 2)
    made.hold(4, "c.txt", 2)
    made.come(7, "A.TXT", 2, on=["zdrive"])
    assert made.world.held_in("zdrive", 2) == [3, 4, 7, 9]
    assert made.world.held_in("s3", 2) == [3, 4, 9]
    made.say(4, shows={"zdrive": made.entry("zdrive", 4, "c.txt", 0, content(1))})
    assert made.world.held_in("zdrive", 2) == [3, 7, 9]
    assert made.world.held_in("zdrive", 0) == [1, 4]


def test_who_has_a_name_is_found_whatever_its_case(made):
    made.come(7, "A.TXT", 2, on=["zdrive"])
    assert made.world.held_named("zdrive", 2, "A.txt") == [3, 7]
    assert made.world.held_named("s3", 2, "A.txt") == [3]
    made.come(5, "a.txt", 2, on=["zdrive"])
    assert made.world.held_named("zdrive", 2, "A.txt") == [3, 5, 7]
    made.say(3, shows=dict.fromkeys(made.traits, Gap.ABSENT))
    assert made.world.held_named("zdrive", 2, "A.txt") == [5, 7]
    assert made.world.held_named("zdrive", 2, "b.txt") == []
    made.say(2, shows={"s3": Gap.ABSENT})
    assert made.world.held_named("s3", 2, "a.txt") == []


@pytest.mark.parametrize(
    ("size", "profile", "trait", "refused"),
    [(6, 5, None, True), (5, 5, None, False), (6, None, 5, True), (5, None, 5, False), (6, 7, None, False)],
)
def test_a_document_too_large_for_a_side_is_not_held_there(made, size, profile, trait, refused):
    made.traits["s3"] = replace(made.traits["s3"], max_size=trait)
    made.policy["max_sizes"] = {"s3": profile} if profile else {}
    made.hold(4, "b.txt", size=size)
    told = "is not held there: too large" if refused else ""
    assert made.world.refusal("s3", 4) == told
    assert made.world.refusal("zdrive", 4) == ""
    made.say(3, content=Content(size, "?"))
    assert made.world.refusal("s3", 3) == told
    assert made.world.refusal("s3", 1) == ""


def test_what_the_profile_keeps_from_a_side_is_not_held_there(made):
    made.policy["folders"] = (MappedFolder("x", {}), MappedFolder("d/e", {"s3": None, "filevine": "E"}))
    made.folder(4, "ee", 1)
    told = "is not held there, as the profile says"
    assert [made.world.refusal("s3", item) for item in (1, 2, 3, 4)] == ["", told, told, ""]
    assert [made.world.refusal(side, 3) for side in ("filevine", "zdrive")] == ["", ""]
    made.policy["folders"] = (MappedFolder("d", {"s3": None}),)
    assert made.world.refusal("s3", 3) == told


def left(made, item):
    return made.world.is_left("zdrive", made.cases[item])


@pytest.mark.parametrize(
    ("obeyed", "refused", "expected"),
    [
        (frozenset({"s3"}), Refused.LEAVE, True),
        (frozenset({"s3"}), Refused.RESTORE, False),
        (frozenset({"zdrive"}), Refused.LEAVE, False),
        (None, Refused.LEAVE, False),
    ],
)
def test_what_was_deleted_stays_so_if_the_profile_says_so(made, obeyed, refused, expected):
    made.policy |= {"deletes_from": obeyed, "refused": refused}
    made.say(3, shows={"zdrive": Gap.ABSENT})
    assert left(made, 3) is expected


@pytest.fixture
def lenient(made):
    made.policy |= {"deletes_from": frozenset(), "refused": Refused.LEAVE}
    return made


def test_only_what_was_there_and_is_gone_is_left_so(lenient):
    lenient.say(3)
    assert not left(lenient, 3)
    lenient.hold(4, "b.txt", on=["s3"])
    lenient.say(4)
    assert not left(lenient, 4)
    lenient.say(3, shows={"zdrive": Gap.ABSENT}, exists=False)
    assert not left(lenient, 3)
    lenient.say(3, exists=False)
    assert not left(lenient, 3)
    lenient.say(3, shows={"zdrive": lenient.entry("zdrive", 3, "b.txt", 2, content(1))}, name="c.txt")
    assert not left(lenient, 3)


def test_what_a_person_decided_is_not_left(lenient):
    case = lenient.say(3, shows={"zdrive": Gap.ABSENT})
    lenient.cases[3] = replace(case, merged=replace(case.merged, ruling=Ruling(Word.TAKE)))
    assert not left(lenient, 3)


def test_a_deleted_folder_is_left_unless_something_comes_into_it(lenient):
    gone = {"zdrive": Gap.ABSENT}
    lenient.say(2, shows=gone)
    lenient.say(3, shows=gone)
    assert left(lenient, 2)
    lenient.come(7, "new.txt", 2, on=["s3"])
    assert not left(lenient, 2)
    lenient.cases.pop(7)
    lenient.come(7, "new.txt", 1, on=["s3"])
    assert left(lenient, 2)
    lenient.come(7, "new.txt", 2, on=lenient.traits)
    assert left(lenient, 2)


def test_what_goes_does_not_bring_its_folder_back(lenient):
    lenient.say(2, shows={"zdrive": Gap.ABSENT})
    lenient.say(3, exists=False)
    assert left(lenient, 2)


def test_only_a_source_is_never_written(made):
    for role in Role:
        made.policy["roles"] = {"s3": role}
        assert made.world.receives("s3") is (role is not Role.SOURCE)


def test_a_folder_that_the_profile_names_is_never_moved(made):
    assert not made.world.pinned(2)
    made.policy["folders"] = (MappedFolder("d/e", {}), MappedFolder("d/e/a.txt", {}))
    assert [made.world.pinned(item) for item in (1, 2, 3)] == [False, True, False]
    made.say(2, name="x")
    assert made.world.pinned(2)


def test_what_an_item_is_was_always_so(made):
    assert [made.world.kind(item) for item in (1, 3)] == [Kind.FOLDER, Kind.FILE]
    made.come(7, "n", on=["s3"], kind=Kind.FOLDER)
    assert made.world.kind(7) is Kind.FOLDER
