import pytest


def names(api, **query):
    return [item["filename"] for item in api.get("/Documents", params=query).json()["items"]]


@pytest.fixture
def document(people, project):
    return people.upload(project, "Pleadings/Answer.doc", b"answer")


def test_a_document_says_what_the_vendors_does(fv, api, people, project, document):
    folder = people.folders(project)["Pleadings"]
    assert api.get(f"/Documents/{document}").json() == {
        "documentId": {"native": document, "partner": None},
        "filename": "Answer.doc",
        "folderName": "Pleadings",
        "size": 6,
        "currentVersion": "1",
        "folderId": {"native": folder, "partner": None},
        "projectId": {"native": project, "partner": None},
        "uploaderId": {"native": 990002, "partner": None},
        "uploadDate": "2026-09-21T14:13:20.123Z",
        "userLastViewedDate": None,
        "hashtags": [],
        "uploaderFullname": "Casey Colleague",
        "orgID": fv.org,
        "links": {"self": f"/documents/{document}"},
    }


def test_fields_can_be_chosen(api, project, document):
    query = {"requestedFields": "Filename, documentId", "projectId": project, "includeFullUserName": "false"}
    assert api.get(f"/Documents/{document}", params=query).json().keys() == {"filename", "documentId"}
    assert api.get("/Documents", params=query).json()["items"][0].keys() == {"filename", "documentId"}
    del query["requestedFields"]
    assert api.get("/Documents", params=query).json()["items"][0]["uploaderFullname"] == ""


def test_a_missing_document_is_forbidden_and_a_malformed_id_is_wrong(api):
    assert api.get("/Documents/1").status_code == 403
    assert api.get("/Documents/@nobody").status_code == 403
    for malformed in ("x", "@", "-1", "1.5"):
        assert api.get(f"/Documents/{malformed}").status_code == 400


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("B", "B.doc"),
        ("B.doc", "B.doc"),
        ("B.DOC", "B.doc"),
        ("B.docx", "B.docx.doc"),
        ("answer.doc", "answer.doc"),
    ],
)
def test_a_rename_keeps_the_extension(api, document, asked, given):
    answer = api.patch(f"/Documents/{document}", json={"Filename": asked})
    assert (answer.status_code, answer.json()["filename"]) == (200, given)
    assert api.get(f"/Documents/{document}").json()["currentVersion"] == "1"


def test_a_rename_onto_a_name_that_is_there_is_refused(api, people, project, document):
    people.upload(project, "Pleadings/Reply.doc", b"")
    assert api.patch(f"/Documents/{document}", json={"Filename": " reply.doc"}).status_code == 400
    assert api.patch(f"/Documents/{document}", json={"Filename": " "}).status_code == 400


def test_a_move_adjusts_a_name_that_is_there(api, people, project, document):
    for name in ("answer.doc", "Answer (1).doc"):
        people.upload(project, f"Other/{name}", b"")
    other = people.folders(project)["Other"]
    moved = api.patch(f"/Documents/{document}", json={"FolderId": {"Native": other}}).json()
    assert (moved["filename"], moved["folderId"]["native"]) == ("Answer (2).doc", other)


def test_a_move_with_a_new_name_is_one_request_and_a_stay_is_a_rename(api, people, project, document):
    other, here = (people.add_folder(project, name) for name in ("Other", "Pleadings"))
    body = {"folderid": {"native": other}, "filename": "New"}
    assert api.patch(f"/Documents/{document}", json=body).json()["filename"] == "New.doc"
    people.upload(project, "Other/Twin.doc", b"")
    stay = {"FolderId": {"Native": other}, "Filename": "Twin"}
    assert api.patch(f"/Documents/{document}", json=stay).status_code == 400
    assert here == people.folders(project)["Pleadings"]


def test_a_document_is_not_patched_into_another_project_or_nowhere(api, people, document):
    for folder in (people.root(people.add_project("Other")), 1):
        assert api.patch(f"/Documents/{document}", json={"FolderId": {"Native": folder}}).status_code == 400


def test_hashtags_are_replaced_and_searched(api, project, document):
    tagged = api.patch(f"/Documents/{document}", json={"Hashtags": ["to file!", "urgent", "urgent"]}).json()
    assert tagged["hashtags"] == ["to-file", "urgent"]
    assert names(api, projectId=project, searchTerm="#to file") == ["Answer.doc"]
    assert names(api, projectId=project, searchTerm="#to") == []
    assert api.patch(f"/Documents/{document}", json={"Hashtags": []}).json()["hashtags"] == []


def test_a_deleted_document_is_gone_until_a_person_brings_it_back(api, people, project, document):
    assert api.delete(f"/Documents/{document}").status_code == 204
    assert api.delete(f"/Documents/{document}").status_code == 403
    assert api.get(f"/Documents/{document}").status_code == 403
    assert names(api, projectId=project) == []
    people.undelete(document)
    assert names(api, projectId=project) == ["Answer.doc"]
    assert api.download(document).content == b"answer"


def test_deleting_a_pending_document_does_nothing(api, project):
    pending = api.begin("a.txt", b"x", project)
    assert api.delete(f"/Documents/{pending}").status_code == 204
    assert api.post(f"/Projects/{project}/Documents/{pending}").status_code == 200


def test_a_lock_holds_against_others_for_a_day(api, people, clock, document):
    lock, unlock = (f"/Documents/{document}/{verb}" for verb in ("lock", "unlock"))
    people.lock_as_other(document)
    assert api.post(lock).status_code == 409
    assert api.post(unlock).status_code == 409
    clock.tick(24 * 3600)
    api.sign_in()
    assert api.post(lock).status_code == 200
    assert api.post(lock).json()["documentId"]["native"] == document
    assert people.lock_holder(document) == api.fv.user
    assert api.post(unlock).status_code == 200
    assert api.post(unlock).status_code == 200
    assert people.lock_holder(document) is None
    assert api.post("/Documents/@nobody/lock").status_code == 400
    assert api.post("/Documents/1/lock").status_code == 403


def test_a_lock_hinders_nobody_who_does_not_ask(api, people, project, document):
    people.lock_as_other(document)
    assert api.patch(f"/Documents/{document}", json={"Filename": "B"}).status_code == 200
    pending = api.begin("x.doc", b"2", project)
    assert api.post(f"/Documents/{document}/Revisions", json={"Native": pending}).status_code == 200
    people.unlock_as_other(document)
    assert api.post(f"/Documents/{document}/lock").status_code == 200


def test_an_org_admin_takes_locks_over(fv, api, people, document):
    fv.switch(takes_locks=True)
    people.lock_as_other(document)
    assert api.post(f"/Documents/{document}/lock").status_code == 200
    assert people.lock_holder(document) == fv.user


def test_the_series_goes_on_after_the_last_id(api, people, project):
    numbers = [people.upload(project, f"{n}.txt", b"") for n in range(5)]
    seen, last = [], 0
    for page in (2, 2, 1):
        answer = api.get("/documentseries", params={"PROJECTID": project, "lastid": last, "limit": 2}).json()
        assert answer["count"] == len(answer["items"]) == page
        seen += [item["documentId"]["native"] for item in answer["items"]]
        last = answer["lastID"]
        assert answer["hasMore"] == (last != numbers[-1])
    assert seen == numbers
    empty = api.get("/DocumentSeries", params={"projectId": project, "lastId": last}).json()
    assert (empty["items"], empty["lastID"], empty["hasMore"]) == ([], last, False)
    meta = api.get("/DocumentSeries/Meta", params={"projectId": project}).json()
    assert meta == {"count": 5, "minDocId": numbers[0], "maxDocId": numbers[-1]}


def test_the_series_beside_an_id_proves_that_it_is_gone(api, people, project):
    first, second = (people.upload(project, name, b"") for name in ("a", "b"))
    query = {"projectId": project, "lastId": first - 1, "limit": 1}
    assert api.get("/DocumentSeries", params=query).json()["items"][0]["documentId"]["native"] == first
    people.delete(first)
    assert api.get("/DocumentSeries", params=query).json()["items"][0]["documentId"]["native"] == second


def test_lists_page_by_offset_and_cap_the_limit_in_silence(api, people, project):
    for n in range(1002):
        people.upload(project, f"{n}.txt", b"")
    query = {"projectId": project, "limit": 5000}
    first = api.get("/Documents", params=query).json()
    assert (first["limit"], first["count"], first["hasMore"], first["offset"]) == (1000, 1000, True, 0)
    rest = api.get("/Documents", params=query | {"offset": 1000}).json()
    assert (rest["count"], rest["hasMore"], rest["offset"]) == (2, False, 1000)
    assert api.get("/Documents", params={"projectId": project}).json()["count"] == 50
    assert api.get(f"/Projects/{project}/Documents").json()["count"] == 50


@pytest.mark.parametrize("query", [{"limit": -1}, {"offset": -1}, {"limit": "many"}, {"projectId": "x"}])
def test_a_malformed_query_is_refused(api, query):
    assert api.get("/Documents", params=query).status_code == 400


def test_lists_are_filtered(api, people, project, document):
    people.upload(project, "Other/note.txt", b"")
    people.upload(people.add_project("Second"), "elsewhere.txt", b"")
    folder = people.folders(project)["Pleadings"]
    assert names(api) == ["Answer.doc", "note.txt", "elsewhere.txt"]
    assert names(api, projectId=project) == ["Answer.doc", "note.txt"]
    assert names(api, folderId=folder) == ["Answer.doc"]
    assert names(api, folderId=people.root(project)) == []
    assert names(api, searchTerm="NOTE") == ["note.txt"]
    assert names(api, noteId=1) == []
    for missing in ({"projectId": 1}, {"folderId": 1}):
        assert api.get("/DocumentSeries", params=missing).status_code == 404


def test_search_wants_a_term_and_a_project(api, people, project, document):
    people.upload(project, "answered.txt", b"")
    found = api.get("/DocumentSearch", params={"searchTerm": "answer", "projectId": project}).json()
    assert [item["filename"] for item in found["items"]] == ["answered.txt", "Answer.doc"]
    assert api.get("/DocumentSearch", params={"searchTerm": "a"}).status_code == 400


def test_dates_are_days_in_the_series_and_may_be_times_in_the_list(api, clock, people, project, document):
    clock.tick(86400)
    api.sign_in()
    people.upload(project, "late.txt", b"")

    def series(**query):
        return api.get("/DocumentSeries", params={"projectId": project} | query)

    assert series(startDate="09/22/2026").json()["count"] == 1
    assert series(endDate="09/21/2026").json()["count"] == 1
    assert series(startDate="09/21/2026", endDate="09/22/2026").json()["count"] == 2
    assert series(startDate="2026-09-21").status_code == 400
    assert names(api, startDate="2026-09-22T23:00:00Z") == ["late.txt"]
    assert names(api, startDate="2026-09-22T23:00:00Z", filterStartDateByTime=True) == []
    assert names(api, endDate="2026-09-21") == ["Answer.doc"]
    assert names(api, endDate="2026-09-21T14:13:20Z", filterEndDateByTime="true") == []
    assert api.get("/Documents", params={"filterEndDateByTime": "perhaps"}).status_code == 400


def bulk(api, verb, into, documents=(), folders=(), **more):
    as_ids = [[{"Native": number} for number in numbers] for numbers in (documents, folders)]
    body = {"DestinationFolderId": {"Native": into}, "DocumentIds": as_ids[0], "FolderIds": as_ids[1]}
    return api.post(f"/Documents/{verb}", json=body | more)


def test_documents_and_folders_move_together_also_into_another_project(api, people, project, document):
    second = people.add_project("Second")
    loose = people.upload(project, "loose.txt", b"")
    people.upload(project, "Pleadings/Old/deep.txt", b"")
    folder = people.folders(project)["Pleadings"]
    into = {"DestinationProjectId": {"Native": second}}
    answer = bulk(api, "move", people.root(second), [loose], [folder], **into)
    assert (answer.status_code, [one["type"] for one in answer.json()["results"]]) == (
        200,
        ["Document", "Folder"],
    )
    assert people.tree(project) == []
    expected = ["Pleadings/Answer.doc", "Pleadings/Old/deep.txt", "loose.txt"]
    assert [leaf.path for leaf in people.tree(second)] == expected
    assert api.get(f"/Documents/{document}").json()["projectId"]["native"] == second


def test_what_cannot_be_moved_is_said_item_by_item(api, people, project, document):
    people.add_folder(project, "Archive/Pleadings")
    folder = people.folders(project)["Archive/Pleadings"]
    answer = bulk(api, "move", people.root(project), [document, 1], [folder])
    assert (answer.status_code, [one["status"] for one in answer.json()["results"]]) == (207, [200, 403, 409])
    assert bulk(api, "move", people.root(project)).status_code == 400
    assert api.post("/Documents/move", json={"documentIds": [1], "folderId": 2}).status_code == 400
    bare = {"DestinationFolderId": {"Native": folder}, "DocumentIds": [document]}
    assert api.post("/Documents/move", json=bare).status_code == 400
    elsewhere = {"DestinationProjectId": {"Native": people.add_project("Second")}}
    assert bulk(api, "move", folder, [document], **elsewhere).status_code == 400


def test_copies_are_documents_of_their_own(api, people, project, document):
    people.add_folder(project, "Pleadings/Drafts")
    folder = people.folders(project)["Pleadings"]
    answer = bulk(api, "copy", people.add_folder(project, "Copies"), [document], [folder])
    assert answer.status_code == 201
    twin = int(answer.json()["results"][0]["newId"])
    people.revise(document, b"changed")
    assert api.download(twin).content == b"answer"
    paths = {"Copies/Answer.doc", "Copies/Pleadings/Answer.doc", "Pleadings/Answer.doc"}
    assert {leaf.path for leaf in people.tree(project)} == paths
    assert "Copies/Pleadings/Drafts" in people.folders(project)
    assert bulk(api, "copy", folder, folders=[folder]).status_code == 207
