import pytest

from synctool.core.model import Entry, Place, Unlisted, folder_handle
from synctool.errors import Denied, Missing, Rejected, Unavailable
from synctool.sides.base import RESERVED
from synctool.sides.filevine.records import Folder
from synctool.sides.filevine.side import FilevineSide
from synctool.sides.filevine.tree import HIDDEN, LISTED, TRASH, Tree
from tests.sides.filevine.conftest import Reply, now_ns

ROOT = 1


def folder(number, parent=ROOT, name="F", *, project=77, protected=False):
    return Folder(number, project, parent, name, archived=False, protected=protected)


def tree(*folders, elsewhere=(), protected="exclude"):
    fetched = {found.id: found for found in elsewhere}

    def fetch(number):
        if number not in fetched:
            raise Missing(f"no folder {number}")
        return fetched.pop(number)  # asked for once

    return Tree({found.id: found for found in folders}, 77, ROOT, fetch, protected)


def test_what_lies_in_the_root_is_listed():
    assert tree().sight(ROOT) == LISTED
    assert tree().sight(None) == LISTED
    assert tree(folder(2, None)).sight(2) == LISTED


def test_what_leads_to_the_root_is_listed():
    assert tree(folder(2), folder(3, 2), folder(4, 3)).sight(4) == LISTED


def test_only_the_roots_own_trash_is_trash():
    known = tree(folder(2, name=TRASH), folder(3, 2), folder(4), folder(5, 4, TRASH))
    assert [known.sight(number) for number in (2, 3, 5)] == [HIDDEN, HIDDEN, LISTED]
    assert known.trash() == 2
    assert [known.day(number) for number in (2, 3, 4, 5, None)] == ["", "F", None, None, None]
    assert known.days() == {"F": 3}
    assert tree(folder(2, name=RESERVED), folder(3, 2)).day(3) is None
    assert tree(folder(2)).days() == {}


def test_folders_that_lie_in_each_other_are_unknown():
    known = tree(folder(2, 3), folder(3, 2), folder(4, 3))
    reason = known.sight(4)
    assert reason not in (LISTED, HIDDEN)
    assert list(known.entries()) == [Unlisted(folder_handle(number), reason) for number in (2, 3, 4)]


def test_a_folder_below_one_that_cannot_be_found_is_unknown():
    known = tree(elsewhere=[folder(3, 2)])
    assert known.sight(3) == known.sight(3) == "no folder 2"
    assert list(known.entries()) == [
        Unlisted(folder_handle(2), "no folder 2"),
        Unlisted(folder_handle(3), "no folder 2"),
    ]


def test_a_folder_that_was_fetched_is_an_entry():
    known = tree(elsewhere=[folder(3, 2), folder(2)])
    assert known.sight(3) == LISTED
    assert [type(found) for found in known.entries()] == [Entry, Entry]


def test_a_folder_of_another_project_is_unknown():
    assert "another project" in tree(elsewhere=[folder(3, project=78)]).sight(3)


def test_protection_reaches_down_unless_included():
    folders = (folder(2, protected=True), folder(3, 2))
    assert tree(*folders).sight(3) == "protected"
    assert tree(*folders, protected="include").sight(3) == LISTED


# with a server


def document(number, **fields):
    return {
        "documentId": {"native": number},
        "filename": f"{number}.txt",
        "size": 3,
        "projectId": {"native": 77},
        **fields,
    }


def project_of(server, root, documents=(), folders=()):
    server.api("GET", "/Projects/77", Reply(body={"projectId": {"native": 77}, "rootDocFolderId": root}))
    server.api("GET", "/DocumentSeries", Reply(body={"items": list(documents), "hasMore": False}))
    named = [{"folderId": number, "parentId": parent, "name": f"F{number}"} for number, parent in folders]
    server.api("GET", "/Folders/list", Reply(body={"items": named, "hasMore": False}))


@pytest.fixture
def side(client):
    return FilevineSide("fv", client=client, project=77, clock=now_ns)


def test_documents_of_a_forbidden_folder_are_unknown_and_the_rest_is_listed(server, side):
    project_of(
        server,
        {"native": 1},
        [document(4, folderId={"native": 9}), document(5), document(6, folderId={"native": 9})],
    )
    server.api("GET", "/Folders/9", Reply(403, {"message": "no access"}))
    side.open()
    found = list(side.list())
    assert [entry.handle for entry in found if isinstance(entry, Entry)] == ["d000000000005"]
    assert found[-1].folder == folder_handle(9)
    assert "no access" in found[-1].reason
    assert server.calls().count("GET /Folders/9") == 1


def test_a_root_that_is_not_named_is_the_one_parent_that_is_no_folder(server, side):
    project_of(server, None, [document(4, folderId={"native": 1})], [(2, 1), (3, 2)])
    side.open()
    assert [entry.parent for entry in side.list()] == ["", "", folder_handle(2)]


def test_a_root_that_could_be_any_of_two_is_not_guessed(server, side):
    project_of(server, None, folders=[(2, 1), (3, 9)])
    with pytest.raises(
        Unavailable, match=r"^fv: project 77: the project does not say which folder is its root"
    ):
        side.open()


def test_without_a_root_nothing_is_moved_there(server, side):
    project_of(server, None)
    side.open()
    assert list(side.list()) == []
    with pytest.raises(Unavailable, match="which folder is its root"):
        side._folders.number("")


def test_a_refused_download_address_is_asked_for_once_more(server, side):
    project_of(server, {"native": 1}, [document(4)])
    side.open()
    entry = next(side.list())
    links = [Reply(body={"url": f"{server.url}/s3/{name}"}) for name in ("old", "new")]
    server.api("GET", "/Documents/4/locator", *links)
    server.on("GET", "/s3/old", Reply(403))
    server.on("GET", "/s3/new", Reply(200, b"abc"))
    with side.read(entry) as stream:
        assert stream.read() == b"abc"
    server.on("GET", "/s3/new", Reply(403))
    with pytest.raises(Unavailable, match=r"^fv: 4.txt: .*refuses the download address"):
        side.read(entry)


def test_a_document_with_a_virus_is_rejected(server, side):
    project_of(server, {"native": 1}, [document(4)])
    server.api(
        "GET",
        "/Documents/4/locator",
        Reply(body={"url": "x", "antivirusScanResult": [{"threatDetected": True, "virusName": "EICAR"}]}),
    )
    with pytest.raises(Rejected, match="EICAR"):
        side.read(next(side.list()))


def test_a_refusal_to_delete_what_is_there_is_a_refusal(server, client):
    side = FilevineSide("fv", client=client, project=77, clock=now_ns, trash="delete")
    project_of(server, {"native": 1}, [document(4)])
    server.api("DELETE", "/Documents/4", Reply(403))
    with pytest.raises(Denied):
        side.remove(next(side.list()))


def test_a_refusal_to_destroy_what_is_in_trash_is_a_refusal(server, side):
    project_of(server, {"native": 1}, [document(4, folderId={"native": 2})])
    trash = {"folderId": 2, "parentId": 1, "name": TRASH}
    server.api("GET", "/Folders/list", Reply(body={"items": [trash], "hasMore": False}))
    server.api("GET", "/Folders/2", Reply(body=trash))
    server.api("DELETE", "/Documents/4", Reply(403))
    side.open()
    (kept,) = side.kept()
    with pytest.raises(Denied):
        side.purge(kept)


def test_a_refused_move_of_what_is_there_is_a_refusal(server, side):
    project_of(server, {"native": 1}, [document(4)])
    side.open()
    server.api("PATCH", "/Documents/4", Reply(403))
    entry = next(side.list())
    with pytest.raises(Denied):
        side.move(entry, Place("", "b.txt"))
