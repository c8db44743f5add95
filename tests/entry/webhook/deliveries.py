"""An identity host, what it signs, and the deliveries made of it."""

import hashlib
import json

from synctool.config.secrets import Secret
from synctool.emulators.filevine.signing import Signer
from synctool.entry.webhook.gate import ApiKey, Gate
from synctool.entry.webhook.handling import PATH, Request
from synctool.entry.webhook.keys import DISCOVERY, Keys
from synctool.errors import Unavailable
from synctool.sides.filevine.wire import Answer

ISSUER = "https://identity.example.com"
NOW = 1_790_000_000
NOW_NS = NOW * 10**9
BODY = {
    "Timestamp": NOW * 1000,
    "Object": "Document",
    "Event": "Updated",
    "ObjectId": {"DocumentId": 123},
    "OrgId": 6001,
    "ProjectId": 77,
    "Other": {},
}
API_KEY = ApiKey(Secret("fvpk_made-up"), Secret("fvsk_made-up"))
SIGNER = Signer()
OTHER = Signer()


def answered(status, page):
    """An answer with JSON in it."""
    return Answer(status, json.dumps(page).encode(), "application/json", None)


class Host:
    """An identity host that shows the keys of these signers, or what it is told to."""

    def __init__(self, *signers, issuer=ISSUER):
        self.issuer = issuer
        self.pages = {issuer + DISCOVERY: {"jwks_uri": f"{issuer}/keys"}}
        self.asked = []
        self.down = False
        self.now = 0.0
        self.show(*signers)

    def show(self, *signers):
        self.pages[f"{self.issuer}/keys"] = {"keys": [key for each in signers for key in each.jwks()["keys"]]}

    def ask(self, url):
        self.asked.append(url)
        if self.down:
            raise Unavailable("identity.example.com cannot be reached")
        return answered(200 if url in self.pages else 404, self.pages.get(url))

    def keys(self):
        return Keys(self.issuer, self.ask, lambda: self.now)


def gate(*signers, **changes):
    keys = Host(*(signers or [SIGNER])).keys()
    return Gate(**{"issuers": {ISSUER: keys}, "orgs": frozenset((6001,)), **changes})


def claims(**changes):
    said = {
        "iss": ISSUER,
        "aud": "filevine-v2-webhooks",
        "scope": "filevine-v2-webhooks-access",
        "jti": "a1",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 1200,
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def signed(signer=SIGNER, **changes):
    return bearer(signer.sign(claims(**changes)))


def hashed(stamp=str(NOW * 1000), number="m1", known=API_KEY):
    text = f"{known.key.reveal()}/{stamp}/{number}/{known.secret.reveal()}"
    proof = hashlib.md5(text.encode()).hexdigest()
    return {"x-fv-timestamp": stamp, "x-fv-messageid": number, "x-fv-hash": proof}


def request(headers=None, body=BODY, method="POST", path=PATH):
    told = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method, path, signed() if headers is None else headers, told)
