"""The S3 side does what a side promises, on a real S3 server."""

import contextlib
import hashlib
import io
import itertools
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synctool.core.model import Entry, Ids, Kind, Meta, Place, Unlisted
from synctool.errors import Denied, Missing, Rejected, Stale, Unavailable
from synctool.sides.base import Remark
from synctool.sides.s3 import S3Side, objects, parts, uploads, wire
from synctool.sides.s3.faults import Reply
from synctool.sides.s3.wire import Wire
from tests.sides.clock import now

pytestmark = pytest.mark.server

numbers = itertools.count()
IDS = Ids("2370300", "1200000001", "5002", "Discovery/2. Über")


def side_on(server, bucket, **changed):
    made = {
        "bucket": bucket,
        "prefix": f"cases/{next(numbers)}/",
        "endpoint_url": server.endpoint,
        "access_key": server.access_key,
        "secret_key": server.secret_key,
        "clock": now,
    }
    return S3Side("s3", **(made | changed))


@pytest.fixture(params=["plain", "versioned"])
def bucket(request):
    return request.param


@pytest.fixture
def side(seaweedfs, bucket):
    side = side_on(seaweedfs, bucket)
    side.open()
    yield side
    side.close()


@pytest.fixture
def calls(monkeypatch):
    """Every request sent, as (method, last part of its path)."""
    sent, sign = [], wire.sign

    def noted(request, *args):
        sent.append((request.method, request.path.rpartition("/")[2]))
        return sign(request, *args)

    monkeypatch.setattr(wire, "sign", noted)
    return sent


def meta_of(data, **more):
    return Meta(len(data), hashlib.sha256(data).hexdigest(), **more)


def put(side, at, data, **more):
    return side.write(at, io.BytesIO(data), meta_of(data, **more))


def content(side, entry):
    with side.read(entry) as body:
        return body.read()


def handles(side):
    return [each.handle for each in side.list() if isinstance(each, Entry)]


def keys(server, bucket, side):
    """Everything in the bucket below the side's prefix, as another client sees it."""
    prefix = side._where.prefix
    found = server.client().list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return [each["Key"].removeprefix(prefix) for each in found]


def foreign(server, bucket, side, path, data=b"theirs", **more):
    server.client().put_object(Bucket=bucket, Key=side._where.prefix + path, Body=data, **more)


def trash(server, bucket, side):
    """The bytes of what was kept of the former objects, wherever this bucket keeps them."""
    client, prefix = server.client(), side._where.prefix
    if bucket == "plain":
        kept = [key for key in keys(server, bucket, side) if key.startswith(".synctool/trash/")]
        return [client.get_object(Bucket=bucket, Key=prefix + key)["Body"].read() for key in kept]
    versions = client.list_object_versions(Bucket=bucket, Prefix=prefix).get("Versions", [])
    former = [each for each in versions if not each["IsLatest"]]
    return [
        client.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])["Body"].read()
        for each in former
    ]


def lose_the_reply(monkeypatch, method, path):
    """The first such request is carried out, and its answer never arrives."""
    call, left = Wire.call, [True]

    def cut(self, asked, at, *args, **kwargs):
        reply = call(self, asked, at, *args, **kwargs)
        if (asked, at) == (method, path) and left:
            left.clear()
            raise Unavailable("the reply was lost", side="s3")
        return reply

    monkeypatch.setattr(Wire, "call", cut)


def test_what_was_written_is_listed_and_read(side):
    written = put(side, Place("", "brief.pdf"), b"bytes", mtime_ns=1_700_000_000_500_000_000)
    assert list(side.list()) == [written._replace(sha256="", version="", mtime_ns=next(side.list()).mtime_ns)]
    assert content(side, written) == b"bytes"
    assert written.md5 == hashlib.md5(b"bytes").hexdigest()
    assert written.sha256 == hashlib.sha256(b"bytes").hexdigest()
    assert abs(written.mtime_ns / 1e9 - now()) < 100


def test_a_version_is_named_only_where_the_bucket_keeps_them(side, bucket):
    assert bool(put(side, Place("", "a"), b"1").version) == (bucket == "versioned")


def test_stat_says_what_the_listing_says_and_the_digest(side):
    written = put(side, Place("", "a"), b"bytes")
    found = side.stat(next(side.list()))
    assert (found.stamp, found.sha256) == (written.stamp, written.sha256)


def test_metadata_and_tags_go_out_with_the_bytes_in_one_request(side, seaweedfs, bucket, calls):
    put(side, Place("", "a.pdf"), b"x", mtime_ns=1_700_000_000_500_000_000, origin="filevine", ids=IDS)
    assert calls == [("PUT", "a.pdf")]
    client, where = seaweedfs.client(), {"Bucket": bucket, "Key": side._where.prefix + "a.pdf"}
    head = client.head_object(**where)
    assert head["ContentType"] == "application/pdf"
    assert head["Metadata"] == {
        "sha256": hashlib.sha256(b"x").hexdigest(),
        "mtime": "1700000000.5",
        "documentid": "1200000001",
        "projectid": "2370300",
        "folderid": "5002",
        "folderpath": "Discovery/2.%20%C3%9Cber",
    }
    tags = {each["Key"]: each["Value"] for each in client.get_object_tagging(**where)["TagSet"]}
    assert tags == {"origin": "filevine", "fv_docid": "1200000001", "projectId": "2370300"}


def test_a_new_version_keeps_the_former_bytes(side, seaweedfs, bucket, calls):
    first = put(side, Place("", "a"), b"1")
    calls.clear()
    second = put(side, first, b"22")
    assert len(calls) == (1 if bucket == "versioned" else 2)
    assert content(side, second) == b"22"
    assert trash(seaweedfs, bucket, side) == [b"1"]
    assert handles(side) == ["a"]


def test_a_write_to_what_changed_meanwhile_is_stale_and_changes_nothing(side, seaweedfs, bucket):
    first = put(side, Place("", "a"), b"1")
    foreign(seaweedfs, bucket, side, "a")
    with pytest.raises(Stale):
        put(side, first, b"2")
    assert content(side, next(side.list())) == b"theirs"


def test_a_write_to_what_is_gone_is_stale(side, seaweedfs, bucket):
    first = put(side, Place("", "a"), b"1")
    side.remove(first)
    with pytest.raises(Stale):
        put(side, first, b"2")
    assert handles(side) == []


@pytest.mark.parametrize("more", [{}, {"ChecksumAlgorithm": "SHA256"}])
def test_a_place_taken_by_other_bytes_is_stale_and_by_the_same_is_done(side, seaweedfs, bucket, more):
    foreign(seaweedfs, bucket, side, "a", b"1", **more)
    foreign(seaweedfs, bucket, side, "b", b"other", **more)
    assert put(side, Place("", "a"), b"1").size == 1
    with pytest.raises(Stale):
        put(side, Place("", "a"), b"2")
    with pytest.raises(Stale):
        put(side, Place("", "b"), b"2")


def test_a_write_whose_reply_was_lost_is_done_when_repeated(side, seaweedfs, bucket, monkeypatch):
    first = put(side, Place("", "a"), b"1")
    lose_the_reply(monkeypatch, "PUT", "a")
    with pytest.raises(Unavailable):
        put(side, first, b"2")
    second = put(side, first, b"2")
    assert content(side, second) == b"2"
    assert trash(seaweedfs, bucket, side) == [b"1"]


def test_of_many_who_write_to_one_place_one_wins(side):
    def attempt(n):
        try:
            return put(side, Place("", "a"), b"%d" % n)
        except (Stale, Unavailable):
            return None

    with ThreadPoolExecutor(8) as pool:
        won = [each for each in pool.map(attempt, range(8)) if each]
    assert len(won) == 1
    assert next(side.list()).stamp == won[0].stamp


def test_bytes_that_are_not_the_promised_ones_are_not_stored(side):
    for promised in (Meta(1, ""), Meta(3, ""), Meta(2, "0" * 64)):
        with pytest.raises(Unavailable, match="changed"):
            side.write(Place("", "a"), io.BytesIO(b"12"), promised)
    assert handles(side) == []


def test_a_digest_that_is_not_known_before_is_found_on_the_way(side):
    written = side.write(Place("", "a"), io.BytesIO(b"12"), Meta(2, ""))
    assert written.sha256 == hashlib.sha256(b"12").hexdigest()


def test_the_server_itself_refuses_a_wrong_digest(side):
    with pytest.raises(Unavailable, match=r"BadDigest|SHA256Mismatch"):
        side._wire.call("PUT", "a", {"x-amz-checksum-sha256": "A" * 43 + "="}, body=b"x")


def test_an_empty_document_is_a_document(side):
    written = put(side, Place("", "empty"), b"")
    assert next(side.list()).kind is Kind.FILE
    assert content(side, written) == b""


def test_reading_what_changed_or_went_is_stale(side, seaweedfs, bucket):
    first = put(side, Place("", "a"), b"1")
    with pytest.raises(Stale):
        side.read(first._replace(size=2))
    foreign(seaweedfs, bucket, side, "a")
    with pytest.raises(Stale):
        side.read(first)
    with pytest.raises(Stale):
        side.read(first._replace(handle="never"))


def test_what_is_gone_is_positively_absent(side):
    entry = put(side, Place("", "a"), b"1")
    side.remove(entry)
    assert side.stat(entry) is None
    side.remove(entry)


def test_removing_keeps_the_bytes(side, seaweedfs, bucket):
    side.remove(put(side, Place("", "a"), b"1"))
    assert handles(side) == []
    if bucket == "plain":
        assert trash(seaweedfs, bucket, side) == [b"1"]
    else:
        assert seaweedfs.client().list_object_versions(Bucket=bucket, Prefix=side._where.prefix)["Versions"]


def test_removing_what_changed_meanwhile_is_stale(side, seaweedfs, bucket):
    entry = put(side, Place("", "a"), b"1")
    foreign(seaweedfs, bucket, side, "a")
    with pytest.raises(Stale):
        side.remove(entry)
    assert handles(side) == ["a"]


def test_trash_of_a_key_that_grows_too_long_is_named_by_digest(seaweedfs):
    side = side_on(seaweedfs, "plain")
    side.open()
    long = "/".join(["d" * 200] * 4) + "/" + "e" * 190
    side.remove(put(side, Place("/".join(["d" * 200] * 4) + "/.placeholder", "e" * 190), b"1"))
    assert any(
        key.endswith(hashlib.sha256(long.encode()).hexdigest()) for key in keys(seaweedfs, "plain", side)
    )


def test_what_is_kept_under_a_digest_does_not_say_where_it_was(seaweedfs):
    side = side_on(seaweedfs, "plain")
    side.open()
    folder = "/".join(["d" * 200] * 4) + "/.placeholder"
    entry = put(side, Place(folder, "e" * 190), b"1")
    side.remove(entry)
    (kept,) = side.kept()
    assert (kept.was, kept.entry.stamp, content(side, kept.entry)) == ("", entry.stamp, b"1")


def test_only_documents_are_told_of_what_is_kept(side, seaweedfs, bucket):
    folder = side.make_folder(Place("", "a"))
    side.remove(folder)
    for path in ("b\tc", ".synctool/marker.json", ".synctool/trash/note.txt", ".synctool/trash/20261122/x"):
        foreign(seaweedfs, bucket, side, path)
        foreign(seaweedfs, bucket, side, path, b"again")
    assert list(side.kept()) == []


def test_versions_say_when_they_were_put_away(seaweedfs):
    side = side_on(seaweedfs, "versioned")
    side.open()
    first = put(side, Place("", "a"), b"1")
    second = put(side, first, b"22")
    put(side, Place("", "a b+é"), b"3")
    side.remove(second)
    kept = {each.entry.stamp: each for each in side.kept()}
    assert set(kept) == {first.stamp, second.stamp}
    assert {each.was for each in kept.values()} == {"a"}
    assert all(each.version and each.at_ns >= each.entry.mtime_ns for each in kept.values())
    assert kept[first.stamp].at_ns <= kept[second.stamp].at_ns
    assert content(side, kept[first.stamp].entry) == b"1"
    back = side.move(kept[first.stamp].entry, Place("", "a"))
    assert (back.stamp, content(side, back)) == (first.stamp, b"1")


def test_trash_from_before_a_bucket_kept_versions_is_told_and_destroyed_too(seaweedfs):
    side = side_on(seaweedfs, "versioned")
    side.open()
    foreign(seaweedfs, "versioned", side, ".synctool/trash/20261122T120000.000000Z/a/b", b"1")
    (kept,) = side.kept()
    assert (kept.was, kept.at_ns, kept.version) == ("a/b", 1_795_348_800 * 10**9, False)
    side.purge(kept)
    side.purge(kept)
    assert list(side.kept()) == []


def test_versions_are_listed_page_by_page(seaweedfs, monkeypatch):
    monkeypatch.setattr(objects, "PAGE", 2)
    side = side_on(seaweedfs, "versioned")
    side.open()
    for name in ("a", "b", "c"):
        side.remove(put(side, Place("", name), name.encode()))
    assert [each.was for each in side.kept()] == ["a", "b", "c"]


def test_a_version_keeps_its_labels_when_it_is_brought_back(side, small_parts, seaweedfs, bucket):
    side.remove(put(side, Place("", "big"), BIG, origin="zdrive", ids=IDS))
    (kept,) = side.kept()
    back = side.move(kept.entry, Place("", "back"))
    assert content(side, back) == BIG
    assert side.move(kept.entry, Place("", "back")).stamp == back.stamp
    head = seaweedfs.client().head_object(Bucket=bucket, Key=side._where.prefix + "back")
    assert head["Metadata"]["documentid"] == "1200000001"


def test_a_folder_is_a_placeholder(side, seaweedfs, bucket):
    a = side.make_folder(Place("", "a"))
    b = side.make_folder(Place(a.handle, "b"))
    assert b == Entry(Kind.FOLDER, "a/b/.placeholder", "a/.placeholder", "b", "placeholder")
    assert side.make_folder(Place("", "a")) == a
    assert list(side.list()) == [a, b]
    assert keys(seaweedfs, bucket, side) == ["a/.placeholder", "a/b/.placeholder"]


def test_a_folder_without_a_placeholder_is_implied_by_what_lies_in_it(side, seaweedfs, bucket):
    foreign(seaweedfs, bucket, side, "a/b")
    folder, file = side.list()
    assert (folder.stamp, folder.name, folder.parent, file.parent) == ("", "a", "", folder.handle)
    assert side.stat(folder) == folder
    marked = side.make_folder(Place("", "a"))
    assert side.stat(folder) == marked
    side.remove(file)
    side.remove(marked)
    assert side.stat(folder) is None


def test_a_listing_of_folders_tells_which_are_only_implied(side, seaweedfs, bucket):
    for key in ("a/b/c", "a/console/", "a/d/.placeholder", "a/b/e/f", "a/x\ty/z", "a/x\tz"):
        foreign(seaweedfs, bucket, side, key, b"" if key.endswith(("/", "placeholder")) else b"1")
    whole = [entry for entry in side.list() if isinstance(entry, Entry) and entry.parent == "a/.placeholder"]
    told = list(side.list(["a/.placeholder"]))
    assert [entry for entry in told if isinstance(entry, Entry)] == whole
    assert {entry.name: entry.stamp for entry in whole} == {"b": "", "console": "", "d": "placeholder"}
    assert [each.folder for each in told if isinstance(each, Unlisted)] == [r"'a/x\ty/'", r"'a/x\tz'"]


def test_a_folder_with_anything_in_it_is_not_removed(side, seaweedfs, bucket):
    folder = side.make_folder(Place("", "a"))
    inside = put(side, Place(folder.handle, "!b"), b"1")
    with pytest.raises(Stale):
        side.remove(folder)
    side.remove(inside)
    side.remove(folder)
    side.remove(folder)
    assert handles(side) == []


def test_removing_a_folder_takes_the_console_s_marker_with_it(side, seaweedfs, bucket):
    foreign(seaweedfs, bucket, side, "a/", b"")
    (folder,) = side.list()
    side.remove(folder)
    assert handles(side) == []


def test_a_placeholder_with_bytes_keeps_them_when_it_goes(side, seaweedfs, bucket):
    foreign(seaweedfs, bucket, side, "a/.placeholder", b"note")
    (folder,) = side.list()
    side.remove(folder)
    assert handles(side) == []
    if bucket == "plain":
        assert trash(seaweedfs, bucket, side) == [b"note"]


def test_a_folder_cannot_be_made_where_a_document_is_nor_in_what_is_no_folder(side):
    put(side, Place("", "a"), b"1")
    with pytest.raises(Stale):
        side.make_folder(Place("", "a"))
    with pytest.raises(Rejected):
        side.make_folder(Place("a", "b"))
    assert handles(side) == ["a"]


def test_moving_a_folder_moves_its_placeholder_only(side):
    folder = side.make_folder(Place("", "a"))
    inside = put(side, Place(folder.handle, "x"), b"1")
    moved = side.move(folder, Place("", "b"))
    assert handles(side) == ["a/.placeholder", "a/x", "b/.placeholder"]
    assert side.stat(folder).stamp == ""
    assert side.move(folder, Place("", "b")) == moved
    assert side.move(moved, Place("", "b")) == moved
    assert side.read(inside).read() == b"1"


def test_a_move_takes_the_bytes_and_labels_along(side, seaweedfs, bucket):
    entry = put(side, Place("", "a"), b"1", origin="zdrive", ids=IDS)
    moved = side.move(entry, Place("dir/.placeholder", "b"))
    assert moved.stamp == entry.stamp
    assert handles(side) == ["dir/.placeholder", "dir/b"]
    head = seaweedfs.client().head_object(Bucket=bucket, Key=side._where.prefix + "dir/b")
    assert head["Metadata"]["documentid"] == "1200000001"
    assert head["TagCount"] == 3


def test_a_move_can_bring_new_labels(side, seaweedfs, bucket):
    entry = put(side, Place("", "a"), b"1", origin="zdrive", ids=IDS)
    side.move(entry, Place("", "b"), meta_of(b"1", ids=IDS._replace(folder="77")))
    head = seaweedfs.client().head_object(Bucket=bucket, Key=side._where.prefix + "b")
    assert head["Metadata"]["folderid"] == "77"
    assert head["TagCount"] == 2


def test_a_move_to_a_taken_place_or_of_what_changed_is_stale(side, seaweedfs, bucket):
    a, b = put(side, Place("", "a"), b"1"), put(side, Place("", "b"), b"2")
    with pytest.raises(Stale):
        side.move(a, Place("", "b"))
    foreign(seaweedfs, bucket, side, "a", b"33")
    with pytest.raises(Stale):
        side.move(a, Place("", "c"))
    assert handles(side) == ["a", "b"]
    assert content(side, b) == b"2"


@pytest.mark.parametrize("lost", [("PUT", "b"), ("DELETE", "a")])
def test_a_move_whose_reply_was_lost_is_done_when_repeated(side, monkeypatch, lost):
    entry = put(side, Place("", "a"), b"1")
    lose_the_reply(monkeypatch, *lost)
    with pytest.raises(Unavailable):
        side.move(entry, Place("", "b"))
    assert side.move(entry, Place("", "b")).stamp == entry.stamp
    assert handles(side) == ["b"]


def test_a_move_onto_itself_changes_nothing(side):
    entry = put(side, Place("", "a"), b"1")
    assert side.move(entry, Place("", "a")) == entry
    assert side.move(entry, Place("", "a"), meta_of(b"1", ids=IDS)).stamp == entry.stamp
    assert handles(side) == ["a"]


def test_labels_are_replaced_in_place(side, seaweedfs, bucket):
    entry = put(side, Place("", "a.txt"), b"1")
    labelled = side.label(entry, meta_of(b"1", origin="zdrive", ids=IDS))
    assert labelled.stamp == entry.stamp
    assert side.label(entry, meta_of(b"1", origin="zdrive", ids=IDS)).stamp == entry.stamp
    where = {"Bucket": bucket, "Key": side._where.prefix + "a.txt"}
    assert seaweedfs.client().head_object(**where)["Metadata"]["documentid"] == "1200000001"
    assert {each["Key"] for each in seaweedfs.client().get_object_tagging(**where)["TagSet"]} == {
        "origin",
        "fv_docid",
        "projectId",
    }
    foreign(seaweedfs, bucket, side, "a.txt")
    with pytest.raises(Stale):
        side.label(entry, meta_of(b"1"))


def test_a_prefix_is_a_world_of_its_own(side, seaweedfs, bucket):
    put(side, Place("", "a"), b"1")
    neighbour = side_on(seaweedfs, bucket, prefix=side._where.prefix.rstrip("/") + "0")
    neighbour.open()
    put(neighbour, Place("", "b"), b"1")
    assert handles(side) == ["a"]
    whole = side_on(seaweedfs, bucket, prefix="")
    whole.open()
    assert side._where.prefix + "a" in handles(whole)


def test_synctool_s_own_objects_and_the_root_s_markers_are_not_listed(side, seaweedfs, bucket, monkeypatch):
    monkeypatch.setattr(objects, "PAGE", 2)
    for path in (".synctool", ".placeholder", "", "-", ".synctool-x", ".synctoo", "z"):
        foreign(seaweedfs, bucket, side, path)
    for n in range(5):
        foreign(seaweedfs, bucket, side, f".synctool/trash/{n}")
    assert handles(side) == ["-", ".synctoo", ".synctool-x", "z"]


def test_the_trash_is_leapt_over_and_not_paged_through(side, seaweedfs, bucket, calls, monkeypatch):
    monkeypatch.setattr(objects, "PAGE", 2)
    for n in range(9):
        foreign(seaweedfs, bucket, side, f".synctool/trash/{n}")
    put(side, Place("", "z"), b"1")
    calls.clear()
    assert handles(side) == ["z"]
    assert len(calls) == 2


def test_the_marker_is_kept_and_not_listed(side):
    assert side.marker() is None
    side.mark(b"{}")
    side.mark(b'{"a": 1}')
    assert side.marker() == b'{"a": 1}'
    assert handles(side) == []


awkward = st.text(" !#$%&'()+,-.0aé😀\u0301", min_size=1, max_size=3).filter(
    lambda name: name.strip(".") == name and name != ".placeholder"
)


def no_twins(paths):
    """No file is also a folder: SeaweedFS 4.48 forgets the folder when a page ends at the file."""
    return not any(path[:n] in paths for path in paths for n in range(1, len(path)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    paths=st.sets(st.lists(awkward, min_size=1, max_size=3).map(tuple), min_size=1, max_size=8).filter(
        no_twins
    )
)
def test_awkward_names_survive_and_are_listed_in_order(seaweedfs, paths, monkeypatch):
    monkeypatch.setattr(objects, "PAGE", 3)
    side = side_on(seaweedfs, "plain")
    side.open()
    for *folders, name in paths:
        put(side, Place("/".join([*folders, ".placeholder"]) if folders else "", name), b"x")
    seen = handles(side)
    assert seen == sorted(seen, key=str.encode)
    assert {each for each in seen if not each.endswith(".placeholder")} == {"/".join(each) for each in paths}
    side.close()


def test_an_unlistable_key_is_told_and_not_taken_for_a_document(side, seaweedfs, bucket):
    foreign(seaweedfs, bucket, side, "a\tb")
    foreign(seaweedfs, bucket, side, "c")
    assert handles(side) == ["c"]
    assert [e.folder for e in side.list() if isinstance(e, Unlisted)] == ["'a\\tb'"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a/b",
        "a\\b",
        "a\tb",
        "\0",
        ".placeholder",
        ".synctool",
        "x" * 1024,
        "é" * 511,
        "\udcff",
    ],
)
def test_a_name_that_s3_cannot_hold_is_rejected_before_it_is_sent(side, calls, name):
    with pytest.raises(Rejected):
        put(side, Place("", name), b"1")
    with pytest.raises(Rejected):
        side.make_folder(Place("", name))
    assert calls == []


def test_a_document_beyond_s3_s_largest_is_rejected_before_it_is_sent(side, calls):
    with pytest.raises(Rejected, match="5 TiB"):
        side.write(Place("", "a"), io.BytesIO(), Meta((5 << 40) + 1, ""))
    assert calls == []


# Large objects: S3 takes no part below 5 MiB, so the limits come down but not to nothing.

BIG = bytes(range(256)) * (45 << 10)  # 11.25 MiB


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr("synctool.sides.s3.writing.PART", 5 << 20)
    monkeypatch.setattr(parts, "PART", 5 << 20)
    monkeypatch.setattr(objects, "COPY_LIMIT", 6 << 20)
    monkeypatch.setattr(parts, "COPY_PART", 5 << 20)


def test_a_large_document_goes_in_parts_and_comes_back_whole(side, small_parts, calls, seaweedfs, bucket):
    written = put(side, Place("", "big"), BIG, origin="zdrive", ids=IDS)
    assert [method for method, _ in calls] == ["HEAD", "GET", "POST", *["PUT"] * 4, "POST", "HEAD", "DELETE"]
    assert written.stamp.endswith(f"-3/{len(BIG)}")
    assert written.md5 == ""
    assert content(side, written) == BIG
    assert next(side.list()).stamp == written.stamp
    head = seaweedfs.client().head_object(Bucket=bucket, Key=side._where.prefix + "big")
    assert head["Metadata"]["documentid"] == "1200000001"
    second = put(side, written, BIG[1:])
    assert content(side, second) == BIG[1:]
    assert trash(seaweedfs, bucket, side) == [BIG]


def test_a_large_document_at_a_taken_place_is_stale_before_a_byte_is_sent(side, small_parts, calls):
    put(side, Place("", "big"), b"1")
    calls.clear()
    with pytest.raises(Stale):
        put(side, Place("", "big"), BIG)
    assert {method for method, _ in calls} == {"HEAD"}


def test_a_large_document_that_is_already_there_is_done(side, small_parts, calls):
    written = put(side, Place("", "big"), BIG)
    calls.clear()
    assert put(side, Place("", "big"), BIG).stamp == written.stamp
    assert {method for method, _ in calls} == {"HEAD"}
    with pytest.raises(Stale):
        put(side, Place("", "big"), BIG[:-1] + b"?")


def test_a_large_document_lost_to_a_race_is_stale_and_leaves_no_parts(
    side, small_parts, seaweedfs, bucket, monkeypatch
):
    call = Wire.call

    def raced(self, method, path, *args, **kwargs):
        if method == "POST" and kwargs.get("body"):
            foreign(seaweedfs, bucket, side, "big")
        return call(self, method, path, *args, **kwargs)

    monkeypatch.setattr(Wire, "call", raced)
    with pytest.raises(Stale):
        put(side, Place("", "big"), BIG)
    left = seaweedfs.client().list_multipart_uploads(Bucket=bucket, Prefix=side._where.prefix)
    assert not left.get("Uploads")
    assert content(side, next(side.list())) == b"theirs"


@pytest.mark.parametrize(
    "promised", [Meta(len(BIG), "0" * 64), Meta(len(BIG) - 1, ""), Meta(len(BIG) + 1, "")]
)
def test_large_bytes_that_are_not_the_promised_ones_are_not_stored(
    side, small_parts, seaweedfs, bucket, promised
):
    with pytest.raises(Unavailable, match="changed"):
        side.write(Place("", "big"), io.BytesIO(BIG), promised)
    assert handles(side) == []
    assert not seaweedfs.client().list_multipart_uploads(Bucket=bucket).get("Uploads")


def broken(method, nth):
    """Wire.call that fails at the nth part."""
    count = iter(range(1, 1000))

    def call(self, verb, path, headers=None, *, query=None, body=b""):
        if verb == method and "partNumber" in (query or {}) and next(count) == nth:
            raise Unavailable("the line is dead", side="s3", path=path)
        return whole(self, verb, path, headers, query=query, body=body)

    whole = Wire.call
    return call


@pytest.mark.parametrize("changed", [False, True])
def test_of_a_large_upload_that_broke_off_only_the_missing_parts_are_sent(
    side, small_parts, calls, seaweedfs, bucket, monkeypatch, changed
):
    with monkeypatch.context() as patch:
        patch.setattr(Wire, "call", broken("PUT", 3))
        with pytest.raises(Unavailable):
            put(side, Place("", "big"), BIG)
    assert seaweedfs.client().list_multipart_uploads(Bucket=bucket, Prefix=side._where.prefix)["Uploads"]
    calls.clear()
    data = BIG[:-1] + b"?" if changed else BIG
    assert content(side, put(side, Place("", "big"), data)) == data
    sent = [method for method, _ in calls if method == "PUT"]
    assert len(sent) == (4 if changed else 1)  # all, and the note; or the last part alone
    left = seaweedfs.client().list_multipart_uploads(Bucket=bucket, Prefix=side._where.prefix)
    assert not left.get("Uploads")
    keys = seaweedfs.client().list_objects_v2(Bucket=bucket, Prefix=side._where.prefix)["Contents"]
    assert [each["Key"].removeprefix(side._where.prefix) for each in keys] == ["big"]


def test_a_part_that_is_not_what_shall_be_sent_is_sent_again(
    side, small_parts, seaweedfs, bucket, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(Wire, "call", broken("PUT", 3))
        with pytest.raises(Unavailable):
            put(side, Place("", "big"), BIG)
    client = seaweedfs.client()
    (upload,) = client.list_multipart_uploads(Bucket=bucket, Prefix=side._where.prefix)["Uploads"]
    where = {"Bucket": bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
    client.upload_part(**where, PartNumber=2, Body=b"\0" * (5 << 20), ChecksumAlgorithm="SHA256")
    assert content(side, put(side, Place("", "big"), BIG)) == BIG


def test_a_large_upload_that_somebody_gave_up_begins_anew(side, small_parts, seaweedfs, bucket, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Wire, "call", broken("PUT", 3))
        with pytest.raises(Unavailable):
            put(side, Place("", "big"), BIG)
    client = seaweedfs.client()
    (upload,) = client.list_multipart_uploads(Bucket=bucket, Prefix=side._where.prefix)["Uploads"]
    client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    assert content(side, put(side, Place("", "big"), BIG)) == BIG


def test_the_parts_that_arrived_are_listed_over_pages(
    side, small_parts, calls, seaweedfs, bucket, monkeypatch
):
    monkeypatch.setattr(uploads, "PAGE", 1)
    with monkeypatch.context() as patch:
        patch.setattr(Wire, "call", broken("PUT", 3))
        with pytest.raises(Unavailable):
            put(side, Place("", "big"), BIG)
    calls.clear()
    assert content(side, put(side, Place("", "big"), BIG)) == BIG
    assert [method for method, _ in calls].count("PUT") == 1


def test_an_upload_that_nothing_comes_to_goes_with_its_note(
    side, small_parts, seaweedfs, bucket, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(Wire, "call", broken("PUT", 2))
        with pytest.raises(Unavailable):
            put(side, Place("", "big"), BIG)
    client = seaweedfs.client()
    (upload,) = client.list_multipart_uploads(Bucket=bucket, Prefix=side._where.prefix)["Uploads"]
    where = {"Bucket": bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
    time.sleep(1.1)  # the server tells whole seconds
    client.upload_part(**where, PartNumber=2, Body=bytes(5 << 20), ChecksumAlgorithm="SHA256")
    side.sweep(int(upload["Initiated"].timestamp() + 1) * 10**9)
    assert client.list_parts(**where)["Parts"]
    assert keys(seaweedfs, bucket, side)
    side.sweep(time.time_ns() + 10**10)
    assert not client.list_multipart_uploads(Bucket=bucket, Prefix=side._where.prefix).get("Uploads")
    assert not keys(seaweedfs, bucket, side)


def test_the_note_of_a_newer_upload_stays_when_an_older_one_is_given_up(
    side, small_parts, seaweedfs, bucket, monkeypatch
):
    client = seaweedfs.client()
    where = {"Bucket": bucket, "Key": side._where.prefix + "big"}
    client.create_multipart_upload(**where)
    time.sleep(1.1)  # the server tells whole seconds
    with monkeypatch.context() as patch:
        patch.setattr(Wire, "call", broken("PUT", 3))
        with pytest.raises(Unavailable):
            put(side, Place("", "big"), BIG)
    newest = max(
        each["Initiated"]
        for each in client.list_multipart_uploads(Bucket=bucket, Prefix=where["Key"])["Uploads"]
    )
    side.sweep(int(newest.timestamp()) * 10**9)
    (left,) = client.list_multipart_uploads(Bucket=bucket, Prefix=where["Key"])["Uploads"]
    assert left["Initiated"] == newest
    assert len(keys(seaweedfs, bucket, side)) == 1
    assert content(side, put(side, Place("", "big"), BIG)) == BIG


def listing(text):
    """Wire.call that answers a list of parts with this."""

    def call(self, verb, path, headers=None, *, query=None, body=b""):
        if "part-number-marker" in (query or {}):
            asked.append(query)
            return Reply(200, {}, text.encode())
        return whole(self, verb, path, headers, query=query, body=body)

    whole, asked = Wire.call, []
    return call, asked


@pytest.fixture
def half(side, small_parts, monkeypatch):
    """A side with an upload that broke off."""
    with monkeypatch.context() as patch:
        patch.setattr(Wire, "call", broken("PUT", 3))
        with pytest.raises(Unavailable):
            put(side, Place("", "big"), BIG)
    return side


def test_a_list_of_parts_that_is_none_says_so(half, monkeypatch):
    monkeypatch.setattr(Wire, "call", listing("<Part><PartNumber>one</PartNumber></Part>")[0])
    with pytest.raises(Unavailable, match="not a list of S3's"):
        put(half, Place("", "big"), BIG)


def test_a_list_of_parts_that_goes_in_circles_ends_and_all_is_sent_again(half, monkeypatch):
    part = "<PartNumber>1</PartNumber><Size>3</Size><ETag>x</ETag><LastModified>2026-11-22T00:00:00Z</LastModified>"
    call, asked = listing(f"<IsTruncated>true</IsTruncated><Part>{part}</Part>")
    with monkeypatch.context() as patch:
        patch.setattr(Wire, "call", call)
        assert content(half, put(half, Place("", "big"), BIG)) == BIG
    assert len(asked) == 2


def test_an_upload_that_is_gone_when_it_shall_be_given_up_is_done(half, seaweedfs, bucket, monkeypatch):
    call, client = Wire.call, seaweedfs.client()

    def first(self, method, path, *args, **kwargs):
        if upload := (kwargs.get("query") or {}).get("uploadId"):
            where = {"Bucket": bucket, "Key": half._where.prefix + path, "UploadId": upload}
            with contextlib.suppress(client.exceptions.NoSuchUpload):
                client.abort_multipart_upload(**where)
        return call(self, method, path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Wire, "call", first)
        half.sweep(time.time_ns() + 10**10)
    assert not keys(seaweedfs, bucket, half)


def test_a_large_copy_goes_in_parts_with_its_labels(side, small_parts, seaweedfs, bucket, monkeypatch):
    entry = put(side, Place("", "big.pdf"), BIG, origin="zdrive & co", ids=IDS)
    lose_the_reply(monkeypatch, "DELETE", "big.pdf")
    with pytest.raises(Unavailable):
        side.move(entry, Place("", "moved"))
    moved = side.move(entry, Place("", "moved"))
    assert handles(side) == ["moved"]
    assert content(side, moved) == BIG
    where = {"Bucket": bucket, "Key": side._where.prefix + "moved"}
    head = seaweedfs.client().head_object(**where)
    assert head["Metadata"]["documentid"] == "1200000001"
    assert head["ContentType"] == "application/pdf"
    tags = {each["Key"]: each["Value"] for each in seaweedfs.client().get_object_tagging(**where)["TagSet"]}
    assert tags["origin"] == "zdrive _ co"


def test_labelling_a_large_document_twice_is_done(side, small_parts, monkeypatch):
    entry = put(side, Place("", "big"), BIG)
    first = side.label(entry, meta_of(BIG, ids=IDS))
    assert side.label(entry, meta_of(BIG, ids=IDS)).stamp == first.stamp
    assert content(side, first) == BIG


def test_a_document_in_parts_below_the_copy_limit_moves_too(side, small_parts, monkeypatch):
    entry = put(side, Place("", "big"), BIG)
    monkeypatch.setattr(objects, "COPY_LIMIT", 1 << 30)
    lose_the_reply(monkeypatch, "DELETE", "big")
    with pytest.raises(Unavailable):
        side.move(entry, Place("", "moved"))
    assert content(side, side.move(entry, Place("", "moved"))) == BIG


def test_memory_does_not_grow_with_a_document(seaweedfs, tmp_path):
    side = side_on(seaweedfs, "plain")
    side.open()
    size = 100 << 20
    with (tmp_path / "zeros").open("w+b") as zeros:
        zeros.truncate(size)
        tracemalloc.start()
        try:
            entry = side.write(Place("", "zeros"), zeros, Meta(size, ""))
            with side.read(entry) as body:
                total = sum(len(block) for block in iter(lambda: body.read(1 << 20), b""))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    side.close()
    assert total == size
    assert peak < 24 << 20


# What can be wrong with a place.


def test_a_bucket_that_is_not_there_is_missing_by_name(seaweedfs):
    with pytest.raises(Missing, match="nowhere"):
        side_on(seaweedfs, "nowhere").open()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"access_key": "nobody"}, "InvalidAccessKeyId"), ({"secret_key": "guess"}, "SignatureDoesNotMatch")],
)
def test_wrong_credentials_are_denied_with_a_hint_and_without_the_secret(seaweedfs, wrong, code):
    with pytest.raises(Denied, match=f"{code}.*check the AWS access key") as caught:
        side_on(seaweedfs, "plain", **wrong).open()
    assert seaweedfs.secret_key not in str(caught.value)


def test_a_wrong_clock_is_denied_with_a_hint(seaweedfs):
    with pytest.raises(Denied, match="clock"):
        side_on(seaweedfs, "plain", clock=lambda: now() - 86400).open()


def test_an_endpoint_where_nobody_answers_is_unavailable():
    side = S3Side(
        "s3",
        bucket="b",
        prefix="",
        clock=now,
        endpoint_url="http://127.0.0.1:9",
        access_key="a",
        secret_key="b",
    )
    side.close()
    with pytest.raises(Unavailable, match="no complete answer"):
        side.open()
    side.close()
    side.close()


def test_encryption_is_asked_for_with_every_object(seaweedfs):
    side = side_on(seaweedfs, "plain", encryption="AES256")
    side.open()
    moved = side.move(put(side, Place("", "a"), b"1"), Place("", "b"))
    head = seaweedfs.client().head_object(Bucket="plain", Key=side._where.prefix + "b")
    assert head["ServerSideEncryption"] == "AES256"
    assert content(side, moved) == b"1"


def test_it_says_whether_the_bucket_keeps_versions(side, bucket):
    remark, tried = side.remarks()
    assert remark.warn == (bucket == "plain")
    assert ("keeps no versions" in remark.text) == remark.warn
    assert tried == Remark("we may write, tag, read and delete below the prefix")


def test_what_is_tried_leaves_nothing_behind(side, seaweedfs, bucket):
    put(side, Place("", "a"), b"1")
    before = all_versions(seaweedfs, bucket, side)
    list(side.remarks())
    assert all_versions(seaweedfs, bucket, side) == before


def all_versions(seaweedfs, bucket, side):
    """Every version of every object below the prefix, and every mark of a delete."""
    found = seaweedfs.client().list_object_versions(Bucket=bucket, Prefix=side._where.prefix)
    return [
        (each["Key"], each["VersionId"])
        for kind in ("Versions", "DeleteMarkers")
        for each in found.get(kind, [])
    ]
