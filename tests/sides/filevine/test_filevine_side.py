import hashlib
import io
import threading
from datetime import UTC, datetime

import pytest

from synctool.core.model import Entry, Ids, Kind, Meta, Place, Unlisted, document_handle, folder_handle
from synctool.emulators.filevine.weather import Spell
from synctool.errors import Denied, InUse, Missing, Rejected, Stale, Unavailable
from synctool.sides.filevine.auth import KeySignIn
from synctool.sides.filevine.records import number
from synctool.sides.filevine.tree import TRASH
from tests.sides.filevine.conftest import now_ns, side_of

HOUR = 3600 * 10**9
DAY = f"{TRASH}/2026-11-22"
SERIES = ("GET", "/DocumentSeries")
DOCUMENT = "/Documents/{documentId}"
FOLDER = "/Folders/{folderId}"
CREATE = ("POST", "/Documents")
STORE = ("PUT", "/s3/{key}")
COMMIT = ("POST", "/Projects/{projectId}/Documents/{documentId}")


def meta(data, key=""):
    return Meta(size=len(data), sha256=hashlib.sha256(data).hexdigest(), key=key)


def listed(side):
    return {found.name: found for found in side.list() if isinstance(found, Entry)}


def gaps(side):
    return [found for found in side.list() if isinstance(found, Unlisted)]


def content(side, entry):
    with side.read(entry) as stream:
        return stream.read()


def put(side, at, data, key=""):
    return side.write(at, io.BytesIO(data), meta(data, key))


def counted(fv):
    return dict(fv.requests_seen)


# opening


def test_opening_costs_a_sign_in_and_one_request(fv, project):
    side = side_of(fv, project)
    side.open()
    side.close()
    side.close()
    assert counted(fv) == {
        ("POST", "/connect/token"): 1,
        ("POST", "/utils/GetUserOrgsWithToken"): 1,
        ("GET", "/Projects/{projectId}"): 1,
    }


def test_a_project_that_is_not_there_is_named(fv):
    with pytest.raises(Missing, match=r"^filevine: project 99: "):
        side_of(fv, 99).open()


def test_the_older_sign_in_serves_as_well(fv, project):
    known = fv.credentials
    key = KeySignIn(
        session_url=f"{fv.url}/session",
        api_key=known.api_key,
        api_secret=known.api_secret,
        now=lambda: datetime.now(UTC),
    )
    side = side_of(fv, project, sign_in=key)
    side.open()
    fv.expire_tokens()
    assert listed(side) == {}
    fv.colleague.upload(project, "a.txt", b"a")
    assert list(listed(side)) == ["a.txt"]


def test_a_wrong_key_is_denied(fv, project):
    key = KeySignIn(
        session_url=f"{fv.url}/session", api_key="x", api_secret="hush", now=lambda: datetime.now(UTC)
    )
    with pytest.raises(Denied, match=r"^filevine: project \d+: the API key's hash was refused"):
        side_of(fv, project, sign_in=key).open()


def test_a_sign_in_that_ends_in_the_middle_is_renewed(fv, side, project):
    fv.colleague.upload(project, "a.txt", b"a")
    fv.expire_tokens()
    assert list(listed(side)) == ["a.txt"]
    assert fv.requests_seen["POST", "/connect/token"] == 1


# listing


def test_a_listing_has_documents_then_folders_each_by_number(fv, side, project):
    clerk = fv.colleague
    for path in ("b.txt", "Pleadings/a.txt", "Pleadings/Old/c.txt", "a.txt"):
        clerk.upload(project, path, b"x")
    found = list(side.list())
    assert [entry.handle for entry in found] == sorted(entry.handle for entry in found)
    folders = clerk.folders(project)
    assert [(entry.kind, entry.name, entry.parent) for entry in found] == [
        (Kind.FILE, "b.txt", ""),
        (Kind.FILE, "a.txt", folder_handle(folders["Pleadings"])),
        (Kind.FILE, "c.txt", folder_handle(folders["Pleadings/Old"])),
        (Kind.FILE, "a.txt", ""),
        (Kind.FOLDER, "Pleadings", ""),
        (Kind.FOLDER, "Old", folder_handle(folders["Pleadings"])),
    ]


def test_an_entry_says_what_the_server_says(fv, side, project):
    document = fv.colleague.upload(project, 'Motion: re "Smith"?.docx', b"abc")
    entry = listed(side)['Motion: re "Smith"?.docx']
    assert (entry.handle, entry.size, entry.version) == (document_handle(document), 3, "1")
    assert entry.stamp.startswith("1:3:20")
    assert abs(entry.mtime_ns / 1e9 - datetime.now(UTC).timestamp()) < 60
    assert entry.author
    assert number(entry.handle) == document


def test_a_listing_costs_a_request_for_each_thousand(fv, side, project):
    for count in range(1001):
        fv.colleague.upload(project, f"{count}.txt", b"")
    fv.colleague.add_folder(project, "A")
    assert len(list(side.list())) == 1002
    assert counted(fv) == {SERIES: 2, ("GET", "/Folders/list"): 1}


def test_a_listing_of_exactly_a_thousand_is_one_request(fv, side, project):
    for count in range(1000):
        fv.colleague.add_folder(project, f"F{count}")
        fv.colleague.upload(project, f"{count}.txt", b"")
    assert len(list(side.list())) == 2000
    assert counted(fv) == {SERIES: 1, ("GET", "/Folders/list"): 1}


def test_answers_in_the_spelling_of_the_description_are_read_as_well(fv, side, project):
    fv.colleague.upload(project, "A/a.txt", b"a")
    fv.switch(pascal_case=True)
    entry = listed(side)["a.txt"]
    assert content(side, entry) == b"a"


def test_a_folder_the_list_omits_is_asked_for_with_its_parents(fv, side, project):
    fv.colleague.upload(project, "A/B/a.txt", b"a")
    folders = fv.colleague.folders(project)
    fv.switch(omit_folders=set(folders.values()))
    assert set(listed(side)) == {"A", "B", "a.txt"}
    assert counted(fv)["GET", FOLDER] == 2


def test_archived_folders_are_folders(fv, side, project):
    fv.colleague.upload(project, "A/a.txt", b"a")
    fv.colleague.archive_folder(fv.colleague.folders(project)["A"])
    assert set(listed(side)) == {"A", "a.txt"}
    assert ("GET", FOLDER) not in counted(fv)


def test_protected_folders_are_unknown_with_all_that_is_below(fv, side, project):
    protected = fv.colleague.add_folder(project, "Secret", protected=True)
    below = fv.colleague.add_folder(project, "Secret/Deep")
    fv.colleague.upload(project, "Secret/Deep/a.txt", b"a")
    fv.colleague.upload(project, "b.txt", b"b")
    assert set(listed(side)) == {"b.txt"}
    assert gaps(side) == [
        Unlisted(folder_handle(protected), "protected", passed_over=True),
        Unlisted(folder_handle(below), "protected", passed_over=True),
    ]


def test_protected_folders_are_folders_when_they_are_included(fv, project):
    fv.colleague.add_folder(project, "Secret", protected=True)
    fv.colleague.upload(project, "Secret/a.txt", b"a")
    side = side_of(fv, project, protected="include")
    side.open()
    assert set(listed(side)) == {"Secret", "a.txt"}
    assert side.stat(listed(side)["Secret"]) is not None


def test_what_is_synctools_own_is_not_listed(fv, side, project):
    for path in (f"{TRASH}/Old/a.txt", ".synctool/x.txt", ".placeholder", "A/.placeholder"):
        fv.colleague.upload(project, path, b"")
    fv.colleague.upload(project, "B/.placeholder", b"bytes")
    assert set(listed(side)) == {"A", "B", ".placeholder"}
    assert gaps(side) == []


def test_a_listing_that_answers_a_web_page_raises(fv, side):
    fv.strike("html", route="/DocumentSeries", times=None)
    with pytest.raises(Unavailable, match=r"^filevine: .*instead of JSON"):
        list(side.list())


# looking again


def test_a_document_that_is_there_is_one_request(fv, side, project):
    fv.colleague.upload(project, "A/a.txt", b"a")
    entry = listed(side)["a.txt"]
    fv.forget_requests()
    assert side.stat(entry) == entry
    assert counted(fv) == {SERIES: 1}


def test_a_deleted_document_is_absent_when_its_folder_is_seen(fv, side, project):
    document = fv.colleague.upload(project, "A/a.txt", b"a")
    at_root = fv.colleague.upload(project, "b.txt", b"a")
    entries = listed(side)
    fv.colleague.delete(document)
    fv.colleague.delete(at_root)
    fv.forget_requests()
    assert side.stat(entries["a.txt"]) is None
    assert counted(fv) == {SERIES: 1, ("GET", FOLDER): 1}
    assert side.stat(entries["b.txt"]) is None


def test_a_document_of_a_deleted_folder_is_absent(fv, side, project):
    fv.colleague.upload(project, "A/a.txt", b"a")
    entries = listed(side)
    fv.colleague.delete_folder(number(entries["A"].handle))
    assert side.stat(entries["a.txt"]) is None
    assert side.stat(entries["A"]) is None


def test_a_document_whose_folder_is_hidden_is_not_absent(fv, side, project):
    folder = fv.colleague.add_folder(project, "A")
    fv.colleague.upload(project, "A/a.txt", b"a")
    entries = listed(side)
    fv.colleague.add_folder(project, "A", protected=True)
    with pytest.raises(Denied, match="'A' is protected"):
        side.stat(entries["A"])
    fv.switch(hide_protected=True)
    with pytest.raises(Denied):
        side.stat(entries["a.txt"])
    with pytest.raises(Denied):
        side.stat(entries["A"])
    assert folder == number(entries["A"].handle)


def test_a_moved_document_is_where_it_is_now(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"a")
    entry = listed(side)["a.txt"]
    new = fv.colleague.add_folder(project, "A/B")
    fv.colleague.move(document, new)
    assert side.stat(entry).parent == folder_handle(new)


@pytest.mark.parametrize("name", ["a.txt", "F"])
def test_what_was_moved_into_trash_is_absent(fv, side, project, name):
    document = fv.colleague.upload(project, "F/a.txt", b"a")
    entry = listed(side)[name]
    trash = fv.colleague.add_folder(project, f"{TRASH}/Deep")
    if name == "F":
        fv.colleague.move_folder(number(entry.handle), trash)
    else:
        fv.colleague.move(document, trash)
    assert side.stat(entry) is None


@pytest.mark.parametrize("name", ["a.txt", "F"])
def test_what_was_moved_into_a_protected_folder_is_unknown(fv, side, project, name):
    document = fv.colleague.upload(project, "F/a.txt", b"a")
    entry = listed(side)[name]
    secret = fv.colleague.add_folder(project, "Secret", protected=True)
    if name == "F":
        fv.colleague.move_folder(number(entry.handle), secret)
    else:
        fv.colleague.move(document, secret)
    with pytest.raises(Denied, match="cannot be listed: protected"):
        side.stat(entry)


def test_what_was_never_seen_costs_one_request_wherever_it_lies(fv, side, project):
    document = fv.colleague.upload(project, "A/B/C/a.txt", b"a")
    known = {entry.handle: entry for entry in side.list()}
    fv.forget_requests()
    handle = document_handle(document)
    assert side.stat(Entry(Kind.FILE, handle, "", "", "")) == known[handle]
    assert counted(fv) == {SERIES: 1}
    fv.forget_requests()
    handle = known[handle].parent
    assert side.stat(Entry(Kind.FOLDER, handle, "", "", "")) == known[handle]
    assert counted(fv) == {("GET", FOLDER): 1}


@pytest.mark.parametrize("own", [TRASH, ".synctool"])
def test_a_folder_of_synctools_own_is_absent(fv, side, project, own):
    folder = folder_handle(fv.colleague.add_folder(project, own))
    assert side.stat(Entry(Kind.FOLDER, folder, "", "", "")) is None


def test_a_listing_of_folders_costs_two_requests_for_each_and_those_for_the_way_to_it(fv, side, project):
    fv.colleague.upload(project, "A/B/a.txt", b"a")
    fv.colleague.upload(project, "A/B/.placeholder", b"")
    fv.colleague.add_folder(project, "A/B/Secret", protected=True)
    folder = listed(side)["B"].handle
    fv.forget_requests()
    found = list(side.list([folder]))
    assert [each.name for each in found if isinstance(each, Entry)] == ["a.txt"]
    assert [each.reason for each in found if isinstance(each, Unlisted)] == ["protected"]
    assert counted(fv) == {("GET", "/Folders/{folderId}/children"): 1, SERIES: 1, ("GET", FOLDER): 2}


def test_a_listing_of_folders_that_are_not_in_sight_says_so_or_nothing(fv, side, project):
    fv.colleague.upload(project, f"{DAY}/a.txt", b"a")
    secret = fv.colleague.add_folder(project, "Secret", protected=True)
    trash = fv.colleague.folders(project)[TRASH]
    assert list(side.list([folder_handle(trash)])) == []
    assert list(side.list([folder_handle(secret)])) == [
        Unlisted(folder_handle(secret), "protected", passed_over=True)
    ]
    fv.switch(hide_protected=True)
    (unlisted,) = side.list([folder_handle(secret)])
    assert unlisted.folder == folder_handle(secret)
    assert not unlisted.passed_over


def test_a_folder_that_went_to_another_project_is_absent(fv, side, project):
    folder = fv.colleague.add_folder(project, "F")
    entry = listed(side)["F"]
    assert side.stat(entry) == entry
    other = fv.colleague.add_project("Other")
    fv.colleague.move_folder(folder, fv.colleague.root(other))
    assert side.stat(entry) is None


# reading


def test_reading_is_a_locator_and_a_download(fv, side, project):
    fv.colleague.upload(project, "a.txt", b"abc" * 1000)
    entry = listed(side)["a.txt"]
    fv.forget_requests()
    assert content(side, entry) == b"abc" * 1000
    assert counted(fv) == {("GET", DOCUMENT + "/locator"): 1, ("GET", "/s3/{key}"): 1}


def test_reading_what_changed_or_went_is_stale(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"abc")
    entry = listed(side)["a.txt"]
    fv.colleague.revise(document, b"abcd")
    with pytest.raises(Stale, match=r"^filevine: a.txt: it changed"):
        side.read(entry)
    fv.colleague.delete(document)
    with pytest.raises(Stale, match="it is gone"):
        side.read(entry)


def test_reading_the_wrong_number_of_bytes_of_what_did_not_change_is_unavailable(fv, side, project):
    fv.colleague.upload(project, "a.txt", b"abc")
    entry = listed(side)["a.txt"]
    with pytest.raises(Unavailable, match="holds 3 bytes where 4 were listed"):
        side.read(entry._replace(size=4))


def test_reading_bytes_that_are_not_there_yet_is_unavailable(fv, side, project):
    fv.colleague.upload(project, "a.txt", b"abc")
    entry = listed(side)["a.txt"]
    fv.switch(locators_without_url=True)
    with pytest.raises(Unavailable, match="no bytes yet"):
        side.read(entry)


def test_a_download_that_ends_early_is_unavailable(fv, side, project):
    fv.colleague.upload(project, "a.txt", b"abc" * 1000)
    entry = listed(side)["a.txt"]
    fv.strike("truncated", route="/s3/", times=None)
    with pytest.raises(Unavailable, match=r"^filevine: a.txt: .*early"):
        content(side, entry)


# writing


def test_a_new_document_is_three_requests(fv, side, project):
    folder = fv.colleague.add_folder(project, "A")
    entry = put(side, Place(folder_handle(folder), "a.txt"), b"hello", "key-1")
    assert counted(fv) == {CREATE: 1, STORE: 1, COMMIT: 1}
    assert listed(side)["a.txt"] == entry
    assert entry.size == 5
    assert fv.colleague.tree(project)[0][:2] == ("A/a.txt", b"hello")


def test_a_new_document_at_the_root_and_without_bytes(fv, side, project):
    assert put(side, Place("", "empty.txt"), b"").parent == ""
    assert fv.colleague.tree(project)[0][:2] == ("empty.txt", b"")


def test_a_repeated_write_finds_what_the_first_one_made(fv, side, project):
    first = put(side, Place("", "a.txt"), b"hello", "key-1")
    assert put(side, Place("", "a.txt"), b"hello", "key-1") == first
    assert len(fv.colleague.tree(project)) == 1


def test_a_repeated_write_of_other_bytes_is_stale(fv, side, project):
    put(side, Place("", "a.txt"), b"hello", "key-1")
    with pytest.raises(Stale):
        put(side, Place("", "a.txt"), b"hellO", "key-1")


def test_a_write_that_was_never_committed_begins_anew(fv, side, project):
    upload = side._client.create(project, None, "a.txt", 5, "key-1")
    entry = put(side, Place("", "a.txt"), b"hello", "key-1")
    assert entry.handle != document_handle(upload.id)
    assert [leaf.path for leaf in fv.colleague.tree(project)] == ["a.txt"]
    assert put(side, Place("", "a.txt"), b"hello", "key-1") == entry


def test_a_name_the_server_adjusts_is_what_is_returned(fv, side, project):
    fv.switch(duplicates="auto-rename")
    put(side, Place("", "a.txt"), b"1")
    assert put(side, Place("", "a.txt"), b"2").name == "a (1).txt"


def test_a_name_the_server_refuses_is_stale(fv, side, project):
    fv.switch(duplicates="reject")
    put(side, Place("", "a.txt"), b"1")
    with pytest.raises(Stale):
        put(side, Place("", "a.txt"), b"2")


def test_a_name_the_server_refuses_is_done_when_it_has_these_bytes(fv, side, project):
    fv.switch(duplicates="reject")
    folder = Place(folder_handle(fv.colleague.add_folder(project, "A")), "a.txt")
    put(side, folder._replace(name="b.txt"), b"1")
    assert put(side, folder, b"1") == put(side, folder._replace(name="A.txt"), b"1")


def test_a_name_the_server_refuses_for_a_folder_is_stale(fv, side, project):
    fv.switch(duplicates="reject")
    fv.colleague.add_folder(project, "a.txt")
    with pytest.raises(Stale, match="already exists"):
        put(side, Place("", "a.txt"), b"2")


@pytest.mark.parametrize("handle", ["a/b.txt", "d", "d-5", "x5", "d5/"])
def test_a_handle_of_another_side_is_nothing_here(side, handle):
    with pytest.raises(Missing, match="no document or folder of Filevine"):
        side.stat(Entry(Kind.FILE, handle, "", "b.txt", "1"))


def test_bytes_that_are_not_the_promised_ones_are_not_committed(fv, side, project):
    with pytest.raises(Unavailable, match="not the promised ones"):
        side.write(Place("", "a.txt"), io.BytesIO(b"abc"), meta(b"abd"))
    assert fv.colleague.tree(project) == []


def test_reserved_names_are_rejected(fv, side, project):
    fv.colleague.upload(project, "a.txt", b"a")
    entry = listed(side)["a.txt"]
    fv.forget_requests()
    for attempt in (
        lambda: side.make_folder(Place("", TRASH)),
        lambda: put(side, Place("", ".placeholder"), b""),
        lambda: side.move(entry, Place("", ".synctool")),
    ):
        with pytest.raises(Rejected, match="reserved"):
            attempt()
    assert counted(fv) == {}


def test_what_the_server_does_not_take_is_rejected(fv, side, project):
    with pytest.raises(Rejected, match="Filename is required"):
        put(side, Place("", " "), b"1", "key-1")
    with pytest.raises(Rejected, match="5 GiB"):
        side.write(Place("", "big.bin"), io.BytesIO(), Meta(size=5 * 2**30 + 1, sha256=""))


def test_a_folder_that_went_makes_a_write_stale(fv, side, project):
    with pytest.raises(Stale):
        put(side, Place(folder_handle(4), "a.txt"), b"1")


def test_an_edit_is_six_requests_and_the_same_document(fv, side, project):
    document = fv.colleague.upload(project, "A/a.txt", b"one")
    entry = listed(side)["a.txt"]
    fv.forget_requests()
    edited = put(side, entry, b"three", "key-2")
    assert counted(fv) == {
        SERIES: 1,
        ("POST", DOCUMENT + "/lock"): 1,
        CREATE: 1,
        STORE: 1,
        ("POST", DOCUMENT + "/Revisions"): 1,
        ("POST", DOCUMENT + "/unlock"): 1,
    }
    assert edited == listed(side)["a.txt"]
    assert edited.handle == entry.handle
    assert edited.stamp != entry.stamp
    assert fv.colleague.versions(document) == [b"one", b"three"]
    assert fv.colleague.lock_holder(document) is None


def test_an_edit_of_what_changed_is_stale_and_changes_nothing(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"one")
    entry = listed(side)["a.txt"]
    fv.colleague.revise(document, b"two")
    with pytest.raises(Stale, match="other bytes"):
        put(side, entry, b"six")
    assert fv.colleague.versions(document) == [b"one", b"two"]
    assert put(side, entry, b"two").version == "2"
    fv.colleague.move(document, fv.colleague.add_folder(project, TRASH))
    with pytest.raises(Stale, match="moved or removed"):
        put(side, entry, b"six")
    fv.colleague.delete(document)
    with pytest.raises(Stale, match="moved or removed"):
        put(side, entry, b"six")


def test_what_somebody_saves_while_our_bytes_travel_is_not_buried_below_them(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"one")
    entry = listed(side)["a.txt"]

    class Slow(io.BytesIO):
        def read(self, *size):
            if not fv.colleague.versions(document)[1:]:
                fv.colleague.revise(document, b"two")
            return super().read(*size)

    with pytest.raises(Stale, match="other bytes"):
        side.write(entry, Slow(b"six"), meta(b"six"))
    assert fv.colleague.versions(document) == [b"one", b"two"]


def test_an_edit_of_what_a_person_has_open_is_put_off(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"one")
    entry = listed(side)["a.txt"]
    fv.colleague.lock_as_other(document)
    with pytest.raises(InUse, match=r"^filevine: a.txt: .*locked"):
        put(side, entry, b"two")
    assert fv.colleague.versions(document) == [b"one"]


def test_a_failed_edit_gives_the_lock_back(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"one")
    entry = listed(side)["a.txt"]
    fv.colleague.mark_contract(document)
    with pytest.raises(Rejected):
        put(side, entry, b"two")
    assert fv.colleague.lock_holder(document) is None
    fv.colleague.begin_revision(document)
    with pytest.raises(Unavailable, match="409"):
        put(side, entry, b"two")


def losing_answers(client, lost):
    """Let the answers to the calls that ``lost`` picks arrive, and be lost, once."""
    ask, done = client._wire.ask, []

    def lose(method, url, **options):
        answer = ask(method, url, **options)
        if lost(method, url) and not done:
            done.append(url)
            raise Unavailable("the answer was lost")
        return answer

    client._wire.ask = lose


def test_an_edit_whose_answer_was_lost_is_not_done_twice(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"one")
    entry = listed(side)["a.txt"]
    losing_answers(side._client, lambda method, url: url.endswith("/Revisions"))
    edited = put(side, entry, b"two")
    assert edited == listed(side)["a.txt"]
    assert fv.colleague.versions(document) == [b"one", b"two"]


def test_a_lost_answer_to_an_edit_that_somebody_else_overtook_is_stale(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"one")
    entry = listed(side)["a.txt"]
    ask = side._client._wire.ask

    def overtaken(method, url, **options):
        answer = ask(method, url, **options)
        if url.endswith("/Revisions") and answer.status == 200:
            fv.colleague.revise(document, b"2wo")
            raise Unavailable("the answer was lost")
        return answer

    side._client._wire.ask = overtaken
    with pytest.raises(Stale):
        put(side, entry, b"two")
    assert fv.colleague.versions(document) == [b"one", b"two", b"2wo"]


def test_a_document_that_went_in_the_middle_of_an_edit_is_stale(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"one")
    entry = listed(side)["a.txt"]
    ask = side._client._wire.ask

    def deleting(method, url, **options):
        if url.endswith("/Revisions"):
            fv.colleague.delete(document)
        return ask(method, url, **options)

    side._client._wire.ask = deleting
    with pytest.raises(Stale, match="it is gone"):
        put(side, entry, b"two")


def test_a_new_document_whose_answers_were_lost_is_made_once(fv, side, project):
    for lost in ("/Documents", "/Documents/"):
        losing_answers(side._client, lambda method, url, lost=lost: method == "POST" and lost in url)
        put(side, Place("", f"{len(lost)}.txt"), b"hello", f"key-{lost}")
    assert len(fv.colleague.tree(project)) == 2


# folders, moves, removals


def test_a_new_folder_is_one_request(fv, side, project):
    parent = side.make_folder(Place("", "A"))
    entry = side.make_folder(Place(parent.handle, "B"))
    assert counted(fv) == {("POST", "/Folders"): 2}
    assert list(fv.colleague.folders(project)) == ["A", "A/B"]
    assert listed(side) == {"A": parent, "B": entry}


def test_a_folder_that_is_there_is_done(fv, side, project):
    first = side.make_folder(Place("", "A"))
    assert side.make_folder(Place("", "A")) == first
    assert side.make_folder(Place("", "a")) == first


def test_a_folder_whose_name_a_document_has_is_stale(fv, side, project):
    fv.colleague.upload(project, "A", b"")
    with pytest.raises(Stale):
        side.make_folder(Place("", "A"))


def test_a_folder_whose_answer_was_lost_is_found(fv, side, project):
    fv.switch(folder_clash="allow")
    losing_answers(side._client, lambda method, url: method == "POST" and url.endswith("/Folders"))
    side.make_folder(Place("", "A"))
    assert list(fv.colleague.folders(project)) == ["A"]


def test_many_hands_make_one_folder(fv, side, project):
    made = []
    threads = [
        threading.Thread(target=lambda: made.append(side.make_folder(Place("", "A")))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert list(fv.colleague.folders(project)) == ["A"]


def test_a_move_and_rename_is_one_request_and_no_bytes(fv, side, project):
    fv.colleague.upload(project, "a.txt", b"a")
    folder = fv.colleague.add_folder(project, "A")
    entry = listed(side)["a.txt"]
    fv.forget_requests()
    moved = side.move(entry, Place(folder_handle(folder), "b.txt"))
    assert counted(fv) == {("PATCH", DOCUMENT): 1}
    assert (moved.name, moved.parent, moved.stamp) == ("b.txt", folder_handle(folder), entry.stamp)
    assert moved == listed(side)["b.txt"]
    assert side.move(moved, Place("", "b.txt")).parent == ""


def test_a_name_adjusted_by_a_move_is_what_is_returned(fv, side, project):
    fv.colleague.upload(project, "a.txt", b"a")
    fv.colleague.upload(project, "A/a.txt", b"b")
    entries = {entry.parent: entry for entry in side.list() if entry.name == "a.txt"}
    folder = next(parent for parent in entries if parent)
    assert side.move(entries[""], Place(folder, "a.txt")).name == "a (1).txt"


def test_a_rename_onto_a_name_that_is_taken_is_stale(fv, side, project):
    fv.colleague.upload(project, "a.txt", b"a")
    fv.colleague.upload(project, "b.txt", b"b")
    with pytest.raises(Stale, match="already exists"):
        side.move(listed(side)["a.txt"], Place("", "b.txt"))


def test_an_extension_is_never_changed(fv, side, project):
    fv.colleague.upload(project, "a.doc", b"a")
    entry = listed(side)["a.doc"]
    fv.forget_requests()
    with pytest.raises(Rejected, match="extension"):
        side.move(entry, Place("", "a.docx"))
    assert counted(fv) == {}


def test_a_move_of_what_changed_or_went_is_stale(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"a")
    entry = listed(side)["a.txt"]
    fv.colleague.revise(document, b"b")
    folder = fv.colleague.add_folder(project, "A")
    with pytest.raises(Stale, match="changed"):
        side.move(entry, Place(folder_handle(folder), "b.txt"))
    assert [leaf.path for leaf in fv.colleague.tree(project)] == ["a.txt"]
    fv.colleague.delete(document)
    with pytest.raises(Stale, match="gone"):
        side.move(entry, Place("", "b.txt"))


def test_a_move_into_trash_by_a_person_is_overruled_by_a_move(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"a")
    entry = listed(side)["a.txt"]
    fv.colleague.move(document, fv.colleague.add_folder(project, TRASH))
    side.move(entry, Place(side.make_folder(Place("", "A")).handle, "a.txt"))
    assert [leaf.path for leaf in fv.colleague.tree(project)] == ["A/a.txt"]


def test_a_folder_moves_with_what_is_in_it_in_one_request(fv, side, project):
    fv.colleague.upload(project, "A/a.txt", b"a")
    fv.colleague.add_folder(project, "B")
    entries = listed(side)
    fv.forget_requests()
    moved = side.move(entries["A"], Place(entries["B"].handle, "C"))
    assert counted(fv) == {("PATCH", FOLDER): 1}
    assert moved == listed(side)["C"]
    assert fv.colleague.tree(project)[0].path == "B/C/a.txt"


def test_an_archived_folder_stays_archived_when_it_is_renamed(fv, side, project):
    folder = fv.colleague.add_folder(project, "A")
    fv.colleague.archive_folder(folder)
    side.move(listed(side)["A"], Place("", "B"))
    assert side._client.folder(folder)[3:5] == ("B", True)


def test_a_folder_that_cannot_be_moved_is_stale(fv, side, project):
    fv.colleague.add_folder(project, "A")
    fv.colleague.add_folder(project, "B")
    entries = listed(side)
    with pytest.raises(Stale, match="same name"):
        side.move(entries["A"], Place("", "B"))
    fv.colleague.delete_folder(number(entries["A"].handle))
    with pytest.raises(Stale, match="gone"):
        side.move(entries["A"], Place("", "C"))


def test_a_removed_document_lies_in_trash(fv, side, project):
    for name in ("a.txt", "A/a.txt", "b.txt"):
        fv.colleague.upload(project, name, b"a")
    entries = list(side.list())
    fv.forget_requests()
    side.remove(entries[0])
    assert counted(fv) == {
        SERIES: 1,
        ("GET", FOLDER + "/children"): 1,
        ("POST", "/Folders"): 2,
        ("PATCH", DOCUMENT): 1,
    }
    fv.forget_requests()
    side.remove(entries[1])
    assert counted(fv) == {SERIES: 1, ("PATCH", DOCUMENT): 1}
    side.remove(entries[1])
    assert [leaf.path for leaf in fv.colleague.tree(project)] == [
        f"{TRASH}/2026-11-22/a (1).txt",
        f"{TRASH}/2026-11-22/a.txt",
        "b.txt",
    ]
    assert set(listed(side)) == {"b.txt", "A"}


def test_the_trash_of_an_earlier_run_is_used(fv, side, project):
    fv.colleague.add_folder(project, DAY)
    fv.colleague.upload(project, "a.txt", b"a")
    side.remove(listed(side)["a.txt"])
    assert list(fv.colleague.folders(project)) == [TRASH, DAY]
    again = side_of(fv, project)
    again.open()
    document = fv.colleague.upload(project, "b.txt", b"b")
    again.remove(again.stat(Entry(Kind.FILE, document_handle(document), "", "b.txt", "")))
    assert list(fv.colleague.folders(project)) == [TRASH, DAY]


def test_each_day_has_its_own_folder_in_trash(fv, project):
    moment = [now_ns()]
    side = side_of(fv, project, now=lambda: moment[0])
    side.open()
    for day in range(3):
        fv.colleague.upload(project, f"{day}.txt", b"a")
        moment[0] = now_ns() + day * 20 * HOUR
        side.remove(listed(side)[f"{day}.txt"])
    assert [leaf.path for leaf in fv.colleague.tree(project)] == [
        f"{TRASH}/2026-11-22/0.txt",
        f"{TRASH}/2026-11-23/1.txt",
        f"{TRASH}/2026-11-24/2.txt",
    ]


def test_what_is_kept_costs_one_look_and_says_since_when(fv, side, project):
    long_ago = fv.colleague.upload(project, f"{TRASH}/old.txt", b"old")
    deep = fv.colleague.upload(project, f"{TRASH}/2026-11-20/A/deep.txt", b"deep")
    fv.colleague.upload(project, ".synctool/other.txt", b"other")
    fv.colleague.upload(project, f"A/{TRASH}/mine.txt", b"mine")
    document = fv.colleague.upload(project, "a.txt", b"a")
    entry = listed(side)["a.txt"]
    side.remove(entry)
    fv.forget_requests()
    kept = {kept.was: kept for kept in side.kept()}
    assert counted(fv) == {("GET", "/Folders/list"): 1, SERIES: 1}
    midnight = now_ns() + 12 * HOUR
    assert {handle: (each.at_ns, each.entry.parent) for handle, each in kept.items()} == {
        document_handle(document): (midnight - 1, DAY),
        document_handle(deep): (midnight - 48 * HOUR - 1, f"{TRASH}/2026-11-20"),
        document_handle(long_ago): (now_ns(), TRASH),
    }
    assert kept[entry.handle].entry.stamp == entry.stamp


def test_what_is_brought_back_is_the_same_document(fv, side, project):
    document = fv.colleague.upload(project, "A/a.txt", b"one")
    fv.colleague.revise(document, b"two")
    entries = listed(side)
    side.remove(entries["a.txt"])
    (kept,) = side.kept()
    assert side.move(kept.entry, Place(entries["A"].handle, "a.txt")) == entries["a.txt"]
    assert [(leaf.path, leaf.id) for leaf in fv.colleague.tree(project)] == [("A/a.txt", document)]
    assert fv.colleague.versions(document) == [b"one", b"two"]


@pytest.mark.parametrize("act", ["deleted", "revised", "taken out"])
def test_what_happened_to_a_document_in_trash_makes_it_stale(fv, side, project, act):
    document = fv.colleague.upload(project, "a.txt", b"a")
    side.remove(listed(side)["a.txt"])
    (kept,) = side.kept()
    if act == "deleted":
        fv.colleague.delete(document)
    elif act == "revised":
        fv.colleague.revise(document, b"b")
    else:
        fv.colleague.move(document, fv.colleague.add_folder(project, "A"))
    before = fv.colleague.tree(project)
    with pytest.raises(Stale):
        side.move(kept.entry, Place("", "a.txt"))
    if act == "deleted":
        side.purge(kept)
    else:
        with pytest.raises(Stale):
            side.purge(kept)
    assert fv.colleague.tree(project) == before


def test_a_purge_whose_answer_was_lost_is_done(fv, side, project):
    fv.colleague.upload(project, "a.txt", b"a")
    side.remove(listed(side)["a.txt"])
    (kept,) = side.kept()
    losing_answers(side._client, lambda method, url: method == "DELETE")
    side.purge(kept)
    assert fv.colleague.tree(project) == []


def test_a_document_that_changed_is_not_removed(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"a")
    entry = listed(side)["a.txt"]
    fv.colleague.revise(document, b"b")
    with pytest.raises(Stale, match="changed"):
        side.remove(entry)
    assert list(listed(side)) == ["a.txt"]


def test_a_document_that_is_gone_is_removed(fv, side, project):
    document = fv.colleague.upload(project, "a.txt", b"a")
    entry = listed(side)["a.txt"]
    fv.colleague.delete(document)
    side.remove(entry)


def test_documents_are_deleted_where_the_profile_says_so(fv, project):
    side = side_of(fv, project, trash="delete")
    side.open()
    fv.colleague.upload(project, "a.txt", b"a")
    entry = listed(side)["a.txt"]
    fv.forget_requests()
    side.remove(entry)
    assert counted(fv) == {SERIES: 1, ("DELETE", DOCUMENT): 1}
    side.remove(entry)
    assert fv.colleague.tree(project) == []
    assert fv.colleague.folders(project) == {}


def test_a_delete_whose_answer_was_lost_is_done(fv, project):
    side = side_of(fv, project, trash="delete")
    side.open()
    fv.colleague.upload(project, "a.txt", b"a")
    entry = listed(side)["a.txt"]
    losing_answers(side._client, lambda method, url: method == "DELETE")
    side.remove(entry)
    assert fv.colleague.tree(project) == []


def test_an_empty_folder_goes_to_trash_and_is_never_deleted(fv, side, project):
    fv.colleague.add_folder(project, "A")
    fv.colleague.add_folder(project, TRASH)
    entry = listed(side)["A"]
    fv.forget_requests()
    side.remove(entry)
    assert counted(fv) == {
        ("GET", FOLDER + "/children"): 1,
        SERIES: 1,
        ("POST", "/Folders"): 1,
        ("PATCH", FOLDER): 1,
    }
    assert list(fv.colleague.folders(project)) == [TRASH, DAY, f"{DAY}/A ({entry.handle})"]
    side.remove(entry)
    assert list(side.list()) == []


def test_a_folder_that_is_gone_is_removed(fv, side, project):
    fv.colleague.add_folder(project, "A")
    entry = listed(side)["A"]
    fv.colleague.delete_folder(number(entry.handle))
    side.remove(entry)


@pytest.mark.parametrize("inside", ["A/a.txt", "A/B/a.txt"])
def test_a_folder_with_anything_in_it_stays(fv, side, project, inside):
    fv.colleague.upload(project, inside, b"a")
    with pytest.raises(Stale, match="not empty"):
        side.remove(listed(side)["A"])
    assert fv.colleague.tree(project)[0].path == inside


# the rest of the contract


def test_filevine_keeps_neither_labels_nor_a_marker(side):
    entry = Entry(Kind.FILE, document_handle(5), "", "a.txt", "1")
    assert side.label(entry, meta(b"")) is entry
    side.mark(b"{}")
    assert side.marker() is None


def test_the_ids_of_a_document_are_plain_numbers(fv, side, project):
    root = str(fv.colleague.root(project))
    entry = Entry(Kind.FILE, document_handle(5), "", "a.txt", "1")
    assert side.ids(entry, "") == Ids(str(project), "5", root, "")
    assert side.ids(entry._replace(parent=folder_handle(7)), "A/B") == Ids(str(project), "5", "7", "A/B")


def test_its_traits_are_filevines(side):
    traits = side.traits
    assert (traits.lasting_refs, traits.unique_names, traits.fixed_extension, traits.moves_folders) == (
        True,
        False,
        True,
        True,
    )
    assert (traits.names, traits.max_size, traits.jobs) == ("filevine", 5 * 2**30, 3)


def test_a_page_in_the_place_of_the_storage_is_not_taken_for_an_upload(fv, side, project):
    fv.strike("html", method="PUT", times=None)
    with pytest.raises(Unavailable, match="with a web page to an upload"):
        put(side, Place("", "a.txt"), b"hello", "key-1")
    fv.clear_up()
    assert fv.colleague.tree(project) == []
    put(side, Place("", "a.txt"), b"hello", "key-1")
    assert [leaf.bytes for leaf in fv.colleague.tree(project)] == [b"hello"]


def test_an_upload_begun_anew_whose_answer_is_lost_is_not_refused_for_good(fv, side, project):
    fv.weather(
        Spell(fault="reset after", method="POST", route="/Documents", first=1),
        Spell(fault="reset after", method="POST", route="/Documents", first=3),
    )
    with pytest.raises(Unavailable, match="an earlier upload of it is in the way"):
        put(side, Place("", "a.txt"), b"hello", "key-1")
    put(side, Place("", "a.txt"), b"hello", "key-1")
    assert [leaf.path for leaf in fv.colleague.tree(project)] == ["a.txt"]
