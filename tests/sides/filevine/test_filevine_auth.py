import base64
import hashlib
import json
import threading
from datetime import UTC, datetime

import pytest

from synctool.errors import Denied, Unavailable
from synctool.sides.filevine.account import Grant, Session
from synctool.sides.filevine.auth import KeySignIn, TokenSignIn
from synctool.sides.filevine.wire import Wire
from tests.sides.filevine.conftest import ORGS, TOKEN, Reply

SECRETS = ("hush-1", "hush-2")


@pytest.fixture
def wire(time):
    made = Wire(sleep=time.sleep, chance=lambda: 0.0)
    yield made
    made.close()


def token_sign_in(server, **changes):
    fields = {
        "identity_url": server.url,
        "client_id": "id",
        "client_secret": "hush-1",
        "token": "hush-2",
        **changes,
    }
    return TokenSignIn(**fields)


def key_sign_in(server, **changes):
    fields = {
        "session_url": f"{server.url}/session",
        "api_key": "fvpk_1",
        "api_secret": "hush-1",
        "now": lambda: datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC),
        **changes,
    }
    return KeySignIn(**fields)


def failure_of(sign_in, server, wire, kind=Denied):
    with pytest.raises(kind) as caught:
        sign_in(wire, f"{server.url}/fv-app/v2", None)
    text = str(caught.value)
    assert "\n" not in text
    assert not any(secret in text for secret in SECRETS)
    return text


def test_a_token_is_granted_and_says_who_calls(server, wire):
    grant = token_sign_in(server)(wire, f"{server.url}/fv-app/v2", None)
    assert grant.headers == {"Authorization": "Bearer bearer-1", "x-fv-userid": "9", "x-fv-orgid": "6001"}
    assert grant.lifetime == 1200
    assert (
        b"grant_type=personal_access_token&token=hush-2&client_id=id&client_secret=hush-1&scope="
        in server.seen[0].body
    )
    assert server.seen[1].headers["authorization"] == "Bearer bearer-1"


def test_a_renewal_asks_only_for_the_token(server, wire):
    sign_in = token_sign_in(server)
    sign_in(wire, f"{server.url}/fv-app/v2", sign_in(wire, f"{server.url}/fv-app/v2", None))
    assert [seen.path for seen in server.seen].count(ORGS[1]) == 1


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"error": "invalid_client"}, "the client id or secret is wrong"),
        (401, {"error": "invalid_client"}, "the client id or secret is wrong"),
        (400, {"error": "invalid_grant"}, "the personal access token is wrong"),
        (400, {"error": "invalid_scope"}, "the sign-in was refused (invalid_scope)"),
        (400, {"error": "token hush-2 is bad"}, "the sign-in was refused; check"),
        (403, b"<html>no</html>", "the sign-in was refused; check"),
    ],
)
def test_a_refused_sign_in_names_what_is_wrong(server, wire, status, body, words):
    server.on(*TOKEN, Reply(status, body))
    assert words in failure_of(token_sign_in(server), server, wire)


@pytest.mark.parametrize(
    ("org", "orgs", "words"),
    [
        (
            "",
            [1, 2],
            "the account does not see exactly one organisation; set org to one of: 1 (Firm 1), 2 (Firm 2)",
        ),
        ("", [], "set org to one of: none"),
        ("3", [1, 2], "no access to organisation 3; it sees 1 (Firm 1), 2 (Firm 2)"),
    ],
)
def test_an_organisation_that_is_not_plain_is_refused_with_the_choices(server, wire, org, orgs, words):
    choices = [{"orgId": number, "name": f"Firm {number}"} for number in orgs]
    server.on(*ORGS, Reply(body={"user": {"userId": {"native": 9}}, "orgs": choices}))
    assert words in failure_of(token_sign_in(server, org=org), server, wire)


def test_a_chosen_organisation_is_used(server, wire):
    orgs = [{"OrgId": 1, "Name": "A"}, {"OrgId": 2, "Name": "B"}]
    server.on(*ORGS, Reply(body={"User": {"UserId": {"Native": 9}}, "Orgs": orgs}))
    assert token_sign_in(server, org="2")(wire, f"{server.url}/fv-app/v2", None).org == "2"


@pytest.mark.parametrize(
    ("where", "reply", "words"),
    [
        (
            TOKEN,
            Reply(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"}),
            "is identity_url right?",
        ),
        (TOKEN, Reply(200, []), "unexpected shape; is identity_url right?"),
        (TOKEN, Reply(200, {"expires_in": 5}), "without 'access_token'"),
        (TOKEN, Reply(302, b""), "answered 302 to the sign-in"),
        (TOKEN, Reply(503, b""), "answered 503 to the sign-in"),
        (ORGS, Reply(200, b"<html>", {"Content-Type": "text/html"}), "is api_url right?"),
        (ORGS, Reply(200, {"user": {}, "orgs": []}), "unexpected shape to who we are"),
    ],
)
def test_an_answer_that_is_no_sign_in_says_which_setting_to_look_at(server, wire, where, reply, words):
    server.on(*where, reply)
    assert words in failure_of(token_sign_in(server), server, wire, Unavailable)


def test_an_api_that_refuses_a_fresh_token_is_denied(server, wire):
    server.on(*ORGS, Reply(401))
    assert "the API refuses the sign-in" in failure_of(token_sign_in(server), server, wire)


def jwt(**claims):
    return f"head.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.sign"


def session(server, token="t", **fields):
    body = {"accessToken": token, "refreshToken": "s-1", "userId": "990001", "orgId": 6001, **fields}
    server.on("POST", "/session", Reply(body=body))


def test_a_key_is_proven_by_a_hash_and_names_the_session(server, wire):
    session(server, jwt(iat=100, exp=400))
    grant = key_sign_in(server)(wire, "", None)
    sent = json.loads(server.seen[0].body)
    proof = hashlib.md5(b"fvpk_1/2026-11-22T12:00:00.123Z/hush-1").hexdigest()
    assert sent == {
        "mode": "key",
        "apiKey": "fvpk_1",
        "apiTimestamp": "2026-11-22T12:00:00.123Z",
        "apiHash": proof,
    }
    assert grant.headers["x-fv-sessionid"] == "s-1"
    assert (grant.user, grant.org, grant.lifetime) == ("990001", "6001", 300)


def test_a_key_session_is_renewed_by_its_session_id(server, wire):
    session(server)
    sign_in = key_sign_in(server, user="7", org="8")
    again = sign_in(wire, "", sign_in(wire, "", None))
    sent = json.loads(server.seen[1].body)
    assert (sent["mode"], sent["sessionId"], sent["userId"], sent["orgId"]) == ("session", "s-1", "7", "8")
    assert again.lifetime == 900


def test_a_key_session_that_has_ended_is_begun_anew(server, wire):
    good = Reply(body={"accessToken": "t", "refreshToken": "s-2", "userId": {"native": 5}, "orgId": 6})
    server.on("POST", "/session", Reply(401), good)
    grant = key_sign_in(server)(wire, "", Grant({}, "5", "6", 900.0, "s-1"))
    assert [json.loads(seen.body)["mode"] for seen in server.seen] == ["session", "key"]
    assert grant.session == "s-2"
    assert grant.user == "5"


def test_a_wrong_key_is_named(server, wire):
    server.on("POST", "/session", Reply(401))
    assert "the API key's hash was refused" in failure_of(key_sign_in(server), server, wire)


def test_a_grant_is_renewed_before_it_ends_and_by_one_caller_only(time):
    made = []

    def renew(former):
        made.append(former)
        return Grant({}, "", "", 1200.0)

    session = Session(time.clock)
    first = session.grant(renew)
    time.now += 1109
    assert session.grant(renew) is first
    time.now += 1
    second = session.grant(renew)
    assert made == [None, first]
    threads = [threading.Thread(target=session.grant, args=(renew, second)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 3
    assert session.grant(renew, first) is session.grant(renew)


def test_a_short_grant_is_renewed_at_four_fifths(time):
    def renew(former):
        return Grant({}, "", "", 10.0)

    session = Session(time.clock)
    first = session.grant(renew)
    time.now += 7.9
    assert session.grant(renew) is first
    time.now += 0.2
    assert session.grant(renew) is not first


def test_secrets_are_not_shown(server):
    assert "hush" not in repr(token_sign_in(server)) + repr(key_sign_in(server))
