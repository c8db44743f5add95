import base64
import hashlib
import json

import pytest
import requests


def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def session(fv, **changes):
    known, stamp = fv.credentials, "2026-06-01T12:00:00.000Z"
    digest = hashlib.md5(f"{known.api_key}/{stamp}/{known.api_secret}".encode()).hexdigest()
    body = {"mode": "key", "apiKey": known.api_key, "apiTimestamp": stamp, "apiHash": digest}
    return requests.post(f"{fv.url}/session", json=body | changes)


def test_a_token_looks_like_a_jwt_and_says_when_it_ends(api, clock):
    answer = api.token().json()
    assert answer["expires_in"] == 1200
    assert answer["token_type"] == "Bearer"
    assert claims(answer["access_token"])["exp"] == clock() // 10**9 + 1200
    assert {"jti", "sub"} <= claims(answer["access_token"]).keys()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "wrong"}, "invalid_client"),
        ({"token": "wrong"}, "invalid_grant"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_wrong_credentials_are_named_as_oauth_does(api, changes, error):
    answer = api.token(**changes)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_a_token_ends_and_a_new_one_serves(api, clock):
    assert api.get("/Users/Me").status_code == 200
    clock.tick(1200)
    assert api.get("/Users/Me").status_code == 401
    api.sign_in()
    assert api.get("/Users/Me").status_code == 200


def test_the_lifetime_of_tokens_can_be_set_and_all_can_be_ended(fv, api):
    fv.switch(token_seconds=5)
    assert api.token().json()["expires_in"] == 5
    fv.expire_tokens()
    assert api.get("/Users/Me").status_code == 401


def test_org_and_user_are_found_with_the_token_alone(fv, api):
    token = api.headers["Authorization"]
    answer = requests.post(
        f"{fv.url}/fv-app/v2/utils/GetUserOrgsWithToken", headers={"Authorization": token}
    ).json()
    assert answer["user"]["userId"]["native"] == fv.user
    assert [org["orgId"] for org in answer["orgs"]] == [fv.org]


@pytest.mark.parametrize("header", ["x-fv-orgid", "x-fv-userid"])
def test_every_other_call_needs_the_ids_of_the_token_in_its_headers(api, header):
    assert api.get("/Users/Me", headers={header: None}).status_code == 403
    assert api.get("/Users/Me", headers={header: "1"}).status_code == 403


def test_the_user_id_can_be_made_optional(fv, api):
    fv.switch(require_user_id=False)
    assert api.get("/Users/Me", headers={"x-fv-userid": None}).status_code == 200


def test_no_token_is_401(api):
    assert api.get("/Users/Me", headers={"Authorization": None}).status_code == 401


def test_key_mode_gives_a_token_that_serves_with_its_session(fv, project):
    answer = session(fv).json()
    assert claims(answer["accessToken"])["exp"] - claims(answer["accessToken"])["iat"] == 900
    assert (answer["userId"], answer["orgId"]) == (str(fv.user), fv.org)
    headers = {"Authorization": f"Bearer {answer['accessToken']}", "x-fv-sessionid": answer["refreshToken"]}
    for base in ("/fv-app/v2", "/core"):
        assert requests.get(f"{fv.url}{base}/projects/{project}/", headers=headers).status_code == 200
    del headers["x-fv-sessionid"]
    assert requests.get(f"{fv.url}/core/projects/{project}", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"apiHash": "0" * 32}, 401), ({"apiKey": "other"}, 401), ({"mode": "guess"}, 400)],
)
def test_key_mode_refuses_a_wrong_key_hash_or_mode(fv, changes, status):
    assert session(fv, **changes).status_code == status


def test_a_session_is_renewed_once_and_ends_after_a_day(fv, clock):
    first = session(fv).json()["refreshToken"]
    clock.tick(800)
    second = session(fv, mode="session", sessionId=first).json()["refreshToken"]
    assert second != first
    assert session(fv, mode="session", sessionId=first).status_code == 401
    clock.tick(24 * 3600)
    assert session(fv, mode="session", sessionId=second).status_code == 401


def test_discovery_names_the_token_endpoint(fv):
    answer = requests.get(f"{fv.url}/.well-known/openid-configuration").json()
    assert answer["token_endpoint"] == f"{fv.url}/connect/token"
    assert requests.get(f"{fv.url}/session").status_code == 404
