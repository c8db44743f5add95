import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctool.core.model import document_handle, folder_handle
from synctool.sides.filevine import records
from synctool.sides.filevine.wire import parse

PLAIN = {"documentid": {"native": 5}, "filename": "a.txt"}


def entry(**fields):
    return records.document_entry(records.parse_document({**PLAIN, **fields}), 1)


@given(st.integers(1, 10**12 - 1), st.integers(1, 10**12 - 1))
def test_handles_sort_as_their_numbers_and_documents_before_folders(a, b):
    assert (document_handle(a) < document_handle(b)) == (a < b)
    assert (folder_handle(a) < folder_handle(b)) == (a < b)
    assert document_handle(a) < folder_handle(b)
    assert records.number(document_handle(a)) == records.number(folder_handle(a)) == a


@pytest.mark.parametrize(
    ("uploaded", "mtime_ns"),
    [
        ("2026-03-14T02:30:00.123Z", 1773455400_123000000),
        ("2026-03-14T02:30:00.1234567Z", 1773455400_123456000),
        ("2026-03-14T02:30:00", 1773455400_000000000),
        ("2026-03-13T20:30:00-06:00", 1773455400_000000000),
        (None, 0),
        ("yesterday", 0),
    ],
)
def test_the_time_of_a_version_is_its_upload(uploaded, mtime_ns):
    assert entry(uploaddate=uploaded).mtime_ns == mtime_ns


def test_what_a_document_leaves_out_is_empty():
    assert entry() == entry(
        size=None, folderid=None, uploaddate=None, currentversion=None, uploaderfullname=None
    )
    assert entry(folderid={"native": None, "partner": None}).parent == ""
    assert entry(folderid={"native": 1}).parent == ""
    assert entry().stamp == ":0:"


@pytest.mark.parametrize(
    "change", [{"currentversion": "2"}, {"size": 4}, {"uploaddate": "2026-01-01T00:00:00Z"}]
)
def test_each_part_of_a_stamp_tells_versions_apart(change):
    plain = {"currentversion": "1", "size": 3, "uploaddate": "2026-01-02T00:00:00Z"}
    assert entry(**plain).stamp != entry(**{**plain, **change}).stamp


def test_half_a_surrogate_pair_is_no_text():
    found = parse(b'{"DocumentId": 5, "FileName": "a\\ud800.txt"}', "")
    assert records.parse_document(found).name == "a?.txt"


PARSERS = [
    records.parse_document,
    records.parse_folder,
    records.parse_upload,
    records.parse_locator,
    records.parse_page,
    records.parse_root,
    records.parse_identifier,
]
FIELDS = [
    "documentid",
    "native",
    "folderid",
    "projectid",
    "parentid",
    "filename",
    "size",
    "currentversion",
    "uploaddate",
    "uploaderfullname",
    "name",
    "isarchived",
    "url",
    "contenttype",
    "antivirusscanresult",
    "threatdetected",
    "items",
    "hasmore",
    "rootdocfolderid",
]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=20,
)


@given(st.sampled_from(PARSERS), st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON)
def test_junk_is_told_from_an_answer_and_nothing_else_happens(parser, data):
    try:
        found = parser(data)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return
    if isinstance(found, records.Document):
        assert records.document_entry(found, None).stamp
