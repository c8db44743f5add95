import io
import socket
import threading

import pytest

from synctool.errors import Denied, InUse, Missing, Rejected, Stale, Unavailable
from synctool.sides.filevine import wire
from synctool.sides.filevine.auth import TokenSignIn
from synctool.sides.filevine.calls import Call
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.pacing import Crowd, Pacer
from synctool.sides.filevine.records import Locator
from synctool.sides.filevine.storage import WrongSize
from tests.sides.filevine.conftest import API, DROP, TOKEN, Reply


def document(number, **fields):
    return {
        "documentId": {"native": number, "partner": None},
        "projectId": {"native": 77},
        "filename": f"{number}.pdf",
        "size": 3,
        **fields,
    }


def folder(number, **fields):
    return {
        "folderId": {"native": number},
        "parentId": {"native": 1},
        "projectId": {"native": 77},
        "name": f"F{number}",
        **fields,
    }


def page(*items, **fields):
    return Reply(body={"items": list(items), "hasMore": False, **fields})


def test_every_call_carries_the_sign_in_and_a_user_agent(server, client):
    server.api(
        "GET", "/Projects/77", Reply(body={"projectId": {"native": 77}, "rootDocFolderId": {"native": 1}})
    )
    assert client.root(77) == 1
    sent = server.seen[-1].headers
    assert (sent["authorization"], sent["x-fv-userid"], sent["x-fv-orgid"]) == (
        "Bearer bearer-1",
        "9",
        "6001",
    )
    assert sent["user-agent"].startswith("synctool")


def test_a_netrc_password_never_takes_the_place_of_the_sign_in(server, client, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.api("GET", "/Folders/5", Reply(body=folder(5)))
    client.folder(5)
    assert server.seen[-1].headers["authorization"] == "Bearer bearer-1"


def test_keys_are_read_whatever_their_case(server, client):
    server.api(
        "GET",
        "/Folders/5",
        Reply(body={"FOLDERID": {"Native": 5}, "ParentID": 1, "Name": "A", "isarchived": True}),
    )
    assert client.folder(5) == (5, None, 1, "A", True, False)


@pytest.mark.parametrize(
    "trouble",
    [Reply(500), Reply(502, b"<html>"), Reply(503), Reply(408), DROP],
)
def test_what_passes_is_tried_again(server, client, time, trouble):
    server.api("GET", "/Folders/5", trouble, trouble, Reply(body=folder(5)))
    assert client.folder(5).id == 5
    assert time.slept == [0.5, 1.0]


def test_what_too_many_requests_cost_is_counted_for_their_organisation(server, client, pacer, time):
    server.api("GET", "/Folders/5", Reply(429), Reply(429), Reply(body=folder(5)))
    client.folder(5)
    by_itself = 0.5 + 1.0
    assert pacer.tally.told() == {"6001": Crowd(2, pytest.approx(sum(time.slept) - by_itself))}


@pytest.mark.parametrize("trouble", [Reply(429), Reply(429, b"<html>")])
def test_after_too_many_requests_nobody_asks_for_two_seconds(server, client, time, trouble):
    server.api("GET", "/Folders/5", trouble, trouble, Reply(body=folder(5)))
    assert client.folder(5).id == 5
    assert sum(time.slept) == pytest.approx(4)


def test_what_does_not_pass_is_given_up_after_five_tries(server, client, time):
    server.api("GET", "/Folders/5", Reply(500, {"message": "no\nidea"}))
    with pytest.raises(Unavailable, match=r"^GET /Folders/5 was answered 500 \(no idea\); if it stays so"):
        client.folder(5)
    assert len(server.calls()) == 5
    assert time.slept == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Sun, 22 Nov 2026 12:00:09 GMT", "Date": "Sun, 22 Nov 2026 12:00:00 GMT"}, 9.0),
        ({"Retry-After": "soon"}, 0.5),
    ],
)
def test_the_server_says_how_long_to_wait(server, client, time, headers, wait):
    server.api("GET", "/Folders/5", Reply(429, None, headers), Reply(body=folder(5)))
    client.folder(5)
    assert time.slept[0] == wait


def test_a_server_that_asks_for_long_patience_is_asked_again_another_time(server, client, time):
    server.api("GET", "/Folders/5", Reply(429, None, {"Retry-After": "600"}))
    with pytest.raises(Unavailable) as caught:
        client.folder(5)
    assert caught.value.retry_after == 600
    assert time.slept == []


def test_a_401_renews_the_sign_in_once(server, client):
    server.on(
        *TOKEN,
        Reply(body={"access_token": "bearer-1", "expires_in": 1200}),
        Reply(body={"access_token": "bearer-2", "expires_in": 1200}),
    )
    server.api("GET", "/Folders/5", Reply(401), Reply(body=folder(5)))
    client.folder(5)
    assert server.seen[-1].headers["authorization"] == "Bearer bearer-2"


def test_a_second_401_is_a_refusal_and_no_loop(server, client):
    server.api("GET", "/Folders/5", Reply(401))
    with pytest.raises(Denied):
        client.folder(5)
    assert len(server.calls()) == 2


def test_many_callers_with_an_ended_sign_in_renew_it_once(server, client):
    bearers = iter(range(1, 100))
    server.on(*TOKEN, Reply(body={"access_token": "old", "expires_in": 1200}))
    original = server.answer

    def answer(seen):
        if (seen.method, seen.path) == TOKEN:
            server.seen.append(seen)
            return Reply(body={"access_token": f"b{next(bearers)}", "expires_in": 1200})
        if seen.path.startswith(f"{API}/Folders") and seen.headers["authorization"] == "Bearer b1":
            server.seen.append(seen)
            return Reply(401)
        return original(seen)

    server.answer = answer
    server.api("GET", "/Folders/5", Reply(body=folder(5)))
    found = []
    threads = [threading.Thread(target=lambda: found.append(client.folder(5).id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [5] * 8
    assert next(bearers) == 3


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            Reply(200, b"<html>", {"Content-Type": "text/html; charset=x"}),
            r"200 with a web page \(text/html\) instead of JSON; is api_url right",
        ),
        (Reply(404, b"<html>", {"Content-Type": ""}), r"404 with a web page \(of an unknown kind\)"),
        (Reply(200, b"[" * 100_000), "instead of JSON"),
        (Reply(200, [1]), "unexpected shape"),
        (Reply(200, None), "unexpected shape"),
        (Reply(200, {"folderId": {"native": "x"}, "name": "a"}), "unexpected shape"),
        (Reply(200, {"folderId": {"native": 10**12}, "name": "a"}), "unexpected shape"),
        (Reply(200, {"folderId": {"native": 5}, "name": 5}), "unexpected shape"),
        (Reply(200, b'{"folderId": 1e999, "name": "a"}'), "unexpected shape"),
        (
            Reply(302, None, {"Location": "http://elsewhere.example/"}),
            "answered 302, a redirect; is api_url right",
        ),
    ],
)
def test_what_is_no_answer_of_the_api_is_not_believed(server, client, reply, words):
    server.api("GET", "/Folders/5", reply)
    with pytest.raises(Unavailable, match=words):
        client.folder(5)


def test_an_endless_answer_is_cut(server, client, monkeypatch):
    monkeypatch.setattr(wire, "ANSWER_LIMIT", 2**20)
    server.api("GET", "/Folders/5", Reply(200, b" " * 2**21))
    with pytest.raises(Unavailable, match="longer than 1 MiB"):
        client.folder(5)


def test_an_answer_that_breaks_off_is_no_answer(server, client):
    server.api("GET", "/Folders/5", Reply(200, b"{}", {"Content-Length": "9"}))
    with pytest.raises(Unavailable, match="broke off"):
        client.folder(5)


def test_a_server_that_is_not_there_is_named_by_its_host_only(client, time):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unavailable, match=r"^127\.0\.0\.1 cannot be reached$"):
        client.storage.get(f"http://127.0.0.1:{port}/b?X-Amz-Signature=hush", 3)
    assert len(time.slept) == 4


@pytest.mark.parametrize(
    ("url", "shown"),
    [("http://[::1", "the server cannot"), ("ftp://files.example/x", "files.example cannot")],
)
def test_an_address_that_makes_no_sense_is_unavailable(client, url, shown):
    with pytest.raises(Unavailable, match=shown):
        client.storage.get(url, 3)


@pytest.mark.parametrize(("error", "words"), [("SSLError", "certificate"), ("ReadTimeout", "in time")])
def test_trouble_on_the_way_is_said_in_words(error, words):
    assert words in wire._trouble(getattr(wire.requests.exceptions, error)())


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (403, Denied), (404, Missing), (409, Stale), (412, Stale), (422, Rejected)],
)
def test_a_refusal_has_one_meaning(server, client, status, kind):
    server.api("GET", "/Folders/5", Reply(status, {"detail": "why"}))
    with pytest.raises(kind, match=rf"GET /Folders/5 was answered {status} \(why\)$"):
        client.folder(5)
    assert len(server.calls()) == 1


def test_documents_come_by_a_cursor_that_is_the_last_number(server, client):
    server.api(
        "GET",
        "/DocumentSeries",
        page(document(4), document(2), document(2, projectId=None), hasMore=True, lastID=0),
        page(document(4), document(9)),
    )
    assert [found.id for found in client.documents(77)] == [2, 4, 9]
    assert [seen.query["lastId"] for seen in server.seen[-2:]] == ["0", "4"]


def test_a_cursor_that_stands_still_is_no_end(server, client):
    server.api("GET", "/DocumentSeries", page(document(4), hasMore=True))
    with pytest.raises(Unavailable, match="does not go on"):
        list(client.documents(77))
    assert len(server.calls()) == 2


def test_without_a_word_about_more_a_short_page_is_the_last(server, client):
    server.api(
        "GET",
        "/DocumentSeries",
        Reply(body={"items": [document(n) for n in range(1, 1001)]}),
        Reply(body={"items": [document(2000)]}),
    )
    assert sum(1 for _ in client.documents(77)) == 1001
    assert len(server.calls()) == 2


def test_a_document_of_another_project_spoils_the_list(server, client):
    server.api("GET", "/DocumentSeries", page(document(4, projectId={"native": 78})))
    with pytest.raises(Unavailable, match="another project"):
        list(client.documents(77))


def test_folders_come_by_offset_until_no_more(server, client):
    server.api("GET", "/Folders/list", page(folder(2), folder(3), hasMore=True), page(folder(3), folder(4)))
    assert list(client.folders(77)) == [2, 3, 4]
    assert [seen.query["offset"] for seen in server.seen[-2:]] == ["0", "2"]
    assert server.seen[-1].query["includeArchivedFolders"] == "true"


def test_a_folder_list_that_repeats_itself_is_no_end(server, client):
    server.api("GET", "/Folders/list", page(folder(2), hasMore=True))
    with pytest.raises(Unavailable, match="does not go on"):
        client.folders(77)


def test_a_folder_of_another_project_spoils_the_list(server, client):
    server.api("GET", "/Folders/list", page(folder(2, projectId={"native": 78})))
    with pytest.raises(Unavailable, match="another project"):
        client.folders(77)


def test_a_lost_answer_to_a_new_folder_is_not_asked_for_again(server, client):
    server.api("POST", "/Folders", Reply(500))
    with pytest.raises(Unavailable):
        client.make_folder(77, 1, "A")
    assert server.calls() == ["POST /Folders"]


def test_a_new_folder_that_was_throttled_is_asked_for_again(server, client):
    server.api("POST", "/Folders", Reply(429), Reply(429), Reply(body=folder(5)))
    assert client.make_folder(77, 1, "A").id == 5


def test_a_changed_folder_is_read_again_when_the_answer_is_none(server, client):
    server.api("PATCH", "/Folders/5", Reply(204))
    server.api("GET", "/Folders/5", Reply(body=folder(5, name="B")))
    wanted = client.folder(5)._replace(name="B")
    assert client.change_folder(77, wanted).name == "B"
    assert server.calls()[-2:] == ["PATCH /Folders/5", "GET /Folders/5"]


def test_a_lost_commit_that_happened_is_not_repeated(server, client):
    server.api("POST", "/Projects/77/Documents/8", DROP)
    server.api("GET", "/DocumentSeries", page(document(8)))
    assert client.commit(77, 8, 5).id == 8
    assert server.calls() == ["POST /Projects/77/Documents/8", "GET /DocumentSeries"]


def test_a_lost_commit_that_did_not_happen_is_repeated(server, client):
    server.api("POST", "/Projects/77/Documents/8", Reply(503), Reply(body=document(8)))
    server.api("GET", "/DocumentSeries", page(document(9)))
    assert client.commit(77, 8, None).id == 8
    assert server.calls().count("POST /Projects/77/Documents/8") == 2


def test_a_commit_is_tried_three_times(server, client):
    server.api("POST", "/Projects/77/Documents/8", Reply(503))
    server.api("GET", "/DocumentSeries", page())
    with pytest.raises(Unavailable):
        client.commit(77, 8, 5)
    assert server.calls().count("POST /Projects/77/Documents/8") == 3


def test_a_revision_waits_for_another_one(server, client):
    server.api("POST", "/Documents/8/Revisions", Reply(409), Reply(body=document(8)))
    assert client.revise(8, 9).id == 8


def test_a_lock_of_somebody_else_names_them(server, client):
    server.api("POST", "/Documents/8/lock", Reply(409, {"message": "locked by A. User"}))
    with pytest.raises(InUse, match="locked by A"):
        client.lock(8)


@pytest.mark.parametrize("reply", [Reply(400), Reply(403), Reply(404)])
def test_a_partner_id_that_nobody_has_is_nobody(server, client, reply):
    server.api("GET", "/PartnerIdentifiers/Document/@a%2Fb", reply)
    assert client.partner("a/b") is None


@pytest.mark.parametrize("reply", [Reply(400), Reply(403), Reply(404)])
def test_a_partner_id_may_be_free_already(server, client, reply):
    server.api("DELETE", "/PartnerIdentifiers/Document/@a", Reply(502), reply)
    client.free("a")
    assert server.calls().count("DELETE /PartnerIdentifiers/Document/@a") == 2


def test_a_refused_sign_in_says_nothing_about_a_partner_id(server, client):
    server.api("GET", "/PartnerIdentifiers/Document/@a", Reply(401))
    with pytest.raises(Unavailable):
        client.partner("a")


def test_any_other_call_can_be_made(server, client):
    server.api("GET", "/Users/Me", Reply(body={"User": 1}))
    assert client.call(Call("GET", "/Users/Me")) == {"user": 1}


def test_a_scan_that_found_something_is_told_by_the_locator(server, client):
    scans = [{"threatDetected": False}, {"threatDetected": True, "virusName": "EICAR"}]
    server.api("GET", "/Documents/8/locator", Reply(body={"url": None, "antivirusScanResult": scans}))
    assert client.locator(8) == Locator("", "EICAR")


def test_stored_bytes_arrive_whole_and_without_our_sign_in(server, client):
    server.on("GET", "/s3/a", Reply(200, b"abc"))
    with client.storage.get(f"{server.url}/s3/a?sig=1", 3) as stream:
        assert stream.read() == b"abc"
    assert not {"authorization", "x-fv-userid"} & server.seen[-1].headers.keys()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(403), "refuses the download address"),
        (Reply(404), "refuses the download address"),
        (Reply(302, None, {"Location": "http://elsewhere.example/"}), "refuses the download address"),
        (Reply(503), "answered 503"),
        (Reply(200, b"abcd"), "holds 4 bytes where 3 were listed"),
    ],
)
def test_stored_bytes_that_are_not_given_are_unavailable(server, client, reply, words):
    server.on("GET", "/s3/a", reply)
    with pytest.raises(Unavailable, match=words) as caught:
        client.storage.get(f"{server.url}/s3/a?sig=hush", 3)
    assert "hush" not in str(caught.value)


def test_a_download_that_breaks_off_is_told_while_it_is_read(server, client):
    server.on("GET", "/s3/a", Reply(200, b"ab", {"Content-Length": "3"}))
    stream = client.storage.get(f"{server.url}/s3/a", 3, side="fv", path="a.pdf")
    with pytest.raises(
        Unavailable, match=r"^fv: a\.pdf: the download ended 1 bytes early; the next run tries again$"
    ):
        stream.read()
    stream.close()


def test_a_download_without_a_length_is_counted(server, client):
    server.on("GET", "/s3/a", Reply(200, b"4\r\nabcd\r\n0\r\n\r\n", {"Transfer-Encoding": "chunked"}))
    with client.storage.get(f"{server.url}/s3/a", 4) as stream:
        assert stream.read() == b"abcd"
    with client.storage.get(f"{server.url}/s3/a", 3) as stream, pytest.raises(Unavailable, match="longer"):
        stream.read()
    with (
        client.storage.get(f"{server.url}/s3/a", 5) as stream,
        pytest.raises(Unavailable, match="1 bytes early"),
    ):
        stream.read()


def test_bytes_are_put_with_their_length_and_kind(server, client):
    server.on("PUT", "/s3/a", Reply(503), Reply(200))
    data = io.BytesIO(b"abcdef")
    data.seek(4)
    client.storage.put(f"{server.url}/s3/a?sig=1", "application/pdf", data, 5)
    sent = server.seen[-1]
    assert sent.body == b"abcde"
    assert (sent.headers["content-length"], sent.headers["content-type"]) == ("5", "application/pdf")
    assert "transfer-encoding" not in sent.headers
    assert "authorization" not in sent.headers


def test_no_bytes_are_put_as_no_bytes(server, client):
    server.on("PUT", "/s3/a", Reply(200))
    client.storage.put(f"{server.url}/s3/a", "text/plain", io.BytesIO(), 0)
    assert server.seen[-1].headers["content-length"] == "0"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, Unavailable), (302, Unavailable), (500, Unavailable), (400, Rejected), (411, Rejected)],
)
def test_an_upload_that_is_refused_says_so_without_its_address(server, client, status, kind):
    server.on("PUT", "/s3/a", Reply(status))
    with pytest.raises(kind) as caught:
        client.storage.put(f"{server.url}/s3/a?sig=hush", "text/plain", io.BytesIO(b"a"), 1)
    assert "hush" not in str(caught.value)


def test_bytes_that_end_early_are_not_put(server, client):
    server.on("PUT", "/s3/a", Reply(200))
    with pytest.raises(Unavailable, match="end 1 early"):
        client.storage.put(f"{server.url}/s3/a", "text/plain", io.BytesIO(b"a"), 2)


def test_a_client_needs_no_more_than_an_address_a_sign_in_and_a_pacer(server):
    sign_in = TokenSignIn(identity_url=server.url, client_id="id", client_secret="a", token="b", org="6001")
    made = FilevineClient(api_url=f"{server.url}/", base_path="/fv-app/v2/", sign_in=sign_in, pacer=Pacer())
    server.api("DELETE", "/Documents/8", Reply(204))
    made.delete_document(8)
    made.close()
    assert server.calls() == ["DELETE /Documents/8"]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(206, b"cd", {"Content-Range": "bytes 2-3/4"}), b"cd"),
        (Reply(200, b"abcd"), b"cd"),  # a server that ignores where to start
    ],
)
def test_bytes_are_taken_up_in_the_middle(client, server, reply, told):
    server.on("GET", "/s3/a", reply)
    with client.storage.get(f"{server.url}/s3/a", 4, 2) as stream:
        assert stream.read() == told
    assert server.seen[-1].headers["range"] == "bytes=2-"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(206, b"cd", {"Content-Range": "bytes 2-3/5"}),
        Reply(206, b"bc", {"Content-Range": "bytes 1-2/4"}),
        Reply(200, b"abcde"),
        Reply(416, b"", {"Content-Range": "bytes */2"}),
    ],
)
def test_bytes_of_another_document_are_not_taken_up(client, server, reply):
    server.on("GET", "/s3/a", reply)
    with pytest.raises(WrongSize):
        client.storage.get(f"{server.url}/s3/a", 4, 2)
