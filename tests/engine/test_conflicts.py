"""Conflicts are remembered until nobody has to look at them any more."""

from dataclasses import replace

import pytest

from synctool.core.model import Content
from synctool.core.patterns import Pattern
from synctool.core.policy import Brakes, ConflictRule, Settle
from synctool.core.ruling import Ruling, Word
from synctool.engine.conflicts import contested
from synctool.store.disputes import Decided
from tests.engine.rig import DAY
from tests.properties.people import DRIVE, FILEVINE, S3, house


def rule(how, side=""):
    return {"conflicts": (ConflictRule(Pattern("**"), how, side),)}


@pytest.fixture
def rig(tmp_path):
    """A document that all three sides agree on."""
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE})
    rig.sides["filevine"].put("brief.docx", b"agreed")
    rig.run()
    yield rig
    rig.ledger.close()


def edit(rig, **texts):
    for side, text in texts.items():
        rig.clock.tick()
        rig.sides[side].put("brief.docx", text.encode())


def endings(rig):
    return [(dispute.how, dispute.ending) for dispute in rig.ledger.disputes.ever()]


def copy_of(rig):
    (name,) = {path for path in rig.sides["s3"].tree() if "conflict" in path}
    return name


def test_a_conflict_that_kept_both_says_who_held_which_version_and_since_when(rig):
    edit(rig, filevine="one", zdrive="two!")
    first, second = rig.sides["filevine"].tree(), rig.clock.now
    assert first["brief.docx"] == b"one"
    rig.run()
    (one,) = contested(rig.ledger)
    winner, loser = one.dispute.versions
    assert (one.path, one.dispute.how, one.dispute.run) == ("brief.docx", Settle.KEEP_BOTH, 2)
    assert (winner.content.size, [*winner.held_ns]) == (3, ["filevine"])
    assert (loser.content.size, loser.held_ns) == (4, {"zdrive": second})
    assert one.paths == ("brief.docx", copy_of(rig))


def test_two_that_agree_against_one_are_both_named(rig):
    edit(rig, filevine="one", s3="two", zdrive="two")
    rig.run()
    (one,) = contested(rig.ledger)
    assert [[*version.held_ns] for version in one.dispute.versions] == [["filevine"], ["s3", "zdrive"]]


def test_a_held_conflict_is_written_down_once_and_kept_up_to_date(rig):
    rig.policy(**rule(Settle.HOLD))
    edit(rig, filevine="one", zdrive="two")
    rig.run()
    (first,) = contested(rig.ledger)
    edit(rig, zdrive="three")
    assert rig.run().exit_code == 4
    (one,) = contested(rig.ledger)
    assert (one.dispute.opened_ns, one.dispute.run) == (first.dispute.opened_ns, 2)
    assert [version.content.size for version in one.dispute.versions] == [3, 5]


def test_a_held_conflict_is_over_when_the_sides_hold_the_same_again(rig):
    rig.policy(**rule(Settle.HOLD))
    edit(rig, filevine="one", zdrive="two")
    rig.run()
    edit(rig, zdrive="one")
    assert rig.run().exit_code == 0
    assert endings(rig) == [(Settle.HOLD, "the sides hold the same again")]


def test_a_held_conflict_stands_while_one_of_those_who_differ_is_away(rig):
    rig.policy(**rule(Settle.HOLD))
    edit(rig, filevine="one", zdrive="two")
    rig.run()
    rig.down = {"zdrive"}
    rig.run()
    assert [one.path for one in contested(rig.ledger)] == ["brief.docx"]
    rig.down = set()
    rig.run()
    assert endings(rig) == [(Settle.HOLD, "")]


def test_a_held_conflict_that_the_profile_now_settles_is_over_and_the_copy_is_looked_at_next(rig):
    rig.policy(**rule(Settle.HOLD))
    edit(rig, filevine="one", zdrive="two")
    rig.run()
    rig.policy(**rule(Settle.KEEP_BOTH))
    rig.run()
    assert endings(rig) == [(Settle.HOLD, "settled by the profile: keep-both"), (Settle.KEEP_BOTH, "")]


@pytest.mark.parametrize("how", [Settle.PREFER, Settle.NEWEST])
def test_what_the_profile_settles_is_for_the_record_only(rig, how):
    rig.policy(**rule(how, "zdrive" * (how is Settle.PREFER)))
    edit(rig, filevine="one")
    rig.clock.tick(600)
    edit(rig, zdrive="two!")
    rig.run()
    assert contested(rig.ledger) == ()
    assert endings(rig) == [(how, f"settled by the profile: {how.value}")]


def test_a_copy_that_is_deleted_ends_the_conflict(rig):
    edit(rig, filevine="one", zdrive="two")
    rig.run()
    rig.sides["zdrive"].delete(copy_of(rig))
    rig.run()
    assert endings(rig) == [(Settle.KEEP_BOTH, "the copy was deleted")]


def test_a_document_that_is_deleted_ends_the_conflict(rig):
    edit(rig, filevine="one", zdrive="two")
    rig.run()
    rig.sides["zdrive"].delete("brief.docx")
    rig.run()
    assert endings(rig) == [(Settle.KEEP_BOTH, "the document was deleted")]


def test_a_copy_that_is_edited_and_renamed_stays_linked(rig):
    edit(rig, filevine="one", zdrive="two")
    rig.run()
    copy = copy_of(rig)
    rig.sides["zdrive"].put(copy, b"two and more")
    rig.run()
    rig.sides["s3"].rename(copy, "ours.docx")
    rig.run()
    (one,) = contested(rig.ledger)
    assert one.paths == ("brief.docx", "ours.docx")


def test_of_three_versions_one_copy_left_keeps_the_conflict_open(rig):
    edit(rig, filevine="one", s3="two", zdrive="three")
    rig.run()
    first, second = sorted(path for path in rig.sides["s3"].tree() if "conflict" in path)
    rig.sides["zdrive"].delete(first)
    rig.run()
    (one,) = contested(rig.ledger)
    assert set(one.paths) == {"", "brief.docx", second}


def test_repeating_a_run_opens_no_second_conflict(rig):
    rig.sides["s3"].max_size = 1
    edit(rig, filevine="one", zdrive="two")
    rig.run()
    rig.run()
    rig.run()
    assert len(rig.ledger.disputes.ever()) == 1


def test_another_conflict_about_the_same_document_is_another_one(rig):
    edit(rig, filevine="one", zdrive="two")
    rig.run()
    edit(rig, filevine="three", zdrive="four")
    rig.run()
    assert len(contested(rig.ledger)) == 2


def test_what_was_decided_comes_back_as_it_was(rig):
    take = Ruling(Word.TAKE, Content(3, "?s3/x/1"), 2, seen={"s3": Content(3, "?s3/x/1"), "zdrive": None})
    decided = Decided(take, "kim", 5)
    rig.ledger.disputes.rule(1, decided)
    rig.ledger.disputes.rule(2, Decided(Ruling(Word.GONE), "lee", 6))
    assert rig.ledger.disputes.decided() == {1: decided, 2: Decided(Ruling(Word.GONE), "lee", 6)}
    rig.ledger.forget([2])
    assert rig.ledger.disputes.rulings() == {1: replace(take, origin=0)}
    rig.ledger.disputes.drop(1)
    assert rig.ledger.disputes.rulings() == {}


def thirty(rig):
    for number in range(30):
        rig.sides["filevine"].put(f"d/{number}.txt", b"%d" % number)
    rig.run()
    rig.policy(brakes=Brakes())


def delete(rig, *numbers):
    for number in numbers:
        rig.sides["zdrive"].delete(f"d/{number}.txt")


def test_an_override_serves_once_is_on_record_and_what_it_let_pass_is_not_counted_again(rig):
    thirty(rig)
    delete(rig, *range(10))
    (brake,) = rig.run().planned.plan.brakes
    assert rig.run(accepted=frozenset({brake.code}), actor="kim").exit_code == 0
    assert rig.ledger.disputes.spent() == {brake.code}
    delete(rig, *range(10, 13))
    assert rig.run().exit_code == 0
    audit = (rig.tools.state / "case.audit.jsonl").read_text()
    assert audit.count('"action": "override"') == 1
    assert (
        f'"actor": "kim", "side": "", "action": "override", "rule": "deletes", "code": "{brake.code}"'
        in audit
    )


def test_what_nobody_let_pass_is_counted_for_a_day(rig):
    thirty(rig)
    delete(rig, *range(7))
    assert rig.run().exit_code == 0
    delete(rig, 7, 8)
    assert rig.run().exit_code == 6
    rig.clock.now += DAY
    assert rig.run().exit_code == 0


def test_the_same_finding_needs_another_code_the_next_time(rig):
    thirty(rig)
    for name in ("d", "kept.txt", "brief.docx"):
        rig.sides["zdrive"].delete(name)
    first = rig.run()
    codes = {brake.code for brake in first.planned.plan.brakes}
    assert [brake.rule for brake in first.planned.plan.brakes] == ["shrunk"]
    second = rig.run(accepted=frozenset(codes))
    assert [(brake.rule, brake.accepted) for brake in second.planned.plan.brakes] == [
        ("shrunk", True),
        ("deletes", False),
    ]
    assert rig.ledger.disputes.spent() == set()  # the other brake kept it from serving
    codes |= {brake.code for brake in second.planned.plan.brakes}
    assert rig.run(accepted=frozenset(codes)).exit_code == 0
    assert rig.ledger.disputes.spent() == codes


def test_a_code_that_has_served_does_not_serve_for_the_same_finding_again(rig):
    thirty(rig)
    rig.sides["zdrive"].mark(b"{}")
    (brake,) = rig.run().planned.plan.brakes
    assert rig.run(accepted=frozenset({brake.code})).exit_code == 0
    rig.sides["zdrive"].mark(b"{}")
    again = rig.run(accepted=frozenset({brake.code}))
    assert again.exit_code == 6
    (other,) = again.planned.plan.brakes
    assert (other.rule, other.text) == (brake.rule, brake.text)
    assert other.code != brake.code
    assert rig.run(accepted=frozenset({other.code})).exit_code == 0


def test_a_brake_stays_on_and_says_since_when(rig):
    thirty(rig)
    delete(rig, *range(10))
    rig.run()
    (first,) = rig.ledger.journal.last_end().summary["brakes"]
    since = rig.ledger.journal.last_end().at_ns
    rig.clock.tick(3600)
    assert rig.run().exit_code == 6
    (brake,) = rig.ledger.journal.last_end().summary["brakes"]
    assert (first["since_ns"], brake["rule"], brake["since_ns"]) == (since, "deletes", since)


def test_what_was_deleted_and_came_back_is_not_counted(rig):
    thirty(rig)
    rig.down = {"zdrive"}
    rig.sides["filevine"].delete("d/0.txt")
    rig.run()
    assert rig.ledger.journal.history(rig.clock.now).deleted == 1
    rig.down = set()
    rig.sides["zdrive"].put("d/0.txt", b"edited meanwhile")
    rig.run()
    assert rig.ledger.journal.history(rig.clock.now).deleted == 0


def test_copies_that_moved_and_cannot_be_told_apart_are_no_deletes(rig):
    thirty(rig)
    for number in range(20):
        rig.sides["filevine"].put(f"same/{number}.txt", b"the very same")
    rig.run()
    for number in range(20):
        rig.sides["zdrive"].delete(f"same/{number}.txt")
        rig.sides["zdrive"].put(f"other/{number}-x.txt", b"the very same")
    assert rig.run().exit_code == 0


def test_a_place_that_a_person_let_pass_is_still_not_believed_when_it_is_empty(rig):
    thirty(rig)
    rig.sides["zdrive"].mark(b"{}")
    for name in ("d", "kept.txt", "brief.docx"):
        rig.sides["zdrive"].delete(name)
    (place, shrunk) = rig.run().planned.plan.brakes
    assert (place.rule, shrunk.rule) == ("place", "shrunk")
    again = rig.run(accepted=frozenset({place.code}))
    assert (again.exit_code, again.done) == (6, ())


@pytest.mark.parametrize("after", [False, True])
def test_what_came_under_a_legal_hold_after_it_was_deleted_comes_back_from_where_it_still_is(rig, after):
    rig.down = {"zdrive"}
    rig.sides["filevine"].delete("brief.docx")
    rig.run()
    rig.down = set()
    rig.policy(holds=(Pattern("*.docx"),) * after)
    rig.run()
    assert [("brief.docx" in tree) for tree in rig.trees().values()] == [after] * 3
    assert not rig.plan().steps
