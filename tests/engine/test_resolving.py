"""A person decides a conflict; the next run does it, or says why it cannot."""

import pytest

from synctool.core.patterns import Pattern
from synctool.core.policy import ConflictRule, Settle
from synctool.core.ruling import VOID, Word
from synctool.engine.conflicts import contested
from synctool.engine.resolve import Choice, resolve_round
from synctool.errors import Misuse, Unavailable
from tests.properties.people import DRIVE, FILEVINE, S3, house

HOLD = (ConflictRule(Pattern("**"), Settle.HOLD),)
BOTH = Choice(Word.KEEP_BOTH)
GONE = Choice(Word.GONE)


def take(side):
    return Choice(Word.TAKE, side)


@pytest.fixture
def rig(tmp_path):
    """A document that Filevine and the drive have changed; not yet looked at."""
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE})
    rig.sides["filevine"].put("brief.docx", b"agreed")
    rig.run()
    rig.sides["filevine"].put("brief.docx", b"one")
    rig.clock.tick()
    rig.sides["zdrive"].put("brief.docx", b"other")
    yield rig
    rig.ledger.close()


@pytest.fixture
def held(rig):
    rig.policy(conflicts=HOLD)
    assert rig.run().exit_code == 4
    return rig


@pytest.fixture
def kept(rig):
    assert rig.run().exit_code == 0
    return rig


def decide(rig, choice, path="brief.docx"):
    return resolve_round(rig.round(actor="kim"), path, choice, record=True)


def copy_of(rig):
    return next(path for path in rig.sides["s3"].tree() if "conflict" in path)


def tree(rig):
    """What all sides hold, by name, without the document that is always there."""
    first, *others = rig.trees().values()
    assert all(other == first for other in others), rig.trees()
    return {path: data for path, data in first.items() if path != "kept.txt"}


def settled(rig):
    """One run does it, another finds nothing, and no decision or conflict is left."""
    outcome = rig.run()
    assert (outcome.exit_code, outcome.failed) == (0, ())
    assert not rig.run().planned.plan.steps
    assert rig.ledger.disputes.decided() == {}
    assert contested(rig.ledger) == ()
    return tree(rig)


@pytest.mark.parametrize(("side", "data"), [("filevine", b"one"), ("zdrive", b"other"), ("s3", b"agreed")])
def test_the_version_of_any_side_can_be_taken(held, side, data):
    decide(held, take(side))
    assert settled(held) == {"brief.docx": data}
    assert held.ledger.disputes.ever()[-1].ending == "one version was chosen, as kim decided"


def test_both_versions_of_a_held_document_can_be_kept(held):
    decide(held, BOTH)
    held_now = settled(held)
    assert held_now.pop("brief.docx") == b"one"
    assert [*held_now.values()] == [b"other"]
    assert held.ledger.disputes.ever()[-1].ending == "all versions are kept, as kim decided"


def test_a_held_document_can_be_removed(held):
    decide(held, GONE)
    assert settled(held) == {}


@pytest.mark.parametrize(("side", "data"), [("filevine", b"one"), ("zdrive", b"other")])
@pytest.mark.parametrize("by_copy", [False, True])
def test_of_versions_that_were_kept_the_one_of_a_side_becomes_the_document(kept, side, data, by_copy):
    decide(kept, take(side), copy_of(kept) if by_copy else "brief.docx")
    assert settled(kept) == {"brief.docx": data}


def test_a_copy_that_was_edited_is_taken_as_it_is_now(kept):
    kept.sides["zdrive"].put(copy_of(kept), b"other, edited")
    kept.run()
    decide(kept, take("zdrive"))
    assert settled(kept) == {"brief.docx": b"other, edited"}


def test_what_was_kept_can_be_removed_document_and_copy(kept):
    decide(kept, GONE)
    assert settled(kept) == {}


def test_what_was_kept_can_stay_and_nothing_waits_for_a_run(kept):
    planned = decide(kept, BOTH)
    assert planned.plan.steps == ()
    assert contested(kept.ledger) == ()
    assert len(settled(kept)) == 2


def test_without_being_asked_nothing_is_written_down(held):
    planned = resolve_round(held.round(), "brief.docx", take("zdrive"), record=False)
    assert {step.side for step in planned.plan.steps} == {"filevine", "s3"}
    assert held.ledger.disputes.decided() == {}
    assert held.run().exit_code == 4


def test_a_decision_that_somebody_overtook_is_dropped_and_it_is_said(held):
    decide(held, take("filevine"))
    held.sides["zdrive"].put("brief.docx", b"other, and more")
    outcome = held.run()
    assert outcome.exit_code == 4
    assert VOID in [notice.text for notice in outcome.planned.plan.notices]
    assert held.ledger.disputes.decided() == {}
    assert held.sides["zdrive"].tree()["brief.docx"] == b"other, and more"


@pytest.mark.parametrize("edited", ["document", "copy"])
def test_of_a_decision_about_document_and_copy_all_is_done_or_nothing(kept, edited):
    decide(kept, take("zdrive"))
    path = "brief.docx" if edited == "document" else copy_of(kept)
    kept.sides["s3"].put(path, b"edited meanwhile")
    outcome = kept.run()
    assert VOID in [notice.text for notice in outcome.planned.plan.notices]
    assert kept.ledger.disputes.decided() == {}
    assert sorted(tree(kept).values()) == sorted(
        [b"edited meanwhile", b"other" if edited == "document" else b"one"]
    )
    assert len(contested(kept.ledger)) == 1


def test_a_side_that_is_away_catches_up_with_a_decision(held):
    held.down = {"s3"}
    decide(held, take("zdrive"))
    held.run()
    held.down = set()
    held.run()
    assert tree(held) == {"brief.docx": b"other"}


@pytest.mark.parametrize("path", ["kept.txt", "nothing.docx"])
def test_a_path_without_an_open_conflict_is_refused(held, path):
    with pytest.raises(Misuse, match=r"no conflict is open here; .*undo"):
        decide(held, GONE, path)


def test_a_version_that_is_not_there_cannot_be_taken(held, rig):
    held.sides["s3"].delete("brief.docx")
    with pytest.raises(Misuse, match="s3 has no version of this"):
        decide(held, take("s3"))


def test_what_is_not_held_any_more_needs_no_decision(held):
    held.sides["zdrive"].put("brief.docx", b"one")
    with pytest.raises(Misuse, match="nothing is held here any more; run apply"):
        decide(held, take("filevine"))


def test_a_legal_hold_outranks_the_person(held):
    held.policy(holds=(Pattern("*.docx"),))
    with pytest.raises(Misuse, match="legal hold"):
        decide(held, GONE)
    decide(held, take("zdrive"))
    assert settled(held) == {"brief.docx": b"other"}


def opened_in_word(rig):
    rig.sides["zdrive"].put("~$brief.docx", b"\x03Kim")


def test_what_somebody_has_open_is_not_decided(held):
    opened_in_word(held)
    with pytest.raises(Misuse, match=r"is open \(Kim\); put off; decide when it is closed"):
        decide(held, take("filevine"))


def test_a_decision_waits_as_a_whole_while_somebody_has_the_document_open(kept):
    before = tree(kept)
    decide(kept, take("zdrive"))
    opened_in_word(kept)
    assert kept.run().exit_code == 5
    kept.sides["zdrive"].delete("~$brief.docx")
    assert tree(kept) == before
    assert settled(kept) == {"brief.docx": b"other"}


def test_what_a_brake_refuses_with_everything_else_is_not_decided(held):
    for number in range(30):
        held.sides["filevine"].put(f"d/{number}.txt", b"%d" % number)
    held.run()
    for number in range(30):
        held.sides["zdrive"].put(f"d/{number}.txt", b"")
    with pytest.raises(Misuse, match="a brake withholds it"):
        decide(held, take("filevine"))


def test_a_copy_is_not_removed_before_its_bytes_are_in_the_document(kept):
    decide(kept, take("zdrive"))
    write = kept.sides["s3"].write

    def refuse(at, data, meta):
        raise Unavailable("does not answer", side="s3")

    kept.sides["s3"].write = refuse
    outcome = kept.run()
    assert outcome.exit_code == 5
    assert "left as it is: its bytes could not be kept elsewhere first" in {f.reason for f in outcome.failed}
    assert b"other" in kept.sides["s3"].tree().values()
    kept.sides["s3"].write = write
    assert kept.run().exit_code == 0
    assert tree(kept) == {"brief.docx": b"other"}


@pytest.mark.parametrize("choice", [take("filevine"), BOTH, GONE])
def test_a_conflict_about_a_document_that_a_broken_off_run_has_forgotten_is_not_decided(held, choice):
    held.ledger.forget([contested(held.ledger)[0].dispute.item])
    with pytest.raises(Misuse, match="no document of the profile any more"):
        decide(held, choice)
