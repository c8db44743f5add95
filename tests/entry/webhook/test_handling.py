import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synctool.core.events import Event
from synctool.entry.webhook.handling import LARGEST, handle
from tests.entry.webhook.deliveries import (
    API_KEY,
    BODY,
    NOW,
    NOW_NS,
    OTHER,
    Host,
    claims,
    gate,
    hashed,
    request,
    signed,
)

GATE = gate(api_keys=(API_KEY,))
EVENT = Event(6001, 77, "document", "updated", 123, NOW_NS)


def status(*args, **named):
    receipt = handle(request(*args, **named), GATE, NOW_NS)
    assert (receipt.status == 202) == bool(receipt.events) == bool(receipt.key) == (not receipt.why)
    return receipt.status


@pytest.mark.parametrize("headers", [signed(), hashed()])
def test_what_filevine_sends_is_accepted_with_its_event(headers):
    receipt = handle(request(headers), GATE, NOW_NS)
    assert (receipt.status, receipt.events) == (202, (EVENT,))


def test_what_comes_twice_has_one_key_and_everything_else_has_its_own():
    later = BODY | {"Timestamp": BODY["Timestamp"] + 1}
    told = [
        (signed(), BODY),
        (signed(jti="b2"), BODY),
        (signed(), later),
        (hashed(), BODY),
        (hashed(number="m2"), BODY),
    ]
    keys = [handle(request(headers, body), GATE, NOW_NS).key for headers, body in told]
    assert len(set(keys)) == len(keys)
    assert keys == [handle(request(headers, body), GATE, NOW_NS).key for headers, body in told]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"path": "/"}, 404),
        ({"path": "/filevine/"}, 404),
        ({"path": "/other", "method": "GET", "headers": {}}, 404),
        ({"method": "GET"}, 405),
        ({"body": b" " * (LARGEST + 1)}, 413),
        ({"headers": {}}, 401),
        ({"headers": {}, "body": b"{"}, 401),
        ({"body": b"{"}, 400),
        ({"body": b"[" * LARGEST}, 400),
        ({"body": b"\xff"}, 400),
        ({"body": b'{"ObjectId": ' + b"1" * 5000 + b"}"}, 400),
        ({"body": [BODY]}, 400),
        ({"body": BODY | {"OrgId": 6002}}, 401),
        ({"body": BODY | {"Timestamp": (NOW - 24 * 3600 - 1) * 1000}}, 200),
        ({"body": BODY | {"Timestamp": (NOW + 24 * 3600 + 1) * 1000}}, 200),
        ({"body": BODY | {"ProjectId": None}}, 200),
        ({"body": BODY | {"Timestamp": None}}, 202),
        ({"body": BODY | {"Timestamp": (NOW - 24 * 3600) * 1000}}, 202),
        ({"body": BODY | {"OrgId": None}}, 202),
        ({"body": json.dumps(BODY).encode().ljust(LARGEST)}, 202),
    ],
    ids=range(20),
)
def test_each_answer_has_its_reason(named, expected):
    assert status(**named) == expected


def test_any_organisation_may_be_meant_when_a_profile_does_not_say():
    loose = gate(orgs=None)
    assert handle(request(body=BODY | {"OrgId": 6002}), loose, NOW_NS).status == 202


def test_an_identity_host_that_is_away_is_no_refusal():
    host = Host()
    host.down = True
    away = gate(issuers={host.issuer: host.keys()})
    assert handle(request(), away, NOW_NS).status == 503


@settings(max_examples=60)
@given(
    st.binary(max_size=200),
    st.dictionaries(st.sampled_from(list(hashed())), st.text(max_size=40)),
    st.text(max_size=60),
)
def test_junk_is_answered_and_never_repeated(body, headers, authorization):
    receipt = handle(request({**headers, "authorization": authorization}, body), GATE, NOW_NS)
    assert receipt.status == 401
    assert receipt.why == "no proof that Filevine sent it"


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from([*claims(), "sub"]),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3)),
    )
)
def test_whatever_a_signed_token_claims_is_judged(changes):
    receipt = handle(request(signed(**changes)), GATE, NOW_NS)
    assert receipt.status in (202, 401)


def test_a_key_that_is_not_known_is_refused_once_and_then_put_off():
    strict, unknown = gate(), request(signed(OTHER))
    assert [handle(unknown, strict, NOW_NS).status for _ in range(2)] == [401, 503]


def test_nothing_shows_a_secret():
    assert "made-up" not in repr(GATE)
