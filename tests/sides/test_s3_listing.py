"""A listing becomes entries, each once and in the order of handles."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synctool.core.model import Kind
from synctool.sides.s3.arranging import Run
from synctool.sides.s3.arranging import arrange as arranged
from synctool.sides.s3.listing import Found, Odd, Version, odd, parse, parse_versions, reserved

names = st.text(" !#$%&'()+,-./09a\u00e9\U0001f600", min_size=1, max_size=3).filter(
    lambda name: "/" not in name and name not in (".", "..")
)
paths = st.lists(names | st.just(".placeholder"), min_size=1, max_size=4).map("/".join)
anything = paths | st.text("ab./ !\t", min_size=1, max_size=6)


def arrange(found, *, md5):
    return arranged([Run("", list(found))], md5=md5)


def listed(keys, size=1):
    found = [
        Found(key, "0" * 32, 0 if key.endswith(("/", ".placeholder")) else size, 7) for key in sorted(keys)
    ]
    return list(arrange((each for each in found if not reserved(each.path)), md5=True))


def expected(keys):
    """The same by brute force: every folder of every key, marked where its placeholder is."""
    files, folders, odds = set(), {}, set()
    for key in keys:
        if reserved(key):
            continue
        parts = key.split("/")
        above = ["/".join(parts[:i]) for i in range(1, len(parts))]
        for folder in above:
            if odd(folder + "/x"):
                break
            folders.setdefault(folder + "/.placeholder", "")
        if parts[-1] == ".placeholder" and not odd(key):
            folders[key] = "placeholder"
        elif odd(key) and (not key.endswith("/") or odd(key[:-1])):
            odds.add(key)
        elif not key.endswith("/"):
            files.add(key)
    return sorted([*((key, f"{'0' * 32}/1") for key in files), *folders.items()]), odds


@given(st.sets(anything, max_size=12))
@example({"a/!/b/ x", "a/!/b/.placeholder", "a/!z", "a/,/x", "a/-", "a/.placeholder", "a/0", "a!"})
@example({"a//b", "a/./c", "../d", "/e", "f/", "g/.placeholder/h", "\t", "a/b"})
def test_a_listing_is_every_file_and_folder_once_in_the_order_of_handles(keys):
    entries = listed(keys)
    wanted, odds = expected(keys)
    assert [(e.handle, e.stamp) for e in entries if not isinstance(e, Odd)] == wanted
    assert {e.key for e in entries if isinstance(e, Odd)} == odds


@given(st.sets(paths, max_size=12))
def test_every_entry_names_its_folder_which_is_listed_too(keys):
    entries = [each for each in listed(keys) if not isinstance(each, Odd)]
    folders = {each.handle for each in entries if each.kind is Kind.FOLDER}
    for each in entries:
        own = each.handle.removesuffix("/.placeholder") if each.kind is Kind.FOLDER else each.handle
        assert each.parent in folders | {""}
        assert own == each.parent.removesuffix(".placeholder") + each.name


def test_a_folder_is_implied_until_it_has_its_placeholder():
    assert [(e.handle, e.stamp) for e in listed(["a/b"])] == [
        ("a/.placeholder", ""),
        ("a/b", "0" * 32 + "/1"),
    ]
    assert listed(["a/.placeholder"])[0].stamp == "placeholder"


def test_a_placeholder_with_bytes_is_still_the_folder():
    (entry,) = arrange([Found("a/.placeholder", "e", 5, 0)], md5=True)
    assert (entry.kind, entry.stamp, entry.size) == (Kind.FOLDER, "placeholder", 0)


def test_a_console_marker_implies_its_folder_and_one_with_bytes_is_odd():
    assert [e.handle for e in listed(["a/b/"])] == ["a/.placeholder", "a/b/.placeholder"]
    assert Odd("a/") in list(arrange([Found("a/", "e", 5, 0)], md5=True))


def test_keys_out_of_order_are_refused_rather_than_taken_for_deletions():
    with pytest.raises(ValueError, match="order"):
        list(arrange([Found("b", "e", 1, 0), Found("a", "e", 1, 0)], md5=True))


def test_only_a_plain_etag_is_an_md5():
    def md5(etag, md5):
        (entry,) = arrange([Found("a", etag, 1, 0)], md5=md5)
        return entry.md5

    assert md5("0" * 32, md5=True) == "0" * 32
    assert md5("0" * 32 + "-2", md5=True) == md5("0" * 32, md5=False) == ""


PAGE = (
    '<?xml version="1.0"?><ListBucketResult><IsTruncated>{more}</IsTruncated>{token}<Contents>'
    "<Key>p/a+b%2B%26%C3%A9</Key><LastModified>2026-11-22T21:40:00.250Z</LastModified>"
    "<ETag>&quot;abc&quot;</ETag><Size>12</Size></Contents></ListBucketResult>"
)


def test_a_page_is_read_with_its_keys_decoded():
    page = PAGE.format(more="true", token="<NextContinuationToken>a&amp;b</NextContinuationToken>")
    read = parse(page.encode(), "p/")
    assert read.found() == [Found("a b+&é", "abc", 12, 1795383600 * 10**9)]
    assert (read.token, read.last) == ("a&b", "a b+&é")


OWNER = "<Owner><ID>7</ID><DisplayName>me</DisplayName></Owner>"
KEY, TIME = "<Key>p/a</Key>", "<LastModified>2026-11-22T21:40:00.250Z</LastModified>"
ETAG, SIZE = "<ETag>&quot;abc&quot;</ETag>", "<Size>12</Size>"


@pytest.mark.parametrize(
    "written",
    [
        [KEY, TIME, ETAG, SIZE, OWNER, "<StorageClass>STANDARD</StorageClass>"],
        [
            KEY,
            TIME,
            ETAG,
            "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm>",
            "<ChecksumType>X</ChecksumType>",
            SIZE,
        ],
        [KEY, TIME, ETAG, OWNER, SIZE],
        [SIZE, OWNER, ETAG, TIME, KEY],
    ],
)
@pytest.mark.parametrize("between", ["", "\n    "])
def test_an_object_is_read_in_whatever_order_a_server_writes_its_fields(written, between):
    plain = "<Contents>" + KEY.replace("/a", "/z") + TIME + ETAG + SIZE + "</Contents>"
    other = between.join(["<Contents>", *written, "</Contents>"])
    page = f"<ListBucketResult><IsTruncated>false</IsTruncated>{other}{plain}</ListBucketResult>"
    found, last = parse(page.encode(), "p/").found()
    assert found == Found("a", "abc", 12, 1795383600 * 10**9)
    assert last == found._replace(path="z")


@pytest.mark.parametrize(
    ("page", "prefix"),
    [
        (b"<html>Sign in to the guest network</html>", ""),
        (PAGE.format(more="false", token="").encode()[:-10], "p/"),
        (PAGE.format(more="true", token="").encode(), "p/"),
        (PAGE.format(more="false", token="").encode(), "q/"),
        (PAGE.format(more="false", token="").replace("<ETag>", "<E>").encode(), "p/"),
        (PAGE.format(more="false", token="").replace("%C3%A9", "%FF").encode(), "p/"),
        (PAGE.format(more="false", token="").replace(">12<", ">many<").encode(), "p/"),
        (b"\xff\xfe", ""),
    ],
)
def test_what_is_not_one_whole_page_is_refused(page, prefix):
    with pytest.raises(ValueError):  # noqa: PT011 -- any of its reasons
        parse(page, prefix).found()


LINE = "<Key>p/a+b%2B%26%C3%A9</Key><VersionId>{id}</VersionId><IsLatest>{latest}</IsLatest><LastModified>2026-11-22T21:40:00.250Z</LastModified>"
BYTES = "<Version>" + LINE + "<ETag>&quot;abc&quot;</ETag><Size>12</Size></Version>"
NONE = "<DeleteMarker>" + LINE + "</DeleteMarker>"


def versions(*lines, more="false", onward=""):
    lines = "".join(lines)
    return (
        f"<ListVersionsResult><IsTruncated>{more}</IsTruncated>{onward}{lines}</ListVersionsResult>".encode()
    )


def test_a_page_of_versions_is_read_in_its_order():
    page = versions(NONE.format(id="v2", latest="true"), BYTES.format(id="v1", latest="false"))
    found, onward = parse_versions(page, "p/")
    assert found == [
        Version(Found("a b+&é", "", 0, 1795383600 * 10**9, "v2"), latest=True, deleted=True),
        Version(Found("a b+&é", "abc", 12, 1795383600 * 10**9, "v1"), latest=False, deleted=False),
    ]
    assert onward == {}


def test_a_page_of_versions_says_where_the_next_goes_on():
    said = "<NextKeyMarker>p/a+b%2B</NextKeyMarker><NextVersionIdMarker>v&amp;1</NextVersionIdMarker>"
    assert parse_versions(versions(more="true", onward=said), "p/") == (
        [],
        {"key-marker": "p/a b+", "version-id-marker": "v&1"},
    )


@pytest.mark.parametrize(
    "page",
    [
        b"<html>Sign in to the guest network</html>",
        versions()[:-10],
        versions(more="true"),
        versions(BYTES.replace("Size", "Length").format(id="v1", latest="true")),
        versions(BYTES.replace("p/", "q/").format(id="v1", latest="true")),
        b"\xff\xfe",
    ],
)
def test_what_is_not_one_whole_page_of_versions_is_refused(page):
    with pytest.raises(ValueError):  # noqa: PT011 -- any of its reasons
        parse_versions(page, "p/")
