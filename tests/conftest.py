"""Starts what more than one kind of test talks to."""

import pytest

from synctool.emulators.seaweedfs import SeaweedFS


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory):
    with SeaweedFS(tmp_path_factory.mktemp("weed")) as server:
        for name, versioned in (("plain", False), ("versioned", True)):
            server.make_bucket(name, versioned=versioned)
        yield server
