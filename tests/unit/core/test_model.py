"""What of a content's name and of a side's time lasts."""

import pytest

from synctool.core.model import Content, instant


@pytest.mark.parametrize(
    ("digest", "lasting"),
    [
        ("?zdrive/d/a.txt/7:1~young", "?zdrive/d/a.txt/7:1"),
        ("?zdrive/d~/a.txt/7:1", "?zdrive/d~/a.txt/7:1"),
        ("ab" * 32, "ab" * 32),
    ],
)
def test_unread_bytes_are_the_same_also_when_their_stamp_is_not_trusted(digest, lasting):
    assert Content(5, digest).lasting == Content(5, lasting)


@pytest.mark.parametrize("time", [0, 1, 2**63 - 1, -(2**63)])
def test_a_time_is_kept_as_far_as_it_fits(time):
    assert instant(time) == time


@pytest.mark.parametrize("time", [2**63, -(2**63) - 1])
def test_a_time_beyond_is_not_said(time):
    assert instant(time) == 0
