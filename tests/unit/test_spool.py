import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from synctool.core.events import Event
from synctool.errors import StateError
from synctool.store.spool import FILE, Spool

HOUR = 3600 * 10**9
EVENT = Event(6001, 77, "document", "updated", 123, 5)
BARE = Event(None, None, "", "", None, 0)


@pytest.fixture
def spool(tmp_path):
    with Spool(tmp_path) as opened:
        yield opened


def test_events_wait_in_their_order_until_they_are_done(spool, tmp_path):
    spool.put([EVENT, BARE])
    with Spool(tmp_path) as other:
        (first, event), (second, bare) = other.waiting()
        assert (event, bare) == (EVENT, BARE)
        other.done([first])
    assert spool.waiting() == [(second, BARE)]
    spool.done([second, 99])
    assert spool.waiting() == []


def test_what_is_told_while_a_round_follows_it_waits_for_the_next(spool):
    spool.put([EVENT])
    [(taken, _)] = spool.waiting()
    spool.put([EVENT._replace(at_ns=6)])
    spool.done([taken])
    [(number, again)] = spool.waiting()
    assert (number > taken, again.at_ns) == (True, 6)


def test_what_is_told_again_waits_once(spool):
    spool.put([EVENT, BARE, EVENT._replace(at_ns=7)])
    assert [event for _, event in spool.waiting()] == [BARE, EVENT._replace(at_ns=7)]


def test_numbers_are_never_given_twice(spool):
    spool.put([EVENT])
    [(first, _)] = spool.waiting()
    spool.done([first])
    spool.put([EVENT])
    assert spool.waiting() == [(first + 1, EVENT)]


def test_a_delivery_is_known_again_for_two_days(spool):
    assert not spool.seen("a", 0)
    spool.put([EVENT], "a", 0)
    assert spool.seen("a", 48 * HOUR)
    assert not spool.seen("a", 48 * HOUR + 1)
    assert not spool.seen("b", 0)


def test_the_memory_of_deliveries_does_not_grow_for_ever(spool):
    for hour in range(100):
        spool.put([], f"{hour}", hour * HOUR)
    [(known,)] = spool._rows.execute("SELECT count(*) FROM seen")
    assert known == 49


def test_a_delivery_is_known_only_with_its_events(spool):
    spool._rows.execute("PRAGMA max_page_count = 1")
    many = [EVENT._replace(number=number) for number in range(1, 999)]
    with pytest.raises(
        StateError, match=r"_hints.db cannot be used: database or disk is full; it only quickens"
    ):
        spool.put(many, "a", 1)
    assert not spool.seen("a", 1)
    assert spool.waiting() == []


def test_nobody_else_may_read_it(spool, tmp_path):
    spool.put([EVENT])
    kept = [file for file in tmp_path.iterdir() if file.name.startswith(FILE)]
    assert len(kept) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / FILE).write_bytes(b"x" * 4096)
    with pytest.raises(StateError, match="cannot be used"):
        Spool(tmp_path)


def test_threads_and_processes_lose_nothing_to_each_other(spool, tmp_path):
    program = (
        "import sys; from pathlib import Path; from synctool.core.events import Event; "
        "from synctool.store.spool import Spool; spool = Spool(Path(sys.argv[1]))\n"
        "for n in range(1, 21): spool.put([Event(1, 2, 'document', 'x', n, 0)], str(n), 0)"
    )
    other = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=Path.cwd())
    threads = [
        threading.Thread(target=spool.put, args=([EVENT._replace(number=100 + n)],)) for n in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert other.wait(60) == 0
    assert sorted(event.number for _, event in spool.waiting()) == [*range(1, 21), *range(100, 110)]
