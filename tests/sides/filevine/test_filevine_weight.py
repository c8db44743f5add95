"""What a side costs: memory, and requests a minute."""

import hashlib
import io
import json
import subprocess
import sys
import tracemalloc

import pytest

from synctool.core.model import Meta, Place
from synctool.emulators.filevine import FilevineEmulator
from synctool.sides.filevine.auth import TokenSignIn
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.pacing import Pacer
from synctool.sides.filevine.side import FilevineSide

BLOCK = bytes(range(256)) * 4096
SIZE = 48 * len(BLOCK)


class Endless(io.RawIOBase):
    """SIZE bytes that are nowhere in memory."""

    def __init__(self):
        self.at = 0

    def readable(self):
        return True

    def seek(self, offset, whence=0):
        assert whence == 0
        self.at = offset
        return offset

    def readinto(self, buffer):
        start = self.at % len(BLOCK)
        piece = BLOCK[start : start + min(len(buffer), SIZE - self.at)]
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)


@pytest.fixture
def elsewhere():
    """A Filevine in a process of its own, so that its memory is not ours."""
    command = [sys.executable, "-m", "synctool.emulators.filevine", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        yield json.loads(process.stdout.readline())
        process.terminate()


def test_memory_does_not_grow_with_a_document(elsewhere):
    sign_in = TokenSignIn(
        identity_url=elsewhere["url"],
        client_id=elsewhere["client_id"],
        client_secret=elsewhere["client_secret"],
        token=elsewhere["pat"],
    )
    client = FilevineClient(api_url=elsewhere["url"], sign_in=sign_in, pacer=Pacer())
    side = FilevineSide("filevine", client=client, project=elsewhere["project"], clock=lambda: 0)
    side.open()
    digest = hashlib.sha256()
    for _ in range(SIZE // len(BLOCK)):
        digest.update(BLOCK)
    promise, back = Meta(size=SIZE, sha256=digest.hexdigest()), hashlib.sha256()
    tracemalloc.start()
    try:
        entry = side.write(Place("", "film.mp4"), Endless(), promise)
        with side.read(entry) as stream:
            while piece := stream.read(2**20):
                back.update(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    side.close()
    assert back.hexdigest() == promise.sha256
    assert peak < 16 * 2**20


def clients_of(fv, time, pacer, count, per_second):
    known = fv.credentials
    sign_in = TokenSignIn(
        identity_url=fv.url, client_id=known.client_id, client_secret=known.client_secret, token=known.pat
    )
    return [
        FilevineClient(
            api_url=fv.url,
            sign_in=sign_in,
            pacer=pacer,
            requests_per_second=per_second,
            clock=time.clock,
            sleep=time.sleep,
            chance=lambda: 0.0,
        )
        for _ in range(count)
    ]


@pytest.fixture
def strict(time):
    with FilevineEmulator(clock=lambda: int(time.now * 1e9), burst=4) as emulator:
        yield emulator


def test_two_profiles_together_stay_under_the_limit_of_the_organisation(strict, time):
    project = strict.colleague.add_project("Smith v Jones")
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    begun = time.now
    for client in clients_of(strict, time, pacer, 2, 4.0) * 100:
        client.root(project)
    assert strict.requests_seen["GET", "/Projects/{projectId}"] == 200  # none was refused and repeated
    assert time.now - begun == pytest.approx(196 / 4)


@pytest.mark.parametrize("says_how_long", [True, False])
def test_a_profile_that_asks_too_fast_is_slowed_down_by_the_server(strict, time, says_how_long):
    strict.switch(retry_after=says_how_long)
    project = strict.colleague.add_project("Smith v Jones")
    (client,) = clients_of(strict, time, Pacer(clock=time.clock, sleep=time.sleep), 1, 1000.0)
    roots = {client.root(project) for _ in range(50)}
    assert roots == {strict.colleague.root(project)}
    assert strict.requests_seen["GET", "/Projects/{projectId}"] > 50
