"""What becomes of one document, for what each side did to it: the decision table, drawn and tried cell by cell.

A cell says what each side did, in rank order: ``=`` nothing, a digit: it now holds this content, ``x`` deleted, ``?`` it
cannot be seen, ``-`` never had it; after a colon the version its row stands for, when it is behind. The agreed content
is 1, at version 2. After the arrow: the content that wins (``x``: none), who receives, and what is kept beside it.
"""

from dataclasses import replace

import pytest

from synctool.core.item import NO_ROW, NOTHING, Agreed, Row, Value, Versions, content_of
from synctool.core.merge import Conflict, Voice, merge
from synctool.core.model import Content, Entry, Gap, Kind, Traits
from synctool.core.patterns import Pattern
from synctool.core.plan import Notice, Plan, Standoff
from synctool.core.policy import ConflictRule, Settle
from synctool.core.receiving import follow, lacking, received
from synctool.core.ruling import Ruling, Word

AGREED, NAMES = 1, ("A", "B", "C", "D")

TABLE = """
two sides
= =         -> 1
2 =         -> 2 B
= 2         -> 2 A
2 2         -> 2
2 3         -> 2 B +3
x =         -> x B
= x         -> x A
x x         -> x
x 2         -> 2 A
2 x         -> 2 B
? =         -> 1
? 2         -> 2
? x         -> x
2 ?         -> 2
x ?         -> x
? ?         -> 1
- =         -> 1 A
- 2         -> 2 A
2 -         -> 2 B
- x         -> x
x -         -> x
- -         -> x

three sides
= = =       -> 1
2 = =       -> 2 B C
= 2 =       -> 2 A C
= = 2       -> 2 A B
2 2 =       -> 2 C
2 = 2       -> 2 B
2 3 =       -> 2 B C +3
2 = 3       -> 2 B C +3
= 2 3       -> 2 A C +3
2 3 2       -> 2 B +3
2 3 3       -> 2 B C +3
2 2 3       -> 2 C +3
2 3 4       -> 2 B C +3 +4
2 2 2       -> 2
x = =       -> x B C
= x =       -> x A C
x x =       -> x C
x x x       -> x
x 2 =       -> 2 A C
x x 2       -> 2 A B
x 2 3       -> 2 A C +3
2 x x       -> 2 B C
? x =       -> x C
? 2 3       -> 2 C +3
? = 2       -> 2 B
x ? =       -> x C
x ? 2       -> 2 A
2 ? 3       -> 2 C +3
2 x ?       -> 2 B
? ? 2       -> 2
? ? x       -> x
2 - =       -> 2 B C
x - =       -> x C
x 2 -       -> 2 A C
- - 2       -> 2 A B

three sides, some behind
=:1 = =     -> 1 A
2:1 = =     -> 1 A +2
= = 2:1     -> 1 C +2
2:1 3 =     -> 2 B C +3
2:1 = 3:1   -> 1 A C +2 +3
1:1 = =     -> 1
x:1 = =     -> 1 A
x:1 x =     -> x C
x:1 = x:1   -> 1 A C
2:1 x =     -> 1 A B +2
?:1 = x     -> x B
x:1 2 =     -> 2 A C
2:1 1:1     -> 1 A +2
2:1 9:1 x   -> 2 B C

four sides
2 = = =     -> 2 B C D
2 3 4 5     -> 2 B C D +3 +4 +5
2 2 3 3     -> 2 C D +3
x 2 x =     -> 2 A C D
x = ? =     -> x B D
= x = 2     -> 2 A B C
2 ? 3 x     -> 2 C D +3
x:1 = 2:1 = -> 1 A C +2
"""


def content(number):
    return Content(number, f"{number:064x}")


def value(number, folder=0, name="a.docx"):
    return Value(exists=True, content=content(number), folder=folder, name=name)


def cells(table):
    return [line.strip() for line in table.splitlines() if "->" in line]


def parsed(did):
    """Rows and sights of a cell's left side. A side that is behind stands for content 9 at version 1."""
    rows, sights = {}, {}
    for name, word in zip(NAMES, did.split(), strict=False):
        what, _, behind = word.partition(":")
        stood = value(9 if behind else AGREED)
        versions = Versions(1, int(behind or 2), 1, 1)
        rows[name] = NO_ROW if what == "-" else Row(stood, versions)
        gaps = {"x": Gap.ABSENT, "-": Gap.ABSENT, "?": Gap.UNKNOWN, "=": stood}
        sights[name] = gaps[what] if what in gaps else value(int(what))
    return rows, sights


def voice(sights, settle=Settle.KEEP_BOTH, side="", **changes):
    ranks = tuple(sights)
    rule = ConflictRule(Pattern("**"), settle, side)
    facts = {"voters": frozenset(ranks), "deleters": frozenset(ranks), **changes}
    return Voice(ranks=ranks, settle=rule, **facts)


def decided(did, **words):
    agreed = Agreed(Kind.FILE, value(AGREED), Versions(1, 2, 1, 1))
    rows, sights = parsed(did)
    merged = merge(agreed, rows, sights, voice(sights, **words))
    return merged, lacking(merged.agreed, rows, sights, merged.conflict), rows, sights


def said(merged, lacks):
    """The right side of a cell."""
    now = merged.agreed.value
    losers = sorted(loser.size for loser, _ in merged.conflict.losers) if merged.conflict else []
    return " ".join(
        [str(now.content.size) if now.exists else "x", *sorted(lacks), *(f"+{size}" for size in losers)]
    )


@pytest.mark.parametrize("cell", cells(TABLE))
def test_each_cell_of_the_table(cell):
    did, _, expected = (part.strip() for part in cell.partition("->"))
    merged, lacks, rows, sights = decided(did)
    assert said(merged, lacks) == expected
    for side, sight in sights.items():  # rows follow, and then nobody asks for anything again
        rows[side] = follow(merged.agreed, rows[side], sight)
        if side in lacks:
            sights[side] = merged.agreed.value if merged.agreed.value.exists else Gap.ABSENT
            rows[side] = follow(merged.agreed, rows[side], sights[side])
    again = merge(merged.agreed, rows, sights, voice(sights))
    assert again.agreed == merged.agreed
    assert not again.conflict
    assert not lacking(again.agreed, rows, sights, None)


@pytest.mark.parametrize("cell", cells(TABLE))
def test_who_changed_what_wins_is_named(cell):
    merged, _, rows, sights = decided(cell.partition("->")[0])
    now = merged.agreed.value
    for side in merged.voters["content"]:
        assert sights[side].content == now.content
    assert now.exists or not merged.overruled
    assert set(merged.deleted_by) | set(merged.overruled) <= {
        s for s in sights if sights[s] is Gap.ABSENT and rows[s].value.exists
    }


@pytest.mark.parametrize(
    ("did", "policy", "expected", "how"),
    [
        ("2 3 =", {"settle": Settle.HOLD}, "1 +3", Settle.HOLD),
        ("2 3 4", {"settle": Settle.HOLD}, "1 +3 +4", Settle.HOLD),
        ("2 3 =", {"settle": Settle.PREFER, "side": "B"}, "3 A C +2", Settle.PREFER),
        ("2 3 =", {"settle": Settle.PREFER, "side": "A"}, "2 B C +3", Settle.PREFER),
        ("2 3 =", {"settle": Settle.PREFER, "side": "C"}, "2 B C +3", Settle.KEEP_BOTH),
        ("2 x =", {"settle": Settle.PREFER, "side": "B"}, "2 B C", None),
        ("x 2 =", {"settle": Settle.HOLD}, "2 A C", None),
    ],
)
def test_a_conflict_is_settled_as_the_profile_says(did, policy, expected, how):
    merged, lacks, _, _ = decided(did, **policy)
    assert said(merged, lacks) == expected
    assert (merged.conflict and merged.conflict.how) == how


MINUTE = 60 * 10**9
NOON = 1_780_000_000 * 10**9


@pytest.mark.parametrize(
    ("later", "winner", "how"),
    [
        ({"A": 0, "B": 2 * MINUTE + 1}, 3, Settle.NEWEST),
        ({"A": 2 * MINUTE + 1, "B": 0}, 2, Settle.NEWEST),
        ({"A": 0, "B": 2 * MINUTE}, 2, Settle.KEEP_BOTH),
        ({"A": 0, "B": 0}, 2, Settle.KEEP_BOTH),
        ({"A": -NOON, "B": 5 * MINUTE}, 2, Settle.KEEP_BOTH),
        ({"B": 0}, 2, Settle.KEEP_BOTH),
    ],
    ids=[
        "the second",
        "the first",
        "by exactly two minutes",
        "by nothing",
        "one has no time",
        "one is not told",
    ],
)
def test_newest_is_believed_only_beyond_two_minutes(later, winner, how):
    times = {side: NOON + after for side, after in later.items()}
    merged, _, _, _ = decided("2 3 =", settle=Settle.NEWEST, times=times)
    assert (merged.agreed.value.content.size, merged.conflict.how) == (winner, how)


@pytest.mark.parametrize(
    ("did", "later", "expected"),
    [
        ("2 3 2", {"A": 0, "B": 3 * MINUTE, "C": 10 * MINUTE}, "2 B +3"),
        ("2 3 4", {"A": 0, "B": 3 * MINUTE, "C": 10 * MINUTE}, "4 A B +2 +3"),
        ("2:1 ?", {"A": 0}, "1 A +2"),
    ],
    ids=[
        "the latest of those that hold it",
        "of three",
        "what was agreed has no time while its holder is away",
    ],
)
def test_newest_compares_the_latest_time_of_each_content(did, later, expected):
    times = {side: NOON + after for side, after in later.items()}
    merged, lacks, _, _ = decided(did, settle=Settle.NEWEST, times=times)
    assert said(merged, lacks) == expected


@pytest.mark.parametrize(
    ("did", "voters", "deleters", "expected"),
    [
        ("= x =", "ABC", "AC", "1 B"),
        ("x x =", "ABC", "BC", "x C"),
        ("x x =", "ABC", "C", "1 A B"),
        ("= = x", "AB", "ABC", "1 C"),
        ("= = 2", "AB", "ABC", "1 C"),
        ("2 = 3", "AB", "AB", "2 B C"),
        ("x = 2", "AB", "AB", "x B C"),
        ("2 3:1", "B", "", "3 A"),
    ],
    ids=[
        "a delete that is not obeyed is put back",
        "one of two deletes is obeyed",
        "a hold voids every delete",
        "a mirror's delete is put back",
        "a mirror's edit is put back",
        "a mirror's edit is no conflict",
        "a mirror's edit saves nothing",
        "what no side holds does not stand against an old edit",
    ],
)
def test_only_who_may_speak_is_heard(did, voters, deleters, expected):
    merged, lacks, _, _ = decided(did, voters=frozenset(voters), deleters=frozenset(deleters))
    assert said(merged, lacks) == expected


TAKE_5, TAKE_2, GONE, BOTH = (
    Ruling(Word.TAKE, content=Content(5, f"{5:064x}")),
    Ruling(Word.TAKE, content=Content(2, f"{2:064x}")),
    Ruling(Word.GONE),
    Ruling(Word.KEEP_BOTH),
)


@pytest.mark.parametrize(
    ("did", "ruling", "expected"),
    [
        ("= = =", TAKE_5, "5 A B C"),
        ("2 3 =", TAKE_5, "5 A B C"),
        ("2 3 =", TAKE_2, "2 B C"),
        ("x = =", TAKE_2, "2 A B C"),
        ("x x x", TAKE_2, "2 A B C"),
        ("x 2 =", TAKE_2, "2 A C"),
        ("? 2 =", TAKE_2, "2 C"),
        ("2:1 3 =", TAKE_2, "2 B C"),
        ("2 = =", GONE, "x A B C"),
        ("x 2 3", GONE, "x B C"),
        ("? = =", GONE, "x B C"),
        ("2 3 =", BOTH, "2 B C +3"),
        ("2 = =", BOTH, "2 B C"),
    ],
)
def test_the_word_of_a_person_outranks_every_vote(did, ruling, expected):
    merged, lacks, _, _ = decided(did, ruling=ruling, settle=Settle.HOLD)
    assert said(merged, lacks) == expected
    assert merged.ruling is ruling
    assert not merged.void
    assert not merged.contested


@pytest.mark.parametrize(
    ("did", "seen", "stands"),
    [
        ("2 3 =", {"A": 2, "B": 3, "C": 1}, True),
        ("2 3 =", {"A": 2, "B": 3}, True),
        ("5 3 =", {"A": 2, "B": 3}, True),
        ("? 3 =", {"A": 2, "B": 3}, True),
        ("2 x =", {"A": 2, "B": None}, True),
        ("2 4 =", {"A": 2, "B": 3}, False),
        ("2 x =", {"A": 2, "B": 3}, False),
        ("2 3 4", {"A": 2, "B": 3}, False),
        ("2 = =", {"A": 2, "B": None}, False),
    ],
    ids=[
        "all is as it was",
        "who was not seen says nothing",
        "it is done already on one side",
        "a side cannot be seen now",
        "nothing was there, and nothing is",
        "edited since",
        "deleted since",
        "another side speaks up",
        "what was gone is back",
    ],
)
def test_a_decision_stands_while_what_was_seen_is_still_so(did, seen, stands):
    seen = {side: size and content(size) for side, size in seen.items()}
    ruling = replace(TAKE_5, seen=seen)
    merged, _, _, _ = decided(did, ruling=ruling, settle=Settle.HOLD)
    assert (merged.agreed.value.content == ruling.content) == stands
    assert (merged.ruling, bool(merged.void)) == ((ruling, False) if stands else (None, True))


def test_a_legal_hold_outranks_a_person_who_wants_it_gone():
    merged, lacks, _, _ = decided("2 = =", ruling=GONE, held=True, deleters=frozenset())
    assert said(merged, lacks) == "2 B C"
    assert "legal hold" in merged.void


def test_under_a_legal_hold_a_person_still_chooses_what_it_says():
    merged, _, _, _ = decided("2 = =", ruling=TAKE_5, held=True)
    assert merged.agreed.value.content == content(5)


def test_a_word_says_whose_content_it_took_and_leaves_names_to_the_votes():
    _, _, rows, sights = decided("= 2 3")
    sights |= {"A": value(1, name="b.docx"), "C": value(3, name="c.docx")}
    agreed = Agreed(Kind.FILE, value(AGREED), Versions(1, 2, 1, 1))
    merged = merge(agreed, rows, sights, voice(sights, ruling=TAKE_2))
    assert merged.agreed.value == value(2, name="b.docx")
    assert merged.voters == {"content": ("B",), "folder": (), "name": ("A",)}
    assert merged.apart == ("name",)


def test_what_a_word_may_mean_is_read_before_it_is_obeyed():
    _, _, rows, sights = decided("= =")
    sights["B"] = value(1)._replace(content=unread("B", 5))
    agreed = Agreed(Kind.FILE, value(AGREED), Versions(1, 2, 1, 1))
    merged = merge(agreed, rows, sights, voice(sights, ruling=TAKE_5))
    assert (merged.agreed, merged.contested) == (agreed, {unread("B", 5)})
    assert merged.voters == {"content": (), "folder": (), "name": ()}


def unread(side, size):
    return Content(size, f"?{side}//1")


@pytest.mark.parametrize(
    ("first", "second", "contested"),
    [
        (unread("A", 7), unread("B", 7), {"A", "B"}),
        (unread("A", 7), unread("B", 8), {"B"}),
        (unread("A", 7), content(3), set()),
        (content(3), unread("B", 8), {"B"}),
        (unread("A", 3), content(3), {"A"}),
    ],
    ids=[
        "equal sizes",
        "the loser's name needs it",
        "the winner needs none",
        "only the loser",
        "maybe equal",
    ],
)
def test_only_what_must_be_compared_or_named_is_read(first, second, contested):
    rows, sights = parsed("= =")
    sights = {"A": value(1)._replace(content=first), "B": value(1)._replace(content=second)}
    merged = merge(Agreed(Kind.FILE, value(AGREED), Versions(1, 2, 1, 1)), rows, sights, voice(sights))
    assert merged.contested == {sights[side].content for side in contested}


def test_properties_are_merged_apart():
    agreed = Agreed(Kind.FILE, value(1), Versions(1, 1, 1, 1))
    rows = dict.fromkeys("ABC", Row(value(1), Versions(1, 1, 1, 1)))
    sights = {"A": value(1, name="b.docx"), "B": value(2), "C": value(1, folder=5)}
    merged = merge(agreed, rows, sights, voice(sights))
    assert merged.agreed == Agreed(Kind.FILE, value(2, 5, "b.docx"), Versions(1, 2, 2, 2))
    assert not merged.apart
    assert lacking(merged.agreed, rows, sights, None) == {
        "A": {"content", "folder"},
        "B": {"folder", "name"},
        "C": {"content", "name"},
    }


def test_of_two_names_the_first_in_rank_order_wins_and_it_is_told():
    agreed = Agreed(Kind.FILE, value(1), Versions(1, 1, 1, 1))
    rows = dict.fromkeys("AB", Row(value(1), Versions(1, 1, 1, 1)))
    sights = {"A": value(1, name="b.docx"), "B": value(1, name="c.docx")}
    merged = merge(agreed, rows, sights, voice(sights))
    assert (merged.agreed.value.name, merged.apart, merged.conflict) == ("b.docx", ("name",), None)


@pytest.mark.parametrize("moved", [{"name": "b.docx"}, {"folder": 5}])
def test_a_move_outvotes_a_delete(moved):
    agreed = Agreed(Kind.FILE, value(1), Versions(1, 1, 1, 1))
    rows = dict.fromkeys("AB", Row(value(1), Versions(1, 1, 1, 1)))
    sights = {"A": Gap.ABSENT, "B": value(1, **moved)}
    merged = merge(agreed, rows, sights, voice(sights))
    assert merged.agreed.value == value(1, **moved)
    assert merged.overruled == ("A",)


def test_bytes_that_nobody_holds_cannot_win_and_the_newest_held_stand_in():
    agreed = Agreed(Kind.FILE, value(3), Versions(1, 3, 1, 1))
    rows = {
        "A": Row(value(1), Versions(1, 1, 1, 1)),
        "B": Row(value(2), Versions(1, 2, 1, 1)),
        "C": Row(value(3), Versions(1, 3, 1, 1)),
    }
    sights = {"A": value(1), "B": value(2), "C": Gap.ABSENT}
    deaf = voice(sights, deleters=frozenset())
    assert merge(agreed, rows, sights, deaf).agreed.value == value(2)
    unseen = sights | {"C": Gap.UNKNOWN}
    assert merge(agreed, rows, unseen, deaf).agreed.value == value(3)
    renamed = sights | {"A": value(1, name="b.docx")}
    assert merge(agreed, rows, renamed, deaf).agreed.value == value(2, name="b.docx")
    nobody = dict.fromkeys("ABC", Gap.ABSENT)
    assert merge(agreed, rows, nobody, deaf).agreed.value == value(3)


FOLDER = Value(exists=True, content=None, folder=0, name="Discovery")
OLD, NOW = Versions(1, 1, 1, 1), Versions(1, 2, 1, 1)


@pytest.mark.parametrize(
    ("agreed", "rows", "sights", "expected"),
    [
        (value(1), {"A": Row(value(9), OLD)}, {"A": value(9), "B": Gap.UNKNOWN}, value(9)),
        (value(1), {"A": Row(value(9), NOW)}, {"A": value(9), "B": Gap.ABSENT}, value(1)),
        (value(1), {"A": NO_ROW, "B": Row(value(1), NOW)}, {"A": Gap.ABSENT, "B": Gap.ABSENT}, value(1)),
        (value(1), {}, {"A": Gap.ABSENT, "B": Gap.UNKNOWN}, value(1)),
        (value(1), {}, {"A": Gap.ABSENT, "B": Gap.ABSENT}, value(1)._replace(exists=False)),
        (FOLDER, {}, {"A": Gap.ABSENT, "B": Gap.ABSENT}, FOLDER),
        (
            value(1),
            {"A": Row(value(7), NOW._replace(content=2)), "B": Row(value(6), OLD), "C": Row(value(8), OLD)},
            {"A": Gap.ABSENT, "B": value(6), "C": value(8)},
            value(6),
        ),
        (
            value(1)._replace(exists=False),
            {"A": Row(value(9), OLD)},
            {"A": value(9), "B": Gap.ABSENT},
            value(1)._replace(exists=False),
        ),
    ],
    ids=[
        "an unseen side that never had it holds nothing",
        "a side that rewrote what it took in holds it",
        "one that had it may have it again",
        "an unseen side may be the one that has it",
        "what no side ever received cannot be given",
        "a folder needs no bytes",
        "of two old ones the first in rank",
        "what was deleted stays deleted though a side was behind",
    ],
)
def test_without_votes_what_is_held_says_what_stands(agreed, rows, sights, expected):
    merged = merge(Agreed(Kind.FILE, agreed, NOW), rows, sights, voice(sights, deleters=frozenset()))
    assert merged.agreed.value == expected


def test_under_a_hold_nothing_changes_that_may_be_held_and_what_is_left_of_a_deleted_one_comes_back():
    rows, sights = parsed("9:1 ?")
    held = voice(sights, held=True, deleters=frozenset())
    assert merge(Agreed(Kind.FILE, value(1), NOW), rows, sights, held).agreed.value == value(1)
    gone = Agreed(Kind.FILE, value(1)._replace(exists=False), NOW)
    assert merge(gone, rows, sights, held).agreed.value == value(9)


def test_a_delete_grows_the_version_of_existence_and_one_that_does_not_count_is_told():
    assert decided("x = =")[0].agreed.versions == (2, 2, 1, 1)
    assert decided("x = =", deleters=frozenset())[0].overruled == ("A",)
    assert (decided("x = =")[0].deleted_by, decided("x = =")[0].overruled) == (("A",), ())


@pytest.mark.parametrize(
    ("did", "versions"), [("2:1 x =", (2, 2, 1, 1)), ("2:1 = =", (1, 2, 1, 1)), ("2 x =", (1, 3, 1, 1))]
)
def test_who_deleted_in_vain_is_behind_by_one_version(did, versions):
    assert decided(did)[0].agreed.versions == versions


def test_what_is_gone_and_held_is_not_deleted_in_vain():
    rows, sights = parsed("2 3 x")
    gone = Agreed(Kind.FILE, value(1)._replace(exists=False), NOW)
    assert merge(gone, rows, sights, voice(sights, settle=Settle.HOLD)).agreed == gone


def test_the_name_of_what_was_deleted_has_no_say_and_that_of_lost_bytes_has():
    rows, sights = {"A": Row(value(9, name="a"), OLD)}, {"A": value(9, name="c"), "B": Gap.ABSENT}
    agreed = Agreed(Kind.FILE, value(1, name="b"), Versions(1, 2, 1, 2))
    gone = replace(agreed, value=agreed.value._replace(exists=False))
    assert merge(gone, rows, sights, voice(sights)).agreed.value.name == "c"
    lost = merge(agreed, rows, sights, voice(sights))
    assert (lost.agreed.value, lost.apart) == (value(9, name="b"), ("name",))


def test_a_copy_that_turns_up_elsewhere_without_a_row_is_put_where_it_belongs():
    agreed = Agreed(Kind.FILE, value(1, folder=5), NOW)
    rows, sights = {"A": Row(agreed.value, NOW)}, {"A": agreed.value, "B": value(1, folder=0)}
    merged = merge(agreed, rows, sights, voice(sights))
    assert (merged.agreed.value.folder, merged.apart) == (5, ("folder",))
    rows["B"] = Row(versions=NOW)  # it had one, and was told that the item is gone
    assert lacking(agreed, rows, sights, None) == {"B": {"folder"}}


def test_a_rename_does_not_bring_back_the_bytes_of_a_side_that_is_behind():
    rows, sights = parsed("9:1 ?")
    sights["A"] = value(9, name="b.docx")
    merged = merge(Agreed(Kind.FILE, value(1), NOW), rows, sights, voice(sights))
    assert merged.agreed.value == value(1, name="b.docx")


@pytest.mark.parametrize(
    ("winner", "voters", "contested"),
    [(content(3), "AB", set()), (content(3), "A", {"B"}), (None, "A", set())],
    ids=["a side that stands by its row", "a side without a vote may have it", "a rename reads nothing"],
)
def test_a_side_without_a_vote_is_read_only_when_it_may_hold_the_winner(winner, voters, contested):
    stood = value(1)._replace(content=unread("B", 3))
    rows = dict.fromkeys("AB", Row(stood, NOW))
    sights = {"A": stood._replace(name="b.docx", content=winner or stood.content), "B": stood}
    merged = merge(Agreed(Kind.FILE, stood, NOW), rows, sights, voice(sights, voters=frozenset(voters)))
    assert merged.contested == {sights[side].content for side in contested}


def test_while_contents_are_held_apart_names_travel():
    _, _, rows, sights = decided("2 3 =")
    sights["A"] = value(2, name="b.docx")
    agreed = Agreed(Kind.FILE, value(AGREED), NOW)
    merged = merge(agreed, rows, sights, voice(sights, settle=Settle.HOLD))
    assert lacking(merged.agreed, rows, sights, merged.conflict) == {"B": {"name"}, "C": {"name"}}


def test_a_new_document_is_agreed_at_once_and_a_held_one_is_not():
    new, rows = Agreed(Kind.FILE), {}
    sights = {"A": value(2), "B": value(3)}
    assert merge(new, rows, {"A": value(2), "B": Gap.ABSENT}, voice(sights)).agreed.versions == (1, 1, 1, 1)
    held = merge(new, rows, sights, voice(sights, settle=Settle.HOLD))
    assert not held.agreed.value.exists
    assert held.agreed.value.name == "a.docx"  # by which it is told
    assert lacking(held.agreed, rows, sights, held.conflict) == {}
    assert not any(held.agreed.versions)


def test_a_row_follows_only_in_what_its_side_holds():
    agreed = Agreed(Kind.FILE, value(2, name="b.docx"), Versions(1, 2, 1, 2))
    row = Row(value(1), Versions(1, 1, 1, 1))
    assert follow(agreed, row, Gap.UNKNOWN) == row
    assert follow(agreed, row, Gap.ABSENT) == row
    assert follow(agreed, row, value(1, name="b.docx")) == Row(value(1, name="b.docx"), Versions(1, 1, 1, 2))
    assert follow(agreed, NO_ROW, value(7)) == NO_ROW
    assert follow(agreed, NO_ROW, agreed.value) == Row(agreed.value, agreed.versions)


@pytest.mark.parametrize(
    ("wins", "mirrors", "contested"),
    [
        (unread("A", 7), unread("B", 7), {"A", "B"}),
        (content(7), unread("B", 7), {"B"}),
        (content(7), unread("B", 8), set()),
        (unread("A", 7), content(7), set()),
    ],
    ids=["both unread", "the winner is known", "another size", "the mirror's is known"],
)
def test_what_a_side_without_a_vote_may_hold_already_is_read_before_it_is_given(wins, mirrors, contested):
    sights = {"A": value(1)._replace(content=wins), "B": value(1)._replace(content=mirrors)}
    merged = merge(Agreed(Kind.FILE), {}, sights, voice(sights, voters=frozenset("A")))
    assert merged.agreed.value.content == wins
    assert merged.contested == {sights[side].content for side in contested}


def test_a_side_that_rewrote_what_it_took_in_lacks_nothing():
    agreed = Agreed(Kind.FILE, value(2), NOW)
    rows, sights = {"A": Row(value(7), NOW)}, {"A": value(7)}
    assert lacking(agreed, rows, sights, None) == {}
    assert lacking(agreed, {"A": Row(value(7), OLD)}, sights, None) == {"A": {"content"}}


def test_a_row_of_what_is_gone_stands_for_nothing():
    gone, entry = Agreed(Kind.FILE, value(1)._replace(exists=False), NOW), Entry(Kind.FILE, "a", "", "a", "1")
    row = Row(value(9), OLD, spelled="a", held=entry, label="1|2|", assumed=True)
    assert follow(gone, row, Gap.ABSENT) == replace(row, value=NOTHING, versions=NOW, assumed=False)
    assert received(gone, row, None, frozenset()) == Row(NOTHING, NOW, spelled="a")


@pytest.mark.parametrize(
    ("settles", "stands", "versions", "spelled", "assumed"),
    [
        ({"exists"}, value(2, 5, "b"), (3, 4, 5, 6), "B", False),
        ({"content"}, value(2, 0, "a"), (1, 4, 1, 1), "A", False),
        ({"folder"}, value(9, 5, "a"), (1, 1, 5, 1), "B", True),
        ({"name"}, value(9, 0, "b"), (1, 1, 1, 6), "B", True),
    ],
)
def test_a_row_stands_for_what_its_side_received(settles, stands, versions, spelled, assumed):
    agreed = Agreed(Kind.FILE, value(2, 5, "b"), Versions(3, 4, 5, 6))
    row, entry = Row(value(9, 0, "a"), OLD, spelled="A", assumed=True), Entry(Kind.FILE, "b", "", "B", "1")
    expected = Row(stands, Versions(*versions), spelled, entry, assumed=assumed)
    assert received(agreed, row, entry, frozenset(settles)) == expected
    assert not received(agreed, replace(row, assumed=False), entry, frozenset(settles)).assumed


@pytest.mark.parametrize(
    ("wanted", "seen", "held", "reads"),
    [
        (content(5), {}, unread("A", 5), True),
        (content(5), {}, unread("A", 6), False),
        (content(5), {}, Content(5, "ab" * 32), False),
        (content(5), {"A": content(6)}, unread("A", 6), True),
        (content(5), {"A": None}, unread("A", 6), False),
        (unread("A", 5), {}, unread("A", 5), False),
        (unread("B", 5), {}, unread("A", 5), False),
        (None, {}, unread("A", 5), False),
    ],
    ids=[
        "it may be what is wanted",
        "of another size",
        "known to be another",
        "it may be what was seen",
        "nothing was seen",
        "it is what is wanted",
        "what is wanted was never read",
        "no content is wanted",
    ],
)
def test_only_what_a_word_may_mean_is_read_for_it(wanted, seen, held, reads):
    sights = {"A": value(1)._replace(content=held), "B": Gap.ABSENT, "C": FOLDER}
    assert Ruling(Word.TAKE, content=wanted, seen=seen).unread(sights) == ({held} if reads else set())


def test_unread_content_is_named_after_its_place_unless_a_stamp_says_enough():
    entry = Entry(Kind.FILE, "d/a", "d", "a", "7:1", size=5)
    stamps, places = Traits(lasting_refs=False, stamps_are_content=True), Traits(lasting_refs=False)
    assert content_of("s3", entry, stamps) == Content(5, "?s3//7:1")
    assert content_of("zdrive", entry, places) == Content(5, "?zdrive/d/a/7:1")


@pytest.mark.parametrize(
    ("hows", "refused", "waits"),
    [
        ((), (), False),
        ((Settle.HOLD,), (), True),
        ((Settle.KEEP_BOTH,), (), False),
        ((Settle.KEEP_BOTH, Settle.HOLD), (), True),
        ((), (Notice("a", "is too large"),), True),
    ],
)
def test_only_what_is_held_or_refused_waits_for_a_person(hows, refused, waits):
    standoffs = tuple(Standoff(1, "a", Conflict(content(2), ("A",), (), how)) for how in hows)
    assert Plan(standoffs=standoffs, refused=refused).waits_for_a_person is waits
