"""A state on a shelf that several machines share: every call of the shelf is broken once, and a clean run goes on."""

import json
import threading
from hashlib import sha256

import pytest

from synctool.config import load
from synctool.engine import cycle, shelf
from synctool.engine.clock import SYSTEM
from synctool.engine.shelf import BucketShelf
from synctool.engine.tools import Ask, Tools
from synctool.errors import Braked, Busy, Misuse, Stale, StateError, SyncError, Unavailable
from synctool.store import borrowed, lending, private
from synctool.store.audit import verify
from synctool.store.borrowed import copied
from synctool.store.ledger import Ledger
from synctool.store.lending import Loan
from synctool.store.shelf import Shelved
from tests.entry.profiles import TWO_DRIVES, write
from tests.reliability.breaking import AFTER, BEFORE, DEATH, LASTING, ONCE, Death, Moments
from tests.reliability.state_case import documents
from tests.reliability.tally import tried

TEXTS = {f"{n}.txt": f"document {n}" for n in range(3)}
FAULTS = [(fault, when) for fault in (DEATH, ONCE, LASTING) for when in (BEFORE, AFTER)]


class MemoryShelf:
    """A shelf whose calls are moments."""

    def __init__(self):
        self.held, self.now = {}, 0.0
        self.moments = Moments()
        self.lock = threading.Lock()

    def where(self, name):
        return f"shelf/{name}"

    def etag(self, name):
        return self._call(lambda: self.held[name][1] if name in self.held else "")

    def get(self, name):
        def look():
            data, etag, at = self.held.get(name, (b"", "", 0.0))
            return Shelved(data, etag, self.now - at) if etag else None

        return self._call(look)

    def put(self, name, data, etag):
        return self._call(lambda: self._put(name, data, etag))

    def _put(self, name, data, etag):
        held, known, _ = self.held.get(name, (b"", "", 0.0))
        if known != etag:
            if held == data:
                return known
            raise Stale("another lies there", side="state", path=name)
        tag = sha256(data).hexdigest()  # as S3's: the same bytes have the same
        self.held[name] = data, tag, self.now
        return tag

    def _call(self, act):
        with self.lock:
            fault = self.moments.next()
            late = self.moments.late
            made = act() if late or not fault else None
            if fault == DEATH:
                raise Death
            if fault:
                raise Unavailable("no answer", side="state")
            return made


class Firm:
    """Two drives whose state is on a shelf."""

    def __init__(self, folder):
        roots = {side: folder / side for side in ("left", "right")}
        for root in roots.values():
            root.mkdir(parents=True)
        file = write(folder / "case.yaml", TWO_DRIVES.format(**roots) + "watch: {settle_seconds: 0}\n")
        for name, text in TEXTS.items():
            write(roots["left"] / name, text)
        self.profile, self.right = load(file), roots["right"]
        self.shelf, self.desk = MemoryShelf(), folder / "desk"

    def apply(self):
        """One run; its exit code, or the failure it ended with."""
        try:
            return cycle.apply(self.profile, Ask(actor="a"), Tools(self.desk, shelf=self.shelf)).exit_code
        except (SyncError, Death) as error:
            return error

    def recorded(self):
        with copied(self.shelf, "case", self.desk) as folder:
            verify(folder / "case.audit.jsonl")
            lines = (folder / "case.audit.jsonl").read_text().splitlines()
        return [json.loads(line).get("to_path") for line in lines]


@pytest.fixture
def firms(tmp_path, monkeypatch):
    monkeypatch.setattr(borrowed, "OFTEN", 0.0)  # every check is a moment
    return (Firm(tmp_path / str(number)) for number in range(10_000))


@pytest.mark.parametrize(("fault", "when"), FAULTS)
def test_whichever_call_of_the_shelf_is_broken_a_clean_run_goes_on_and_all_is_on_record(firms, fault, when):
    whole = next(firms)
    assert whole.apply() == 0
    count = whole.shelf.moments.count
    assert count > 8
    for number in range(1 + FAULTS.index((fault, when)) % 2, count + 1, 2):
        firm = next(firms)
        firm.shelf.moments.arm(number, fault, when)
        ended = firm.apply()
        if fault == LASTING and firm.shelf.moments.count > number:  # the last call only lets go of the lease
            assert ended.exit_code == 5, (number, ended)
        done = documents(firm.right)
        firm.shelf.moments.rest()
        firm.shelf.now += lending.LIFE + lending.GRACE + 1
        place = f"call {number} of {count}: {fault}, {when}"
        assert firm.apply() == 0, place
        assert documents(firm.right) == TEXTS, place
        assert set(done) <= set(firm.recorded()), place
        assert firm.apply() == 0, place
        assert documents(firm.right) == TEXTS, place
        tried(
            "state",
            f"a call of the shelf of a shared state that {'fails' if fault != DEATH else 'is the last'}",
        )


class Times:
    """Two clocks that are set by hand."""

    def __init__(self):
        self.seconds, self.wall = 0.0, 0.0

    def monotonic(self):
        return self.seconds

    def now_ns(self):
        return int(self.wall * 10**9)


@pytest.mark.parametrize("clock", ["seconds", "wall"])
def test_a_lease_that_was_not_renewed_in_its_life_is_lost_by_either_clock(clock):
    times = Times()
    with Loan(MemoryShelf(), "case", "a", "noon", times) as loan:
        setattr(times, clock, lending.LIFE - 1)
        loan.check()
        setattr(times, clock, lending.LIFE + 1)
        with pytest.raises(Busy, match="stopped for too long"):
            loan.check()


@pytest.mark.parametrize(
    ("data", "who"), [(b"{}", None), (b"torn", "it does not say who"), (b"[]", "it does not say who")]
)
def test_a_lease_that_was_given_back_holds_nobody_and_one_that_is_torn_does_until_its_life_ends(data, who):
    shelf = MemoryShelf()
    shelf.put("case.lease", data, "")
    assert lending.holder(shelf, "case") == who
    shelf.now = lending.LIFE + lending.GRACE + 1
    assert lending.holder(shelf, "case") is None


def test_who_is_first_to_take_a_free_lease_has_it():
    shelf = MemoryShelf()
    with Loan(shelf, "case", "a", "noon", Times()), pytest.raises(Busy, match="a, since noon"):
        Loan(shelf, "case", "b", "one", Times()).__enter__()
    with Loan(shelf, "case", "b", "one", Times()):
        assert lending.holder(shelf, "case") == "b, since one"


def test_a_lease_that_cannot_be_renewed_says_why_and_one_that_was_taken_over_is_lost(monkeypatch):
    monkeypatch.setattr(lending, "LIFE", 0.06)
    times, shelf = Times(), MemoryShelf()
    with Loan(shelf, "case", "a", "noon", times) as loan:
        shelf.moments.arm(1, LASTING, BEFORE)
        until(lambda: loan._trouble)
        times.seconds = 1.0
        with pytest.raises(Unavailable, match=r"could not be renewed in time \(no answer\)"):
            loan.check()
        shelf.moments.rest()
        until(lambda: loan._trouble is None)
        loan.check()
        shelf._put("case.lease", b"{}", shelf.held["case.lease"][1])
        until(lambda: isinstance(loan._trouble, Busy))
        with pytest.raises(Busy, match="another has taken it over"):
            loan.check()


def test_every_renewal_has_a_tag_of_its_own_so_that_nobody_takes_over_what_was_renewed(monkeypatch):
    monkeypatch.setattr(lending, "LIFE", 0.06)
    shelf = MemoryShelf()
    with Loan(shelf, "case", "a", "noon", Times()):
        first = shelf.etag("case.lease")
        until(lambda: shelf.etag("case.lease") != first)
        with pytest.raises(Stale):
            shelf.put("case.lease", b"mine", first)


@pytest.fixture
def borrow(tmp_path):
    shelf, times = MemoryShelf(), Times()

    def borrowing():
        return borrowed.borrowed(shelf, "case", tmp_path, ("a", "noon"), times)

    return shelf, times, borrowing


def run(borrowing, then):
    """A run that writes a fact, and what then happens."""
    with borrowing() as lent:
        lent.fetch()
        with Ledger(lent.folder / "case.db") as ledger:
            ledger.put("fact", "mine")
        then()


def test_what_a_run_wrote_is_given_back_also_when_it_fails(borrow, tmp_path):
    shelf, _, borrowing = borrow

    def fail():
        raise Braked("look first")

    with pytest.raises(Braked):
        run(borrowing, fail)
    with copied(shelf, "case", tmp_path) as folder, Ledger(folder / "case.db") as ledger:
        assert ledger.get("fact") == "mine"


def test_a_state_that_another_wrote_meanwhile_is_not_overwritten(borrow):
    shelf, _, borrowing = borrow
    with pytest.raises(Busy, match=r"shelf/case\.state was written by another run meanwhile"):
        run(borrowing, lambda: shelf.put("case.state", b"theirs", ""))
    assert shelf.get("case.state").data == b"theirs"


def test_whoever_lost_the_lease_gives_nothing_back(borrow):
    shelf, times, borrowing = borrow
    with pytest.raises(Busy, match="stopped for too long"):
        run(borrowing, lambda: setattr(times, "seconds", lending.LIFE + 1))
    assert shelf.get("case.state") is None


@pytest.mark.parametrize("url", ["ftp://bucket/state", "s3:///state", "s3://bucket/state?region=x"])
def test_a_shared_state_lies_in_a_bucket_or_is_refused(url):
    with pytest.raises(
        Misuse, match="is no folder; give a folder on a disk of this machine, or s3://bucket/prefix"
    ):
        BucketShelf(url, {}, None, SYSTEM)
    BucketShelf("s3://bucket", {}, None, SYSTEM).close()  # never used


class Waiting:
    """A clock that counts how often somebody waits."""

    now_ns, monotonic, waits = SYSTEM.now_ns, SYSTEM.monotonic, 0

    def sleep(self, seconds):
        self.waits += 1


def test_a_bucket_that_does_not_answer_is_asked_a_few_times():
    clock = Waiting()
    shelf_there = BucketShelf("s3://b/p", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, ("a", "b"), clock)
    with pytest.raises(Unavailable, match="no complete answer"):
        shelf_there.etag("case.state")
    assert clock.waits == shelf.ATTEMPTS - 1
    shelf_there.close()


def test_a_bucket_takes_each_object_once_and_only_in_the_place_of_what_is_known(seaweedfs):
    keys = (seaweedfs.access_key, seaweedfs.secret_key)
    there = BucketShelf("s3://plain/shelf/", {"AWS_ENDPOINT_URL_S3": seaweedfs.endpoint}, keys, SYSTEM)
    assert (there.etag("a"), there.get("a")) == ("", None)
    first = there.put("a", b"one", "")
    assert there.put("a", b"one", "") == first == there.etag("a")  # as after an answer that was lost
    with pytest.raises(Stale):
        there.put("a", b"two", "")
    second = there.put("a", b"two", first)
    with pytest.raises(Stale):
        there.put("a", b"three", first)
    found = there.get("a")
    assert (found.data, found.etag) == (b"two", second)
    assert 0 <= found.age < 30
    there.close()


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday", "last-modified": "today"}])
def test_an_answer_that_does_not_tell_its_times_is_none(headers):
    with pytest.raises(Unavailable, match="without its times"):
        shelf._age(headers)


def test_a_folder_for_what_is_borrowed_that_others_may_read_is_not_used(tmp_path):
    private.own(tmp_path / "ours/state")
    private.own(tmp_path / "ours/state")
    (tmp_path / "ours").chmod(0o755)
    with pytest.raises(StateError, match="is not ours alone; look who made it"):
        private.own(tmp_path / "ours/state")


def until(what):
    for _ in range(500):
        if what():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came")
