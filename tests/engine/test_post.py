import sqlite3
from contextlib import closing

from synctool.core.events import Event, Home
from synctool.core.pacing import Hint
from synctool.engine.watching.post import Post
from synctool.store.spool import FILE, Spool

HOME = Home("case", "filevine", 6001, 5)


def event(project, number=7):
    return Event(6001, project, "document", "updated", number, 0)


class Rounds:
    """Takes the hints of a post, and follows them when told to."""

    def __init__(self, folder):
        self.got, self.waiting = [], set()
        self.spool = Spool(folder)
        self.post = Post(folder, self.put, lambda name, hint: (name, hint) in self.waiting)

    def put(self, aimed):
        self.got.append((aimed.profile, aimed.hint))
        self.waiting.add(self.got[-1])
        return aimed.profile

    def numbers(self):
        return [told.number for _, told in self.spool.waiting()]


def test_an_event_is_passed_on_once_and_stays_until_a_round_has_followed_it(tmp_path):
    rounds = Rounds(tmp_path)
    rounds.spool.put([event(5, 7), event(5, 8)])
    rounds.post.deliver([HOME])
    rounds.post.deliver([HOME])
    hints = [("case", Hint("filevine", f"d{number:012}")) for number in (7, 8)]
    assert rounds.got == hints
    assert rounds.numbers() == [7, 8]
    rounds.waiting.discard(hints[0])
    rounds.post.deliver([HOME])
    assert rounds.numbers() == [8]


def test_after_a_crash_what_was_not_followed_is_passed_on_again(tmp_path):
    rounds = Rounds(tmp_path)
    rounds.spool.put([event(5)])
    rounds.post.deliver([HOME])
    rounds.post.close()
    again = Rounds(tmp_path)
    again.post.deliver([HOME])
    assert again.got == rounds.got


def test_a_project_that_nobody_has_is_told_once_and_its_events_are_let_go(tmp_path, caplog):
    rounds = Rounds(tmp_path)
    for number in (7, 8):
        rounds.spool.put([event(99, number)])
        rounds.post.deliver([HOME])
    assert [record.getMessage() for record in caplog.records] == ["Filevine's project 99 has no profile here"]
    assert (rounds.got, rounds.numbers()) == ([], [])


def test_a_spool_that_cannot_be_used_is_told_once_and_comes_back(tmp_path, caplog):
    rounds = Rounds(tmp_path)
    rounds.spool.put([event(5)])
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as thief:
        thief.execute("ALTER TABLE events RENAME TO stolen")
    for _ in range(2):
        rounds.post.deliver([HOME])
    assert len(caplog.records) == 1
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as thief:
        thief.execute("ALTER TABLE stolen RENAME TO events")
    rounds.post.deliver([HOME])
    assert rounds.got
