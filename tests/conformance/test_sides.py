"""What every side promises (``synctool.sides.base``), asked of each of them."""

import io
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256

import pytest

from synctool.core.model import Entry, Kept, Kind, Meta, Place
from synctool.core.names import holds
from synctool.errors import Missing, Rejected, SideError, Stale, Unavailable
from tests.conformance.rig import meta

ODD_NAMES = [
    "!before", "-rf", "#hash", "(1)", "a b.txt", "a  b", "caf\u00e9.pdf", "cafe\u0301 nfd.pdf", "it's.txt", 'say "so".txt',
    "100%.txt", "a%20b", "a&b;c.txt", "a+b.txt", "a=b@c.txt", "😀.txt", "日本.docx", "x" * 200, ".hidden", "a:b.txt",
    "[draft].docx", "a,b.txt", "q?x=1.txt", "back\\slash.txt", "a.tar.gz", "no extension", "ümlaut ß.txt", "{x}.txt", "~a",
]  # fmt: skip

FORGED = [
    "../outside.txt",
    "a/../../outside.txt",
    "/etc/hostname",
    "..",
    "a/../../",
    "d999999999999",
    "f999999999999/",
]


def holdable(rig):
    return [name for name in ODD_NAMES if holds(name, rig.side.traits.names)]


def forged(handle):
    return Entry(Kind.FILE, handle, "", handle.rpartition("/")[2], "1:1", size=1)


# Listing


def test_an_empty_side_lists_nothing(rig):
    assert rig.look() == {}


def test_all_that_is_there_is_listed(rig):
    for path in ("top.txt", "a/one.txt", "a/b/two.txt", "empty/", "a/hollow/"):
        rig.put(path, b"" if path.endswith("/") else path.encode())
    look = rig.look()
    assert set(look) == {"top.txt", "a/", "a/one.txt", "a/b/", "a/b/two.txt", "empty/", "a/hollow/"}
    assert look["a/b/two.txt"].size == len("a/b/two.txt")
    assert look["a/b/two.txt"].parent == look["a/b/"].handle
    assert look["a/b/"].parent == look["a/"].handle
    assert look["top.txt"].parent == ""
    assert look["empty/"].stamp
    assert look["empty/"].size == 0


def test_a_listing_is_in_the_order_of_its_handles(rig):
    for path in ("a.txt", "a/x.txt", "a-b.txt", "a/b/y.txt", "a0", "a b/z", "Z.txt", "é/w.txt", "zz/"):
        rig.put(path, b"" if path.endswith("/") else path.encode())
    handles = [entry.handle.encode() for entry in rig.side.list()]
    assert handles == sorted(handles)
    assert len(set(handles)) == len(handles) == 13


def test_a_listing_of_folders_shows_what_the_whole_one_shows_directly_in_them(rig):
    for path in (
        "top.txt",
        "a.txt",
        "a/one.txt",
        "a/b/two.txt",
        "a/b/c/three.txt",
        "a-b/",
        "a/hollow/",
        "z/deep/x.txt",
    ):
        rig.put(path, b"" if path.endswith("/") else path.encode())
    whole = list(rig.side.list())
    look = {"": None, **rig.look()}
    for asked in ([], [""], ["a/"], ["", "a/b/"], ["z/deep/", "a/"], ["a-b/"], ["z/", "", "a/", "a/b/c/"]):
        handles = [path and look[path].handle for path in asked]
        assert list(rig.side.list(handles)) == [entry for entry in whole if entry.parent in handles], asked


def test_odd_names_are_listed_alike_in_their_folder(rig):
    for name in holdable(rig):
        rig.put(f"odd/{name}", name.encode())
        rig.put(f"odd/in {name}/", b"")
    folder = rig.entry("odd/").handle
    assert list(rig.side.list([folder])) == [entry for entry in rig.side.list() if entry.parent == folder]


def test_a_listing_of_folders_shows_nothing_reserved(rig):
    rig.side.mark(b"{}")
    rig.write(Place("", "a.txt"), b"one")
    rig.side.remove(rig.entry("a.txt"))
    assert list(rig.side.list([""])) == []


def test_a_folder_that_is_not_there_holds_nothing(rig):
    rig.put("a/b/one.txt", b"one")
    look = rig.look()
    rig.delete("a/")
    gone = [look["a/"].handle, look["a/b/"].handle]
    made_up = [entry.handle for entry in look.values() if entry.kind is Kind.FILE]
    assert (
        list(
            rig.side.list(
                [*gone, *made_up, *FORGED, ".synctool/", ".synctool/.placeholder", "nowhere/.placeholder"]
            )
        )
        == []
    )


def test_odd_names_come_and_go_unharmed(rig):
    names = holdable(rig)
    for name in names:
        rig.put(f"odd/{name}", name.encode())
    look = rig.look()
    assert set(look) == {"odd/"} | {f"odd/{name}" for name in names}
    for name in names:
        assert rig.read(look[f"odd/{name}"]) == name.encode()


def test_odd_names_can_be_written(rig):
    rig.side.make_folder(Place("", "odd ß folder"))
    place = rig.place("odd ß folder/x")
    names = holdable(rig)
    for name in names:
        assert rig.write(place._replace(name=name), name.encode()).name == rig.spelling(name)
    written = {path: data for path, data in rig.tree().items() if not path.endswith("/")}
    assert written == {f"odd ß folder/{rig.spelling(name)}": name.encode() for name in names}


def test_an_unchanged_document_keeps_its_stamp(rig):
    rig.put("a.txt", b"one")
    assert rig.entry("a.txt") == rig.entry("a.txt")


def test_other_bytes_of_the_same_size_have_another_stamp(rig):
    rig.put("a.txt", b"one")
    before = rig.entry("a.txt")
    rig.put("a.txt", b"two")
    assert rig.entry("a.txt").stamp != before.stamp


def test_what_a_side_tells_of_the_bytes_is_true(rig):
    rig.put("a.txt", b"one")
    entry = rig.entry("a.txt")
    assert entry.sha256 in {"", sha256(b"one").hexdigest()}
    assert entry.md5 in {"", "f97c5d29941bfb1b2fdab0874906ab82"}


def test_reserved_names_are_not_listed(rig):
    rig.side.mark(b"{}")
    rig.write(Place("", "a.txt"), b"one")
    rig.side.remove(rig.entry("a.txt"))
    assert rig.look() == {}


# Looking at one entry


def test_stat_says_what_the_listing_says(rig):
    rig.put("a/one.txt", b"one")
    for entry in rig.look().values():
        assert rig.side.stat(entry) == entry


def test_stat_says_what_is_there_now(rig):
    rig.put("a.txt", b"one")
    before = rig.entry("a.txt")
    rig.put("a.txt", b"two!")
    assert rig.side.stat(before) == rig.entry("a.txt") != before


def test_stat_of_what_is_gone_is_nothing(rig):
    rig.put("a/one.txt", b"one")
    look = rig.look()
    rig.delete("a/")
    assert [rig.side.stat(entry) for entry in look.values()] == [None, None]


# Reading


def test_reading_gives_exactly_the_bytes(rig):
    data = bytes(range(256)) * 513
    rig.put("a.bin", data)
    assert rig.read(rig.entry("a.bin")) == data


def test_reading_piece_by_piece_gives_exactly_the_bytes(rig):
    data = bytes(range(256)) * 513
    rig.put("a.bin", data)
    with rig.side.read(rig.entry("a.bin")) as stream:
        assert b"".join(iter(lambda: stream.read(1000), b"")) == data


@pytest.mark.parametrize("start", [1, 70_000, 513 * 256 - 1])
def test_reading_from_the_middle_gives_exactly_the_rest(rig, start):
    data = bytes(range(256)) * 513
    rig.put("a.bin", data)
    with rig.side.read(rig.entry("a.bin"), start) as stream:
        assert stream.read() == data[start:]


def test_reading_a_changed_document_from_the_middle_is_stale(rig):
    rig.put("a.txt", b"one")
    before = rig.entry("a.txt")
    rig.put("a.txt", b"twice")
    with pytest.raises(Stale), rig.side.read(before, 1) as stream:
        stream.read()


def test_reading_a_changed_document_is_stale(rig):
    rig.put("a.txt", b"one")
    before = rig.entry("a.txt")
    rig.put("a.txt", b"two")
    with pytest.raises(Stale):
        rig.read(before)


def test_reading_what_is_gone_is_stale_or_missing(rig):
    rig.put("a.txt", b"one")
    before = rig.entry("a.txt")
    rig.delete("a.txt")
    with pytest.raises((Stale, Missing)):
        rig.read(before)


# Writing


def test_a_new_document_is_there_afterwards(rig):
    rig.side.make_folder(Place("", "a"))
    wrote = rig.write(rig.place("a/one.txt"), b"one")
    assert rig.tree() == {"a/": b"", "a/one.txt": b"one"}
    assert wrote == rig.entry("a/one.txt")
    assert (wrote.name, wrote.size, wrote.kind) == ("one.txt", 3, Kind.FILE)
    assert rig.read(wrote) == b"one"


def test_a_replaced_document_has_the_new_bytes_and_keeps_the_old(rig):
    rig.put("a.txt", b"one")
    wrote = rig.write(rig.entry("a.txt"), b"twice")
    assert rig.tree() == {"a.txt": b"twice"}
    assert wrote == rig.entry("a.txt")
    assert b"one" in rig.kept()


def test_writing_twice_is_writing_once(rig):
    rig.put("a.txt", b"one")
    before = rig.entry("a.txt")
    assert rig.write(before, b"two") == rig.write(before, b"two")
    place = Place("", "new.txt")
    assert rig.write(place, b"new") == rig.write(place, b"new")
    assert rig.tree() == {"a.txt": b"two", "new.txt": b"new"}


def test_a_taken_place_is_stale_and_nothing_changes(rig):
    rig.put("a.txt", b"one")
    with pytest.raises(Stale):
        rig.write(Place("", "a.txt"), b"two")
    assert rig.tree() == {"a.txt": b"one"}


def test_a_place_taken_by_the_same_bytes_is_done(rig):
    rig.put("a.txt", b"one")
    assert rig.write(Place("", "a.txt"), b"one") == rig.entry("a.txt")


def test_a_place_taken_by_a_folder_is_stale(rig):
    rig.put("a.txt/", b"")
    with pytest.raises(Stale):
        rig.write(Place("", "a.txt"), b"one")


def test_overwriting_what_changed_is_stale_and_nothing_changes(rig):
    rig.put("a.txt", b"one")
    before = rig.entry("a.txt")
    rig.put("a.txt", b"two")
    with pytest.raises(Stale):
        rig.write(before, b"three")
    assert rig.tree() == {"a.txt": b"two"}


def test_overwriting_what_is_gone_is_stale(rig):
    rig.put("a.txt", b"one")
    before = rig.entry("a.txt")
    rig.delete("a.txt")
    with pytest.raises((Stale, Missing)):
        rig.write(before, b"three")
    assert rig.tree() == {}


def test_writing_where_no_folder_is_changes_nothing_else(rig):
    rig.put("a/", b"")
    place = rig.place("a/one.txt")
    rig.delete("a/")
    try:
        rig.write(place, b"one")
    except (Stale, Missing):
        assert rig.tree() == {}
    else:
        assert rig.side.traits.implied_folders


def test_bytes_that_are_not_the_promised_ones_are_not_taken(rig):
    for promise in (Meta(size=4, sha256=sha256(b"one").hexdigest()), Meta(size=3, sha256="0" * 64)):
        with pytest.raises((Unavailable, Rejected)):
            rig.side.write(Place("", "a.txt"), io.BytesIO(b"one"), promise)
    assert rig.tree() == {}


def test_an_empty_document_is_kept_or_rejected(rig):
    try:
        rig.write(Place("", "empty.txt"), b"")
    except Rejected:
        assert rig.tree() == {}
    else:
        assert rig.read(rig.entry("empty.txt")) == b""


def test_a_large_document_passes_in_small_memory(rig):
    size = 20 << 20
    block = bytes(range(256)) * 4096
    source = _Repeating(block, size)
    promise = Meta(size=size, sha256=sha256(block * 20).hexdigest())
    tracemalloc.start()
    try:
        wrote = rig.side.write(Place("", "large.bin"), source, promise)
        digest, most = sha256(), 0
        with rig.side.read(wrote) as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
                most = max(most, len(piece))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (wrote.size, digest.hexdigest()) == (size, promise.sha256)
    assert most <= 1 << 20
    assert not rig.streams or peak < 17 << 20


def test_the_time_of_a_version_travels_where_it_is_kept(rig):
    when = 1_700_000_001_234_567_891
    wrote = rig.write(Place("", "a.txt"), b"one", mtime_ns=when)
    step = rig.mtime_step_ns
    assert step is None or wrote.mtime_ns == when // step * step
    assert wrote == rig.entry("a.txt")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b.txt", "nul\0.txt", ".placeholder", "../a.txt"])
def test_a_name_that_leaves_the_folder_or_is_reserved_is_rejected(rig, name):
    if rig.side.traits.names == "filevine" and name != ".placeholder":
        pytest.skip("a name is only text there")
    with pytest.raises(Rejected):
        rig.write(Place("", name), b"one")
    with pytest.raises(Rejected):
        rig.side.make_folder(Place("", name))
    assert rig.tree() == {}


def test_the_reserved_folder_cannot_be_made(rig):
    with pytest.raises(Rejected):
        rig.side.make_folder(Place("", ".synctool"))


@pytest.mark.parametrize("handle", FORGED)
def test_nothing_outside_the_root_is_reached(rig, handle):
    entry = forged(handle)
    attempts = [
        lambda: rig.side.stat(entry),
        lambda: rig.side.remove(entry),
        lambda: rig.read(entry),
        lambda: rig.write(entry, b"x"),
        lambda: rig.write(Place(handle, "x.txt"), b"x"),
        lambda: rig.side.move(entry, Place("", "x.txt")),
    ]
    for attempt in attempts:
        try:
            assert attempt() is None
        except SideError:
            continue
    assert rig.tree() == {}


# Folders, moves, removal


def test_making_a_folder_twice_is_making_it_once(rig):
    made = rig.side.make_folder(Place("", "a"))
    assert rig.side.make_folder(Place("", "a")) == made == rig.entry("a/")
    inner = rig.side.make_folder(Place(made.handle, "b"))
    assert set(rig.tree()) == {"a/", "a/b/"}
    assert (inner.parent, inner.kind, inner.name) == (made.handle, Kind.FOLDER, "b")


def test_a_folder_cannot_be_made_where_a_document_is(rig):
    rig.put("a", b"one")
    with pytest.raises(Stale):
        rig.side.make_folder(Place("", "a"))
    assert rig.tree() == {"a": b"one"}


def test_a_document_moves_and_no_bytes_change(rig):
    rig.put("a/one.txt", b"one")
    rig.put("b/", b"")
    moved = rig.side.move(rig.entry("a/one.txt"), rig.place("b/uno.txt"))
    assert rig.tree() == {"a/": b"", "b/": b"", "b/uno.txt": b"one"}
    assert moved == rig.entry("b/uno.txt")
    assert rig.read(moved) == b"one"


def test_moving_twice_is_moving_once(rig):
    rig.put("one.txt", b"one")
    before = rig.entry("one.txt")
    moved = rig.side.move(before, Place("", "uno.txt"))
    assert rig.side.move(before, Place("", "uno.txt")) == moved
    assert rig.tree() == {"uno.txt": b"one"}


def test_moving_to_a_taken_place_is_stale_and_nothing_changes(rig):
    rig.put("one.txt", b"one")
    rig.put("two.txt", b"two")
    with pytest.raises(Stale):
        rig.side.move(rig.entry("one.txt"), Place("", "two.txt"))
    assert rig.tree() == {"one.txt": b"one", "two.txt": b"two"}


def test_moving_what_changed_or_is_gone_is_stale(rig):
    rig.put("one.txt", b"one")
    before = rig.entry("one.txt")
    rig.put("one.txt", b"two")
    with pytest.raises(Stale):
        rig.side.move(before, Place("", "uno.txt"))
    assert rig.tree() == {"one.txt": b"two"}
    rig.delete("one.txt")
    with pytest.raises((Stale, Missing)):
        rig.side.move(before, Place("", "uno.txt"))


def test_a_rename_may_change_nothing_but_case(rig):
    rig.put("one.txt", b"one")
    moved = rig.side.move(rig.entry("one.txt"), Place("", "One.TXT"))
    assert rig.tree() == {moved.name: b"one"}
    assert moved.name == rig.spelling("One.TXT")
    assert rig.side.move(moved, Place("", moved.name)) == moved


def test_a_side_that_ignores_case_knows_a_taken_place(rig):
    rig.put("one.txt", b"one")
    before = rig.tree()
    if not rig.ignores_case:
        pytest.skip("this side tells ONE.TXT from one.txt")
    with pytest.raises(Stale):
        rig.write(Place("", "ONE.TXT"), b"two")
    assert rig.write(Place("", "ONE.TXT"), b"one") == rig.entry("one.txt")
    assert rig.tree() == before


def test_a_folder_moves_with_all_that_is_in_it(rig):
    if not rig.side.traits.moves_folders:
        pytest.skip("folders are moved document by document there")
    rig.put("a/b/one.txt", b"one")
    rig.put("a/b/c/", b"")
    rig.put("z/", b"")
    before = rig.entry("a/b/")
    moved = rig.side.move(before, rig.place("z/bb"))
    assert set(rig.tree()) == {"a/", "z/", "z/bb/", "z/bb/c/", "z/bb/one.txt"}
    assert moved == rig.entry("z/bb/")
    assert rig.side.move(before, rig.place("z/bb")) == moved


def test_a_folder_moved_to_a_taken_place_is_stale(rig):
    if not rig.side.traits.moves_folders:
        pytest.skip("folders are moved document by document there")
    rig.put("a/one.txt", b"one")
    rig.put("b/", b"")
    with pytest.raises(Stale):
        rig.side.move(rig.entry("a/"), Place("", "b"))
    assert set(rig.tree()) == {"a/", "a/one.txt", "b/"}


def test_a_folder_cannot_be_moved_into_itself(rig):
    if not rig.side.traits.moves_folders:
        pytest.skip("folders are moved document by document there")
    rig.put("a/b/", b"")
    with pytest.raises(SideError):
        rig.side.move(rig.entry("a/"), rig.place("a/b/c"))
    assert set(rig.tree()) == {"a/", "a/b/"}


def test_a_removed_document_is_gone_and_its_bytes_are_kept(rig):
    rig.put("a/one.txt", b"one")
    before = rig.entry("a/one.txt")
    rig.side.remove(before)
    assert rig.tree() == {"a/": b""}
    assert b"one" in rig.kept()
    rig.side.remove(before)


def test_bytes_removed_again_and_again_are_all_kept(rig):
    for data in (b"one", b"two", b"three"):
        rig.put("a.txt", data)
        rig.side.remove(rig.entry("a.txt"))
    assert {b"one", b"two", b"three"} <= rig.kept()


def test_removing_what_changed_is_stale_and_nothing_changes(rig):
    rig.put("a.txt", b"one")
    before = rig.entry("a.txt")
    rig.put("a.txt", b"two")
    with pytest.raises(Stale):
        rig.side.remove(before)
    assert rig.tree() == {"a.txt": b"two"}


def test_an_empty_folder_can_be_removed(rig):
    rig.put("a/b/", b"")
    before = rig.entry("a/b/")
    rig.side.remove(before)
    assert set(rig.tree()) == {"a/"}
    rig.side.remove(before)


@pytest.mark.parametrize("inside", ["a/one.txt", "a/b/"])
def test_a_folder_with_anything_in_it_is_not_removed(rig, inside):
    rig.put(inside, b"" if inside.endswith("/") else b"one")
    with pytest.raises(Stale):
        rig.side.remove(rig.entry("a/"))
    assert set(rig.tree()) == {"a/", inside}


# What is kept


def test_a_new_side_keeps_nothing(rig):
    rig.put("a/one.txt", b"one")
    assert list(rig.side.kept()) == []
    assert rig.tree() == {"a/": b"", "a/one.txt": b"one"}


def test_what_was_removed_is_listed_as_what_it_was(rig):
    rig.put("a/b/one.txt", b"one")
    rig.put("two.txt", b"two")
    entry = rig.entry("a/b/one.txt")
    rig.side.remove(entry)
    (kept,) = rig.side.kept()
    assert (kept.was, kept.entry.name, kept.entry.size, kept.entry.kind) == (
        entry.handle,
        entry.name,
        3,
        Kind.FILE,
    )
    assert kept.at_ns > 1_700_000_000 * 10**9
    assert rig.read(kept.entry) == b"one"
    assert kept.entry.stamp == entry.stamp or not rig.stamps_last


def test_what_was_replaced_is_listed_as_what_it_was(rig):
    if not rig.tells_replaced:
        pytest.skip("former versions cannot be asked for there")
    rig.put("a/one.txt", b"one")
    entry = rig.entry("a/one.txt")
    rig.write(entry, b"two!")
    (kept,) = rig.side.kept()
    assert (kept.was, rig.read(kept.entry)) == (entry.handle, b"one")
    assert kept.entry.stamp == entry.stamp or not rig.stamps_last


def test_bytes_removed_again_and_again_are_all_listed(rig):
    for data in (b"one", b"two", b"three"):
        rig.put("a.txt", data)
        rig.side.remove(rig.entry("a.txt"))
    kept = list(rig.side.kept())
    assert {rig.read(each.entry) for each in kept} >= {b"one", b"two", b"three"}
    assert len({each.entry.handle for each in kept}) == len(kept)


def test_a_removed_document_can_be_brought_back_once(rig):
    rig.put("a/one.txt", b"one")
    rig.put("b/", b"")
    rig.side.remove(rig.entry("a/one.txt"))
    (kept,) = rig.side.kept()
    back = rig.side.move(kept.entry, rig.place("b/uno.txt"))
    assert rig.tree() == {"a/": b"", "b/": b"", "b/uno.txt": b"one"}
    assert back == rig.entry("b/uno.txt")
    assert back.stamp == kept.entry.stamp
    assert rig.side.move(kept.entry, rig.place("b/uno.txt")) == back
    if not kept.version:
        assert list(rig.side.kept()) == []
        with pytest.raises((Stale, Missing)):
            rig.side.move(kept.entry, rig.place("a/one.txt"))
        assert rig.tree() == {"a/": b"", "b/": b"", "b/uno.txt": b"one"}


def test_a_replaced_document_can_be_brought_back_beside_the_other(rig):
    if not rig.tells_replaced:
        pytest.skip("former versions cannot be asked for there")
    rig.put("one.txt", b"one")
    rig.write(rig.entry("one.txt"), b"two")
    (kept,) = rig.former(b"one")
    back = rig.side.move(kept.entry, Place("", "uno.txt"))
    assert rig.tree() == {"one.txt": b"two", "uno.txt": b"one"}
    assert (back, rig.read(back)) == (rig.entry("uno.txt"), b"one")


def test_nothing_is_brought_back_to_a_taken_place(rig):
    rig.put("one.txt", b"one")
    rig.side.remove(rig.entry("one.txt"))
    rig.put("one.txt", b"two")
    (kept,) = rig.side.kept()
    with pytest.raises(Stale):
        rig.side.move(kept.entry, Place("", "one.txt"))
    assert rig.tree() == {"one.txt": b"two"}
    assert rig.former(b"one") == [kept]


def test_what_is_purged_is_gone_for_good_and_nothing_else(rig):
    for path in ("a/one.txt", "a/two.txt"):
        rig.put(path, path.encode())
        rig.side.remove(rig.entry(path))
    (one,), (two,) = rig.former(b"a/one.txt"), rig.former(b"a/two.txt")
    if one.version:
        with pytest.raises(Rejected):
            rig.side.purge(one)
        assert {b"a/one.txt", b"a/two.txt"} <= rig.kept()
        return
    rig.side.purge(one)
    assert list(rig.side.kept()) == [two]
    rig.side.purge(one)
    assert rig.kept() == {b"a/two.txt"}
    assert rig.tree() == {"a/": b""}
    rig.side.purge(two)
    assert rig.kept() == set()


def test_nothing_that_was_brought_back_is_purged(rig):
    rig.put("a.txt", b"one")
    rig.side.remove(rig.entry("a.txt"))
    (kept,) = rig.side.kept()
    back = rig.side.move(kept.entry, Place("", "a.txt"))
    for each in (
        kept,
        kept._replace(entry=back),
        kept._replace(entry=back._replace(handle=kept.entry.handle)),
    ):
        with suppress(Stale, Rejected):
            rig.side.purge(each)
    assert rig.tree() == {"a.txt": b"one"}


def test_nothing_is_purged_that_only_has_the_name_of_what_was_kept(rig):
    rig.put("a.txt", b"one")
    rig.side.remove(rig.entry("a.txt"))
    (kept,) = rig.side.kept()
    with pytest.raises((Stale, Rejected)):
        rig.side.purge(kept._replace(entry=kept.entry._replace(stamp="9:9:9")))
    assert b"one" in rig.kept()


def test_nothing_outside_trash_is_purged(rig):
    rig.put("a.txt", b"one")
    rig.side.mark(b"{}")
    marker = rig.side.marker()
    entry = rig.entry("a.txt")
    inside = (".synctool/marker.json", ".synctool/trash/../../a.txt", ".synctool/trash/a.txt", entry.handle)
    for handle in (*FORGED, *inside):
        with suppress(SideError):
            rig.side.purge(Kept(entry._replace(handle=handle), "a.txt", 0))
    assert (rig.tree(), rig.side.marker()) == ({"a.txt": b"one"}, marker)


# The rest


def test_a_touch_changes_no_bytes(rig):
    rig.put("a.txt", b"one")
    before = rig.entry("a.txt")
    rig.touch("a.txt")
    after = rig.entry("a.txt")
    assert after.size == before.size
    assert rig.read(after) == b"one"


def test_a_label_changes_no_bytes(rig):
    rig.put("a.txt", b"one")
    labelled = rig.side.label(rig.entry("a.txt"), meta(b"one"))
    assert labelled == rig.entry("a.txt")
    assert rig.read(labelled) == b"one"


def test_a_marker_comes_back_as_it_was_left(rig):
    assert rig.side.marker() is None
    rig.side.mark(b'{"n": 1}')
    rig.side.mark(b'{"n": 2}')
    assert rig.side.marker() in {b'{"n": 2}', None}


def test_a_marker_can_be_taken_away_and_that_again(rig):
    rig.put("a.txt", b"one")
    for _ in range(2):
        rig.side.mark(b"{}")
        rig.side.mark(None)
        rig.side.mark(None)
        assert rig.side.marker() is None
    assert rig.tree() == {"a.txt": b"one"}


def test_a_root_that_is_not_there_is_missing(rig):
    if rig.lost is None:
        pytest.skip("the root cannot be lost there")
    with pytest.raises(Missing):
        rig.lost.open()


def test_of_two_writers_to_one_place_one_wins(rig):
    outcome = _race(lambda data: rig.write(Place("", "a.txt"), data))
    assert sorted(map(type, outcome.values()), key=str) == sorted([Entry, Stale], key=str)
    assert rig.tree() == {"a.txt": next(data for data, end in outcome.items() if isinstance(end, Entry))}


def test_of_two_writers_to_one_document_no_bytes_are_lost(rig):
    rig.put("a.txt", b"old")
    entry = rig.entry("a.txt")
    outcome = _race(lambda data: rig.write(entry, data))
    won = {data for data, end in outcome.items() if isinstance(end, Entry)}
    assert won
    assert won | {b"old"} <= rig.kept() | set(rig.tree().values())


def test_two_writers_of_the_same_bytes_are_both_done(rig):
    barrier = threading.Barrier(2)

    def write(_):
        barrier.wait()
        return rig.write(Place("", "a.txt"), b"one")

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(write, range(2))
    assert one == other == rig.entry("a.txt")


def _race(write):
    barrier = threading.Barrier(2)

    def run(data):
        barrier.wait()
        try:
            return write(data)
        except Stale as lost:
            return lost

    contenders = (b"one", b"two")
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(contenders, pool.map(run, contenders), strict=True))


class _Repeating(io.RawIOBase):
    """size bytes of one block again and again, made as they are read."""

    def __init__(self, block, size):
        self._block = block
        self._size = size
        self._at = 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._at

    def seek(self, offset, whence=0):
        self._at = (0, self._at, self._size)[whence] + offset
        return self._at

    def readinto(self, buffer):
        start = self._at % len(self._block)
        piece = self._block[start : start + min(len(buffer), self._size - self._at)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
