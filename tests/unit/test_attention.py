"""What a person is told of, and how often."""

from hypothesis import given
from hypothesis import strategies as st

from synctool.core.attention import PATIENCE_NS, REMINDER_NS, WELL, Cause, Noted, Trouble, due, noted, told

BRAKE = Trouble(Cause.BRAKE, "brake 3fa9c1", "a brake is on")
AWAY = Trouble(Cause.FAILED, "unseen zdrive", "zdrive could not be seen")
BOTH = Trouble(Cause.KEPT, "kept a.txt", "two versions of a document were both kept")


class Person:
    """Somebody who is told after every run, as long as messages go out."""

    def __init__(self):
        self.memory, self.now, self.heard = {}, 0, []

    def run(self, *found, whole=True, after=0, mute=False):
        self.now += after
        self.memory = noted(self.memory, found, self.now, whole=whole)
        news = due(self.memory, self.now)
        if not mute:
            self.memory = told(self.memory, news, self.now)
            self.heard += [trouble.key for trouble in news]
        return [trouble.key for trouble in news]


def test_a_trouble_is_told_once_and_again_after_a_day():
    person = Person()
    assert person.run(BRAKE) == [BRAKE.key]
    assert person.run(BRAKE, after=REMINDER_NS - 1) == []
    assert person.run(BRAKE, after=1) == [BRAKE.key]


def test_a_side_that_is_away_is_told_when_it_has_been_for_half_an_hour():
    person = Person()
    assert person.run(AWAY) == []
    assert person.run(AWAY, after=PATIENCE_NS - 1) == []
    assert person.run(AWAY, after=1) == [AWAY.key]


def test_a_side_that_came_back_in_time_is_never_told_of():
    person = Person()
    person.run(AWAY)
    assert person.run(after=PATIENCE_NS - 1) == []
    assert person.run(AWAY, after=1) == []
    assert person.memory[AWAY.key].since_ns == PATIENCE_NS


def test_that_all_is_well_again_is_told_once_to_somebody_who_was_told_of_troubles():
    person = Person()
    person.run(BRAKE)
    assert person.run() == [WELL.key]
    assert person.run() == []
    assert person.memory == {}


def test_that_all_is_well_waits_for_a_message_and_is_not_said_when_it_is_so_no_more():
    person = Person()
    person.run(BRAKE)
    assert person.run(mute=True) == [WELL.key]
    assert person.run(AWAY, mute=True) == []
    assert person.run() == []


def test_that_all_is_well_waits_for_a_message():
    person = Person()
    person.run(BRAKE)
    person.run(mute=True)
    assert person.run() == [WELL.key]


def test_a_look_at_a_part_ends_no_trouble():
    person = Person()
    person.run(BRAKE)
    assert person.run(whole=False) == []
    assert BRAKE.key in person.memory


def test_two_versions_that_were_kept_are_told_even_if_the_message_comes_late():
    person = Person()
    assert person.run(BOTH, mute=True) == [BOTH.key]
    assert person.run(mute=True) == [BOTH.key]
    assert person.run() == [BOTH.key]
    assert person.run() == []


def test_the_worst_comes_first():
    person = Person()
    assert person.run(BOTH, BRAKE) == [BRAKE.key, BOTH.key]


def test_what_is_known_of_a_trouble_is_what_was_seen_last():
    person = Person()
    person.run(BRAKE)
    person.run(BRAKE._replace(text="a brake is on: more"))
    assert person.memory[BRAKE.key] == Noted(BRAKE._replace(text="a brake is on: more"), 0, 0)


RUNS = st.lists(
    st.tuples(
        st.sets(st.sampled_from([BRAKE, AWAY, BOTH])),
        st.integers(0, REMINDER_NS),
        st.booleans(),
        st.booleans(),
    )
)


@given(RUNS)
def test_whoever_can_be_told_knows_of_every_brake_that_is_on_and_was_reminded_today(runs):
    person = Person()
    for found, after, whole, mute in runs:
        person.run(*found, whole=whole, after=after, mute=mute)
        if BRAKE in found and not mute:
            told_ns = person.memory[BRAKE.key].told_ns
            assert told_ns is not None
            assert person.now - told_ns < REMINDER_NS
