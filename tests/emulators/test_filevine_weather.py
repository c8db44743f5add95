import socket

import pytest
import requests

from synctool.emulators.filevine.weather import Spell


@pytest.fixture
def five(people, project):
    return [people.upload(project, f"{n}.txt", b"0123456789") for n in range(5)]


def series(api, project, **more):
    return api.get("/DocumentSeries", params={"projectId": project, **more}).json()


def numbers(page):
    return [item["documentId"]["native"] for item in page["items"]]


def statuses(api, times):
    return [api.get("/Users/Me").status_code for _ in range(times)]


def test_the_weather_strikes_the_requests_it_is_told_to(fv, api, five):
    fv.strike("503", route="/users/", first=2, times=2)
    assert statuses(api, 5) == [200, 503, 503, 200, 200]
    fv.strike("500", method="POST", route="/Documents")
    assert api.get(f"/Documents/{five[0]}").status_code == 200
    assert api.post(f"/Documents/{five[0]}/lock").status_code == 500
    assert fv.colleague.lock_holder(five[0]) is None
    fv.strike("500", times=None)
    fv.clear_up()
    assert statuses(api, 1) == [200]


def test_stubborn_weather_strikes_the_same_request_again_and_no_other(fv, api, five):
    fv.strike("500", first=2, stubborn=True)
    assert [
        api.get(f"/Documents/{n}").status_code for n in (five[0], five[1], five[1], five[2], five[0])
    ] == [
        200,
        500,
        500,
        200,
        200,
    ]


def test_changing_weather_is_the_same_whenever_it_has_the_same_seed(fv, api):
    seen = []
    for seed in (1, 1, 2):
        fv.strike("503", times=None, share=0.3, seed=seed)
        seen.append(statuses(api, 30))
    assert seen[0] == seen[1] != seen[2]
    assert 2 < seen[0].count(503) < 20


def test_a_reset_comes_before_or_after_the_work(fv, api, five):
    for fault, holder in (("reset before", None), ("reset after", fv.user)):
        fv.strike(fault)
        with pytest.raises(requests.ConnectionError):
            api.post(f"/Documents/{five[0]}/lock")
        assert fv.colleague.lock_holder(five[0]) == holder


def test_a_reset_is_one_on_the_wire(fv):
    fv.strike("reset before")
    with socket.create_connection(("127.0.0.1", int(fv.url.rpartition(":")[2]))) as line:
        line.sendall(b"GET /connect/token HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            line.recv(1)


def test_answers_break_off_or_are_cut_short(fv, api, five):
    fv.strike("truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.get("/Users/Me")
    fv.strike("cut short")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        api.get("/Users/Me").json()
    fv.strike("truncated", method="DELETE")
    with pytest.raises(requests.ConnectionError):
        api.delete(f"/Documents/{five[0]}")
    assert api.get(f"/Documents/{five[0]}").status_code == 403


@pytest.mark.parametrize("fault", ["401", "403", "404", "429", "500", "503", "html 403", "html 502"])
def test_statuses_come_with_json_or_with_a_page(fv, api, fault):
    fv.strike(fault)
    answer = api.get("/Users/Me")
    assert answer.status_code == int(fault.removeprefix("html "))
    assert ("Retry-After" in answer.headers) == (fault == "429")
    assert answer.headers["Content-Type"].startswith("text/html" if "html" in fault else "application/json")


def test_pages_can_be_wrong_in_every_way(fv, api, project, five):
    fv.switch(page_size=2)
    right = series(api, project, lastId=five[1])
    assert (numbers(right), right["hasMore"]) == (five[2:4], True)
    told = {}
    for fault in ("first page again", "entry missing", "no more", "empty page", "nothing", "unsorted"):
        fv.strike(fault)
        page = series(api, project, lastId=five[1])
        told[fault] = (numbers(page), page["hasMore"])
    assert told == {
        "first page again": (five[:2], True),
        "entry missing": (five[2:3], True),
        "no more": (five[2:3], False),
        "empty page": ([], True),
        "nothing": ([], False),
        "unsorted": ([five[3], five[2]], True),
    }
    fv.strike("always more")
    assert series(api, project, lastId=five[3])["hasMore"] is True


def test_what_is_no_page_is_left_as_it_is(fv, api):
    fv.strike("nothing", times=None)
    assert statuses(api, 1) == [200]


def test_a_slow_answer_is_an_answer(fv, api):
    fv.strike("slow")
    assert api.get("/Users/Me").elapsed.total_seconds() > 0.19


def test_anything_else_can_happen_at_a_chosen_request(fv, api, five):
    def renamed_meanwhile(request, answer):
        fv.colleague.rename(five[0], "other.txt")
        return answer(request)

    fv.weather(Spell(fault=renamed_meanwhile), Spell(fault="500", first=2))
    assert api.get(f"/Documents/{five[0]}").json()["filename"] == "other.txt"
    assert api.get(f"/Documents/{five[0]}").status_code == 500


def test_weather_can_be_had_over_http_and_what_there_is_not_is_refused(fv, api):
    said = requests.post(f"{fv.url}/_backdoor/strike", json={"fault": "503", "times": 2})
    assert (said.status_code, statuses(api, 3)) == (200, [503, 503, 200])
    with pytest.raises(ValueError, match="no fault is called 'rain'; there are: reset before"):
        fv.strike("rain")
    assert requests.post(f"{fv.url}/_backdoor/strike", json={"fault": "rain"}).status_code == 400
