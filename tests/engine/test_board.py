from threading import Thread

from synctool.core.pacing import Ended, Habit, Hint
from synctool.engine.clock import SYSTEM
from synctool.engine.watching.board import Board, Turn
from tests.engine.rig import StillClock

HABIT = Habit(name="case", sides=frozenset(("drive",)), polled=frozenset(), settle=3)
A = Hint("drive", "a.txt")


def board(*habits, clock=None):
    board = Board(clock or StillClock())
    for habit in habits or [HABIT]:
        board.enrol(habit)
    return board


def test_a_new_profile_gets_a_look_at_everything_and_one_round_at_a_time():
    clock = StillClock()
    on = board(clock=clock)
    assert on.take() == Turn("case", None)
    on.put("case", [A])
    clock.tick(10)
    assert on.standing()["case"].since == clock.monotonic() - 10
    on.end("case", Ended(0))
    assert on.take() == Turn("case", {"drive": {"a.txt"}}, still=True)
    assert on.waits("case", A)
    on.end("case", Ended(0))
    assert not on.waits("case", A)


def test_who_waits_for_a_round_gets_it_when_a_hint_comes_and_is_due():
    on = board(Habit(name="case", sides=frozenset(("drive",)), polled=frozenset(), settle=0.05), clock=SYSTEM)
    on.take()
    on.end("case", Ended(0))
    got = []
    workers = [Thread(target=lambda: got.append(on.take())) for _ in range(2)]
    for worker in workers:
        worker.start()
    on.put("case", [A])
    while not got:
        pass
    on.close()
    for worker in workers:
        worker.join()
    assert sorted(got, key=str) == [None, Turn("case", {"drive": {"a.txt"}}, still=True)]


def test_nobody_who_waits_for_nothing_keeps_a_closed_board_open():
    on = Board(SYSTEM)
    worker = Thread(target=on.take)
    worker.start()
    on.close()
    worker.join(60)
    assert not worker.is_alive()


def test_who_has_been_due_longest_is_next():
    clock = StillClock()
    habits = [
        Habit(name=n, sides=frozenset(("drive",)), polled=frozenset(), settle=3) for n in ("one", "two")
    ]
    on = board(*habits, clock=clock)
    for _ in range(2):
        on.end(on.take().name, Ended(0))
    on.put("two", [A])
    clock.tick(1)
    on.put("one", [A])
    clock.tick(5)
    assert [on.take().name, on.take().name] == ["two", "one"]


def test_a_profile_that_is_watched_otherwise_keeps_its_hints_and_with_other_sides_is_new():
    clock = StillClock()
    on = board(clock=clock)
    on.end(on.take().name, Ended(0))
    on.put("case", [A])
    on.enrol(Habit(name="case", sides=HABIT.sides, polled=HABIT.sides, settle=3))
    assert on.waits("case", A)
    on.enrol(Habit(name="case", sides=frozenset(("drive", "s3")), polled=frozenset(), settle=3))
    assert on.take() == Turn("case", None)


def test_a_profile_that_went_and_came_back_during_a_round_gets_no_second_one_beside_it():
    clock = StillClock()
    on = board(clock=clock)
    on.take()
    on.dismiss("case")
    on.put("case", [A])
    assert not on.waits("case", A)
    assert on.standing() == {}
    on.enrol(HABIT)
    assert on.standing()["case"].due > clock.monotonic()
    on.end("case", Ended(0))
    assert on.take() == Turn("case", None)
    on.dismiss("case")
    on.end("case", Ended(0))
    assert on.standing() == {}
