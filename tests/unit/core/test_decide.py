"""What follows from a round of looks: what is asked, who may speak, and what is written down."""

from dataclasses import replace

import pytest

from synctool.core.item import NOTHING, Row, Versions
from synctool.core.model import Kind
from synctool.core.patterns import Pattern
from synctool.core.policy import Adopt, Brakes, ConflictRule, MappedFolder, Role, Settle
from synctool.core.ruling import VOID, Ruling, Word
from tests.unit.core.made import Made, content


@pytest.fixture
def made():
    return Made()


def told(plan):
    return [(s.side, s.action.name, s.to_path) for s in plan.steps]


def decided(plan):
    return {decision.item: decision for decision in plan.decisions}


def unread(made, side, item, name, folder=0, size=1, stamp="new"):
    """What a side shows of a document whose bytes nobody has read yet."""
    return made.entry(side, item, name, folder, content(size), stamp=stamp, sha256="")


def edit(made, side, item, name, size=2, **facts):
    """Let a side show other bytes of a document that lies at the root."""
    made.show(side, made.entry(side, item, name, 0, content(size), stamp="new", **facts))


def test_a_decision_that_no_longer_fits_takes_those_with_it_that_belong_to_it(made):
    for item in (1, 2, 3, 4):
        made.hold(item, f"{item}.txt")
    wanted = {item: Ruling(Word.GONE) for item in (1, 2, 4)}
    wanted[1] = replace(wanted[1], seen={"filevine": content(9)}, along=frozenset({2, 77}))
    plan = made.plan(rulings=wanted, waiting=[3])
    assert sorted(decided(plan)) == [1, 2, 3, 4]
    assert {path for _, action, path in told(plan) if action == "REMOVE"} == {"4.txt"}
    assert [(n.path, n.text) for n in plan.notices] == [("1.txt", VOID)]


def test_what_must_be_read_first_is_asked_for_and_nothing_else_is_said(made):
    for item, size in ((1, 1), (2, 2), (3, 3)):
        made.hold(item, f"{item}.txt", size=size)
    for side in ("filevine", "zdrive"):
        made.show(side, *(unread(made, side, item, f"{item}.txt", size=7) for item in (1, 2)))
    made.show("s3", unread(made, "s3", 3, "3.txt", size=8))
    plan = made.plan()
    asked = {side: [entry.name for entry in entries] for side, entries in plan.to_read.items()}
    assert asked == {"filevine": ["1.txt", "2.txt"], "zdrive": ["1.txt", "2.txt"]}
    assert not plan.decisions


def test_what_could_not_be_listed_is_said_once_a_reason(made):
    made.looks = {}
    made.show(
        "s3", unlisted={"b/": "no right", "a/": "no right", "c/": "broken"}, reported=(("x", "a link"),)
    )
    plan = made.plan()
    assert plan.unknown == {"s3": ("broken", "no right")}
    assert [(n.path, n.text, n.side) for n in plan.notices] == [("x", "a link", "s3")]


def test_who_lost_its_place_to_another_is_decided_too(made):
    made.hold(1, "a.txt", size=1)
    made.hold(2, "b.txt", size=2)
    moved = made.entry("zdrive", 1, "b.txt", 0, content(1))
    made.show("zdrive", moved, missing=[1])
    plan = made.plan()
    assert sorted(decided(plan)) == [1, 2]
    assert decided(plan)[1].agreed.value.name == "b.txt"
    assert not decided(plan)[2].agreed.value.exists
    assert not decided(plan)[2].deleted


def test_what_is_new_and_cannot_be_read_is_not_spoken_of(made):
    new = made.entry("zdrive", 1, "a.txt", 0, content(1))
    made.show("zdrive", new, unread=frozenset({"a.txt"}))
    assert not made.plan().decisions
    made.show("zdrive", new)
    assert len(made.plan().decisions) == 1


def test_a_word_about_what_is_in_a_folder_speaks_of_its_folders(made):
    made.folder(1, "d")
    made.folder(2, "e", 1)
    made.hold(3, "a.txt", 2)
    assert sorted(decided(made.plan(rulings={3: Ruling(Word.GONE)}))) == [1, 2, 3]


@pytest.mark.parametrize(
    ("shown", "name"),
    [("a%3Ab.txt", "a:b.txt"), ("a (moving 1).txt", "a:b.txt"), ("a (moving 2).txt", "a (moving 2).txt")],
)
def test_a_stand_in_is_read_as_the_name_it_stands_for(made, shown, name):
    made.hold(1, "a:b.txt", zdrive="a%3Ab.txt")
    entry = made.entry("zdrive", 1, shown, 0, content(1))
    made.show("zdrive", entry, missing=[1] if shown != "a%3Ab.txt" else ())
    assert decided(made.plan())[1].agreed.value.name == name


def test_a_name_left_over_from_a_deleted_document_stands_for_nothing(made):
    made.hold(1, "a.txt", on=["filevine"])
    made.known.stands[1]["zdrive"] = Row(
        NOTHING, Versions(2, 2, 2, 2), spelled="b.txt", held=made.entry("zdrive", 1, "b.txt", 0, content(1))
    )
    made.show("zdrive", made.entry("zdrive", 1, "b.txt", 0, content(1), stamp="new"))
    assert decided(made.plan())[1].agreed.value.name == "b.txt"


@pytest.mark.parametrize("side", ["filevine", "s3", "zdrive"])
@pytest.mark.parametrize(("stamp", "edited"), [("stamp", False), ("new", True)])
def test_bytes_under_an_unchanged_stamp_are_known_again(made, side, stamp, edited):
    made.hold(1, "a.txt")
    made.show(side, unread(made, side, 1, "a.txt", stamp=stamp))
    assert (decided(made.plan())[1].agreed.value.content != content(1)) is edited


def test_equal_stamps_prove_equal_bytes_elsewhere_where_stamps_are_content(made):
    made.traits["s3"] = replace(made.traits["s3"], stamps_are_content=True)
    made.hold(1, "a.txt")
    made.show("s3", unread(made, "s3", 1, "b.txt", stamp="stamp"), missing=[1])
    now = decided(made.plan())[1].agreed.value
    assert (now.name, now.content) == ("b.txt", content(1))


def test_equal_stamps_of_a_document_uploaded_anew_prove_nothing(made):
    made.hold(1, "a.txt")
    made.show("filevine", unread(made, "filevine", 7, "a.txt", stamp="stamp"), missing=[1])
    assert not decided(made.plan())[1].agreed.value.content.read


def test_what_was_assumed_stays_so_while_its_stamp_does(made):
    made.hold(1, "a.txt")
    row = made.known.stands[1]["filevine"]
    made.known.stands[1]["filevine"] = replace(row, assumed=True, held=row.held._replace(sha256=""))
    made.show("filevine", unread(made, "filevine", 1, "a.txt", stamp="stamp"))
    decision = decided(made.plan())[1]
    assert decision.agreed.value.content == content(1)
    assert decision.rows["filevine"].assumed
    edited = unread(made, "filevine", 1, "a.txt")
    made.show("filevine", edited)
    assert made.plan().to_read == {"filevine": (edited,)}


@pytest.mark.parametrize(
    ("agreed", "side", "shown", "name"),
    [
        ("a:b.txt", "zdrive", "a%3Ab.txt", "a:b.txt"),
        ("a.txt", "zdrive", "b%3A.txt", "b%3A.txt"),
        ("a.txt", "zdrive", "a.txt", "a.txt"),
        ("c.txt", "zdrive", "a%3Ab.txt", "a%3Ab.txt"),
    ],
)
def test_a_spelling_of_the_agreed_name_is_that_name(made, agreed, side, shown, name):
    made.hold(1, agreed, zdrive="elsewhere.txt")
    made.show(side, made.entry(side, 1, shown, 0, content(1)), missing=[1])
    assert decided(made.plan())[1].agreed.value.name == name


@pytest.mark.parametrize("kind", Kind)
def test_new_on_two_sides_under_a_name_and_its_spelling_is_one(made, kind):
    bytes_ = content(1) if kind is Kind.FILE else None
    long = "re: " + "Smith v. Jones " * 20 + ".x"
    cut = made.hold(50, long, on=["filevine"], kind=kind)
    from synctool.core.names import stand_in  # noqa: PLC0415

    spelling = stand_in(long, "windows", folder=kind is Kind.FOLDER)
    del made.known.agreed[cut], made.known.stands[cut]
    made.show("filevine", made.entry("filevine", 1, long, 0, bytes_))
    made.show("zdrive", made.entry("zdrive", 1, spelling, 0, bytes_))
    (decision,) = made.plan().decisions
    assert decision.agreed.value.name == long
    assert set(decision.rows) == {"filevine", "s3", "zdrive"}
    assert decision.rows["zdrive"].spelled == spelling


def test_a_name_that_carries_a_number_stands_for_the_name_without(made):
    made.hold(1, "a:b.txt", on=["filevine"])
    shown = made.entry("zdrive", 1, "a%3Ab [fv-1].txt", 0, content(1))
    made.show("zdrive", shown)
    decision = decided(made.plan())[1]
    assert decision.agreed.value.name == "a:b.txt"
    assert decision.rows["zdrive"].spelled == "a%3Ab [fv-1].txt"


def sizes(made, **shown):
    """Item 1 as sides show it that are met for the first time: side → size, negative for bytes nobody has read."""
    for side, size in shown.items():
        entry = made.entry(side, 1, "a.txt", 0, content(abs(size)), stamp=side)
        made.show(side, entry._replace(sha256="") if size < 0 else entry)


@pytest.mark.parametrize(
    ("shown", "assumed"),
    [
        ({"filevine": -5, "zdrive": 5}, {"filevine"}),
        ({"filevine": -5, "zdrive": -5}, {"zdrive"}),
        ({"filevine": -5, "s3": -5, "zdrive": 5}, {"filevine", "s3"}),
        ({"filevine": 5, "zdrive": 5}, set()),
    ],
)
def test_equal_sizes_met_for_the_first_time_are_taken_for_equal_bytes_if_the_profile_says_so(
    made, shown, assumed
):
    made.policy["adopt"] = Adopt.SIZE
    sizes(made, **shown)
    (decision,) = made.plan().decisions
    assert {side for side, row in decision.rows.items() if row.assumed} == assumed
    made.policy["adopt"] = Adopt.CONTENT
    plan = made.plan()
    assert bool(plan.to_read) is bool(assumed)


def test_what_a_side_is_met_with_may_be_the_agreed_bytes_by_its_size(made):
    made.policy["adopt"] = Adopt.SIZE
    made.hold(1, "a.txt", on=["filevine"], size=5)
    sizes(made, zdrive=-5)
    decision = decided(made.plan())[1]
    assert decision.rows["zdrive"].assumed
    assert decision.agreed.value.content == content(5)
    sizes(made, zdrive=-6)
    assert [entry.name for entry in made.plan().to_read["zdrive"]] == ["a.txt"]


def test_what_a_side_is_met_with_is_not_the_agreed_bytes_by_its_size_once_another_side_has_lost_them(made):
    made.policy["adopt"] = Adopt.SIZE
    made.hold(1, "a.txt", on=["filevine"], size=5)
    made.show("filevine", missing=[1])
    sizes(made, zdrive=-5)
    plan = made.plan()
    assert told(plan) == [("filevine", "WRITE", "a.txt"), ("s3", "WRITE", "a.txt")]
    assert not decided(plan)[1].rows["zdrive"].assumed


def test_nothing_is_assumed_of_a_side_whose_name_for_it_did_not_win(made):
    made.policy["adopt"] = Adopt.SIZE
    made.hold(1, "a.txt", on=["filevine"], size=5)
    made.show("filevine", made.entry("filevine", 1, "b.txt", 0, content(5)))
    made.show("zdrive", unread(made, "zdrive", 1, "A.txt", size=5))
    decision = decided(made.plan())[1]
    assert (decision.agreed.value.name, decision.agreed.value.content) == ("b.txt", content(5))
    assert (decision.rows["zdrive"].value.exists, decision.rows["zdrive"].assumed) == (False, False)


def test_an_edit_is_never_taken_for_equal_bytes(made):
    made.policy["adopt"] = Adopt.SIZE
    made.hold(1, "a.txt", size=5)
    sizes(made, zdrive=-5)
    assert not decided(made.plan())[1].rows["zdrive"].assumed


def test_a_folder_that_the_profile_names_is_where_it_is_or_nobody_can_say(made):
    made.policy["folders"] = (MappedFolder("d/e", {}),)
    made.folder(1, "d")
    made.folder(2, "e", 1)
    made.folder(3, "e")
    made.show("zdrive", missing=[2, 3])
    plan = made.plan()
    assert told(plan) == [("filevine", "REMOVE", "e"), ("s3", "REMOVE", "e")]
    assert decided(plan)[2].rows.keys() == {"filevine", "s3"}
    made.policy["folders"] = ()
    assert len(told(made.plan())) == 4


def test_a_folder_that_the_profile_names_is_not_renamed(made):
    made.policy["folders"] = (MappedFolder("e", {}),)
    made.folder(1, "e")
    made.hold(2, "f.txt")
    made.show("filevine", made.entry("filevine", 1, "x"), made.entry("filevine", 2, "e", 0, content(1)))
    assert decided(made.plan())[1].agreed.value.name == "e"


def test_a_folder_that_the_profile_names_comes_to_a_side_that_never_had_it(made):
    made.policy["folders"] = (MappedFolder("d", {}),)
    made.folder(1, "d", on=["filevine"])
    assert ("zdrive", "MAKE", "d") in told(made.plan(waiting=[1]))


@pytest.mark.parametrize("role", Role)
def test_a_side_is_heard_as_its_role_says(made, role):
    made.policy["roles"] = {"zdrive": role}
    made.hold(1, "a.txt")
    edit(made, "zdrive", 1, "a.txt")
    heard = decided(made.plan())[1].agreed.value.content == content(2)
    assert heard == (role in (Role.PEER, Role.SOURCE))


@pytest.mark.parametrize(
    ("obeyed", "role", "gone"),
    [
        (None, Role.PEER, True),
        (frozenset({"zdrive"}), Role.PEER, True),
        (frozenset({"zdrive"}), Role.MIRROR, False),
        (frozenset({"filevine"}), Role.PEER, False),
    ],
)
def test_whose_deletes_are_obeyed(made, obeyed, role, gone):
    made.policy |= {"deletes_from": obeyed, "roles": {"zdrive": role}}
    made.hold(1, "a.txt")
    made.show("zdrive", missing=[1])
    assert decided(made.plan())[1].agreed.value.exists is not gone


@pytest.mark.parametrize(
    ("hold", "kind", "gone"),
    [
        ("a", Kind.FILE, False),
        ("b", Kind.FILE, True),
        ("a/", Kind.FILE, True),
        ("a/", Kind.FOLDER, False),
    ],
)
def test_nothing_under_a_legal_hold_is_deleted(made, hold, kind, gone):
    made.policy["holds"] = (Pattern("zz"), Pattern(hold))
    made.hold(1, "a", kind=kind)
    made.show("zdrive", missing=[1])
    assert decided(made.plan())[1].agreed.value.exists is not gone


def test_a_hold_speaks_of_the_path_that_a_side_shows_and_of_the_agreed_one(made):
    made.folder(1, "held")
    made.hold(2, "a.txt")
    made.hold(3, "b.txt", 1)
    made.policy["holds"] = (Pattern("/held/**"),)
    inside = made.entry("filevine", 2, "a.txt", 1, content(1))
    outside = made.entry("filevine", 3, "b.txt", 0, content(1))
    made.show("filevine", inside, outside)
    rulings = {item: Ruling(Word.GONE) for item in (2, 3)}
    plan = made.plan(rulings=rulings)
    assert all(decided(plan)[item].agreed.value.exists for item in (2, 3))
    made.show("filevine")
    plan = made.plan(rulings=rulings)
    assert [decided(plan)[item].agreed.value.exists for item in (2, 3)] == [False, True]


def test_the_rule_for_a_conflict_is_that_of_the_agreed_path(made):
    made.policy["conflicts"] = (
        ConflictRule(Pattern("/d/*"), Settle.PREFER, "zdrive"),
        ConflictRule(Pattern("/a.txt"), Settle.HOLD),
    )
    made.folder(1, "d")
    made.hold(2, "a.txt", 1)
    made.hold(3, "a.txt")
    made.hold(4, "b.txt")
    for side, size in (("filevine", 5), ("zdrive", 6)):
        entries = [
            made.entry(side, item, name, folder, content(size), stamp="new")
            for item, name, folder in ((2, "a.txt", 1), (3, "a.txt", 0), (4, "b.txt", 0))
        ]
        made.show(side, *entries)
    plan = made.plan()
    how = {standoff.item: standoff.conflict.how for standoff in plan.standoffs}
    assert how == {2: Settle.PREFER, 3: Settle.HOLD, 4: Settle.KEEP_BOTH}


def test_the_rule_for_a_conflict_of_what_is_new_is_that_of_the_path_it_is_shown_at(made):
    made.policy["conflicts"] = (ConflictRule(Pattern("/a.txt"), Settle.HOLD),)
    sizes(made, filevine=5, zdrive=6)
    (standoff,) = made.plan().standoffs
    assert standoff.conflict.how is Settle.HOLD


def test_the_newest_wins_by_the_sides_own_times(made):
    made.policy["conflicts"] = (ConflictRule(Pattern("**"), Settle.NEWEST),)
    made.hold(1, "a.txt")
    edit(made, "filevine", 1, "a.txt", 5, mtime_ns=10**15)
    edit(made, "zdrive", 1, "a.txt", 6, mtime_ns=10**15 + 10**12)
    assert decided(made.plan())[1].agreed.value.content == content(6)


def test_what_was_not_seen_keeps_its_row_and_the_others_follow(made):
    made.hold(1, "a.txt")
    edit(made, "filevine", 1, "a.txt")
    made.show("zdrive", unseen=frozenset({1}))
    rows = decided(made.plan())[1].rows
    assert rows.keys() == {"filevine", "s3"}
    assert (rows["filevine"].versions, rows["s3"].versions) == (Versions(1, 2, 1, 1), Versions(1, 1, 1, 1))
    assert rows["filevine"].held.stamp == "new"
    assert rows["s3"].held == made.known.stands[1]["s3"].held


def test_what_was_deleted_is_missed_once_more_before_it_goes_or_comes_back(made):
    made.hold(1, "a.txt")
    made.show("zdrive", missing=[1])
    decision = decided(made.plan())[1]
    assert decision.deleted == {"zdrive": made.known.stands[1]["zdrive"].held}
    assert decision.path == "a.txt"
    assert decision.rows["zdrive"].held is None
    made.hold(1, "a.txt")
    made.policy["deletes_from"] = frozenset()
    assert decided(made.plan())[1].deleted == decision.deleted


def test_a_row_is_given_the_digest_that_is_known_by_now(made):
    made.hold(1, "a.txt")
    row = made.known.stands[1]["filevine"]
    made.known.stands[1]["filevine"] = replace(row, held=row.held._replace(sha256="", stamp="s"))
    edit(made, "zdrive", 1, "a.txt", 1)
    rows = decided(made.plan())[1].rows
    assert {rows[side].held.sha256 for side in ("s3", "zdrive")} == {content(1).digest}
    assert rows["filevine"].held.sha256 == ""


def test_what_is_only_assumed_gets_no_digest_until_it_is_another(made):
    made.hold(1, "a.txt")
    row = made.known.stands[1]["filevine"]
    held = row.held._replace(sha256="", stamp="s")
    made.known.stands[1]["filevine"] = replace(row, held=held, assumed=True)
    rows = decided(made.plan(waiting=[1]))[1].rows
    assert (rows["filevine"].assumed, rows["filevine"].held.sha256) == (True, "")
    made.show("filevine", held._replace(sha256=content(1).digest, stamp="t"))
    rows = decided(made.plan())[1].rows
    assert (rows["filevine"].assumed, rows["filevine"].held.sha256) == (False, content(1).digest)


def test_what_is_gone_is_not_assumed_to_be_anything(made):
    made.hold(1, "a.txt")
    made.known.stands[1]["zdrive"] = replace(made.known.stands[1]["zdrive"], assumed=True)
    made.show("zdrive", missing=[1])
    row = decided(made.plan())[1].rows["zdrive"]
    assert (row.assumed, row.held) == (False, None)


def test_a_row_keeps_the_spelling_of_the_name_it_stands_for(made):
    made.hold(1, "a.txt")
    made.show("zdrive", made.entry("zdrive", 1, "b.txt", 0, content(1)), missing=[1])
    made.show("filevine", made.entry("filevine", 1, "c.txt", 0, content(1)))
    rows = decided(made.plan())[1].rows
    assert (rows["filevine"].spelled, rows["zdrive"].spelled) == ("c.txt", "a.txt")


def test_the_number_of_what_is_new_begins_where_the_numbers_end(made):
    made.known.next_item = 40
    made.show("zdrive", *(made.entry("zdrive", 1, name, 0, content(1)) for name in ("a.txt", "b.txt")))
    edited = made.hold(1, "c.txt", on=["filevine", "s3"])
    for side, size in (("filevine", 5), ("s3", 6)):
        edit(made, side, edited, "c.txt", size)
    assert sorted(decided(made.plan())) == [1, 40, 41, 42]


def test_what_is_decided_is_said_in_the_order_of_the_items(made):
    for item in (64, 33, 1000, 2):
        made.hold(item, f"{item}.txt")
    edited = [unread(made, "zdrive", item, f"{item}.txt") for item in (64, 33, 1000, 2)]
    made.show("zdrive", *edited)
    assert list(decided(made.plan())) == [2, 33, 64, 1000]
    made.show("filevine", *(unread(made, "filevine", item, f"{item}.txt") for item in (64, 33, 1000, 2)))
    assert [entry.name for entry in made.plan().to_read["zdrive"]] == [
        "2.txt",
        "33.txt",
        "64.txt",
        "1000.txt",
    ]


def test_what_nobody_let_pass_is_withheld(made):
    made.policy["brakes"] = Brakes(deletes_count=0)
    made.hold(1, "a.txt")
    made.show("filevine", missing=[1])
    assert [brake.rule for brake in made.plan().brakes] == ["deletes"]


def test_reasons_are_said_in_their_order(made):
    made.show("s3", unlisted={f"{letter}/": letter for letter in "hbgcfdea"})
    assert made.plan().unknown["s3"] == tuple("abcdefgh")


def test_what_one_side_can_read_is_spoken_of(made):
    for side in ("s3", "zdrive"):
        made.show(side, made.entry(side, 1, "a.txt", 0, content(1)))
    made.show("s3", *made.looks["s3"].seen.values(), unread=frozenset({"a.txt"}))
    assert len(made.plan().decisions) == 1


def test_what_lies_in_a_folder_that_nobody_knows_is_not_spoken_of(made):
    made.hold(1, "a.txt")
    lost = made.entry("filevine", 1, "b.txt", 0, content(2), stamp="new", parent="f000000000099")
    made.show("filevine", lost)
    decision = decided(made.plan())[1]
    assert decision.agreed.value.name == "a.txt"
    assert "filevine" not in decision.rows


def test_a_name_that_carries_a_number_of_ours_stands_for_the_name_without(made):
    made.hold(1, "a.txt", on=["s3", "zdrive"], zdrive="a [1].txt")
    edit(made, "zdrive", 1, "a [1].txt")
    assert decided(made.plan())[1].agreed.value.name == "a.txt"


def test_bytes_that_changed_under_an_unchanged_stamp_are_an_edit(made):
    made.hold(1, "a.txt")
    made.show("zdrive", made.entry("zdrive", 1, "a.txt", 0, content(2)))
    assert decided(made.plan())[1].agreed.value.content == content(2)


def test_a_new_document_may_be_called_as_one_without_a_name_would_be(made):
    made.show("zdrive", made.entry("zdrive", 1, "%", 0, content(1)))
    (decision,) = made.plan().decisions
    assert decision.agreed.value.name == "%"


def test_folders_have_no_size_to_be_taken_for_equal_by(made):
    made.policy["adopt"] = Adopt.SIZE
    for side in ("filevine", "zdrive"):
        made.show(side, made.entry(side, 1, "d"))
    (decision,) = made.plan().decisions
    assert decision.agreed.kind is Kind.FOLDER


def test_the_size_of_what_was_agreed_counts_also_while_nobody_shows_it(made):
    made.policy["adopt"] = Adopt.SIZE
    made.hold(1, "a.txt", on=["filevine"], size=5)
    made.show("filevine", unlisted={"": "is down"})
    sizes(made, zdrive=-5)
    assert decided(made.plan())[1].rows["zdrive"].assumed


def test_bytes_that_were_read_are_never_assumed_to_be_others(made):
    made.policy["adopt"] = Adopt.SIZE
    sizes(made, filevine=5, zdrive=5)
    (other,) = made.looks["zdrive"].seen.values()
    made.show("zdrive", other._replace(sha256="f" * 64))
    assert len(made.plan().standoffs) == 1


def test_only_folders_are_kept_where_the_profile_names_them_and_only_while_they_are(made):
    made.policy["folders"] = (MappedFolder("d", {}), MappedFolder("other", {}))
    made.hold(1, "d")
    edit(made, "zdrive", 1, "d")
    assert decided(made.plan())[1].agreed.value.content == content(2)
    made = Made(policy=made.policy)
    made.folder(1, "d", on=["filevine"])
    gone = made.known.agreed[1]
    made.known.agreed[1] = replace(gone, value=gone.value._replace(exists=False))
    made.known.stands[1] = {}
    made.show("zdrive", made.entry("zdrive", 1, "d"))
    assert ("s3", "MAKE", "d") in told(made.plan())


def test_one_of_several_folders_that_the_profile_names_stays_where_it_is(made):
    made.policy["folders"] = (MappedFolder("x", {}), MappedFolder("d", {}))
    made.folder(1, "d")
    made.show("filevine", made.entry("filevine", 1, "renamed"))
    assert decided(made.plan())[1].agreed.value.name == "d"


def test_a_hold_speaks_of_the_agreed_path_also_when_no_side_shows_it_there(made):
    made.folder(1, "held")
    made.hold(3, "b.txt", 1)
    made.policy["holds"] = (Pattern("/held/**"),)
    made.show("filevine", made.entry("filevine", 3, "b.txt", 0, content(1)))
    made.show("s3", missing=[3])
    made.show("zdrive", missing=[3])
    assert decided(made.plan(rulings={3: Ruling(Word.GONE)}))[3].agreed.value.exists


def test_the_sides_after_one_that_was_not_seen_are_written_down(made):
    made.hold(1, "a.txt")
    made.show("s3", unseen=frozenset({1}))
    assert decided(made.plan(waiting=[1]))[1].rows.keys() == {"filevine", "zdrive"}


def test_what_was_gone_before_need_not_be_missed_again(made):
    made.hold(1, "a.txt")
    made.known.stands[1]["zdrive"] = replace(made.known.stands[1]["zdrive"], held=None)
    decision = decided(made.plan(waiting=[1]))[1]
    assert not decision.agreed.value.exists
    assert decision.deleted == {}


def test_what_is_put_back_is_not_assumed_to_be_anything(made):
    made.policy["deletes_from"] = frozenset()
    made.hold(1, "a.txt")
    made.known.stands[1]["zdrive"] = replace(made.known.stands[1]["zdrive"], assumed=True)
    made.show("zdrive", missing=[1])
    rows = decided(made.plan())[1].rows
    assert not any(row.assumed for row in rows.values())


def test_the_digest_of_what_is_as_it_was_is_kept(made):
    made.hold(1, "a.txt")
    made.show("zdrive", unread(made, "zdrive", 1, "a.txt", stamp="stamp"))
    assert decided(made.plan())[1].rows["zdrive"].held.sha256 == content(1).digest


def test_what_lies_in_a_folder_that_becomes_one_with_another_is_decided_too(made):
    for item, name in ((1, "a"), (2, "b")):
        made.folder(item, name)
        made.hold(item + 10, f"{name}.txt", item)
    made.hold(20, "c.txt")
    made.show("filevine", made.entry("filevine", 1, "b"))
    found = decided(made.plan(waiting=[20]))
    assert found.keys() == {1, 11, 20}
    assert found[11].agreed.value.folder == 2


def test_who_must_step_aside_is_read_first_because_its_new_name_says_its_bytes(made):
    made.show("filevine", unread(made, "filevine", 1, "Z"))
    made.show("zdrive", made.entry("zdrive", 2, "Z"))
    assert {side: [e.name for e in entries] for side, entries in made.plan().to_read.items()} == {
        "filevine": ["Z"]
    }
