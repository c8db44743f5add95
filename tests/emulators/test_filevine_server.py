import contextlib
import http.client
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import urllib3

from synctool.emulators.filevine import FilevineEmulator


@pytest.fixture
def document(people, project):
    return people.upload(project, "a/brief.txt", b"0123456789")


def test_an_unknown_route_is_an_html_page(api):
    for answer in (api.get("/Nothing/here"), api.put("/Documents"), requests.get(f"{api.fv.url}/elsewhere")):
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")


def test_a_look_at_the_head_alone_is_answered_without_a_body(api):
    answer = requests.head(f"{api.fv.url}/elsewhere")
    assert (answer.status_code, answer.content) == (404, b"")
    assert "Date" in answer.headers


def test_paths_queries_and_trailing_slashes_are_forgiven(api, project, document):
    answer = api.get(f"/doCUMENTs/{document}/", params={"REQUESTEDfields": "SIZE"})
    assert answer.json() == {"size": 10}


def test_a_body_that_is_not_a_json_object_is_refused(api):
    kind = {"Content-Type": "application/json"}
    assert api.post("/Folders", data="{", headers=kind).status_code == 400
    assert api.post("/Folders", data="[]", headers=kind).status_code == 400
    assert api.post("/Folders", data="null", headers=kind).json() == {"message": "An id is missing."}
    assert api.post("/Folders", data="{}", headers={"Content-Type": "text/plain"}).status_code == 415


def test_the_old_api_answers_where_it_did(fv, api, people, project, document):
    api.base = "/core"
    folder = people.folders(project)["a"]
    assert api.get("/documents/", params={"folderId": folder}).json()["items"][0]["size"] == 10
    assert api.get(f"/documents/{document}/locator").json()["url"]
    assert api.get("/folders", params={"parentId": people.root(project)}).json()["count"] == 1
    assert api.get("/DocumentSeries").status_code == 404


def test_the_base_path_can_be_another_one(fv, api, document):
    fv.switch(base_path="/api")
    assert api.get("/Users/Me").status_code == 404
    api.base = "/api"
    assert api.get("/Users/Me").status_code == 200


def test_answers_can_be_spelled_as_in_the_description(fv, api, project, document):
    fv.switch(pascal_case=True)
    answer = api.get("/DocumentSeries", params={"projectId": project}).json()
    assert answer["LastID"] == answer["Items"][0]["DocumentId"]["Native"] == document


def test_requests_are_counted_by_route(fv, api, project, document):
    fv.forget_requests()
    api.get(f"/Documents/{document}")
    api.get(f"/documents/{document}/", headers={"Authorization": None})
    api.download(document)
    api.get("/Nothing")
    assert fv.requests_seen == {
        ("GET", "/Documents/{documentId}"): 2,
        ("GET", "/Documents/{documentId}/locator"): 1,
        ("GET", "/s3/{key}"): 1,
        ("GET", "unknown"): 1,
    }
    assert fv.count()["GET unknown"] == 1


def test_a_rate_limit_counts_per_endpoint_and_refills(fv, api, clock, document):
    fv.switch(requests_per_minute=60, burst=3)
    statuses = [api.get("/Users/Me").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert api.get(f"/Documents/{document}").status_code == 200
    assert api.get("/Users/Me").headers["Retry-After"] == "1"
    clock.tick(1)
    assert [api.get("/Users/Me").status_code for _ in range(2)] == [200, 429]
    fv.switch(retry_after=False)
    assert "Retry-After" not in api.get("/Users/Me").headers
    clock.tick(600)
    assert [api.get("/Users/Me").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_the_standard_limit_is_320_a_minute_and_lower_for_batch_downloads(fv, api):
    fv.switch(requests_per_minute=320)
    assert [api.get("/Users/Me").status_code for _ in range(321)].count(429) == 1
    batch = [api.post("/Documents/batch/download", json={}).status_code for _ in range(31)]
    assert batch.count(429) == 1


def test_chosen_routes_can_answer_a_page_instead(fv, api, document):
    fv.strike("html", route="/documents", times=None)
    answer = api.get(f"/Documents/{document}")
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")
    assert api.get("/Users/Me").json()["isActive"] is True


def test_downloads_can_be_cut_falsified_or_withheld(fv, api, document):
    fv.strike("wrong bytes", method="GET", route="/s3/")
    wrong = api.download(document).content
    assert (len(wrong), wrong != b"0123456789") == (10, True)
    fv.strike("truncated", method="GET", route="/s3/")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.download(document)
    fv.switch(locators_without_url=True)
    assert api.get(f"/Documents/{document}/locator").json()["url"] == ""


def test_a_firewall_stops_callers_without_a_user_agent(fv):
    url, nameless = f"{fv.url}/.well-known/openid-configuration", {"User-Agent": urllib3.util.SKIP_HEADER}
    assert urllib3.request("GET", url, headers=nameless).status == 403
    fv.switch(require_user_agent=False)
    assert urllib3.request("GET", url, headers=nameless).status == 200


def test_a_put_without_a_length_is_refused(fv):
    host, port = fv.url.removeprefix("http://").split(":")
    with contextlib.closing(http.client.HTTPConnection(host, int(port))) as connection:
        connection.putrequest("PUT", "/s3/x")
        connection.endheaders()
        assert connection.getresponse().status == 411


def test_a_switch_that_is_not_there_is_a_mistake(fv):
    with pytest.raises(TypeError):
        fv.switch(speed=1)


def test_a_stopped_server_cuts_open_connections_and_comes_back_with_everything(fv, api, document):
    assert api.get(f"/Documents/{document}").status_code == 200
    url = fv.url
    fv.stop()
    fv.stop()
    with pytest.raises(requests.ConnectionError):
        api.get(f"/Documents/{document}")
    fv.start()
    assert (fv.url, api.get(f"/Documents/{document}").status_code) == (url, 200)


def test_ten_thousand_documents_are_listed_in_eleven_quick_requests(fv, api, people, project):
    for n in range(10_000):
        people.upload(project, f"{n % 100}/{n}.txt", b"")
    fv.forget_requests()
    start, seen, last = time.perf_counter(), 0, 0
    while page := api.get(
        "/DocumentSeries", params={"projectId": project, "lastId": last, "limit": 1000}
    ).json()["items"]:
        seen, last = seen + len(page), page[-1]["documentId"]["native"]
    assert (seen, fv.requests_seen.total()) == (10_000, 11)
    assert time.perf_counter() - start < 3


def test_many_small_requests_a_second_are_answered(api, document):
    start = time.perf_counter()
    for _ in range(200):
        assert api.get(f"/Documents/{document}").status_code == 200
    assert time.perf_counter() - start < 3


def test_many_callers_at_once_lose_nothing(fv, api, people, project):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: api.upload(f"{n}.txt", b"%d" % n, project), range(40)))
    assert {leaf.path: leaf.bytes for leaf in people.tree(project)} == {
        f"{n}.txt": b"%d" % n for n in range(40)
    }


def test_it_serves_from_the_command_line():
    command = [sys.executable, "-m", "synctool.emulators.filevine", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            facts = json.loads(process.stdout.readline())
            answer = requests.get(f"{facts['url']}/_backdoor/tree", params={"project": facts["project"]})
            assert answer.json() == []
        finally:
            process.terminate()


def test_it_stands_on_the_port_asked_for(fv):
    port = int(fv.url.rpartition(":")[2])
    fv.stop()
    with FilevineEmulator(port=port) as other:
        assert other.url == fv.url
