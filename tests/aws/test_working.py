"""A worker follows the notes of a queue, profile by profile."""

import time
from threading import Event, Thread

import pytest

from synctool.engine import working
from synctool.store.queue import Note

DOC = ("filevine", "d1")
OTHER = ("filevine", "d2")


def follow(queue, act, stopped=None):
    working.follow(queue, queue.receive(2), act, stopped or Event())


def test_all_that_is_said_of_a_profile_is_followed_at_once(make_queue):
    queue, _ = make_queue()
    queue.send([Note("smith", (DOC,)), Note("smith", (DOC, OTHER)), Note("jones", (DOC,)), Note("jones")])
    told = []
    for _ in range(2):
        follow(queue, lambda note: told.append(note) or 0)
    assert set(told) == {Note("smith", (DOC, OTHER)), Note("jones")}
    assert queue.receive(0) == []


@pytest.mark.parametrize("code", [0, 3, 4, 6])
def test_what_was_followed_does_not_come_back(make_queue, code):
    queue, _ = make_queue(seconds=1)
    queue.send([Note("smith")])
    follow(queue, lambda note: code)
    assert queue.receive(2) == []


@pytest.mark.parametrize("code", [1, 2, 5, 7, 8])
def test_what_could_not_be_followed_is_tried_again_after_a_pause(make_queue, monkeypatch, code):
    monkeypatch.setattr(working, "PAUSE", 1)
    queue, _ = make_queue()
    queue.send([Note("smith")])
    follow(queue, lambda note: code)
    assert queue.receive(0) == []
    assert len(queue.receive(3)) == 1


def test_what_always_fails_ends_among_the_dead_letters_and_others_go_on(make_queue, monkeypatch):
    monkeypatch.setattr(working, "PAUSE", 0)
    queue, dead = make_queue(times=3)
    queue.send([Note("broken"), Note("smith")])
    told = []
    for _ in range(4):
        follow(queue, lambda note: told.append(note.profile) or (1 if note.profile == "broken" else 0))
    assert sorted(told) == ["broken"] * 3 + ["smith"]
    assert [message.note for message in dead.receive(2)] == [Note("broken")]


def test_what_nobody_can_read_ends_among_the_dead_letters(make_queue, sqs):
    queue, dead = make_queue(seconds=0, times=2)
    sqs.send_message(QueueUrl=queue.url, MessageBody="?", MessageGroupId="g", MessageDeduplicationId="1")
    for _ in range(3):
        follow(queue, lambda note: pytest.fail("it says nothing"))
    assert [message.note for message in dead.receive(2)] == [None]


def test_a_note_stays_ours_as_long_as_it_takes(make_queue, monkeypatch):
    monkeypatch.setattr(working, "OURS", 2)
    queue, _ = make_queue(seconds=2)
    queue.send([Note("smith")])
    stolen = []

    def act(note):
        time.sleep(3)
        stolen.extend(queue.receive(0))
        return 0

    follow(queue, act)
    assert stolen == []
    assert queue.receive(2) == []


def test_who_is_stopped_gives_back_at_once_what_was_not_begun(make_queue):
    queue, _ = make_queue(seconds=300)
    queue.send([Note("smith"), Note("jones")])
    stopped, told = Event(), []

    def act(note):
        stopped.set()
        told.append(note.profile)
        return 0

    messages = queue.receive(1) + queue.receive(0)
    working.follow(queue, messages, act, stopped)
    (left,) = queue.receive(1)
    assert {left.note.profile, *told} == {"smith", "jones"}


def test_a_worker_works_until_it_is_stopped(make_queue):
    queue, _ = make_queue()
    stopped, told = Event(), []
    worker = Thread(target=working.work, args=(queue, lambda note: told.append(note.profile) or 0, stopped))
    worker.start()
    for number in range(3):
        queue.send([Note("smith", key=str(number))])
        while len(told) <= number:
            time.sleep(0.01)
    stopped.set()
    queue.send([Note("jones")])  # ends its waiting
    worker.join(30)
    assert not worker.is_alive()
    assert told == ["smith"] * 3


def test_a_queue_that_is_away_for_a_while_is_asked_again(make_queue, monkeypatch, caplog):
    monkeypatch.setattr(working, "PAUSE", 0.01)
    queue, _ = make_queue()
    stopped, real, failures = Event(), queue.receive, iter([True, True, False])

    class Moody:
        done, keep = queue.done, queue.keep

        def receive(self):
            if next(failures):
                raise working.SideError("the queue cannot be reached: it rains")
            return real(1)

    queue.send([Note("smith")])
    working.work(Moody(), lambda note: stopped.set() or 0, stopped)
    assert caplog.messages == ["the queue cannot be reached: it rains"] * 2
