"""What one side must do for one item, where it reads the bytes, and why."""

from dataclasses import replace

import pytest

from synctool.core.merge import Conflict, Merged
from synctool.core.model import Entry, Gap, Kind
from synctool.core.place import Placement
from synctool.core.plan import Action, Layer, Why
from synctool.core.policy import MappedFolder, Refused, Role, Settle
from synctool.core.ruling import Ruling, Word
from synctool.core.steps import EVERYTHING, Source, source_of, steps_of
from tests.unit.core.made import Made, content


@pytest.fixture
def made():
    made = Made()
    made.folder(1, "d")
    made.hold(2, "a.doc", 1)
    for item, text in ((2, "d000000000002|f000000000001|d"), (1, "")):
        made.label(item, "s3", text)
    return made


def steps(made, side):
    found, _ = steps_of(Placement(made.world))
    return [step for step in found if step.side == side]


def done(made, side):
    return [(s.layer.name, s.action.name, s.item, s.name) for s in steps(made, side)]


def told(made):
    return [(n.path, n.text, n.side) for n in steps_of(Placement(made.world))[1]]


def edited(made, item=2, side="zdrive", size=5, name="a.doc", **now):
    """Let a side hold other bytes, and those be agreed."""
    entry = made.entry(side, item, name, 1, content(size), stamp="new")
    merged = Merged(None, {"content": (side,), "name": (), "folder": ()})
    return made.say(item, content=content(size), shows={side: entry}, merged=merged, **now)


def test_what_lacks_nothing_gets_nothing(made):
    made.say(2)
    assert steps_of(Placement(made.world)) == ((), ())


def test_an_edit_is_written_where_it_is_lacking(made):
    edited(made)
    (step,) = steps(made, "filevine")
    assert step.layer is Layer.WRITE
    assert step.action is Action.WRITE
    assert (step.path, step.to_path, step.folder, step.name) == ("d/a.doc", "d/a.doc", 1, "a.doc")
    assert (step.source, step.origin, step.kept) == ("zdrive", 0, None)
    assert (step.settles, step.causes, step.why) == ({"content"}, ("zdrive",), Why.EDITED)
    assert (step.content, step.entry, step.kind) == (content(5), made.world.entry(2, "filevine"), Kind.FILE)
    assert done(made, "zdrive") == []


def test_a_side_that_is_away_is_asked_for_nothing_and_the_others_are(made):
    edited(made)
    made.show("filevine", unlisted={"": "is down"})
    assert done(made, "filevine") == []
    assert done(made, "s3") == [("WRITE", "WRITE", 2, "a.doc")]


def test_what_a_side_does_not_show_is_left_alone(made):
    edited(made)
    case = made.cases[2]
    sights = {**case.sights, "s3": Gap.UNKNOWN}
    made.cases[2] = replace(case, sights=sights)
    assert done(made, "s3") == []
    assert len(done(made, "filevine")) == 1


def test_a_source_is_not_written_and_it_is_told(made):
    made.policy["roles"] = {"filevine": Role.SOURCE}
    edited(made)
    assert done(made, "filevine") == []
    assert told(made) == [("d/a.doc", "differs by role", "filevine")]


def test_what_a_side_does_not_hold_does_not_come_to_it(made):
    made.policy["max_sizes"] = {"s3": 4}
    edited(made)
    assert done(made, "s3") == []
    assert told(made) == [("d/a.doc", "is not held there: too large", "s3")]


def test_nothing_is_done_in_a_folder_that_cannot_be_seen(made):
    made.show("s3", unlisted={"d/": "no right"})
    edited(made)
    assert done(made, "s3") == []


def test_what_a_side_does_not_hold_is_still_removed_there(made):
    made.policy["folders"] = (MappedFolder("d", {"s3": None}),)
    made.say(2, exists=False)
    assert done(made, "s3") == [("REMOVE", "REMOVE", 2, "")]


def test_what_is_deleted_goes_and_says_who_deleted_it(made):
    merged = Merged(None, {}, deleted_by=("filevine", "s3"))
    made.say(2, exists=False, shows={"filevine": Gap.ABSENT}, merged=merged)
    (step,) = steps(made, "zdrive")
    assert (step.action, step.path, step.to_path) == (Action.REMOVE, "d/a.doc", "d/a.doc")
    assert (step.why, step.causes, step.content, step.name) == (Why.DELETED, ("filevine", "s3"), None, "")
    assert step.settles == EVERYTHING == {"exists", "content", "folder", "name"}
    made.say(2, exists=False)
    assert {step.why for step in steps(made, "zdrive")} == {Why.CATCHING_UP}


def test_a_folder_that_goes_is_removed_after_documents(made):
    for item in (1, 2):
        made.say(item, exists=False)
    assert done(made, "zdrive") == [("REMOVE", "REMOVE", 2, ""), ("REMOVE_FOLDERS", "REMOVE", 1, "")]


@pytest.mark.parametrize(
    ("role", "removed", "text"),
    [
        (Role.PEER, True, None),
        (Role.MIRROR, True, None),
        (Role.ARCHIVE, False, "deleted elsewhere; kept in the archive"),
    ],
)
def test_an_archive_keeps_what_is_deleted(made, role, removed, text):
    made.policy["roles"] = {"zdrive": role}
    made.say(2, exists=False)
    assert bool(done(made, "zdrive")) is removed
    assert told(made) == ([("d/a.doc", text, "zdrive")] if text else [])


@pytest.mark.parametrize(("folder", "path"), [(0, "own.txt"), (1, "d/own.txt")])
def test_what_only_a_mirror_has_is_left_there(made, folder, path):
    made.policy["roles"] = {"zdrive": Role.MIRROR}
    case = made.come(7, "own.txt", folder, on=["zdrive"])
    made.cases[7] = replace(case, agreed=case.before)
    assert done(made, "zdrive") == []
    assert told(made) == [(path, "only here; a mirror's own documents are left alone", "zdrive")]


def test_what_is_new_comes_to_those_who_lack_it(made):
    made.come(7, "n", 1, on=["zdrive"], kind=Kind.FOLDER)
    voters = {"content": ("zdrive",), "name": ("zdrive",), "folder": ("zdrive",)}
    made.come(8, "n.txt", 7, on=["zdrive"], merged=Merged(None, voters))
    folder, document = steps(made, "s3")
    assert (folder.layer, folder.action, folder.why, folder.settles) == (
        Layer.STRUCTURE,
        Action.MAKE,
        Why.NEW,
        EVERYTHING,
    )
    assert (document.layer, document.action, document.why, document.settles) == (
        Layer.WRITE,
        Action.WRITE,
        Why.NEW,
        EVERYTHING,
    )
    assert (document.source, document.causes, document.entry) == ("zdrive", ("zdrive",), None)
    assert (document.path, document.folder, folder.folder) == ("d/n/n.txt", 7, 1)


def test_what_was_deleted_comes_back_or_is_left_as_the_profile_says(made):
    made.policy["deletes_from"] = frozenset()
    made.say(2, shows={"zdrive": Gap.ABSENT})
    (step,) = steps(made, "zdrive")
    assert (step.action, step.why) == (Action.WRITE, Why.RESTORED)
    made.policy["refused"] = Refused.LEAVE
    assert done(made, "zdrive") == []
    assert told(made) == [("d/a.doc", "was deleted there; left so, as the profile says", "zdrive")]


def test_bytes_that_nobody_shows_are_waited_for(made):
    made.hold(2, "a.doc", 1, on=["filevine"])
    made.show("filevine", unlisted={"": "is down"})
    made.say(2, shows={"filevine": Gap.UNKNOWN})
    assert done(made, "zdrive") == []
    assert ("d/a.doc", "its bytes are on a side that cannot be seen now", "zdrive") in told(made)


def conflict(how):
    return Conflict(content(5), ("zdrive",), ((content(6), "filevine"),), how)


def test_a_copy_is_read_from_the_loser_and_written_first(made):
    case = made.come(7, "a (conflict).doc", 1, on=[])
    made.cases[7] = replace(case, origin=(2, "filevine"))
    for side in ("filevine", "s3", "zdrive"):
        (step,) = steps(made, side)
        assert (step.layer, step.action, step.source, step.origin) == (Layer.COPY, Action.COPY, "filevine", 2)
        assert (step.why, step.causes) == (Why.CONFLICT, ("filevine",))


@pytest.mark.parametrize(
    ("how", "why"), [(Settle.KEEP_BOTH, Why.CONFLICT), (Settle.PREFER, Why.CONFLICT), (Settle.HOLD, Why.MOVED)]
)  # fmt: skip
def test_what_settles_a_conflict_says_so(made, how, why):
    made.say(2, name="b.doc", merged=Merged(None, {"name": ("s3",)}, conflict=conflict(how)))
    assert {step.why for step in steps(made, "zdrive")} == {why}


def test_a_rename_is_a_move(made):
    merged = Merged(None, {"content": (), "name": ("zdrive",), "folder": ("s3",)})
    made.say(2, name="b.doc", merged=merged)
    (step,) = steps(made, "filevine")
    assert (step.layer, step.action, step.why) == (Layer.STRUCTURE, Action.MOVE, Why.MOVED)
    assert (step.path, step.to_path, step.name) == ("d/a.doc", "d/b.doc", "b.doc")
    assert (step.settles, step.causes, step.source, step.origin) == ({"name"}, ("s3", "zdrive"), "", 0)
    made.say(2, folder=0, merged=merged)
    (step,) = steps(made, "filevine")
    assert (step.settles, step.folder) == ({"folder"}, 0)


def test_a_rename_of_an_edit_is_a_move_and_a_write(made):
    edited(made)
    case = made.cases[2]
    made.cases[2] = case.revised(case.agreed.value._replace(name="b.doc"))
    assert done(made, "filevine") == [("STRUCTURE", "MOVE", 2, "b.doc"), ("WRITE", "WRITE", 2, "b.doc")]


def test_an_edit_that_only_one_side_voted_for_says_who_renamed_where_nobody_edited(made):
    merged = Merged(None, {"name": ("s3",), "content": ()})
    made.say(
        2,
        content=content(5),
        shows={"zdrive": made.entry("zdrive", 2, "a.doc", 1, content(5))},
        merged=merged,
    )
    assert {step.causes for step in steps(made, "filevine")} == {("s3",)}


def test_another_extension_is_a_replacement_where_extensions_are_fixed(made):
    made.say(2, name="a.docx")
    (step,) = steps(made, "filevine")
    assert (step.layer, step.action, step.settles) == (Layer.WRITE, Action.REPLACE, EVERYTHING)
    assert step.source == "s3"
    assert done(made, "s3") == [("STRUCTURE", "MOVE", 2, "a.docx"), ("LABEL", "LABEL", 2, "a.docx")]
    edited(made, name="a.doc")
    case = made.cases[2]
    made.cases[2] = case.revised(case.agreed.value._replace(name="a.docx"))
    assert [(s.action, s.source) for s in steps(made, "filevine")] == [(Action.REPLACE, "zdrive")]


@pytest.mark.parametrize("how", Settle)
def test_what_is_replaced_keeps_its_own_bytes_while_its_conflict_is_held(made, how):
    edited(made)
    case = made.cases[2]
    merged = replace(case.merged, conflict=conflict(how))
    made.cases[2] = replace(case, merged=merged).revised(case.agreed.value._replace(name="a.docx"))
    (step,) = steps(made, "filevine")
    assert step.action is Action.REPLACE
    assert (step.source, step.content, step.settles) == (
        ("filevine", content(1), {"folder", "name"})
        if how is Settle.HOLD
        else ("zdrive", content(5), EVERYTHING)
    )


def test_a_replacement_reads_its_own_bytes_where_no_other_has_them(made):
    made.hold(2, "a.doc", 1, on=["filevine"])
    made.say(2, name="a.docx")
    assert [(s.action, s.source) for s in steps(made, "filevine")] == [(Action.REPLACE, "filevine")]


def test_a_folder_that_the_profile_names_does_not_move(made):
    made.policy["folders"] = (MappedFolder("d", {}),)
    made.say(1, name="x")
    assert done(made, "zdrive") == []


def test_a_side_that_spells_the_name_so_already_does_not_move_it(made):
    made.hold(3, "x", zdrive="a%3Ab.txt")
    made.say(3, name="a:b.txt")
    assert done(made, "zdrive") == []
    made.say(3, name="a:b.txt", folder=1)
    assert [s.action for s in steps(made, "zdrive")] == [Action.MOVE]


@pytest.mark.parametrize("now", [{}, {"name": "x"}])
def test_a_folder_that_is_only_implied_is_made(made, now):
    row = made.known.stands[1]["s3"]
    made.known.stands[1]["s3"] = replace(row, held=row.held._replace(stamp=""))
    made.say(1, **now)
    made.say(2, exists=False)
    (step, *_) = steps(made, "s3")
    assert (step.action, step.layer, step.settles) == (Action.MAKE, Layer.STRUCTURE, EVERYTHING)
    made.say(1, exists=False)
    assert not [s for s in steps(made, "s3") if s.action is Action.MAKE]
    made.policy["roles"] = {"s3": Role.SOURCE}
    made.say(1)
    assert not steps(made, "s3")


def test_who_made_room_for_another_goes_back(made):
    shown = {"zdrive": made.entry("zdrive", 2, "a (moving 2).doc", 1, content(1))}
    case = made.say(2, shows=shown)
    row = case.row("zdrive").value
    made.cases[2] = replace(case, sights={**case.sights, "zdrive": row})
    (step,) = steps(made, "zdrive")
    assert (step.action, step.name, step.settles, step.why) == (
        Action.MOVE, "a.doc", frozenset(), Why.CATCHING_UP,
    )  # fmt: skip
    made.cases[2] = replace(case, sights={**case.sights, "zdrive": Gap.UNKNOWN})
    assert not steps(made, "zdrive")


def test_a_label_is_told_anew(made):
    made.label(2, "s3", "old")
    made.say(2)
    (step,) = steps(made, "s3")
    assert (step.layer, step.action, step.why, step.settles) == (
        Layer.LABEL, Action.LABEL, Why.LABELS, frozenset(),
    )  # fmt: skip
    made.policy["roles"] = {"s3": Role.SOURCE}
    assert not steps(made, "s3")


def test_no_label_waits_for_a_number_that_nobody_gives(made):
    made.hold(3, "b.txt", 1, on=["s3"])
    made.say(3)
    assert done(made, "s3") == [("LABEL", "LABEL", 3, "b.txt")]
    made.show("filevine", unlisted={"f000000000001": "no right"})
    assert done(made, "s3") == []
    assert done(made, "zdrive") == [("WRITE", "WRITE", 3, "b.txt")]


def test_who_only_renames_a_document_gives_it_no_number(made):
    made.traits["other"] = made.traits["filevine"]
    made.folder(1, "d")
    made.hold(3, "b.txt", 1, on=["s3", "other"], s3="c.txt")
    made.label(3, "s3", "d000000000003|f000000000001|d")
    made.show("filevine", unlisted={"f000000000001": "no right"})
    made.say(3, name="c.txt")
    assert done(made, "other") == [("STRUCTURE", "MOVE", 3, "c.txt")]
    assert [action for _, action, *_ in done(made, "s3")] == []


def test_what_follows_its_folder_is_labelled_as_it_moves(made):
    made.say(1, name="x")
    made.say(2)
    assert done(made, "s3") == [("STRUCTURE", "MOVE", 1, "x"), ("STRUCTURE", "MOVE", 2, "a.doc")]
    made.say(2, shows={"filevine": Gap.ABSENT})
    assert ("LABEL", "LABEL", 2, "a.doc") in done(made, "s3")
    made.hold(3, "b.doc")
    made.say(3)
    assert ("LABEL", "LABEL", 3, "b.doc") in done(made, "s3")


def test_a_folder_in_which_something_is_hidden_waits(made):
    made.show("s3", unlisted={"x/": "no right"}, unseen=frozenset({2}))
    made.say(1, name="x")
    assert done(made, "s3") == []
    made.come(7, "n", on=["zdrive"], kind=Kind.FOLDER)
    assert done(made, "s3") == [("STRUCTURE", "MAKE", 7, "n")]


def test_a_folder_in_which_something_is_left_is_kept_and_it_is_told(made):
    made.show("zdrive", occupied=frozenset({"d/"}))
    for item in (1, 2):
        made.say(item, exists=False)
    assert done(made, "zdrive") == [("REMOVE", "REMOVE", 2, "")]
    assert told(made) == [("d", "is kept: something in it is not ours to remove", "zdrive")]


def test_steps_are_in_the_order_of_layers_paths_and_ranks(made):
    made.come(7, "n", on=["zdrive"], kind=Kind.FOLDER)
    made.come(8, "n.txt", 7, on=["zdrive"])
    made.come(9, "b.txt", on=["filevine"])
    made.say(2, exists=False)
    found, _ = steps_of(Placement(made.world))
    assert [(s.layer.name, s.path, s.side) for s in found] == [
        ("STRUCTURE", "n", "filevine"),
        ("STRUCTURE", "n", "s3"),
        ("WRITE", "b.txt", "s3"),
        ("WRITE", "b.txt", "zdrive"),
        ("WRITE", "n/n.txt", "filevine"),
        ("WRITE", "n/n.txt", "s3"),
        ("REMOVE", "d/a.doc", "filevine"),
        ("REMOVE", "d/a.doc", "s3"),
        ("REMOVE", "d/a.doc", "zdrive"),
    ]


def test_names_that_are_too_long_or_taken_are_told_and_set_apart(made):
    made.hold(3, "A.txt")
    made.come(7, "a.txt", on=["filevine"])
    made.come(8, "x" * 245, on=["filevine"])
    assert [name for *_, name in done(made, "zdrive")] == ["a [fv-7].txt", "x" * 245]
    assert [side for _, text, side in told(made) if "245 characters" in text] == ["zdrive"]


def test_a_name_that_becomes_free_is_given_back(made):
    made.hold(3, "A.txt")
    made.hold(4, "a.txt", zdrive="a [fv-4].txt")
    made.say(3, exists=False)
    assert ("STRUCTURE", "MOVE", 4, "a.txt") in done(made, "zdrive")


def sources(made, item=2):
    case = made.cases[item]
    return [source_of(made.world, case, side) for side in made.traits]


def test_bytes_are_read_where_they_are_near(made):
    made.say(2)
    assert sources(made) == [Source("s3"), Source("zdrive"), Source("s3")]
    made.traits["s3"] = replace(made.traits["s3"], cheap_reads=False)
    assert sources(made) == [Source("zdrive"), Source("zdrive"), Source("filevine")]


def test_bytes_are_read_only_where_they_are_the_agreed_ones(made):
    edited(made)
    assert sources(made) == [Source("zdrive"), Source("zdrive"), None]
    made.say(2, shows=dict.fromkeys(("s3", "zdrive"), Gap.ABSENT))
    assert sources(made) == [None, Source("filevine"), Source("filevine")]


def test_what_stands_for_the_agreed_bytes_may_be_read_for_them(made):
    row = made.known.stands[2]["s3"]
    other = replace(row, value=row.value._replace(content=content(9)))
    made.known.stands[2] = {"s3": other}
    made.say(2)
    assert sources(made)[2] == Source("s3")
    made.known.stands[2] = {"s3": replace(other, versions=other.versions._replace(content=0))}
    made.say(2)
    assert sources(made)[2] is None


@pytest.mark.parametrize(("digest", "read"), [("?somewhere", False), ("f" * 64, True)])
def test_what_is_only_assumed_is_read_where_its_digest_proves_it(made, digest, read):
    for assumed in ("row", "case"):
        made.hold(2, "a.doc", 1, on=["filevine"])
        agreed = made.known.agreed[2]
        value = agreed.value._replace(content=agreed.value.content._replace(digest=digest))
        made.known.agreed[2] = replace(agreed, value=value)
        row = made.known.stands[2]["filevine"]
        made.known.stands[2]["filevine"] = replace(row, value=value, assumed=assumed == "row")
        case = made.say(2)
        made.cases[2] = replace(case, assumed=frozenset({"filevine"} if assumed == "case" else ()))
        assert sources(made)[2] == (Source("filevine") if read else None)


KEPT = Entry(Kind.FILE, "d000000000002", "", "a.doc", "s", 5, sha256=content(5).digest)


def decided(made, item=2, shows=None, **facts):
    """Let a person have chosen five bytes for an item that no side holds with them."""
    ruling = Ruling(Word.TAKE, content(5), **facts)
    merged = Merged(None, {"content": (), "name": (), "folder": ()}, ruling=ruling)
    gone = dict.fromkeys(made.traits, Gap.ABSENT) if shows is None else shows
    return made.say(item, content=content(5), merged=merged, shows=gone)


def test_what_a_person_chose_is_read_where_another_document_has_it(made):
    made.hold(3, "copy.doc", size=5)
    decided(made, origin=3)
    assert sources(made) == [Source("filevine", 3)] * 3
    made.show("filevine", unlisted={"": "is down"})
    assert sources(made)[2] == Source("s3", 3)
    made.say(3, shows={"s3": Gap.ABSENT})
    assert sources(made)[2] == Source("filevine", 3) or sources(made)[2] == Source("zdrive", 3)
    made.label(3, "zdrive", "")
    made.known.stands[3]["zdrive"] = replace(made.known.stands[3]["zdrive"], assumed=True)
    made.say(3, shows={"s3": Gap.ABSENT})
    assert sources(made)[2] is None
    made.hold(3, "copy.doc", size=6)
    made.cases.pop(3)
    assert sources(made) == [None] * 3


def test_the_other_document_must_really_hold_it(made):
    made.hold(3, "copy.doc", size=6)
    made.say(3, content=content(5), shows={"zdrive": made.entry("zdrive", 3, "copy.doc", 0, content(5))})
    sight = made.cases[3].sights["zdrive"]._replace(content=content(5))
    made.cases[3] = replace(made.cases[3], sights={**made.cases[3].sights, "zdrive": sight})
    decided(made, origin=3)
    assert sources(made)[0] == Source("zdrive", 3)


def test_what_a_person_chose_is_read_from_what_is_kept(made):
    decided(made, kept={"zdrive": KEPT})
    assert sources(made) == [Source("zdrive", kept=KEPT)] * 3
    made.show("zdrive", unlisted={"": "is down"})
    assert sources(made) == [None] * 3


def test_what_a_side_with_lasting_numbers_keeps_is_put_back(made):
    decided(made, kept={"filevine": KEPT})
    (step,) = steps(made, "filevine")
    assert (step.layer, step.action, step.kept, step.source) == (Layer.COPY, Action.RESTORE, KEPT, "")
    assert (step.why, step.settles) == (Why.DECIDED, EVERYTHING)
    (other,) = (s for s in steps(made, "zdrive") if s.action is Action.WRITE)
    assert (other.source, other.kept, other.origin) == ("filevine", None, 0)


@pytest.mark.parametrize(
    "reason", ["other bytes", "another extension", "it is there", "a source", "no folder", "another side"]
)
def test_what_is_kept_is_not_put_back_where_it_cannot_be(made, reason):
    kept = {"filevine": KEPT}
    shows = None
    match reason:
        case "other bytes":
            kept = {"filevine": KEPT._replace(sha256=content(6).digest)}
        case "another extension":
            kept = {"filevine": KEPT._replace(name="a.pdf")}
        case "it is there":
            shows = {}
        case "a source":
            made.policy["roles"] = {"filevine": Role.SOURCE}
        case "no folder":
            made.show("filevine", unlisted={"f000000000001": "no right"})
        case "another side":
            kept = {"zdrive": KEPT}
    decided(made, shows=shows, kept=kept)
    found = [s for side in made.traits for s in steps(made, side)]
    assert not [s for s in found if s.action is Action.RESTORE]


def test_a_word_that_brings_nothing_back_restores_nothing(made):
    case = decided(made, kept={"filevine": KEPT})
    made.cases[2] = case.revised(case.agreed.value._replace(content=None))
    assert source_of(made.world, made.cases[2], "zdrive") == Source("filevine", kept=KEPT)


def test_what_a_person_decided_is_why_but_for_a_label(made):
    made.label(2, "s3", "old")
    ruling = Ruling(Word.KEEP_BOTH)
    made.say(2, merged=Merged(None, {}, ruling=ruling))
    assert [s.why for s in steps(made, "s3")] == [Why.LABELS]
    made.say(2, name="b.doc", merged=Merged(None, {}, ruling=ruling))
    assert {s.why for s in steps(made, "zdrive")} == {Why.DECIDED}


def why(made, side="zdrive"):
    return [step.why for step in steps(made, side)]


def test_why_a_step_is_taken(made):
    made.hold(3, "b.txt", on=["filevine", "s3"])
    made.say(3)
    assert why(made) == [Why.CATCHING_UP]
    made.hold(3, "b.txt")
    made.say(3, shows={"zdrive": Gap.ABSENT})
    assert why(made) == [Why.RESTORED]
    gone = made.known.agreed[3]
    made.known.agreed[3] = replace(gone, value=gone.value._replace(exists=False))
    made.known.stands[3].pop("zdrive")
    made.say(3, exists=True)
    assert why(made) == [Why.RESTORED]
    made.hold(3, "b.txt")
    made.say(3, content=content(9), shows={"s3": made.entry("s3", 3, "b.txt", 0, content(9))})
    sights = {**made.cases[3].sights, "s3": made.cases[3].agreed.value}
    made.cases[3] = replace(made.cases[3], sights=sights)
    assert why(made) == [Why.EDITED]


def test_a_move_of_a_side_alone_is_about_its_spelling(made):
    edited(made)
    row = made.known.stands[2]["filevine"]
    stood = row.value._replace(name="b.doc")
    held = row.held._replace(name="b.doc")
    made.known.stands[2]["filevine"] = replace(
        row, value=stood, held=held, versions=row.versions._replace(name=0)
    )
    edited(made)
    assert [(s.action, s.why) for s in steps(made, "filevine")] == [
        (Action.MOVE, Why.STAND_IN),
        (Action.WRITE, Why.EDITED),
    ]


def test_what_follows_its_folder_is_written_all_the_same(made):
    made.say(1, name="x")
    edited(made)
    assert [(s.action, s.item) for s in steps(made, "s3")] == [
        (Action.MOVE, 1),
        (Action.MOVE, 2),
        (Action.WRITE, 2),
    ]


def test_only_a_folder_can_be_implied(made):
    row = made.known.stands[2]["s3"]
    made.known.stands[2]["s3"] = replace(row, held=row.held._replace(stamp=""))
    made.say(2)
    assert not steps(made, "s3")
    made.say(2, name="b.doc")
    assert [s.action for s in steps(made, "s3")] == [Action.MOVE]


def test_what_stands_for_the_agreed_name_stays_where_only_bytes_are_lacking(made):
    row = made.known.stands[2]["filevine"]
    made.known.stands[2]["filevine"] = replace(
        row, value=row.value._replace(name="b.doc"), held=row.held._replace(name="b.doc")
    )
    edited(made)
    assert [s.action for s in steps(made, "filevine")] == [Action.WRITE]


def test_what_became_one_with_another_is_removed_where_it_came_from(made):
    case = made.come(7, "own.txt", on=["zdrive"])
    made.cases[7] = case.revised(case.agreed.value._replace(exists=False))
    assert done(made, "zdrive") == [("REMOVE", "REMOVE", 7, "")]


def test_what_is_held_and_was_deleted_is_left_alone(made):
    made.label(2, "s3", "old")
    made.say(2, exists=False, merged=Merged(None, {}, conflict=conflict(Settle.HOLD)))
    assert not steps(made, "s3")


def test_bytes_that_nobody_read_are_read_where_they_are(made):
    unread = replace(
        made.known.agreed[2],
        value=made.known.agreed[2].value._replace(content=content(1)._replace(digest="?s3")),
    )
    made.known.agreed[2] = unread
    made.known.stands[2] = {"s3": replace(made.known.stands[2]["s3"], value=unread.value)}
    made.say(2)
    assert sources(made)[2] == Source("s3")


def test_bytes_that_a_mirror_spoilt_are_not_read(made):
    made.say(2, shows={"s3": made.entry("s3", 2, "a.doc", 1, content(9), stamp="new")})
    assert sources(made) == [Source("zdrive"), Source("zdrive"), Source("filevine")]


def test_who_keeps_both_names_no_bytes_to_read(made):
    made.say(
        2,
        shows=dict.fromkeys(made.traits, Gap.ABSENT),
        merged=Merged(None, {}, ruling=Ruling(Word.KEEP_BOTH)),
    )
    assert sources(made) == [None] * 3


def test_the_other_document_is_read_where_it_can_be_seen(made):
    made.hold(3, "copy.doc", size=5)
    decided(made, origin=3)
    made.show("filevine", unseen=frozenset({3}))
    assert sources(made)[2] == Source("s3", 3)


@pytest.mark.parametrize("reason", ["a source", "it is there", "no folder"])
def test_what_is_not_put_back_is_read_from_where_it_is_kept(made, reason):
    shows = None
    match reason:
        case "a source":
            made.policy["roles"] = {"filevine": Role.SOURCE}
        case "it is there":
            shows = {}
        case "no folder":
            made.show("filevine", unlisted={"f000000000001": "no right"})
    decided(made, shows=shows, kept={"filevine": KEPT})
    assert sources(made)[2] == Source("filevine", kept=KEPT)


@pytest.mark.parametrize(("size", "more"), [(1, {"exists"}), (5, set())])
def test_a_name_given_to_what_did_not_count_as_there_lets_it_count_once_it_holds_all_else(made, size, more):
    """Else a stand-in would never stand for the name that two documents share there, and be given at every run."""
    made.hold(3, "a.doc")
    row = made.known.stands[3]["zdrive"]
    made.known.stands[3]["zdrive"] = replace(row, value=row.value._replace(exists=False))
    made.say(3, shows={"zdrive": made.entry("zdrive", 3, "a [fv-3].doc", bytes_=content(size))})
    moved = next(step for step in steps(made, "zdrive") if step.action is Action.MOVE)
    assert moved.settles == {"name", *more}


def test_a_name_given_to_a_copy_that_was_only_taken_for_equal_does_not_let_it_count(made):
    made.hold(3, "a.doc")
    row = made.known.stands[3]["zdrive"]
    made.known.stands[3]["zdrive"] = replace(row, value=row.value._replace(exists=False))
    case = made.say(3, shows={"zdrive": made.entry("zdrive", 3, "a [fv-3].doc", bytes_=content(1))})
    made.cases[3] = replace(case, assumed=frozenset({"zdrive"}))
    moved = next(step for step in steps(made, "zdrive") if step.action is Action.MOVE)
    assert moved.settles == {"name"}
