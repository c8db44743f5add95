"""A run that is ended in the middle of a large document, by SIGTERM or SIGKILL: the next one sends or fetches the rest."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synctool.engine.transfer import NOTED_EVERY
from synctool.sides.s3.parts import PART
from tests.reliability.halting import Halting
from tests.reliability.tally import tried

MIB = 1 << 20
DATA = b"".join(number.to_bytes(8) * (MIB >> 3) for number in range(80))
NAME = "deposition.mp4"
PROFILE = """\
version: 1
watch: {{settle_seconds: 0}}
sides:
  s3: {{kind: s3, bucket: plain, prefix: '{prefix}', endpoint_url: '{url}'}}
  zdrive: {{kind: drive, root: '{drive}'}}
"""
numbers = itertools.count()

pytestmark = pytest.mark.slow
either = pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])


class Case:
    """A bucket's prefix behind a proxy that halts, and a drive."""

    def __init__(self, folder, server, proxy):
        self.proxy, self.client, self.prefix = proxy, server.client(), f"killed/{next(numbers)}/"
        self.state, self.drive, self.file = folder / "state", folder / "drive", folder / "case.yaml"
        self.drive.mkdir()
        self.file.write_text(PROFILE.format(prefix=self.prefix, url=proxy.url, drive=self.drive), "utf-8")
        self.keys = {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}

    def begin(self):
        words = ["--state", str(self.state), "apply", "--yes", str(self.file)]
        return subprocess.Popen(
            [sys.executable, "-m", "synctool.entry.cli", *words],
            cwd=Path(__file__).parents[2],
            env={**os.environ, **self.keys},
            stdout=subprocess.DEVNULL,
        )

    def is_ended_by(self, sign, moment):
        run = self.begin()
        try:
            moment()
            run.send_signal(sign)
            return run.wait(5) == -sign
        finally:
            run.kill()
            run.wait()
            self.proxy.go_on()

    def asked(self, words):
        return [asked for asked in self.proxy.asked if words in asked[0]]


@pytest.fixture
def case(tmp_path, seaweedfs):
    with Halting(seaweedfs.endpoint, half=NOTED_EVERY + 8 * MIB) as proxy:
        yield Case(tmp_path, seaweedfs, proxy)


@either
def test_of_an_upload_that_was_killed_the_next_run_sends_the_missing_parts_alone(case, sign):
    data = DATA[: PART * 5 // 2]  # three parts
    (case.drive / NAME).write_bytes(data)
    case.proxy.halt("partNumber=3")
    assert case.is_ended_by(sign, lambda: case.proxy.reached.wait(30))
    assert case.begin().wait(60) == 0
    sent = [asked.partition("partNumber=")[2].partition("&")[0] for asked, _ in case.asked("partNumber=")]
    assert sent == ["3"]
    stored = case.client.get_object(Bucket="plain", Key=f"{case.prefix}{NAME}")
    assert stored["Body"].read() == data
    assert not case.client.list_multipart_uploads(Bucket="plain", Prefix=case.prefix).get("Uploads")
    tried("large", "an upload ended by a signal, finished by the next run")


@either
def test_a_download_that_was_killed_goes_on_from_what_is_proved(case, sign):
    key = f"{case.prefix}{NAME}"
    case.client.put_object(Bucket="plain", Key=key, Body=DATA)

    def noted():
        until = time.monotonic() + 30
        while time.monotonic() < until and not list(case.state.glob("**/*.sum")):
            time.sleep(0.01)

    case.proxy.halt(f"GET /plain/{key}")
    assert case.is_ended_by(sign, noted)
    assert not (case.drive / NAME).exists()
    assert case.begin().wait(60) == 0
    assert [part for _, part in case.asked(f"GET /plain/{key}")] == [f"bytes={NOTED_EVERY}-"]
    assert (case.drive / NAME).read_bytes() == DATA
    assert not list(case.state.glob("transfers/*"))
    tried("large", "a download ended by a signal, finished by the next run")
