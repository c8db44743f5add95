import base64
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from synctool.entry.webhook.gate import Gate
from synctool.entry.webhook.keys import Keys
from synctool.errors import Unavailable
from tests.entry.webhook.deliveries import (
    API_KEY,
    ISSUER,
    NOW,
    NOW_NS,
    OTHER,
    SIGNER,
    Host,
    answered,
    bearer,
    claims,
    gate,
    hashed,
    signed,
)

HASHES = Gate(api_keys=(API_KEY,))


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(header, said, proof=b""):
    return ".".join([*(encoded(json.dumps(part).encode()) for part in (header, said)), encoded(proof)])


def test_a_token_of_the_identity_host_is_proof():
    assert gate().sender(signed(), NOW_NS) == "token a1"
    assert gate().sender(bearer("x" * 9000), NOW_NS) is None
    assert gate().sender({}, NOW_NS) is None
    assert (
        gate().sender({"authorization": signed()["authorization"].replace("Bearer", "Basic")}, NOW_NS) is None
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "filevine-v2-api"},
        {"aud": None},
        {"scope": "filevine-v2-webhooks-accessory"},
        {"scope": None},
        {"scope": {"filevine-v2-webhooks-access": 1}},
        {"iss": "https://identity.example.org"},
        {"iss": [ISSUER]},
        {"iss": None},
        {"exp": NOW - 300},
        {"exp": None},
        {"exp": 1e400},
        {"exp": True},
        {"exp": "never"},
        {"iat": NOW + 301},
        {"nbf": NOW + 301},
        {"iat": "now"},
    ],
    ids=str,
)
def test_a_token_for_something_else_is_no_proof(changes):
    assert gate().sender(signed(**changes), NOW_NS) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - 299},
        {"iat": NOW + 300, "nbf": NOW + 300},
        {"scope": ["openid", "filevine-v2-webhooks-access"]},
        {"aud": ["x", "filevine-v2-webhooks"]},
        {"iat": None, "nbf": None},
    ],
    ids=str,
)
def test_clocks_may_differ_and_claims_have_more_than_one_form(changes):
    assert gate().sender(signed(**changes), NOW_NS) == "token a1"


def test_a_token_without_an_id_is_named_by_its_times():
    names = [gate().sender(signed(jti=None, exp=NOW + more), NOW_NS) for more in (1, 1, 2)]
    assert names[0] == names[1] != names[2]


def test_a_token_that_another_key_signed_is_no_proof():
    header, body, _ = SIGNER.sign(claims()).split(".")
    other = OTHER.sign(claims()).split(".")
    assert gate().sender(bearer(".".join((header, body, other[2]))), NOW_NS) is None
    changed = encoded(json.dumps(claims(exp=NOW + 5000)).encode())
    assert (
        gate().sender(bearer(".".join((header, changed, SIGNER.sign(claims()).split(".")[2]))), NOW_NS)
        is None
    )


def test_no_token_chooses_how_it_is_proven():
    public = jwt.PyJWK(SIGNER.jwks()["keys"][0]).key
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    texts = [
        public.public_bytes(encoding, form)
        for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER)
    ]
    for algorithm in ("none", "None", "", "HS256", "HS512", "RS256", "PS512", "ES512", None, 5):
        header = {"alg": algorithm, "typ": "JWT", "kid": SIGNER.kid}
        plain = token(header, claims()).removesuffix(".")
        proofs = [
            b"",
            *(hmac.digest(text, plain.encode(), name) for text in texts for name in ("sha256", "sha512")),
        ]
        for proof in proofs:
            assert gate().sender(bearer(token(header, claims(), proof)), NOW_NS) is None, algorithm


def test_no_token_brings_or_names_its_own_key():
    own = OTHER.jwks()["keys"][0]
    for more in (
        {"jwk": own},
        {"jku": "https://example.org/keys"},
        {"x5u": "https://example.org/keys"},
        {"kid": own["kid"]},
    ):
        header = {"alg": "RS512", "kid": SIGNER.kid, **more}
        forged = jwt.encode(claims(), OTHER._key, "RS512", header)
        try:
            assert gate().sender(bearer(forged), NOW_NS) is None
        except Unavailable:
            assert "kid" in more


@pytest.mark.parametrize(
    "junk",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "é.é.é",
        "x" * 100,
        encoded(b"[" * 5000) + "..",
        f"{encoded(b'{}')}.{encoded(b'[' * 5000)}.x",
    ],
)
def test_junk_is_no_proof(junk):
    assert gate().sender(bearer(junk), NOW_NS) is None


@pytest.mark.parametrize("name", [None, 5, ["a"]])
def test_a_token_that_does_not_name_its_key_is_no_proof(name):
    header = {"alg": "RS512", "kid": name}
    assert gate().sender(bearer(token(header, claims(), b"x")), NOW_NS) is None


def test_the_older_hash_is_proof():
    assert HASHES.sender(hashed(), NOW_NS) == "message m1"
    iso = ["2026-09-21T14:13:20.000Z", "2026-09-21T14:13:20", "2026-09-21T16:13:20+02:00"]
    assert [HASHES.sender(hashed(stamp), NOW_NS) for stamp in iso] == ["message m1"] * 3
    upper = hashed() | {"x-fv-hash": hashed()["x-fv-hash"].upper()}
    assert HASHES.sender(upper, NOW_NS) == "message m1"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        hashed(number=""),
        hashed("yesterday"),
        hashed(str((NOW - 301) * 1000)),
        hashed(str((NOW + 301) * 1000)),
        hashed(number="x" * 9000),
        hashed() | {"x-fv-hash": ""},
        hashed() | {"x-fv-hash": "é" * 32},
        hashed() | {"x-fv-messageid": "m2"},
        hashed() | {"x-fv-timestamp": str(NOW * 1000 + 1)},
        hashed(known=API_KEY._replace(secret=API_KEY.key)),
    ],
    ids=range(11),
)
def test_another_hash_or_time_is_no_proof(headers):
    assert HASHES.sender(headers, NOW_NS) is None


def test_a_hash_is_proof_only_where_a_profile_has_an_api_key():
    assert gate().sender(hashed(), NOW_NS) is None
    both = gate(api_keys=(API_KEY._replace(key=API_KEY.secret), API_KEY))
    assert both.sender(hashed(), NOW_NS) == "message m1"
    assert both.sender(signed() | hashed(), NOW_NS) == "token a1"


def test_keys_are_asked_for_once():
    host = Host(SIGNER)
    keys = host.keys()
    for _ in range(3):
        assert keys.find(SIGNER.kid) is not None
        host.now += 3600
    assert len(host.asked) == 2


def test_a_key_that_is_new_is_asked_for_at_most_once_a_minute():
    host = Host(SIGNER)
    keys = host.keys()
    assert keys.find("unknown") is None
    host.show(SIGNER, OTHER)
    with pytest.raises(Unavailable, match="a moment ago"):
        keys.find(OTHER.kid)
    assert keys.find(SIGNER.kid) is not None
    assert len(host.asked) == 2
    host.now += 60
    assert keys.find(OTHER.kid) is not None
    assert len(host.asked) == 4


def test_a_key_that_was_withdrawn_is_forgotten_within_a_day():
    host = Host(SIGNER)
    keys = host.keys()
    keys.find(SIGNER.kid)
    host.show(OTHER)
    host.now += 24 * 3600 - 1
    assert keys.find(SIGNER.kid) is not None
    host.now += 1
    assert keys.find(SIGNER.kid) is None


def test_a_host_that_does_not_answer_is_asked_again_after_a_minute():
    host = Host(SIGNER)
    host.down = True
    keys = host.keys()
    for _ in range(3):
        with pytest.raises(Unavailable):
            keys.find(SIGNER.kid)
    assert len(host.asked) == 1
    host.down = False
    host.now += 60
    assert keys.find(SIGNER.kid) is not None


@pytest.mark.parametrize(
    "page",
    [None, [], {}, {"jwks_uri": 5}, {"jwks_uri": "http://example.org/keys"}, {"jwks_uri": "https://[x/keys"}],
)
def test_keys_from_nowhere_or_from_an_open_address_are_not_taken(page):
    host = Host(SIGNER)
    host.pages[f"{ISSUER}/.well-known/openid-configuration"] = page
    host.pages["http://example.org/keys"] = SIGNER.jwks()
    with pytest.raises(Unavailable, match="is identity_url right"):
        host.keys().find(SIGNER.kid)


def test_an_emulated_host_may_be_open_itself():
    host = Host(SIGNER, issuer="http://127.0.0.1:8080")
    assert host.keys().find(SIGNER.kid) is not None


def test_a_host_that_answers_with_a_failure_has_said_nothing():
    keys = Keys(ISSUER, lambda _url: answered(500, {"jwks_uri": f"{ISSUER}/keys"}), lambda: 0.0)
    with pytest.raises(Unavailable):
        keys.find("a")


def test_only_long_rsa_keys_for_signatures_are_taken():
    host = Host(SIGNER)
    [good] = SIGNER.jwks()["keys"]
    short = json.loads(
        jwt.algorithms.RSAAlgorithm.to_jwk(
            rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
        )
    )
    odd = [
        5,
        good | {"kty": "oct", "k": "AAAA"},
        good | {"use": "enc"},
        good | {"alg": "RS256"},
        good | {"kid": 5},
        good | {"n": "!"},
        good | {"n": 5},
        {name: value for name, value in good.items() if name != "e"},
        short | {"kid": good["kid"]},
    ]
    for each in odd:
        host.pages[f"{ISSUER}/keys"] = {"keys": [each]}
        assert host.keys().find(SIGNER.kid) is None, each
    host.pages[f"{ISSUER}/keys"] = {"keys": [*odd, {name: good[name] for name in ("kty", "kid", "n", "e")}]}
    assert host.keys().find(SIGNER.kid) is not None
    host.pages[f"{ISSUER}/keys"] = {"keys": 5}
    assert host.keys().find(SIGNER.kid) is None
