"""What is kept beside the bytes fits what S3 takes, and says what the firm's other jobs read."""

from decimal import Decimal
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctool.core.model import Ids, Meta
from synctool.sides.s3.labels import LIMIT, labels

IDS = Ids("2370300", "1200000001", "5002", "/Discovery/Ünterlagen & co/")
META = Meta(3, "ab" * 32, 1_700_000_000_123_456_789, "filevine", "key", IDS)
anything = st.text(st.characters(codec="utf-8"), max_size=300)


def test_everything_known_is_said():
    assert labels(META, "a/brief.pdf") == {
        "x-amz-meta-sha256": "ab" * 32,
        "x-amz-meta-mtime": "1700000000.123456789",
        "x-amz-meta-documentId": "1200000001",
        "x-amz-meta-projectId": "2370300",
        "x-amz-meta-folderId": "5002",
        "x-amz-meta-folderPath": "Discovery/%C3%9Cnterlagen%20%26%20co",
        "x-amz-tagging": "origin=filevine&fv_docid=1200000001&projectId=2370300",
        "content-type": "application/pdf",
    }


def test_nothing_is_said_of_what_is_not_known():
    assert labels(Meta(3, ""), "brief") == {}


def test_a_folder_path_that_does_not_fit_is_left_out_first():
    kept = labels(META._replace(ids=IDS._replace(folder_path="é" * 400)), "x")
    assert "x-amz-meta-folderPath" not in kept
    assert kept["x-amz-meta-documentId"] == "1200000001"


def test_a_compressed_file_is_not_said_to_be_what_it_holds():
    assert "content-type" not in labels(Meta(3, ""), "brief.txt.gz")


@pytest.mark.parametrize(
    ("mtime_ns", "text"),
    [(1, "0.000000001"), (10**9, "1"), (1_200 * 10**9, "1200"), (-1_500_000_000, "-1.5")],
)
def test_a_time_is_decimal_seconds(mtime_ns, text):
    assert labels(Meta(3, "", mtime_ns), "x") == {"x-amz-meta-mtime": text}


@given(
    st.builds(Ids, anything, anything, anything, anything),
    anything,
    st.integers(min_value=-(2**63), max_value=2**63),
)
def test_whatever_the_ids_the_headers_are_ones_that_s3_takes(ids, origin, mtime_ns):
    kept = labels(Meta(3, "ab" * 32, mtime_ns, origin, "", ids), "x")
    metadata = {name: value for name, value in kept.items() if name.startswith("x-amz-meta-")}
    assert sum(len(name) + len(value) for name, value in metadata.items()) <= LIMIT
    assert all(value.isascii() and value.isprintable() and " " not in value for value in kept.values())
    assert unquote(metadata.get("x-amz-meta-folderPath", "")) in ("", ids.folder_path.strip("/"))
    assert Decimal(metadata.get("x-amz-meta-mtime", 0)) * 10**9 == mtime_ns
    for values in parse_qs(kept.get("x-amz-tagging", "")).values():
        assert all(len(value) <= 256 and not set(value) & set("\n\t&?#\0,;") for value in values)
