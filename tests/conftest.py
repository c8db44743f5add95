"""What every test may ask for."""

import os
import sys

import pytest
from hypothesis import HealthCheck, settings

from synctool.emulators.seaweedfs import SeaweedFS

if "CI" not in os.environ:  # where Hypothesis times nothing by itself
    settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")

if sys.gettrace():  # coverage measures, and traces each thread that begins
    install = sys.settrace

    def settrace(function):
        """Python 3.11 refuses while another thread does the same, and a thread that begins dies of that before it does anything."""
        while True:
            try:
                return install(function)
            except RuntimeError:
                continue

    sys.settrace = settrace

pytest_plugins = ("tests.scenarios.servers",)  # once for all: two Filevines would give the same numbers


def pytest_collection_modifyitems(items):
    for item in items:
        if "scenarios" in item.path.parts:
            item.add_marker("server")


@pytest.fixture(scope="session")
def lacking():
    """Call it with a reason where something a test needs is not there: CI fails, other machines skip."""

    def give_up(reason):
        if os.environ.get("CI"):
            pytest.fail(f"CI must have what its tests need: {reason}")
        pytest.skip(reason)

    return give_up


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory):
    """A real S3 server, with one bucket that keeps versions and one that does not."""
    with SeaweedFS(tmp_path_factory.mktemp("weed")) as server:
        for name, versioned in (("plain", False), ("versioned", True)):
            server.make_bucket(name, versioned=versioned)
        yield server
