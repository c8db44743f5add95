"""Tells whether a delivery comes from Filevine, by its signed token or by the older hash.

Neither covers the body: what is proven is who sends, and a delivery is a hint and no more.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jwt
from jwt.types import Options

from synctool.config.secrets import Secret
from synctool.entry.webhook.keys import ALGORITHM, Keys

AUDIENCE = "filevine-v2-webhooks"
SCOPE = "filevine-v2-webhooks-access"
LEEWAY = 300  # seconds that two clocks may differ
LONGEST = 8192  # characters of a header that are looked at

_UNCHECKED: Options = {"verify_signature": False}
_CHECKED: Options = {
    "require": ["exp", "iss", "aud"],
    "verify_exp": False,  # times are judged by our own clock, below
    "verify_iat": False,
    "verify_nbf": False,
}


class ApiKey(NamedTuple):
    """A key of the older sign-in, and the secret that belongs to it."""

    key: Secret
    secret: Secret


@dataclass(frozen=True, slots=True)
class Gate:
    """Whom we believe. issuers: the keys of identity hosts by their address; api_keys: those of the older sign-in.

    orgs: whose events concern us; None when a profile does not say.
    """

    issuers: Mapping[str, Keys] = field(default_factory=dict)
    api_keys: tuple[ApiKey, ...] = ()
    orgs: frozenset[int] | None = None

    def sender(self, headers: Mapping[str, str], now_ns: int) -> str | None:
        """What names this delivery, alone or with its body; None when it is not proven to be Filevine's.

        headers: by lower-case name. Raises Unavailable when the identity host's keys cannot be had.
        """
        now = now_ns // 10**9
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and len(token) <= LONGEST and (claims := self._claims(token.strip())):
            return _token_name(claims, now)
        return self._message(headers, now) if self.api_keys else None

    def _claims(self, token: str) -> Mapping[str, Any] | None:
        """What a token says, when a key of its issuer signed it for us."""
        try:
            name = jwt.get_unverified_header(token).get("kid")
            issuer = jwt.decode(token, options=_UNCHECKED).get("iss")
            keys = self.issuers.get(issuer) if isinstance(issuer, str) else None
            key = keys.find(name) if keys and isinstance(name, str) else None
            if key is None:
                return None
            return jwt.decode(
                token, key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=issuer, options=_CHECKED
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None

    def _message(self, headers: Mapping[str, str], now: int) -> str | None:
        stamp, number, proof = (
            headers.get(f"x-fv-{part}", "") for part in ("timestamp", "messageid", "hash")
        )
        if not number or len(stamp + number + proof) > LONGEST or abs(_seconds(stamp) - now) > LEEWAY:
            return None
        proven = [
            hmac.compare_digest(_hash(each, stamp, number), proof.lower().encode()) for each in self.api_keys
        ]
        return f"message {number}" if any(proven) else None


def _hash(known: ApiKey, stamp: str, number: str) -> bytes:
    text = f"{known.key.reveal()}/{stamp}/{number}/{known.secret.reveal()}".encode(errors="replace")
    return hashlib.md5(text, usedforsecurity=False).hexdigest().encode()  # the protocol's, not our choice


def _token_name(claims: Mapping[str, Any], now: int) -> str | None:
    """What names a token, when it is for webhooks and of today; without a ``jti`` its times do."""
    scope, until = claims.get("scope"), claims["exp"]
    scopes = scope.split() if isinstance(scope, str) else scope
    if not isinstance(scopes, list) or SCOPE not in scopes:
        return None
    begins = [claims[name] for name in ("iat", "nbf") if name in claims]
    if not all(type(moment) is int for moment in (until, *begins)):
        return None
    if until <= now - LEEWAY or any(moment > now + LEEWAY for moment in begins):
        return None
    return f"token {claims.get('jti', (*begins, until))}"


def _seconds(stamp: str) -> float:
    """The moment a header names, in seconds since the epoch: milliseconds as a number, or ISO 8601; 0 for neither."""
    if re.fullmatch(r"[0-9]{13}", stamp):
        return int(stamp) / 1000
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return 0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
