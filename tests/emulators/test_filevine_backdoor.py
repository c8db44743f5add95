import base64

import pytest
import requests

from synctool.emulators.filevine.records import Refusal


@pytest.fixture
def act(fv):
    def call(name, /, **fields):
        return requests.post(f"{fv.url}/_backdoor/{name}", json=fields)

    return call


def test_a_colleague_works_through_the_day(people, project):
    document = people.upload(project, "Draft/brief.docx", b"one")
    twin = people.upload(project, "Draft/brief.docx", b"twin")
    people.revise(document, b"two")
    people.rename(document, "final")
    people.move(document, people.add_folder(project, "Filed"))
    people.rename_folder(people.folders(project)["Filed"], "Filed 2026")
    people.tag(document, ["done"])
    assert people.tree(project) == [
        ("Draft/brief.docx", b"twin", twin, "1"),
        ("Filed 2026/final.docx", b"two", document, "2"),
    ]
    people.revert(document, 1)
    assert people.tree(project)[1] == ("Filed 2026/final.docx", b"one", document, "3")
    people.delete(twin)
    people.move_folder(people.folders(project)["Filed 2026"], people.folders(project)["Draft"])
    assert [leaf.path for leaf in people.tree(project)] == ["Draft/Filed 2026/final.docx"]
    people.delete_folder(people.folders(project)["Draft"])
    assert people.tree(project) == []
    assert people.versions(document) == [b"one", b"two", b"one"]
    assert people.versions(1) == []


def test_names_may_hold_slashes(api, people, project):
    document = people.upload(project, ["A/B", "c/d.txt"], b"")
    assert api.get(f"/Documents/{document}").json()["filename"] == "c/d.txt"
    assert people.folders(project) == {"A/B": people.folders(project)["A/B"]}


def test_what_the_server_refuses_is_refused_here_too(people, project):
    with pytest.raises(Refusal, match="no such deleted"):
        people.undelete(people.upload(project, "a", b""))


def test_everything_can_be_done_over_http(act, fv, people):
    project = act("add_project", name="Over HTTP").json()
    document = act("upload", project=project, path="a/b.txt", text="héllo").json()
    act("revise", document=document, data=base64.b64encode(b"\x00\xff").decode())
    folder = act("add_folder", project=project, path="a", protected=True).json()
    assert act("folders", project=project).json() == {"a": folder}
    assert act("archive_folder", folder=folder).status_code == 200
    (leaf,) = requests.get(f"{fv.url}/_backdoor/tree", params={"project": project}).json()
    assert leaf == {
        "path": "a/b.txt",
        "bytes": base64.b64encode(b"\x00\xff").decode(),
        "id": document,
        "version": "2",
    }
    assert people.versions(document) == ["héllo".encode(), b"\x00\xff"]


def test_switches_counts_and_tokens_are_within_reach_over_http(act, fv, api):
    assert act("switch", token_seconds=3).json() is None
    assert api.token().json()["expires_in"] == 3
    act("forget_requests")
    act("expire_tokens")
    assert api.get("/Users/Me").status_code == 401
    assert act("count").json() == {"GET /Users/Me": 1}


def test_a_person_finds_out_what_can_be_done(fv):
    acts = requests.get(f"{fv.url}/_backdoor").json()
    assert {
        "upload",
        "revise",
        "rename",
        "move",
        "delete",
        "undelete",
        "lock_as_other",
        "tree",
    } <= acts.keys()
    assert "path" in acts["upload"]


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("fly", {}, 404),
        ("upload", {}, 400),
        ("delete", {"document": 1}, 403),
        ("add_folder", {"project": 1, "path": "a"}, 404),
        ("switch", {"speed": 1}, 400),
        ("_begin", {"name": "a", "data": ""}, 404),
    ],
)
def test_mistakes_are_told(act, name, fields, status):
    answer = act(name, **fields)
    assert (answer.status_code, bool(answer.json()["message"])) == (status, True)
