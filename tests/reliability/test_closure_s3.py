"""Every request of a run to a real S3 server is broken once; a clean run makes it good, and leaves no upload open."""

import itertools
import os
import time
from dataclasses import replace

import pytest

from synctool.config.profile import Watch
from synctool.engine import execute
from synctool.errors import Denied
from synctool.sides.drive import DriveSide
from synctool.sides.hardened import Hardened
from synctool.sides.s3 import S3Side, parts, writing
from synctool.store.audit import verify
from tests.engine.rig import DAY, Rig
from tests.properties.people import LENIENT
from tests.reliability.breaking_s3 import BROKEN, EXPIRED, LOST, RESET, SKEWED, SLOW, TORN, Breaking
from tests.reliability.tally import tried
from tests.scenarios.office import PLAIN, VERSIONED, Bucket, Drive

FAULTS = [
    (RESET, False),
    (LOST, False),
    (SLOW, False),
    (LOST, True),
    (TORN, False),
    (RESET, True),
    (BROKEN, False),
]
EVERYTHING = "SYNCTOOL_EXAMPLES" in os.environ
PART = 5 << 20  # bytes, the least that S3 takes
BIG = bytes(PART + 1)  # two parts
numbers = itertools.count()

pytestmark = pytest.mark.slow


class RealClock:
    """The time of the world, because servers refuse any other; nobody waits."""

    now_ns = staticmethod(time.time_ns)
    monotonic = staticmethod(time.monotonic)

    def sleep(self, seconds):
        """Go on at once."""

    def tick(self):
        """Time passes by itself."""


@pytest.fixture(scope="module")
def proxy(weed):
    with Breaking(weed.endpoint) as proxy:
        yield proxy


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(execute, "WORKERS", 1)  # so that a number names one request
    for module in (parts, writing):
        monkeypatch.setattr(module, "PART", PART)


class Pair:
    """A prefix of a bucket behind the proxy, and a drive, just before a run that has everything to do."""

    def __init__(self, folder, bucket, proxy, weed, client):
        clock = RealClock()
        self.bucket, self.prefix, self.client, self.proxy = bucket, f"trial/{next(numbers)}/", client, proxy
        keys = {"access_key": weed.access_key, "secret_key": weed.secret_key}
        s3 = S3Side("s3", bucket=bucket, prefix=self.prefix, clock=time.time, endpoint_url=proxy.url, **keys)
        self.s3, self.drive = Bucket(client, bucket, self.prefix), Drive(folder / "Z")
        self.drive.root.mkdir(parents=True)
        zdrive = DriveSide("zdrive", root=self.drive.root, clock=time.time_ns)
        self.plain = {"s3": s3, "zdrive": zdrive}
        for side in self.plain.values():
            side.open()
        sides = {
            name: Hardened(side, sleep=clock.sleep, random=lambda: 0.0) for name, side in self.plain.items()
        }
        (folder / "state").mkdir()
        self.rig = Rig(folder / "state", sides, clock, brakes=LENIENT)
        self.rig.profile = replace(self.rig.profile, watch=Watch(settle_seconds=0))
        self.deeds()

    def deeds(self):
        for path in ("a.txt", "b.txt", "F/c.txt", "F/d.txt"):
            self.drive.put(path, path.encode())
        self.proxy.rest()
        assert self.rig.run().exit_code == 0
        self.drive.put("a.txt", b"edited on the drive")
        self.drive.delete("b.txt")
        self.drive.rename("F/c.txt", "F/sea.txt")
        self.drive.put("big.bin", BIG)
        self.s3.put("new/e.txt", b"from the bucket")
        self.s3.put("F/d.txt", b"edited in the bucket")

    END = {
        "F/": b"",
        "F/sea.txt": b"F/c.txt",
        "F/d.txt": b"edited in the bucket",
        "a.txt": b"edited on the drive",
        "big.bin": BIG,
        "new/": b"",
        "new/e.txt": b"from the bucket",
    }

    def uploads(self):
        return self.client.list_multipart_uploads(Bucket=self.bucket, Prefix=self.prefix).get("Uploads", [])

    def is_settled(self):
        outcome = self.rig.run()
        assert outcome.exit_code == 0, (outcome.failed, outcome.planned.plan.unknown)
        assert self.s3.tree() == self.drive.tree()
        assert self.drive.tree() == self.END
        assert not self.rig.plan().steps
        assert {b"a.txt", b"b.txt", b"F/d.txt"} <= self.drive.kept() | self.s3.kept()
        assert verify(self.rig.tools.state / "case.audit.jsonl")

    def close(self):
        self.proxy.rest()
        for side in self.plain.values():
            side.close()
        self.rig.ledger.close()


@pytest.fixture
def pair(tmp_path, proxy, weed, s3_client, small_parts):
    made = []

    def make(bucket):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Pair(folder, bucket, proxy, weed, s3_client))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("turn", [0, 1], ids=["odd requests", "even requests"])
def test_any_request_that_breaks_is_made_good_by_a_clean_run(pair, proxy, turn):
    """Each request is broken in one of two buckets, of which one keeps versions."""
    bucket = (PLAIN, VERSIONED)[turn]
    whole = pair(bucket)
    assert whole.rig.run().exit_code == 0
    count = proxy.asked
    assert count > 20
    whole.is_settled()
    for number in range(1 + (0 if EVERYTHING else turn), count + 1, 1 if EVERYTHING else 2):
        for fault, lasts in FAULTS if EVERYTHING else [FAULTS[number % len(FAULTS)]]:
            trial = pair(bucket)
            proxy.arm(number, fault, lasts=lasts)
            assert trial.rig.run().exit_code in (0, 5), (number, fault)
            proxy.rest()
            trial.is_settled()
            if trial.uploads():  # giving it up could not be said either
                trial.plain["s3"].sweep(time.time_ns() + DAY)
                assert trial.uploads() == []
            trial.close()
            tried("faults", "a request to a real S3 server breaks")


def test_an_upload_that_a_dead_run_left_open_is_given_up_after_seven_days(pair, s3_client):
    trial = pair(PLAIN)
    key = f"{trial.prefix}dead.bin"
    s3_client.create_multipart_upload(Bucket=PLAIN, Key=key)
    s3_client.create_multipart_upload(Bucket=PLAIN, Key=f"elsewhere/{key}")
    (left,) = trial.uploads()
    assert left["Key"] == key
    side, rig = trial.plain["s3"], trial.rig
    side.sweep(time.time_ns() - DAY)
    assert trial.uploads() == [left]
    rig.clock.now_ns = lambda: time.time_ns() + 8 * DAY
    rig.run()
    assert trial.uploads() == []
    assert s3_client.list_multipart_uploads(Bucket=PLAIN, Prefix=f"elsewhere/{key}")["Uploads"]
    tried("faults", "an upload that was left open is swept")


@pytest.mark.parametrize(
    ("fault", "words"),
    [(SKEWED, "set this computer's clock"), (EXPIRED, "check the AWS access key")],
)
def test_a_wrong_clock_and_old_credentials_are_told_in_one_line_with_what_to_do(pair, proxy, fault, words):
    trial = pair(PLAIN)
    proxy.arm(1, fault)
    with pytest.raises(Denied) as refused:
        list(trial.plain["s3"].list())
    assert words in str(refused.value)
    proxy.arm(1, fault, lasts=True)
    outcome = trial.rig.run()
    assert outcome.exit_code == 5
    (told,) = outcome.planned.plan.unknown["s3"]
    assert words in told
    assert "\n" not in told
    proxy.rest()
    trial.is_settled()
    tried("faults", f"S3 answers {fault}")
