import hashlib
import http.server
import json
import threading

import jwt
import pytest
import requests

from synctool.emulators.filevine.news import IDS


@pytest.fixture
def heard():
    """What a subscriber was told: headers (lower-case names) and body, in the order in which they came."""
    told = []

    class Subscriber(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Subscriber) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        told.append(f"http://127.0.0.1:{server.server_port}/filevine")
        yield told
        server.shutdown()
        thread.join()


@pytest.fixture
def subscribed(api, heard):
    wanted = {"Name": "x", "EventIds": list(IDS), "Endpoint": heard.pop()}
    return api.post("/webhooks/subscription", json=wanted).json()


def names(heard):
    return [f"{body['Object']}.{body['Event']}" for _, body in heard]


def keys(fv):
    found = requests.get(f"{fv.url}/.well-known/openid-configuration").json()
    return requests.get(found["jwks_uri"]).json()["keys"]


def test_webhooks_need_a_scope_of_their_own(fv, api):
    bare = api.token(scope="fv.api.gateway.access").json()["access_token"]
    answer = api.get("/webhooks/Events", headers={"Authorization": f"Bearer {bare}"})
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "The token was not granted filevine.v2.webhooks.",
    )
    assert api.get("/webhooks/Events").status_code == 200


def test_what_can_be_heard_of_is_listed_with_samples(api):
    events = api.get("/webhooks/Events").json()
    assert [event["id"] for event in events] == list(IDS)
    assert events[0]["samplePayloads"][0] | {"Timestamp": 0} == {
        "Timestamp": 0,
        "Object": "Document",
        "Event": "Created",
        "ObjectId": {"DocumentId": 1},
        "OrgId": 6001,
        "ProjectId": 2,
        "UserId": 990001,
        "Other": {},
    }


def test_a_subscription_is_made_shown_changed_and_removed(api, clock):
    wanted = {
        "Name": "a",
        "Description": "b",
        "EventIds": ["Folder.Created"],
        "Endpoint": "https://example.com/x",
    }
    made = api.post("/webhooks/subscription", json=wanted).json()
    assert {name: made[name.lower() if name != "EventIds" else "eventIds"] for name in wanted} == wanted
    one = f"/webhooks/subscription/{made['id']}"
    assert api.get(one).json() == made
    clock.tick(5)
    changed = api.put(one, json=wanted | {"Name": "c"}).json()
    assert (changed["name"], changed["createdAt"]) == ("c", made["createdAt"])
    assert changed["updatedAt"] > made["updatedAt"]
    assert api.get("/webhooks/subscriptions").json() == [changed]
    assert api.delete(one).json() is True
    assert [api.get(one).status_code, api.delete(one).status_code, api.put(one, json=wanted).status_code] == [
        404
    ] * 3


@pytest.mark.parametrize(
    "odd", [{"EventIds": ["Document.Moved"]}, {"EventIds": [5]}, {"Endpoint": "ftp://x"}]
)
def test_a_subscription_to_nothing_is_refused(api, odd):
    wanted = {"Name": "a", "EventIds": [], "Endpoint": "https://example.com/x"} | odd
    assert api.post("/webhooks/subscription", json=wanted).status_code == 400


def test_every_change_is_told(fv, api, people, project, subscribed, heard):
    document = people.upload(project, "A/a.txt", b"1")
    people.revise(document, b"2")
    people.revert(document, 1)
    people.rename(document, "b.txt")
    folder = people.add_folder(project, "B")
    people.move(document, folder)
    people.tag(document, ["x"])
    people.delete(document)
    people.undelete(document)
    people.rename_folder(folder, "C")
    people.rename_folder(folder, "C")
    people.archive_folder(folder)
    people.delete_folder(folder)
    assert fv.sender.quiet()
    assert names(heard) == [
        *(
            "Folder.Created",
            "Document.Created",
            "Document.Versioned",
            "Document.Reverted",
            "Document.Updated",
        ),
        *("Folder.Created", "Document.Updated", "Document.Updated", "Document.Deleted", "Document.Undeleted"),
        *("Folder.Updated", "Folder.Archived", "Document.Deleted", "Folder.Deleted"),
    ]
    assert heard[1][1]["ObjectId"] == {"DocumentId": document}
    assert heard[-1][1]["ObjectId"] == {"FolderId": folder}
    assert {(body["OrgId"], body["ProjectId"], body["UserId"]) for _, body in heard} == {
        (6001, project, 990002)
    }


def test_what_the_account_does_itself_is_told_too(fv, api, project, subscribed, heard):
    number = api.upload("a.txt", b"1", project)["documentId"]["native"]
    api.post(f"/Documents/{number}/Revisions", json={"Native": api.begin("a.txt", b"2", project)})
    api.delete(f"/Documents/{number}")
    api.begin("never.txt", b"1", project)
    assert fv.sender.quiet()
    assert names(heard) == ["Document.Created", "Document.Versioned", "Document.Deleted"]
    assert {body["UserId"] for _, body in heard} == {fv.user}


def test_only_what_was_asked_for_is_told(fv, api, people, project, subscribed, heard):
    one = f"/webhooks/subscription/{subscribed['id']}"
    api.put(one, json={"EventIds": ["Document.Deleted"], "Endpoint": subscribed["endpoint"]})
    people.delete(people.upload(project, "A/a.txt", b"1"))
    assert fv.sender.quiet()
    assert names(heard) == ["Document.Deleted"]
    assert [status for _, status in fv.sender.delivered] == [202]


def test_a_delivery_is_signed_by_a_key_that_the_identity_host_shows(
    fv, people, project, subscribed, heard, clock
):
    people.add_folder(project, "A")
    assert fv.sender.quiet()
    token = heard[0][0]["authorization"].removeprefix("Bearer ")
    [shown] = keys(fv)
    assert jwt.get_unverified_header(token) == {"alg": "RS512", "typ": "JWT", "kid": shown["kid"]}
    claims = jwt.decode(
        token,
        jwt.PyJWK(shown),
        ["RS512"],
        audience="filevine-v2-webhooks",
        options={"verify_iat": False, "verify_nbf": False, "verify_exp": False},
    )
    now = clock() // 10**9
    assert (claims["iss"], claims["scope"]) == (fv.url, "filevine-v2-webhooks-access")
    assert (claims["iat"], claims["exp"], len(claims["jti"])) == (now, now + 1200, 32)


def test_keys_rotate(fv):
    [before] = keys(fv)
    fv.rotate_keys()
    [after] = keys(fv)
    assert after["kid"] != before["kid"]
    assert after["n"] != before["n"]


def test_the_older_proof_is_a_hash_of_key_time_and_number(fv, people, project, subscribed, heard):
    fv.switch(proof="key")
    people.add_folder(project, "A")
    assert fv.sender.quiet()
    [(headers, _)] = heard
    known = fv.credentials
    parts = (known.api_key, headers["x-fv-timestamp"], headers["x-fv-messageid"], known.api_secret)
    assert headers["x-fv-hash"] == hashlib.md5("/".join(parts).encode()).hexdigest()
    assert "authorization" not in headers


@pytest.mark.parametrize(
    ("deliveries", "expected"),
    [("prompt", "1234"), ("lost", ""), ("doubled", "11223344"), ("reordered", "2413"), ("delayed", "1234")],
)
def test_deliveries_are_as_unreliable_as_is_asked(
    fv, people, project, subscribed, heard, deliveries, expected
):
    fv.switch(deliveries=deliveries, late_seconds=0.1)
    made = {people.add_folder(project, f"{number}"): f"{number}" for number in range(1, 5)}
    assert fv.sender.quiet()
    assert "".join(made[body["ObjectId"]["FolderId"]] for _, body in heard) == expected


def test_a_subscriber_that_is_not_there_disturbs_nobody(fv, api, people, project):
    wanted = {"EventIds": ["Folder.Created"], "Endpoint": "http://127.0.0.1:9/x"}
    api.post("/webhooks/subscription", json=wanted)
    people.add_folder(project, "A")
    assert fv.sender.quiet()
    assert [status for _, status in fv.sender.delivered] == [0]


def test_a_stopped_filevine_tells_nothing_more(fv, people, project, subscribed, heard):
    fv.switch(deliveries="delayed", late_seconds=60)
    people.add_folder(project, "A")
    fv.stop()
    fv.start()
    assert fv.sender.quiet(0)
    fv.switch(deliveries="prompt")
    people.add_folder(project, "B")
    assert fv.sender.quiet()
    assert len(heard) == 1
