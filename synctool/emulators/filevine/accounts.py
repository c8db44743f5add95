"""Signs callers in by token grant or by key, and knows whom a token stands for."""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from synctool.emulators.filevine.records import ACCOUNT, Refusal

KEY_SECONDS = 900
SESSION_SECONDS = 24 * 3600


class Credentials(NamedTuple):
    """What a firm gets from Filevine. The secret holds signs that must be URL-encoded."""

    client_id: str = "3d1f6a52-8c0b-4e57-9a34-5f2be7c01d48"
    client_secret: str = "made+up/secret&with=signs%"  # noqa: S105 - a made-up one
    pat: str = "MADE-UP-PERSONAL-ACCESS-TOKEN"
    api_key: str = "fvpk_made-up-key"
    api_secret: str = "fvsk_made-up-secret"  # noqa: S105 - a made-up one


class Grant(NamedTuple):
    """A token's meaning: when it ends (ns since the epoch), the session it needs beside it, if any, and its scopes."""

    until_ns: int
    session: str = ""
    scopes: frozenset[str] = frozenset()


class Accounts:
    """One service account, its tokens and sessions."""

    def __init__(self, credentials: Credentials, org: int, clock: Callable[[], int]) -> None:
        self.credentials = credentials
        self._org = org
        self._clock = clock
        self._grants: dict[str, Grant] = {}
        self._sessions: dict[str, int] = {}  # refresh token: until when, ns

    def grant(self, form: Mapping[str, str], seconds: int) -> dict[str, Any]:
        """Answer /connect/token; raises Refusal(400) with an OAuth error code."""
        known = self.credentials
        if form.get("grant_type") != "personal_access_token":
            raise Refusal(400, "unsupported_grant_type")
        if (form.get("client_id"), form.get("client_secret")) != (known.client_id, known.client_secret):
            raise Refusal(400, "invalid_client")
        if form.get("token") != known.pat:
            raise Refusal(400, "invalid_grant")
        scopes = frozenset(form.get("scope", "").split())
        if "fv.api.gateway.access" not in scopes:
            raise Refusal(400, "invalid_scope")
        subject = str(uuid.uuid5(uuid.NAMESPACE_OID, str(ACCOUNT)))
        token = self._token(
            Grant(self._until(seconds), scopes=scopes), sub=subject, jti=secrets.token_hex(16)
        )
        return {"access_token": token, "expires_in": seconds, "token_type": "Bearer", "scope": form["scope"]}

    def sign_in(self, fields: Mapping[str, Any], seconds: int) -> dict[str, Any]:
        """Answer /session in key mode or session mode; raises Refusal(400) or Refusal(401)."""
        match fields.get("mode"):
            case "key":
                self._check_key(fields)
            case "session":
                self._check_session(fields)
            case _:
                raise Refusal(400, "Unknown mode.")
        session, until = secrets.token_urlsafe(32), self._clock() + SESSION_SECONDS * 10**9
        self._sessions[session] = until
        lifetime = min(seconds, KEY_SECONDS)
        claims = {
            "userId": str(ACCOUNT),
            "orgId": self._org,
            "keyId": self.credentials.api_key,
            "scopes": "core:api",
        }
        return {
            "accessToken": self._token(
                Grant(self._until(lifetime), session), jti=session, aud="filevine.io", **claims
            ),
            "refreshToken": session,
            "refreshTokenExpiry": until // 10**9,
            "refreshTokenTtl": "24 hours",
            "userId": str(ACCOUNT),
            "orgId": self._org,
        }

    def check(self, headers: Mapping[str, str], scope: str = "") -> Grant:
        """The grant of the token in the headers (lower-case names); raises Refusal(401), and Refusal(403) for want of a scope."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        grant = self._grants.get(token)
        if scheme.lower() != "bearer" or grant is None or self._clock() >= grant.until_ns:
            raise Refusal(401, "Authorization has been denied for this request.")
        if grant.session and headers.get("x-fv-sessionid") != grant.session:
            raise Refusal(401, "The session is unknown.")
        if scope and scope not in grant.scopes:
            raise Refusal(403, f"The token was not granted {scope}.")
        return grant

    def check_ids(self, headers: Mapping[str, str], grant: Grant, *, user_needed: bool) -> None:
        """Raise Refusal(403) unless the headers name the token's org and user; with a session they may be left out."""
        for name, number, needed in (("x-fv-orgid", self._org, True), ("x-fv-userid", ACCOUNT, user_needed)):
            sent = headers.get(name, "" if needed and not grant.session else str(number))
            if sent != str(number):
                raise Refusal(403, f"The header {name} is missing or does not fit the token.")

    def expire(self) -> None:
        """End every token and session now."""
        self._grants.clear()
        self._sessions.clear()

    def _check_key(self, fields: Mapping[str, Any]) -> None:
        known = self.credentials
        parts = (known.api_key, str(fields.get("apitimestamp")), known.api_secret)
        expected = hashlib.md5("/".join(parts).encode()).hexdigest()
        sent = str(fields.get("apihash")).encode()
        if fields.get("apikey") != known.api_key or not hmac.compare_digest(sent, expected.encode()):
            raise Refusal(401, "The key or its hash is wrong.")

    def _check_session(self, fields: Mapping[str, Any]) -> None:
        if self._clock() >= self._sessions.pop(str(fields.get("sessionid")), 0):
            raise Refusal(401, "The session is unknown or has ended.")

    def _until(self, seconds: int) -> int:
        return self._clock() + seconds * 10**9

    def _token(self, grant: Grant, **claims: object) -> str:
        body = {**claims, "iat": self._clock() // 10**9, "exp": grant.until_ns // 10**9}
        parts = [json.dumps(part).encode() for part in ({"alg": "RS512", "typ": "JWT"}, body)]
        token = ".".join(_base64url(part) for part in (*parts, secrets.token_bytes(64)))
        self._grants[token] = grant
        return token


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
