import pytest
import requests


def ids(api, project):
    answer = api.get("/DocumentSeries", params={"projectId": project, "limit": 1000}).json()
    return [item["documentId"]["native"] for item in answer["items"]]


def put(url, data=b"x", kind="text/plain"):
    return requests.put(url, data, headers={"Content-Type": kind} if kind else {})


def test_a_document_is_invisible_until_it_is_committed(api, project):
    number = api.begin("brief.txt", b"words", project)
    assert ids(api, project) == []
    assert api.get(f"/Documents/{number}").status_code == 403
    assert api.get("/DocumentSeries/Meta", params={"projectId": project}).json()["count"] == 0
    document = api.post(f"/Projects/{project}/Documents/{number}").json()
    assert ids(api, project) == [number]
    assert (document["filename"], document["size"], document["currentVersion"]) == ("brief.txt", 5, "1")
    assert document["uploadDate"] == "2026-09-21T14:13:20.123Z"
    assert api.download(number).content == b"words"


def test_a_second_commit_changes_nothing(api, people, project):
    other = people.add_folder(project, "Other")
    document = api.upload("a.txt", b"x", project)
    again = api.post(
        f"/Projects/{project}/Documents/{document['documentId']['native']}", params={"folderId": other}
    )
    assert (again.status_code, again.json()) == (200, document)


@pytest.mark.parametrize(
    ("asked", "status", "data", "where"),
    [
        ("bytes=2-", 206, b"rds", "bytes 2-4/5"),
        ("bytes=0-", 206, b"words", "bytes 0-4/5"),
        ("bytes=5-", 416, b"", "bytes */5"),
        ("bytes=-2", 200, b"words", None),
    ],
)
def test_storage_gives_the_bytes_from_where_they_are_asked_for(api, project, asked, status, data, where):
    number = api.upload("brief.txt", b"words", project)["documentId"]["native"]
    url = api.get(f"/Documents/{number}/locator").json()["url"]
    answer = requests.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, data)
    assert answer.headers.get("Content-Range") == where


def test_a_document_without_a_folder_lies_in_the_root(api, people, project):
    assert api.upload("a.txt", b"x", project)["folderId"]["native"] == people.root(project)


def test_bytes_that_never_came_leave_a_locator_without_url(api, project):
    body = {"filename": "a.txt", "size": 9, "projectId": {"native": project}}
    number = api.post("/documents/", json=body).json()["documentId"]["native"]
    assert api.post(f"/projects/{project}/documents/{number}/").json()["size"] == 9
    assert api.get(f"/Documents/{number}/locator").json()["url"] == ""


def test_an_empty_document_is_a_document(api, project):
    number = api.upload("empty.txt", b"", project)["documentId"]["native"]
    answer = api.download(number)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Filename": " "}, 400),
        ({"Filename": None}, 400),
        ({"Filename": 7}, 400),
        ({"Size": None}, 400),
        ({"Size": True}, 400),
        ({"ProjectId": None, "FolderId": {"Native": 5001}}, 400),
        ({"ProjectId": {"Native": 1}}, 422),
        ({"FolderId": {"Native": 1}}, 422),
        ({"FolderId": "folder"}, 400),
    ],
)
def test_a_new_document_is_checked(api, project, changes, status):
    body = {"Filename": "a.txt", "Size": 1, "ProjectId": {"Native": project}} | changes
    answer = api.post("/Documents", json=body)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_a_document_cannot_lie_in_another_projects_folder(api, people, project):
    elsewhere = people.root(people.add_project("Other"))
    body = {
        "Filename": "a.txt",
        "Size": 1,
        "ProjectId": {"Native": project},
        "FolderId": {"Native": elsewhere},
    }
    assert api.post("/Documents", json=body).status_code == 422
    number = api.begin("a.txt", b"x", project)
    assert api.post(f"/Projects/{project}/Documents/{number}?folderId={elsewhere}").status_code == 400
    assert api.post(f"/Projects/{project}/Documents/1").status_code == 403
    assert api.post(f"/Projects/1/Documents/{number}").status_code == 404


@pytest.mark.parametrize(
    ("mode", "status", "name"),
    [("allow", 200, "A.txt"), ("auto-rename", 200, "A (1).txt"), ("reject", 400, None)],
)
def test_a_second_document_of_one_name_is_what_the_switch_says(fv, api, project, mode, status, name):
    fv.switch(duplicates=mode)
    api.upload("a.txt", b"1", project)
    answer = api.post(f"/Projects/{project}/Documents/{api.begin('A.txt', b'2', project)}")
    assert (answer.status_code, answer.json().get("filename")) == (status, name)


def test_storage_wants_the_signed_type_and_a_length(fv, api, project):
    body = {"Filename": "a.pdf", "Size": 1, "ProjectId": {"Native": project}}
    link = api.post("/Documents", json=body).json()
    assert link["contentType"] == "application/pdf"
    wrong = put(link["url"], kind="text/plain")
    assert (wrong.status_code, "SignatureDoesNotMatch" in wrong.text) == (403, True)
    assert put(link["url"], iter([b"x"]), "application/pdf").status_code == 501
    assert put(link["url"].replace("Signature=", "Signature=0"), kind="application/pdf").status_code == 403
    assert put(link["url"], kind="application/pdf").status_code == 200
    assert requests.get(link["url"]).status_code == 403


def test_links_end(api, clock, project):
    body = {"Filename": "a.txt", "Size": 1, "ProjectId": {"Native": project}}
    link = api.post("/Documents", json=body).json()["url"]
    clock.tick(5 * 3600 - 1)
    assert put(link).status_code == 200
    clock.tick(2)
    late = put(link)
    assert (late.status_code, "AccessDenied" in late.text) == (403, True)
    assert late.headers["Content-Type"] == "application/xml"


def test_a_locator_serves_for_an_hour(api, clock, project):
    number = api.upload("a.txt", b"x", project)["documentId"]["native"]
    url = api.get(f"/Documents/{number}/locator").json()["url"]
    clock.tick(3599)
    assert requests.get(url).content == b"x"
    clock.tick(2)
    assert requests.get(url).status_code == 403


def revise(api, original, revision):
    return api.post(f"/Documents/{original}/Revisions", json={"Native": revision})


def test_a_revision_keeps_the_id_and_takes_size_date_and_version(api, people, clock, project):
    number = people.upload(project, "Pleadings/brief.docx", b"one")
    key = api.get(f"/Documents/{number}/locator").json()["versionKey"]
    clock.tick(60)
    pending = api.begin("brief v2.DOCX", b"second", project)
    document = revise(api, number, pending).json()
    assert document["documentId"]["native"] == number
    assert (document["filename"], document["size"], document["currentVersion"]) == ("brief.docx", 6, "2")
    assert document["uploadDate"] == "2026-09-21T14:14:20.123Z"
    assert document["uploaderId"]["native"] == api.fv.user
    assert api.get(f"/Documents/{number}/locator").json()["versionKey"] != key
    assert api.download(number).content == b"second"
    assert ids(api, project) == [number]
    assert people.versions(number) == [b"one", b"second"]


def test_a_claimed_revision_is_gone(api, people, project):
    number = people.upload(project, "a.txt", b"1")
    pending = api.begin("a.txt", b"2", project)
    assert revise(api, number, pending).status_code == 200
    assert revise(api, number, pending).status_code == 404
    assert api.post(f"/Projects/{project}/Documents/{pending}").status_code == 403
    assert api.get(f"/Documents/{number}").json()["currentVersion"] == "2"


def test_a_revision_is_refused_in_the_vendors_ways(api, people, project):
    number, other = (people.upload(project, name, b"1") for name in ("a.txt", "b.txt"))
    pending = api.begin("a.txt", b"2", project)
    assert revise(api, number, other).status_code == 412
    assert revise(api, number, 1).status_code == 404
    assert revise(api, 1, pending).status_code == 403
    assert revise(api, "x", pending).status_code == 400
    assert revise(api, number, None).status_code == 400
    assert revise(api, number, api.begin("a.pdf", b"2", project)).status_code == 422
    people.begin_revision(number)
    assert revise(api, number, pending).status_code == 409
    people.end_revision(number)
    people.mark_contract(other)
    assert revise(api, other, pending).status_code == 422
    people.delete(number)
    assert revise(api, number, pending).status_code == 404


def test_a_revision_without_bytes_is_refused(api, people, project):
    number = people.upload(project, "a.txt", b"1")
    pending = api.post("/Documents", json={"Filename": "a.txt", "Size": 1}).json()["documentId"]["native"]
    assert revise(api, number, pending).status_code == 422


def test_a_partner_id_finds_an_upload_whose_answer_was_lost(api, project):
    number = api.begin("a.txt", b"x", project, DocumentId={"Partner": "synctool-1"})
    assert api.get("/PartnerIdentifiers/Document/@synctool-1").json() == {
        "native": number,
        "partner": "synctool-1",
    }
    assert api.post(f"/Projects/{project}/Documents/@synctool-1").json()["documentId"]["native"] == number
    assert api.get("/Documents/@synctool-1").json()["documentId"]["partner"] == "synctool-1"
    taken = {"Filename": "b.txt", "Size": 1, "DocumentId": {"Partner": "synctool-1"}}
    assert api.post("/Documents", json=taken).status_code == 400


def test_partner_ids_can_be_changed_and_removed(api, people, project):
    folder = people.add_folder(project, "Discovery")
    path = f"/partneridentifiers/folder/{folder}"
    assert api.get(path).json() == {"native": folder, "partner": None}
    assert api.put(path, json={"Partner": "disco"}).json()["partner"] == "disco"
    assert api.put(path, json={"Partner": "rome"}).json()["partner"] == "rome"
    assert api.get("/Folders/@rome").json()["name"] == "Discovery"
    assert api.get("/PartnerIdentifiers/Folder/@disco").status_code == 400
    assert api.put(path, json={}).status_code == 400
    assert api.delete(path).status_code == 200
    assert api.get(path).json()["partner"] is None
    assert api.get("/PartnerIdentifiers/Folder/1").status_code == 404
    assert api.get("/PartnerIdentifiers/Spaceship/1").status_code == 404


def test_several_documents_can_be_uploaded_and_downloaded_at_once(api, people, project):
    folder = people.add_folder(project, "Batch")
    files = [
        {"FileName": f"{n}.txt", "ProjectId": project, "FolderId": folder, "SizeInBytes": 1} for n in range(3)
    ]
    asked = api.post(
        "/Documents/batch/upload", json={"Files": [*files, {"FileName": "x", "ProjectId": 1}, 5]}
    ).json()
    assert [bool(one["errorDetails"]) for one in asked] == [False, False, False, True, True]
    for one in asked[:3]:
        assert put(one["uploadUrl"], one["fileName"][:1].encode()).status_code == 200
    numbers = [one["documentId"] for one in asked[:3]]
    assert api.post("/Documents/batch/upload/confirm", json={"DocumentIds": numbers}).json() is True
    assert [leaf.path for leaf in people.tree(project)] == ["Batch/0.txt", "Batch/1.txt", "Batch/2.txt"]
    links = api.post(
        "/Documents/batch/download", json={"DocumentIds": numbers, "DownloadUrlTimeToLive": 5}
    ).json()
    assert [requests.get(link["downloadLink"]).content for link in links] == [b"0", b"1", b"2"]
    assert [link["documentId"] for link in links] == numbers
    assert api.post("/Documents/batch/upload/confirm", json={"DocumentIds": [1]}).status_code == 403
    assert api.post("/Documents/batch/upload/confirm", json={"DocumentIds": 1}).status_code == 400
