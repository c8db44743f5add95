"""Where the folders of a side are now whose handles are paths: what their children say."""

import pytest

from synctool.core.folders_moved import evidence_of, in_moved_folders
from synctool.core.item import Row
from synctool.core.known import Look
from synctool.core.model import PLACEHOLDER, Entry, Kind, Traits

PATHS = Traits(lasting_refs=False)
STAMPED = Traits(lasting_refs=False, stamps_are_content=True)


def entry(handle, bytes_="", *, placeholder=False):
    """A folder where the handle ends in a slash; of a file its bytes, as digest and as stamp."""
    path = handle.removesuffix(PLACEHOLDER).rstrip("/")
    folder = handle.endswith(("/", PLACEHOLDER))
    above, _, name = path.rpartition("/")
    parent = above and above + "/" + (PLACEHOLDER if placeholder else "")
    kind = Kind.FOLDER if folder else Kind.FILE
    return Entry(kind, handle, parent, name, "folder" if folder else bytes_, sha256="" if folder else bytes_)


def found(was, now, homes=None, traits=PATHS, *, placeholder=False):
    """Which of the former entries each new one is, by handle; was, now: handle → bytes (folders: None)."""
    held = {n: entry(h, b or "", placeholder=placeholder) for n, (h, b) in enumerate(was.items(), 1)}
    seen = {h: entry(h, b or "", placeholder=placeholder) for h, b in now.items()}
    missing = {e.handle: n for n, e in held.items() if e.handle not in seen}
    rows = {n: Row(held=e) for n, e in held.items()}
    owners = in_moved_folders(Look("x", seen, missing), rows, homes or {}, evidence_of(traits))
    return {new: held[item].handle for new, item in owners.items()}


def test_a_folder_is_where_its_documents_are():
    was = {"a/": None, "a/1": "one", "a/2": "two"}
    now = {"b/": None, "b/1": "one", "b/2": "two"}
    assert found(was, now) == {"b/": "a/", "b/1": "a/1", "b/2": "a/2"}


@pytest.mark.parametrize(
    ("now", "moved"),
    [
        ({"b/1": "1", "b/2": "2", "c/3": "3"}, "b/"),
        ({"b/1": "1", "c/2": "2", "c/3": "3"}, "c/"),
        ({"b/1": "1"}, None),
        ({"b/1": "1", "c/2": "2"}, None),
        ({"b/1": "1", "b/2": "edited"}, None),
        ({"b/1": "1", "b/2": "edited", "b/3": "edited"}, "b/"),
        ({"b/1": "1", "c/2": "edited", "c/3": "edited"}, None),
        ({"b/1": "edited", "b/2": "edited", "b/3": "edited"}, None),
        ({"b/one": "1", "b/two": "2", "b/three": "3"}, None),
        ({"b/2": "1", "b/3": "2", "b/1": "3"}, None),
        ({}, None),
    ],
    ids=[
        "most",
        "most elsewhere",
        "one of three",
        "a tie of two",
        "half of what can be told",
        "all that can be told",
        "one of three, and two that say nothing",
        "nothing can be told",
        "other names",
        "names changed about",
        "nothing",
    ],
)
def test_most_of_those_that_can_be_told_decide(now, moved):
    was = {"a/": None, "a/1": "1", "a/2": "2", "a/3": "3"}
    owners = found(was, {"b/": None, "c/": None, **now})
    folders = {new for new, old in owners.items() if old == "a/"}
    assert folders == ({moved} if moved else set())


def test_with_a_folder_goes_what_has_the_same_place_in_it_and_no_other():
    was = {"a/": None, "a/1": "1", "a/2": "2", "a/s/": None, "other": "3"}
    now = {"b/": None, "b/1": "1", "b/2": "edited", "b/s/": None, "b/other": "3"}
    assert found(was, now) == {"b/": "a/", "b/1": "a/1", "b/2": "a/2", "b/s/": "a/s/"}


def test_a_folder_in_a_moved_one_is_looked_for_there_first():
    was = {"a/": None, "a/1": "1", "a/s/": None, "a/s/2": "2"}
    now = {"b/": None, "b/1": "1", "b/s/": None, "c/": None, "c/2": "2"}
    assert found(was, now) == {"b/": "a/", "b/1": "a/1", "b/s/": "a/s/"}
    assert found(dict(reversed(was.items())), now) == {"b/": "a/", "b/1": "a/1", "b/s/": "a/s/"}


def test_what_did_not_come_along_is_not_found():
    was = {"a/": None, "a/1": "1", "a/2": "2", "a/3": "3"}
    assert found(was, {"b/": None, "b/1": "1", "b/2": "2"}) == {"b/": "a/", "b/1": "a/1", "b/2": "a/2"}


def test_a_folder_renamed_in_a_renamed_folder_is_found_by_what_is_in_it():
    was = {"a/": None, "a/1": "1", "a/2": "2", "a/s/": None, "a/s/3": "3"}
    now = {"b/": None, "b/1": "1", "b/2": "2", "b/t/": None, "b/t/3": "3"}
    assert found(was, now)["b/t/"] == "a/s/"


def test_no_two_folders_become_one():
    was = {"a/": None, "a/1": "1", "b/": None, "b/2": "2"}
    now = {"c/": None, "c/1": "1", "c/2": "2"}
    assert found(was, now)["c/"] == "a/"
    assert list(found(was, now).values()).count("b/") == 0


def test_a_folder_that_is_still_there_is_found_by_itself():
    was = {"a/": None, "a/1": "1"}
    now = {"a/": None, "b/": None, "b/1": "1"}
    assert found(was, now, homes={"a/": 1}) == {}
    assert found({"a/": None, "a/1": "1"}, {"b/": None, "b/1": "1"}, homes={"b/": 9}) == {}
    assert found({"a/": None, "a/1": "1"}, {"b/": None, "b/1": "1"}, homes={"b/1": 9}) == {}


def test_nothing_moves_into_what_is_not_new_or_lies_at_the_root():
    was = {"a/": None, "a/1": "1"}
    assert found(was, {"1": "1"}) == {}


def test_empty_or_unread_bytes_say_nothing():
    was = {"a/": None, "a/1": ""}
    assert found(was, {"b/": None, "b/1": ""}) == {}


def test_a_folder_says_by_its_name_where_its_folder_is():
    was = {"a/": None, "a/s/": None, "a/s/1": "1"}
    now = {"b/": None, "b/s/": None, "b/s/1": "1"}
    assert found(was, now) == {"b/": "a/", "b/s/": "a/s/", "b/s/1": "a/s/1"}
    assert found(was, {"b/": None, "b/s": "1"}) == {}


@pytest.mark.parametrize(("traits", "moved"), [(PATHS, False), (STAMPED, True)])
def test_stamps_that_are_content_are_evidence_where_bytes_are_not_read(traits, moved):
    old, new = entry("a/1", "etag")._replace(sha256=""), entry("b/1", "etag")._replace(sha256="")
    look = Look("x", {"b/": entry("b/"), "b/1": new}, {"a/": 1, "a/1": 2})
    rows = {1: Row(held=entry("a/")), 2: Row(held=old)}
    assert bool(in_moved_folders(look, rows, {}, evidence_of(traits))) is moved


def test_a_folders_stamp_is_no_evidence():
    assert evidence_of(STAMPED)(entry("a/")) == ""
    assert evidence_of(STAMPED)(entry("a", "etag")) == "etag"
    assert evidence_of(PATHS)(entry("a", "digest")._replace(stamp="s")) == "digest"


def test_folders_that_are_placeholders_are_paths_too():
    p = PLACEHOLDER
    was = {f"a/{p}": None, "a/1": "1", f"a/s/{p}": None, "a/s/2": "2"}
    now = {f"b/{p}": None, "b/1": "1", f"b/s/{p}": None, "b/s/2": "2"}
    expected = {f"b/{p}": f"a/{p}", "b/1": "a/1", f"b/s/{p}": f"a/s/{p}", "b/s/2": "a/s/2"}
    assert found(was, now, placeholder=True) == expected


def test_what_makes_room_for_another_says_who_it_is():
    was = {"a/": None, "x.txt": "1"}
    now = {"a (moving 1)/": None, "x (moving 2).txt": "edited"}
    assert found(was, now) == {"a (moving 1)/": "a/", "x (moving 2).txt": "x.txt"}
    assert found(was, {"a (moving 2)/": None, "x (moving 1).txt": "edited"}) == {}
    assert found(was, {"a (moving 7)/": None}) == {}


def test_what_lies_in_a_folder_that_makes_room_goes_with_it():
    was = {"a/": None, "a/1": "1"}
    now = {"a (moving 1)/": None, "a (moving 1)/1": "edited", "b/": None, "b/1": "1"}
    assert found(was, now) == {"a (moving 1)/": "a/", "a (moving 1)/1": "a/1"}


def test_a_document_that_makes_room_takes_nothing_along():
    was = {"a": "1", "a/1": "2"}
    assert found(was, {"a (moving 1)": "1", "a (moving 1)1": "2"}) == {"a (moving 1)": "a"}


def test_of_equal_votes_the_first_place_is_looked_at_in_any_order():
    was = {"a/": None, "a/1": "1", "a/2": "2"}
    now = {"b/": None, "b/1": "edited", "b/2": "2", "c/": None, "c/1": "1", "c/2": "edited"}
    assert found(was, now)["b/"] == "a/"
    assert found(dict(reversed(was.items())), dict(reversed(now.items())))["b/"] == "a/"


def test_where_another_folder_now_is_nothing_of_a_moved_folder_is_looked_for():
    was = {"0/": None, "0/1": "1", "a/": None, "a/2": "2", "a/3": "3", "a/s/": None}
    now = {"b/": None, "b/2": "2", "b/3": "3", "b/s/": None, "b/s/1": "1"}
    assert found(was, now)["b/s/"] == "0/"
