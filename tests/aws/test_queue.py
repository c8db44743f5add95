"""A queue of AWS carries hints, one profile at a time."""

import time

import pytest

from synctool.errors import Denied, Unavailable
from synctool.store.queue import MOST, Note, Queue, read
from tests.aws.ministack import MiniStack


def notes(messages):
    return [message.note for message in messages]


def test_what_is_sent_comes_in_order(make_queue):
    queue, _ = make_queue()
    sent = [Note("smith", (("filevine", f"d{n}"),), f"jti-{n}") for n in range(MOST + 3)]
    queue.send(sent)
    first = queue.receive(1)
    queue.done(first)
    assert notes(first) + notes(queue.receive(1)) == sent


def test_one_profile_is_worked_on_by_one_and_others_go_on_beside_it(make_queue):
    queue, _ = make_queue()
    queue.send([Note("smith", key=str(n)) for n in range(MOST + 1)] + [Note("jones", key="1")])
    first = queue.receive(1)
    others = queue.receive(1)
    assert {note.profile for note in notes(first)} == {"smith"}
    assert notes(others) == [Note("jones", key="1")]
    assert queue.receive(0) == []
    queue.done(first)
    assert [note.key for note in notes(queue.receive(1))] == [str(MOST)]


def test_the_same_cause_comes_once_and_two_causes_twice(make_queue):
    queue, _ = make_queue()
    queue.send([Note("smith", key="a"), Note("smith", key="a"), Note("smith"), Note("smith")])
    assert len(queue.receive(1)) == 3


def test_the_same_cause_reaches_every_profile(make_queue):
    queue, _ = make_queue()
    queue.send([Note("smith", key="a"), Note("jones", key="a")])
    got = notes(queue.receive(1))
    assert {note.profile for note in got + notes(queue.receive(0))} == {"smith", "jones"}


def test_what_nobody_lets_go_of_comes_back_and_ends_among_the_dead_letters(make_queue):
    queue, dead = make_queue(seconds=1, times=2)
    queue.send([Note("smith")])
    for _ in range(2):
        assert len(queue.receive(5)) == 1
    assert queue.receive(2) == []
    assert notes(dead.receive(2)) == [Note("smith")]


def test_what_is_kept_is_not_given_to_another_and_what_was_lost_is_told(make_queue):
    queue, _ = make_queue(seconds=1)
    queue.send([Note("smith")])
    mine = queue.receive(1)
    assert queue.keep(mine, 30)
    time.sleep(1.2)
    assert queue.receive(0) == []
    assert queue.keep(mine, 0)
    theirs = queue.receive(2)
    assert len(theirs) == 1
    assert not queue.keep(mine, 30)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"profile": 7}',
        '{"profile": "a", "hints": 3}',
        '{"profile": "a", "hints": [1]}',
        "[" * 99999,
    ],
)
def test_what_is_no_note_is_read_as_none(body):
    assert read(body) is None


def test_a_queue_that_cannot_be_used_is_told_in_one_line(aws, sqs):
    with pytest.raises(Unavailable, match=r"QueueDoesNotExist|NonExistentQueue"):
        Queue(f"{aws.url}/000000000000/nothing.fifo", client=sqs).send([Note("smith")])


def test_a_queue_that_is_not_there_is_told_in_one_line(monkeypatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    queue = Queue("http://127.0.0.1:9/000000000000/hints.fifo")
    with pytest.raises(Unavailable, match="the queue cannot be reached: EndpointConnectionError"):
        queue.receive(0)
    queue.close()


def test_a_queue_of_somebody_else_is_refused(tmp_path, lacking):
    with MiniStack(tmp_path, enforcing=True) as server:
        stranger = server.client("sqs", "AKIANOBODY", "wrong")
        with pytest.raises(Denied, match="the queue refuses us"):
            Queue(f"{server.url}/000000000000/hints.fifo", client=stranger).receive(0)
        stranger.close()
