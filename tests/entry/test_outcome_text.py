from dataclasses import replace

import pytest

from synctool.engine.inquire import Event, Status
from synctool.engine.outcome import Done, Failed, Outcome, Verified
from synctool.entry.show.inquiry import history_lines, status_lines
from synctool.entry.show.outcome import MEANING, outcome_lines
from synctool.errors import SEVERITY
from tests.entry.plans import DELETE, NEW, NOON, planned, standoff, steps
from tests.entry.profiles import PROFILE

HOUR = 3600 * 10**9


def test_an_outcome_counts_by_side_tells_failures_and_ends_with_the_meaning_of_its_code():
    new = steps("Pleadings/a.pdf", *NEW, ["s3", "zdrive"], causes=("filevine",))
    gone = steps("b.pdf", *DELETE, ["zdrive"])
    kept = steps("c.pdf", *DELETE, ["filevine", "s3"])
    outcome = Outcome(
        planned(new, gone, kept, standoffs=(standoff("x.docx", copies=("y.docx",)),)),
        run=12,
        seconds=3.21,
        done=(Done(new[0], 1_000_000), Done(new[1], 1_000_000), Done(gone[0])),
        failed=(
            Failed(kept[0], "filevine: c.pdf: no answer; is the network there?", 5),
            Failed(kept[1], "moved meanwhile", 5),
        ),
        dropped=("0123456789ab",),
    )
    assert (
        "\n".join(outcome_lines(outcome))
        == """\
case-1: 3 steps done, 2.0 MB copied in 3.2 s (run 12)
  s3       1 write
  zdrive   1 remove, 1 write

Conflicts: 1
! x.docx   both kept: filevine stays; zdrive becomes y.docx

Failed: 2
x filevine: c.pdf: no answer; is the network there?
x s3: c.pdf: moved meanwhile; the next run tries again

1 step of the saved plan no longer fit and were left out; make a new plan

No content was lost. Exit 5: not everything could be done; the next run goes on."""
    )


def test_a_refused_document_waits_for_a_person():
    (step,) = steps("a.pdf", *NEW, ["filevine"])
    outcome = Outcome(planned((step,)), 1, 0.1, failed=(Failed(step, "has no bytes", 4),))
    assert "x filevine: a.pdf: has no bytes; waits for a person" in outcome_lines(outcome)


def test_somebody_who_said_no_is_told_that_nothing_was_done():
    assert outcome_lines(Outcome(planned(), 0, 0.0))[0] == "case-1: nothing was done, as you said"


def test_every_exit_code_has_a_meaning():
    assert set(MEANING) == set(SEVERITY)


def status(**facts):
    known = {
        "profile": "case-1",
        "agreed_ns": NOON,
        "last_run_ns": NOON + HOUR,
        "last_exit": 5,
        "documents": 1200,
        "waiting": 3,
        "held": ("Pleadings/x.docx",),
        "gaps": {"zdrive": ("cannot be reached",)},
        "put_off": ({"side": "zdrive", "path": "a.docx", "text": "is open (J. Deer)", "since_ns": NOON},),
    }
    return Status(**(known | facts))


def test_a_status_says_when_the_sides_agreed_and_what_stands_between_them():
    assert (
        "\n".join(status_lines(status(), PROFILE, NOON + 2 * HOUR))
        == """\
case-1: agreed 2026-11-21 05:00 MST, 2 hours ago
  1,200 documents; 3 waiting
  last run 2026-11-21 06:00 MST, exit 5: not everything could be done; the next run goes on

Held until a person decides: 1
! Pleadings/x.docx

Put off, because somebody is at work on it: 1
~ a.docx   zdrive: is open (J. Deer), since 2026-11-21 05:00 MST
? zdrive   cannot be reached"""
    )


def test_a_status_says_when_agreement_is_older_than_the_profile_allows():
    fresh, old = (status_lines(status(), PROFILE, NOON + hours * HOUR) for hours in (24, 25))
    assert "! longer ago than the 24 hours of max_age" in old
    assert not [line for line in fresh if "max_age" in line]


def test_a_profile_that_never_ran_says_so():
    nothing = status(
        agreed_ns=None, last_run_ns=None, last_exit=None, documents=0, waiting=0, held=(), gaps={}, put_off=()
    )
    assert status_lines(nothing, PROFILE, NOON) == [
        "case-1: the sides have never agreed yet",
        "  0 documents; 0 waiting",
    ]


@pytest.mark.parametrize("facts", [{"text": "", "sha256": ""}, {"text": "was b.pdf", "sha256": "ab" * 32}])
def test_history_tells_each_operation_in_the_time_of_the_profile(facts):
    event = replace(Event(NOON, 3, "a.pdf", "s3", "move", "", ""), **facts)
    head, *told = history_lines([event], PROFILE)
    assert head == "2026-11-21 05:00 MST  run 3  s3  move  a.pdf"
    assert told == ["      was b.pdf  sha256 " + "ab" * 32] * bool(facts["text"])


def test_history_without_events_says_so():
    assert history_lines([], PROFILE) == ["nothing is recorded"]


def test_an_outcome_tells_what_came_of_reading_what_was_taken_for_equal():
    lines = outcome_lines(Outcome(planned(), 3, 0.1, verified=Verified(2, 1)))
    assert lines[1:] == [
        "  2 assumed documents read: equal indeed",
        "! 1 assumed document read: not equal; the next run settles that as a conflict",
        "",
        "No content was lost. Exit 5: not everything could be done; the next run goes on.",
    ]


def test_status_tells_how_much_is_only_taken_for_equal():
    lines = status_lines(status(assumed=7), PROFILE, NOON)
    assert "  7 assumed documents: taken for equal by size, and not read yet" in lines
