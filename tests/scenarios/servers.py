"""Starts the servers once, and gives every test a case of its own on them."""

from dataclasses import asdict

import pytest

from synctool.emulators.filevine import FilevineEmulator
from synctool.emulators.filevine.switches import Switches
from tests.scenarios.office import PLAIN, VERSIONED, Office

SWITCHES = {"requests_per_minute": None}


@pytest.fixture(scope="session")
def weed(seaweedfs):
    seaweedfs.make_bucket(VERSIONED, versioned=True)
    seaweedfs.make_bucket(PLAIN, versioned=False)
    return seaweedfs


@pytest.fixture(scope="session")
def s3_client(weed):
    client = weed.client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def running_filevine():
    with FilevineEmulator(**SWITCHES) as fv:
        yield fv


@pytest.fixture
def fv(running_filevine):
    yield running_filevine
    running_filevine.clear_up()
    running_filevine.switch(**(asdict(Switches()) | SWITCHES))


@pytest.fixture
def make_office(fv, weed, s3_client, tmp_path, monkeypatch):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret_key)

    def make(bucket=VERSIONED):
        return Office(tmp_path, fv, weed, s3_client, bucket=bucket)

    return make


@pytest.fixture
def office(make_office):
    return make_office()
