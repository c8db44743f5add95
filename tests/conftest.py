"""What every test may ask for."""

import os

import pytest


@pytest.fixture(scope="session")
def lacking():
    """Call it with a reason where something a test needs is not there: CI fails, other machines skip."""

    def give_up(reason):
        if os.environ.get("CI"):
            pytest.fail(f"CI must have what its tests need: {reason}")
        pytest.skip(reason)

    return give_up
