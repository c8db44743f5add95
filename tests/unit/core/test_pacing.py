from dataclasses import replace
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synctool.core.pacing import (
    EVERYWHERE,
    MANY,
    Ended,
    Habit,
    Heard,
    Hint,
    Pace,
    begun,
    due,
    ended,
    hear,
    is_still,
    waits,
)

SIDES = frozenset(("drive", "s3"))
HABIT = Habit(name="case", sides=SIDES, polled=frozenset(("s3",)), settle=3, poll=None, full=3600)
UNPOLLED = replace(HABIT, polled=frozenset())
DONE = Ended(0)
A, B = Hint("drive", "a.txt"), Hint("drive", "b.txt")
S3 = Hint("s3", EVERYWHERE)


def looked(now=1000.0, habit=HABIT):
    """A profile that was just looked at everywhere."""
    return ended(begun(Pace(), habit, now)[0], habit, DONE, now)


def heard(*hints, at=1000.0, pace=None):
    return hear(pace or looked(), HABIT, hints, at)


def test_at_first_everything_is_due_at_once():
    pace, places = begun(Pace(), HABIT, 5)
    assert due(Pace(), HABIT) == -inf
    assert places is None
    assert pace.taken.keys() == {Hint("drive", EVERYWHERE), S3}


def test_no_round_is_due_while_one_is_going_on():
    assert due(begun(Pace(), HABIT, 5)[0], HABIT) == inf


def test_a_hint_is_due_when_its_place_has_been_quiet():
    assert due(heard(A), HABIT) == 1003
    assert due(heard(A, at=1002, pace=heard(A)), HABIT) == 1005


def test_a_place_that_keeps_changing_waits_ten_times_as_long_at_most():
    pace = heard(A)
    for moment in range(1001, 1040):
        pace = heard(A, at=moment, pace=pace)
    assert due(pace, UNPOLLED) == 1030
    assert not is_still(begun(pace, HABIT, 1030)[0], HABIT, 1030)


def test_a_place_that_keeps_changing_does_not_keep_another_waiting():
    pace = heard(A, at=1002, pace=heard(A, B))
    pace, places = begun(pace, HABIT, 1003)
    assert places == {"drive": {"b.txt"}}
    assert pace.heard.keys() == {A}
    assert is_still(pace, HABIT, 1003)


def test_a_round_looks_only_where_something_was_heard():
    _, places = begun(heard(A, B), HABIT, 1003)
    assert places == {"drive": {"a.txt", "b.txt"}}


def test_a_hint_of_a_side_that_the_profile_does_not_have_says_nothing():
    pace = looked()
    assert heard(Hint("tape", "a.txt"), pace=pace) == pace


def test_many_places_of_a_side_become_all_of_it():
    pace = heard(*(Hint("drive", f"{n}.txt") for n in range(MANY)))
    assert len(pace.heard) == MANY
    pace = heard(A, at=1002, pace=pace)
    assert pace.heard == {Hint("drive", EVERYWHERE): (1000, 1002, -inf)}
    assert begun(pace, HABIT, 1005)[1] == {"drive": {EVERYWHERE}}


def test_many_places_of_two_sides_stay_apart():
    pace = heard(*(Hint(side, f"{n}.txt") for side in SIDES for n in range(MANY)))
    assert len(pace.heard) == 2 * MANY


def test_what_covers_a_side_takes_with_it_what_is_not_quiet_yet():
    pace = heard(Hint("drive", EVERYWHERE))
    pace, places = begun(heard(A, at=1002, pace=pace), HABIT, 1003)
    assert places == {"drive": {EVERYWHERE}}
    assert pace.heard == {}


def test_what_comes_while_a_round_goes_on_waits_for_the_next():
    pace, _ = begun(heard(A), HABIT, 1003)
    pace = ended(heard(A, at=1004, pace=pace), HABIT, DONE, 1009)
    assert due(pace, HABIT) == 1007


@pytest.mark.parametrize(
    ("quiet", "pause"), [(0, 30), (299, 30), (301, 30.1), (3600, 360), (9000, 900), (90_000, 900)]
)
def test_a_side_without_events_is_polled_less_often_the_longer_it_is_quiet(quiet, pause):
    pace = replace(looked(1000 + quiet), active=1000, everywhere=inf)
    assert due(pace, HABIT) == pytest.approx(1000 + quiet + pause)


def test_a_side_that_was_never_active_is_polled_seldom():
    assert due(replace(looked(), everywhere=inf), HABIT) == 1900


def test_what_a_person_does_makes_a_poll_due_that_was_far_away():
    pace = heard(A, at=1500)
    assert begun(pace, HABIT, 1503)[1] == {"drive": {"a.txt"}, "s3": {EVERYWHERE}}


def test_a_round_that_did_something_counts_as_activity():
    idle, busy = (
        ended(begun(heard(A), HABIT, 1003)[0], HABIT, Ended(0, acted=a), 1004) for a in (False, True)
    )
    assert (idle.active, busy.active) == (1000, 1004)


def test_a_profile_may_say_how_often_a_side_is_polled():
    assert due(looked(), replace(HABIT, poll=7)) == 1007


def test_a_poll_looks_at_all_of_that_side_alone():
    habit = replace(HABIT, poll=7)
    pace, places = begun(looked(), habit, 1007)
    assert places == {"s3": {EVERYWHERE}}
    assert due(ended(pace, habit, DONE, 1008), habit) == 1015


def test_everything_is_looked_at_once_in_a_while_whatever_was_heard():
    habit = replace(HABIT, polled=frozenset())
    moment = due(looked(habit=habit), habit)
    assert 1000 + 0.8 * 3600 <= moment <= 1000 + 3600
    pace, places = begun(heard(A, at=moment, pace=looked(habit=habit)), habit, moment)
    assert places is None
    assert pace.heard == {}


def test_profiles_that_began_together_do_not_look_together():
    habits = [replace(HABIT, name=f"case-{n}", polled=frozenset()) for n in range(200)]
    moments = [due(looked(habit=habit), habit) for habit in habits]
    assert max(sum(abs(m - moment) < 5 for m in moments) for moment in moments) < 15
    assert max(moments) - min(moments) > 600


@pytest.mark.parametrize("code", [0, 3, 4, 6])
def test_what_waits_for_a_person_is_not_repeated_in_a_hurry(code):
    pace = ended(begun(heard(A), HABIT, 1003)[0], HABIT, Ended(code), 1004)
    assert pace.heard == {}
    assert pace.rest == -inf


def test_what_failed_is_tried_again_after_a_pause_that_doubles():
    pace, now, pauses = heard(A), 1003.0, []
    for _ in range(8):
        pace = ended(begun(pace, HABIT, now)[0], HABIT, Ended(5), now)
        pauses.append(pace.heard[A].after - now)
        now = pace.heard[A].after
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]
    assert ended(begun(pace, HABIT, now)[0], HABIT, DONE, now).failures == 0


def test_a_failure_that_never_ends_overflows_nothing():
    pace = replace(begun(heard(A), HABIT, 1003)[0], failures=10**6)
    assert ended(pace, HABIT, Ended(5), 1004).heard[A].after == 1904


def test_after_a_failed_side_the_others_go_on():
    pace = ended(begun(heard(A), HABIT, 1003)[0], HABIT, Ended(5), 1004)
    assert due(heard(B, at=1005, pace=pace), HABIT) == 1008


def test_what_somebody_is_at_work_on_is_tried_again_each_minute_but_not_all_of_a_side():
    taken = Pace(failures=3, taken=dict.fromkeys((A, S3), Heard(1000, 1000)))
    pace = ended(taken, HABIT, Ended(5, passing=True), 1004)
    assert [pace.heard[hint].after for hint in (A, S3)] == [1064, 1244]
    first = ended(replace(taken, failures=0), HABIT, Ended(5, passing=True), 1004)
    assert first.heard[A].after == 1034


def test_after_a_new_hint_what_failed_is_tried_again_within_half_a_minute_but_not_all_of_a_side():
    failed = {hint: Heard(1000, 1000, 1900) for hint in (A, S3)}
    pace = heard(B, at=1004, pace=Pace(heard=failed))
    assert [pace.heard[hint].after for hint in (A, S3)] == [1034, 1900]
    assert heard(B, at=1020, pace=pace).heard[A].after == 1034


def test_what_failed_and_changed_again_is_fresh():
    pace = ended(begun(heard(A), HABIT, 1003)[0], HABIT, Ended(5), 1004)
    assert due(heard(A, at=1006, pace=pace), HABIT) == 1009


def test_a_side_that_failed_is_not_polled_meanwhile():
    habit = replace(HABIT, poll=7)
    pace = ended(begun(looked(), habit, 1007)[0], habit, Ended(5), 1008)
    assert due(pace, habit) == 1038


@pytest.mark.parametrize("code", [1, 2, 7])
def test_what_nobody_foresaw_halts_the_whole_profile_for_a_while(code):
    pace = ended(begun(heard(A), HABIT, 1003)[0], HABIT, Ended(code), 1004)
    assert due(heard(B, at=1005, pace=pace), HABIT) == 1034


def test_a_profile_that_another_run_holds_is_tried_again_each_half_minute():
    pace, now = heard(A), 1003.0
    for _ in range(5):
        pace = ended(begun(pace, HABIT, now)[0], HABIT, Ended(8), now)
        assert due(pace, HABIT) == now + 30
        now += 30


def test_sides_that_want_a_full_look_get_it_soon():
    again = Ended(0, again=frozenset(("drive", "tape")))
    pace = ended(begun(heard(A), HABIT, 1003)[0], HABIT, again, 1004)
    assert due(pace, HABIT) == 1007
    assert begun(pace, HABIT, 1007)[1] == {"drive": {EVERYWHERE}}


def test_a_side_that_wants_a_full_look_because_it_failed_is_not_looked_at_in_a_hurry():
    again = Ended(5, again=frozenset(("drive",)))
    pace = ended(begun(heard(A), HABIT, 1003)[0], HABIT, again, 1004)
    assert pace.heard[Hint("drive", EVERYWHERE)].after == 1034


def test_however_often_rounds_failed_a_full_look_that_may_mend_it_comes_in_half_a_minute():
    pace, now = heard(A), 1003.0
    for _ in range(8):
        pace = ended(begun(pace, HABIT, now)[0], HABIT, Ended(5, again=frozenset(("s3",))), now)
        pace = hear(pace, HABIT, [B], now)
        assert pace.heard[S3].after <= 1003 + 30
        now += 3


def test_a_round_that_nobody_began_can_end():
    assert ended(Pace(), HABIT, DONE, 5).heard == {}


HINTS = st.builds(
    Hint, st.sampled_from(sorted(SIDES)), st.sampled_from(["", *(f"{n}" for n in range(MANY * 2))])
)
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("hear"), st.lists(HINTS, max_size=MANY * 2)),
        st.tuples(st.just("wait"), st.floats(0, 100)),
        st.tuples(st.just("end"), st.builds(Ended, st.sampled_from([0, 1, 4, 5, 6, 8]), st.sets(st.sampled_from(sorted(SIDES))).map(frozenset), st.booleans())),
    ),
    max_size=40,
)  # fmt: skip


@given(MOVES)
@settings(max_examples=80, deadline=None)
def test_no_hint_is_forgotten_and_there_are_never_two_rounds(moves):
    pace, now, unfollowed, taken = looked(), 1000.0, set(), set()
    for what, value in moves:
        if what == "hear":
            pace = hear(pace, HABIT, value, now)
            unfollowed |= set(value)
        elif what == "wait":
            now += value
        elif pace.taken is not None:
            pace = ended(pace, HABIT, value, now)
            unfollowed |= taken if value.exit_code in (1, 5, 8) else set()
            unfollowed |= {Hint(side, EVERYWHERE) for side in value.again}
            taken = set()
        if due(pace, HABIT) <= now:
            assert not taken
            pace, places = begun(pace, HABIT, now)
            assert places is None or places
            taken = {h for h in unfollowed if followed(h, places)}
            unfollowed -= taken
        assert [hint for hint in unfollowed | taken if not waits(pace, hint)] == []


def followed(hint, places):
    return places is None or not {hint.handle, EVERYWHERE}.isdisjoint(places.get(hint.side, ()))


@given(st.lists(st.floats(0.01, 2.9), min_size=1, max_size=60), HINTS)
@settings(max_examples=80, deadline=None)
def test_hints_that_never_end_still_give_a_round_and_quiet_ends_the_waiting(pauses, hint):
    pace, now, first = looked(), 1000.0, 1000.0
    for pause in pauses:
        pace = hear(pace, UNPOLLED, [hint], now)
        assert due(pace, UNPOLLED) <= first + 30
        if due(pace, UNPOLLED) <= now:
            pace = ended(begun(pace, UNPOLLED, now)[0], UNPOLLED, DONE, now)
            first = now + pause
        now += pause
    pace = hear(pace, UNPOLLED, [hint], now)
    assert due(pace, UNPOLLED) <= now + 3
