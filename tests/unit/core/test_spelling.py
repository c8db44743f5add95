"""How a side spells names: as it does already, as they are, or apart from others."""

from dataclasses import replace

import pytest

from synctool.core.item import Row
from synctool.core.model import Gap, Kind
from synctool.core.plan import Action, Layer, Step, Why
from synctool.core.policy import Role
from synctool.core.spelling import extension_changes, freed, overlong, spelled, spelled_apart
from tests.unit.core.made import Made, content

LONG = "Smith v. Jones " * 20 + ".x"


@pytest.fixture
def made():
    return Made()


def step(item, name, folder=0, action=Action.WRITE, kind=Kind.FILE, path="", **facts):
    shown = {"layer": Layer.WRITE, "why": Why.NEW, "path": path or name, "to_path": path or name, **facts}
    return Step(side="zdrive", item=item, kind=kind, folder=folder, name=name, action=action, **shown)


def names_of(steps):
    return [each.name for each in steps]


def apart(made, *steps, side="zdrive"):
    return names_of(spelled_apart(made.world, side, list(steps)))


@pytest.mark.parametrize(
    ("agreed", "on_drive", "now", "expected"),
    [
        ("a:b.txt", "a%3Ab.txt", "a:b.txt", "a%3Ab.txt"),
        ("a.txt", "a [fv-1].txt", "a.txt", "a [fv-1].txt"),
        ("a.txt", "a [fv-1].txt", "b.txt", "b.txt"),
        ("a.txt", "a.txt", "b:.txt", "b%3A.txt"),
        ("a.txt", "a (moving 1).txt", "a.txt", "a.txt"),
        ("a.txt", "a (moving 2).txt", "a.txt", "a (moving 2).txt"),
    ],
    ids=[
        "as it does already",
        "with a ref",
        "another name",
        "a stand-in",
        "while it makes room",
        "only its own",
    ],
)
def test_a_side_keeps_its_spelling_until_the_name_is_another(made, agreed, on_drive, now, expected):
    made.hold(1, agreed, zdrive=on_drive)
    assert spelled(made.world, made.say(1, name=now), "zdrive") == expected


def test_what_comes_to_a_side_is_called_as_it_can_be_there(made):
    made.hold(1, "a:b.txt", on=["filevine"])
    case = made.say(1)
    assert [spelled(made.world, case, side) for side in ("s3", "zdrive")] == ["a:b.txt", "a%3Ab.txt"]


def test_a_document_without_a_name_gets_one_that_can_be_held(made):
    made.hold(1, "", on=["filevine"])
    made.known.stands[1]["zdrive"] = Row(spelled="of one that is gone.txt")
    assert [spelled(made.world, made.say(1), side) for side in ("filevine", "zdrive")] == ["%", "%"]


def test_a_long_folder_has_no_extension_to_keep(made):
    made.folder(1, LONG, on=["filevine"])
    made.hold(2, LONG, on=["filevine"])
    folder, document = (spelled(made.world, made.say(item), "zdrive") for item in (1, 2))
    assert (folder.endswith(".x"), document.endswith(".x")) == (False, True)


@pytest.mark.parametrize(
    ("side", "kind", "name", "changes"),
    [
        ("filevine", Kind.FILE, "b.doc", False),
        ("filevine", Kind.FILE, "a.DOC", False),
        ("filevine", Kind.FILE, "a.docx", True),
        ("filevine", Kind.FILE, "a", True),
        ("filevine", Kind.FOLDER, "a.docx", False),
        ("zdrive", Kind.FILE, "a.docx", False),
    ],
)
def test_only_where_extensions_are_fixed_is_another_one_another_document(made, side, kind, name, changes):
    made.hold(1, "a.doc", kind=kind)
    entry = made.world.entry(1, side)
    assert extension_changes(made.world, side, entry, name) is changes
    shouted = entry._replace(name="a.DOC")
    assert extension_changes(made.world, side, shouted, name) is changes


def test_who_comes_to_anothers_name_carries_its_number_in_filevine(made):
    made.hold(1, "a.txt")
    made.come(7, "A.txt", on=["filevine"])
    assert apart(made, step(7, "A.txt")) == ["A [fv-7].txt"]
    assert apart(made, step(7, "A.txt"), side="s3") == ["A.txt"]


def test_who_is_not_in_filevine_carries_its_number_here(made):
    made.hold(1, "a.txt")
    made.come(7, "A.txt", on=["s3"])
    assert apart(made, step(7, "A.txt")) == ["A [7].txt"]


def test_a_folder_carries_the_number_at_its_end(made):
    made.folder(1, "vol.2")
    made.come(7, "Vol.2", on=["filevine"], kind=Kind.FOLDER)
    assert apart(made, step(7, "Vol.2", kind=Kind.FOLDER)) == ["Vol.2 [fv-7]"]


@pytest.mark.parametrize("kind", Kind)
def test_a_name_that_is_long_with_its_number_is_cut(made, kind):
    long = "x" * 250 + ".txt"
    made.hold(1, long, kind=kind)
    made.come(7, long.upper(), on=["filevine"], kind=kind)
    (name,) = apart(made, step(7, long.upper(), kind=kind))
    assert (len(name), name.endswith(".TXT")) == (255, kind is Kind.FILE)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Action.REMOVE, "A.txt"),
        (Action.MOVE, "A.txt"),
        (Action.REPLACE, "A.txt"),
        (Action.WRITE, "A [fv-7].txt"),
    ],
)
def test_a_name_is_free_when_who_has_it_leaves(made, action, expected):
    made.hold(1, "a.txt")
    made.come(7, "A.txt", on=["filevine"])
    other = step(1, "" if action is Action.REMOVE else "b.txt", action=action)
    assert apart(made, other, step(7, "A.txt"))[1] == expected


def test_of_two_that_come_to_one_name_the_second_carries_its_number(made):
    for item in (7, 8, 9):
        made.come(item, "a.txt", on=["filevine"])
    steps = [step(7, "a.txt"), step(8, "A.txt"), step(9, "a.txt", folder=5), step(7, "a.txt")]
    assert apart(made, *steps[:2]) == ["a.txt", "A [fv-8].txt"]
    made.folder(5, "d")
    assert apart(made, *steps) == ["a.txt", "A [fv-8].txt", "a.txt", "a.txt"]


def test_what_carries_a_number_has_that_name_for_itself(made):
    for item in (7, 8, 9):
        made.come(item, "a.txt", on=["filevine"])
    steps = [step(7, "a.txt"), step(8, "a.txt"), step(9, "a [fv-8].txt")]
    assert apart(made, *steps) == ["a.txt", "a [fv-8].txt", "a [fv-8] [fv-9].txt"]


def test_what_only_goes_claims_no_name(made):
    made.hold(1, "a.txt")
    made.hold(2, "b.txt")
    assert apart(made, *(step(item, "", action=Action.REMOVE) for item in (1, 2))) == ["", ""]


def test_a_name_is_not_free_when_who_left_another_has_come_to_it(made):
    made.hold(1, "a.txt")
    made.come(7, "b.txt", on=["filevine"])
    assert apart(made, step(1, "b.txt", action=Action.MOVE), step(7, "b.txt")) == ["b.txt", "b [fv-7].txt"]


def test_who_stands_there_already_may_be_written_and_labelled(made):
    made.hold(1, "a.txt")
    made.hold(2, "A.txt", on=["filevine", "s3"])
    assert apart(made, step(1, "a.txt")) == ["a.txt"]
    assert apart(made, step(2, "a.txt", action=Action.LABEL)) == ["a.txt"]


def test_where_a_folder_holds_names_twice_nobody_is_set_apart(made):
    made.traits["filevine"] = replace(made.traits["filevine"], unique_names=False)
    made.hold(1, "a.txt")
    assert apart(made, step(7, "a.txt"), side="filevine") == ["a.txt"]


@pytest.mark.parametrize(
    ("path", "kind", "name", "told"),
    [
        ("d/" + "x" * 238, Kind.FILE, "x", []),
        (
            "d/" + "x" * 239,
            Kind.FILE,
            "x",
            ["its path has 241 characters there; Explorer and Word open no more than 240"],
        ),
        (
            "d/" + "🦊" * 120,
            Kind.FILE,
            "x",
            ["its path has 242 characters there; Explorer and Word open no more than 240"],
        ),
        ("d/" + "x" * 300, Kind.FOLDER, "x", []),
        ("d/" + "x" * 300, Kind.FILE, "", []),
    ],
    ids=["just", "one more", "pairs count twice", "a folder", "what only goes"],
)
def test_a_path_too_long_for_the_programs_there_is_told(made, path, kind, name, told):
    notices = overlong(made.world, "zdrive", [step(1, name, kind=kind, path=path)])
    assert [(n.path, n.text, n.side) for n in notices] == [(path, text, "zdrive") for text in told]
    assert overlong(made.world, "s3", [step(1, name, path=path)]) == []


def test_half_a_character_pair_has_a_length_too(made):
    (notice,) = overlong(made.world, "zdrive", [step(1, "x", path="\ud83e" + "x" * 240)])
    assert "has 241 characters" in notice.text


def gives_back(made, *drafted, side="zdrive"):
    return [(s.item, s.name, s.why, s.action) for s in freed(made.world, side, drafted)]


def twins(made, folder=0, **facts):
    """A document, and one that carries its number on the drive because the first has its name."""
    made.hold(1, "A.txt", folder)
    made.hold(2, "a.txt", folder, zdrive="a [fv-2].txt", **facts)


BACK = [(2, "a.txt", Why.STAND_IN, Action.MOVE)]


def test_a_name_is_given_back_when_who_had_it_was_deleted_there(made):
    twins(made)
    made.say(1, exists=False, shows=dict.fromkeys(made.traits, Gap.ABSENT))
    assert gives_back(made) == BACK


def test_a_name_is_given_back_when_who_had_it_was_renamed_there(made):
    twins(made)
    made.say(1, name="b.txt", shows={"zdrive": made.entry("zdrive", 1, "b.txt")})
    assert gives_back(made) == BACK


@pytest.mark.parametrize("action", [Action.MOVE, Action.REMOVE, Action.REPLACE])
def test_a_name_is_given_back_when_who_had_it_leaves(made, action):
    twins(made)
    made.say(1)
    assert gives_back(made, step(1, "b.txt", action=action)) == BACK


def test_a_name_is_not_given_back_while_who_has_it_stays(made):
    twins(made)
    made.say(1)
    made.say(2)
    assert gives_back(made, step(1, "A.txt", action=Action.WRITE)) == []


def test_a_name_is_not_given_back_while_nobody_can_say_whether_it_is_free(made):
    twins(made)
    busy = made.entry("zdrive", 1, "A.txt", 0, content(2), stamp="new")
    made.show("zdrive", busy, unread=frozenset({busy.handle}))
    assert not [s for s in made.plan().steps if s.action is Action.MOVE]
    made.show("zdrive", missing=[1])
    assert [s.name for s in made.plan().steps if s.action is Action.MOVE] == ["a.txt"]


def test_a_name_is_not_given_back_to_who_leaves_too_or_when_it_is_taken_anew(made):
    twins(made)
    made.say(1, exists=False)
    gone = step(1, "", action=Action.REMOVE)
    assert gives_back(made, gone, step(2, "b.txt", action=Action.MOVE)) == []
    assert gives_back(made, gone, step(8, "a.txt")) == []
    assert gives_back(made, gone, step(8, "a.txt", folder=5)) == BACK


def test_a_name_is_given_back_in_its_own_folder_only(made):
    made.folder(5, "d")
    twins(made, folder=5)
    made.hold(3, "a.txt", zdrive="a [fv-3].txt")
    made.say(1, exists=False)
    assert gives_back(made, step(1, "", action=Action.REMOVE)) == BACK


def test_who_was_moved_away_or_renamed_gets_no_name_back_there(made):
    twins(made)
    made.folder(5, "d")
    made.say(1, exists=False)
    gone = step(1, "", action=Action.REMOVE)
    for now in ({"folder": 5}, {"name": "c.txt"}, {"exists": False}):
        made.say(2, **now)
        assert gives_back(made, gone) == []
    made.say(2, shows={"zdrive": Gap.ABSENT})
    assert gives_back(made, gone) == []


def test_a_document_without_a_name_gets_none_because_something_new_came(made):
    made.hold(1, "", on=["filevine"])
    made.come(7, "a.txt", on=["zdrive"])
    assert gives_back(made, side="filevine") == []


def test_a_side_that_is_never_written_gives_no_names_back(made):
    made.policy["roles"] = {"zdrive": Role.SOURCE}
    twins(made)
    made.say(1, exists=False)
    assert gives_back(made, step(1, "", action=Action.REMOVE)) == []


def test_only_one_gets_a_name_back(made):
    twins(made)
    made.hold(3, "A.TXT", zdrive="A [fv-3].TXT")
    made.say(1, exists=False)
    assert gives_back(made, step(1, "", action=Action.REMOVE)) == BACK


def test_where_case_tells_names_apart_another_case_gives_nothing_back(made):
    made.hold(1, "A.txt")
    made.hold(2, "a.txt", s3="a [2].txt")
    made.hold(3, "A.txt", s3="A [3].txt")
    made.say(1, exists=False)
    given = gives_back(made, step(1, "", action=Action.REMOVE), side="s3")
    assert given == [(3, "A.txt", Why.STAND_IN, Action.MOVE)]


def test_who_has_its_name_already_needs_none_and_the_next_gets_it(made):
    made.hold(1, "A.txt")
    made.hold(2, "a.txt", on=["filevine"])
    made.hold(3, "a.txt", zdrive="a [fv-3].txt")
    made.say(1, exists=False)
    assert gives_back(made, step(1, "", action=Action.REMOVE)) == [(3, *BACK[0][1:])]
    made.hold(2, "a.txt")
    assert gives_back(made, step(1, "", action=Action.REMOVE))[0][0] == 3


def test_a_folders_name_is_given_back_whole(made):
    made.folder(1, LONG)
    made.folder(2, LONG.upper(), zdrive="stand-in")
    made.say(1, exists=False)
    ((_, name, _, _),) = gives_back(made, step(1, "", action=Action.REMOVE))
    assert (len(name), name.endswith(".X")) == (255, False)
