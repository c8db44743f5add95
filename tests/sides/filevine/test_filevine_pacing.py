import subprocess
import sys
from time import monotonic

import pytest

from synctool.errors import StateError
from synctool.sides.filevine.pacing import Pacer
from synctool.store.turns import Turns


def test_a_burst_leaves_at_once_and_the_rest_one_by_one(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    for _ in range(7):
        pacer.wait("documents", 4)
    assert time.slept == [0.25, 0.25, 0.25]


def test_every_endpoint_has_its_own_turn(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    for endpoint in range(50):
        pacer.wait(endpoint, 1)
    assert time.slept == []


def test_a_quiet_while_earns_no_more_than_one_burst(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    pacer.wait("a", 1)
    time.now += 3600
    for _ in range(5):
        pacer.wait("a", 1)
    assert time.slept == [1]


def test_a_key_that_was_refused_waits_as_long_as_the_server_asked(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    pacer.hold("a", 4, 30)
    pacer.wait("b", 4)
    pacer.wait("a", 4)
    assert time.slept == [30]


def test_no_minute_sees_more_than_the_rate_and_a_burst(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    start, left = time.now, []
    for _ in range(600):
        pacer.wait("a", 4)
        left.append(time.now - start)
    assert max(sum(1 for moment in left if begin <= moment < begin + 60) for begin in left) <= 4 * 60 + 4


def test_a_share_of_a_rate_is_used_and_no_more(time):
    pacer = Pacer(share=0.25, clock=time.clock, sleep=time.sleep)
    for _ in range(6):
        pacer.wait("a", 4)
    assert time.slept == [1, 1]


def test_the_longest_hold_counts(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    pacer.hold("a", 4, 30)
    pacer.hold("a", 4, 2)
    pacer.wait("a", 4)
    assert time.slept == [30]


def test_programs_that_share_a_book_share_its_turns_and_what_the_server_said(time, tmp_path):
    with Turns(tmp_path / "turns.db") as mine, Turns(tmp_path / "turns.db") as theirs:
        here, there = (Pacer(book=book, clock=time.clock, sleep=time.sleep) for book in (mine, theirs))
        for pacer in (here, there) * 3:
            pacer.wait("a", 4)
        assert time.slept == [0.25, 0.25]
        here.hold("a", 4, 30)
        there.wait("a", 4)
        assert time.slept[2:] == [30]


def test_what_was_written_before_the_machine_began_anew_holds_nobody_up(time, tmp_path):
    with Turns(tmp_path / "turns.db") as book:
        time.now += 1e6
        Pacer(book=book, clock=time.clock, sleep=time.sleep).wait("a", 4)
        time.now -= 1e6
        Pacer(book=book, clock=time.clock, sleep=time.sleep).wait("a", 4)
    assert time.slept == []


TAKE = """
import sys, pathlib, time
from synctool.sides.filevine.pacing import Pacer
from synctool.store.turns import Turns
with Turns(pathlib.Path(sys.argv[1])) as book:
    for _ in range(40):
        Pacer(book=book).wait("a", 200)
"""


def test_processes_that_start_together_take_turns(tmp_path):
    begun = monotonic()
    racers = [subprocess.Popen([sys.executable, "-c", TAKE, tmp_path / "turns.db"]) for _ in range(3)]
    assert [racer.wait(60) for racer in racers] == [0, 0, 0]
    assert monotonic() - begun >= (3 * 40 - 4) / 200


@pytest.mark.parametrize(
    "spoil", [lambda file: file.mkdir(), lambda file: file.write_bytes(b"no database" * 99)]
)
def test_a_book_that_cannot_be_used_is_told_in_one_line(tmp_path, spoil):
    spoil(tmp_path / "turns.db")
    with pytest.raises(StateError, match=r"turns\.db cannot be used"):
        Turns(tmp_path / "turns.db")
