"""A document many times larger than the memory that may be taken for it, from place to place, in a process of its own."""

import pytest

from benchmarks.large import carried, places
from tests.reliability.tally import tried

SMALL, LARGE = 1 << 20, 96 << 20  # bytes
MORE = 48 << 20  # bytes: what two streams of 16 MiB and their buffers may take beyond a small document


# A child's peak begins with its parent's size, so a Filevine that holds the document here cannot be the source.
@pytest.mark.slow
@pytest.mark.parametrize("pair", [("zdrive", "s3"), ("s3", "filevine")])
def test_memory_does_not_grow_with_a_document(pair):
    with places() as here:
        small = carried(here, pair, SMALL)
    with places() as here:
        large = carried(here, pair, LARGE)
    assert small.arrived
    assert large.arrived
    assert large.memory - small.memory < MORE
    tried("large", f"memory, from {pair[0]} to {pair[1]}")
