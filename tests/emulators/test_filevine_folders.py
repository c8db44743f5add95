import pytest


def listed(api, project, **query):
    answer = api.get("/Folders/list", params={"projectId": project} | query).json()
    return [item["name"] for item in answer["items"]]


@pytest.fixture
def folder(people, project):
    return people.add_folder(project, "Discovery")


def test_the_root_is_known_from_the_project_and_not_listed(api, people, project, folder):
    root = api.get(f"/Projects/{project}").json()["rootDocFolderId"]["native"]
    assert listed(api, project) == ["Discovery"]
    assert api.get(f"/Folders/{folder}").json()["parentId"]["native"] == root
    assert api.get(f"/Folders/{root}").status_code == 200


def test_a_folder_is_made_where_asked(api, project, folder):
    body = {"Name": "Exhibits", "ProjectId": {"Native": project}, "ParentId": {"Native": folder}}
    made = api.post("/Folders", json=body).json()
    assert made == {
        "folderId": {"native": folder + 1, "partner": None},
        "parentId": {"native": folder, "partner": None},
        "projectId": {"native": project, "partner": None},
        "name": "Exhibits",
        "isArchived": False,
        "isProtected": False,
        "links": {},
    }
    names = [item["name"] for item in api.get(f"/Folders/{folder}/children").json()["items"]]
    assert names == ["Exhibits"]


def test_parent_or_project_may_be_left_out_but_not_both(api, people, project, folder):
    in_root = api.post("/Folders", json={"Name": "A", "ProjectId": {"Native": project}}).json()
    assert in_root["parentId"]["native"] == people.root(project)
    below = api.post("/Folders", json={"Name": "B", "ParentId": {"Native": folder}}).json()
    assert below["projectId"]["native"] == project
    assert api.post("/Folders", json={"Name": "C"}).status_code == 400
    assert api.post("/Folders", json={"Name": " ", "ParentId": {"Native": folder}}).status_code == 400
    assert api.post("/Folders", json={"Name": "C", "ParentId": {"Native": 1}}).status_code == 404
    second = {"Native": people.add_project("Second")}
    elsewhere = {"Name": "C", "ProjectId": second, "ParentId": {"Native": folder}}
    assert api.post("/Folders", json=elsewhere).status_code == 400


@pytest.mark.parametrize(
    ("mode", "status", "count"), [("reject", 409, 1), ("allow", 200, 2), ("existing", 200, 1)]
)
def test_a_second_folder_of_one_name_is_what_the_switch_says(fv, api, project, folder, mode, status, count):
    fv.switch(folder_clash=mode)
    assert (
        api.post("/Folders", json={"Name": "DISCOVERY", "ProjectId": {"Native": project}}).status_code
        == status
    )
    assert len(listed(api, project)) == count


def test_a_folder_is_renamed_moved_and_archived(api, people, project, folder):
    other = people.add_folder(project, "Other")
    patched = api.patch(
        f"/Folders/{folder}", json={"Name": "discovery", "ParentId": {"Native": other}}
    ).json()
    assert (patched["name"], patched["parentId"]["native"]) == ("discovery", other)
    assert people.folders(project) == {"Other": other, "Other/discovery": folder}
    assert api.patch(f"/Folders/{folder}", json={"Name": "DISCOVERY"}).json()["name"] == "DISCOVERY"
    assert api.patch(f"/Folders/{folder}", json={"IsArchived": True}).json()["isArchived"] is True
    assert listed(api, project) == ["Other"]
    assert listed(api, project, includeArchivedFolders="true") == ["DISCOVERY", "Other"]


def test_a_folder_clashes_with_folders_and_files(api, people, project, folder):
    people.upload(project, "Notes", b"")
    people.add_folder(project, "Taken")
    assert api.patch(f"/Folders/{folder}", json={"Name": "notes"}).status_code == 409
    assert api.patch(f"/Folders/{folder}", json={"Name": "taken "}).status_code == 409


def test_a_folder_cannot_go_into_itself_or_another_project_and_the_root_stays(api, people, project, folder):
    below = people.add_folder(project, "Discovery/Below")
    root, elsewhere = people.root(project), people.root(people.add_project("Second"))
    for parent in (folder, below, elsewhere):
        assert api.patch(f"/Folders/{folder}", json={"ParentId": {"Native": parent}}).status_code == 400
    assert api.patch(f"/Folders/{root}", json={"Name": "x"}).status_code == 400
    assert api.delete(f"/Folders/{root}").status_code == 400


def test_a_deleted_folder_takes_everything_with_it_and_only_documents_come_back(api, people, project, folder):
    document = people.upload(project, "Discovery/Deep/a.txt", b"a")
    kept = people.upload(project, "kept.txt", b"")
    assert api.delete(f"/Folders/{folder}").status_code == 200
    assert api.get(f"/Folders/{folder}").status_code == 404
    assert listed(api, project) == []
    assert [leaf.id for leaf in people.tree(project)] == [kept]
    people.undelete(document)
    assert [leaf.path for leaf in people.tree(project)] == ["a.txt", "kept.txt"]


def test_folders_are_sorted_paged_and_filtered(api, people, project, folder):
    for name in ("b", "a", "C"):
        people.add_folder(project, f"Discovery/{name}")
    people.add_folder(people.add_project("Second"), "Elsewhere")
    query = {"parentId": folder, "sortByName": "true", "ascendingOrder": "false", "limit": 2}
    first = api.get("/Folders", params=query).json()
    assert ([item["name"] for item in first["items"]], first["hasMore"]) == (["C", "b"], True)
    rest = api.get("/Folders", params=query | {"offset": 2}).json()
    assert ([item["name"] for item in rest["items"]], rest["hasMore"]) == (["a"], False)
    assert api.get("/Folders", params={"projectId": project}).json()["count"] == 4
    assert api.get("/Folders").json()["count"] == 5
    assert api.get("/Folders/list").status_code == 400
    assert listed(api, project, limit=3) == ["Discovery", "b", "a"]


def test_the_list_may_leave_folders_out_that_are_there(fv, api, people, project, folder):
    people.upload(project, "Discovery/a.txt", b"")
    fv.switch(omit_folders=[folder])
    assert listed(api, project) == []
    assert api.get(f"/Folders/{folder}").status_code == 200
    assert api.get("/DocumentSeries", params={"projectId": project}).json()["count"] == 1


def test_a_protected_folder_is_marked_and_may_be_hidden_with_all_in_it(fv, api, people, project):
    folder = people.add_folder(project, "Sealed", protected=True)
    document = people.upload(project, "Sealed/Deep/secret.txt", b"")
    assert api.get(f"/Folders/{folder}").json()["isProtected"] is True
    assert api.get(f"/Documents/{document}").status_code == 200
    fv.switch(hide_protected=True)
    assert listed(api, project) == []
    assert api.get(f"/Folders/{folder}").status_code == 403
    assert api.get(f"/Documents/{document}").status_code == 403
    assert api.delete(f"/Documents/{document}").status_code == 403
    assert api.get("/DocumentSeries", params={"projectId": project}).json()["count"] == 0
    assert api.post(f"/Documents/{document}/Revisions", json={"Native": 1}).status_code == 403


def test_projects_are_listed_searched_and_sorted(api, clock, people, project):
    clock.tick(5 * 86400)
    api.sign_in()
    second = people.add_project("Beta v. Alpha")

    def ids(**query):
        return [found["projectId"]["native"] for found in api.get("/Projects", params=query).json()["items"]]

    assert ids() == [project, second]
    assert ids(sortBy="projectName") == [second, project]
    assert ids(sortBy="lastActivity", orderBy="desc") == [second, project]
    assert ids(searchTerm="beta") == [second]
    assert ids(number=str(project)) == [project]
    assert ids(projectID=second) == [second]
    assert ids(latestActivitySince="2026-09-25") == [second]
    assert ids(latestActivitySince="09/25/2026") == [second]
    assert ids(latestActivitySince="soon") == [project, second]
    assert api.get("/Projects/1").status_code == 404
