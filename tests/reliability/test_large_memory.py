"""A document many times larger than the memory that may be taken for it, from place to place, in a process of its own."""

import pytest

from benchmarks.large import carried, places
from tests.reliability.tally import tried

SMALL, LARGE = 1 << 20, 64 << 20  # bytes
MORE = 48 << 20  # bytes: what two streams of 16 MiB and their buffers may take beyond a small document

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def usual():
    """The memory that a run takes for a small document, where every library is needed."""
    with places() as here:
        small = carried(here, ("s3", "filevine"), SMALL)
    assert small.arrived
    return small.memory


@pytest.mark.parametrize("pair", [("zdrive", "s3"), ("s3", "filevine"), ("filevine", "zdrive2")])
def test_memory_does_not_grow_with_a_document(usual, pair):
    with places() as here:
        large = carried(here, pair, LARGE)
    assert large.arrived
    assert large.memory - usual < MORE
    tried("large", f"memory, from {pair[0]} to {pair[1].removesuffix('2')}")
