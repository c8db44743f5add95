"""Signs in to Filevine, in either of its two ways.

Facts: the vendor's identity API description (personal access token grant), and for the older key mode the public
clients that still use it (MD5 of ``key/timestamp/secret``, an access token of 15 minutes inside a longer session).
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NoReturn, Protocol

from synctool.errors import Denied, Unavailable
from synctool.sides.filevine.account import Grant
from synctool.sides.filevine.wire import Answer, NotJson, Wire, host
from synctool.sides.quoting import quoted

SCOPE = "fv.api.gateway.access tenant filevine.v2.api.* openid email fv.auth.tenant.read"
KEY_LIFETIME = 900.0  # seconds, where a token does not say
REFUSALS = (400, 401, 403)
_PLAIN = re.compile(r"[!-~]{1,16384}")  # what a header can carry
WRONG = {
    "invalid_client": ("the client id or secret is wrong", "a secret expires after a year: make a new one"),
    "invalid_grant": ("the personal access token is wrong", "make a new one in Filevine"),
}


class SignIn(Protocol):
    """One way to sign in."""

    def __call__(self, wire: Wire, api: str, former: Grant | None) -> Grant:
        """A new grant for the API at ``api`` (address with base path); former: the one it renews.

        Raises Denied, in words that name what is wrong, or Unavailable.
        """


@dataclass(frozen=True, kw_only=True)
class TokenSignIn:
    """The present way: a personal access token for a bearer token of some minutes.

    org: the number of the organisation, "" when the account sees only one.
    """

    identity_url: str
    client_id: str
    client_secret: str = field(repr=False)
    token: str = field(repr=False)
    org: str = ""
    scope: str = SCOPE

    def __call__(self, wire: Wire, api: str, former: Grant | None) -> Grant:
        form = {
            "grant_type": "personal_access_token",
            "token": self.token,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": self.scope,
        }
        url = f"{self.identity_url.rstrip('/')}/connect/token"
        answer = _ask(wire, url, data=form)
        if answer.status in REFUSALS:
            _refuse_token(answer)
        body = _object(answer, url, "identity_url")
        bearer = {"Authorization": f"Bearer {_field(body, 'access_token', url)}"}
        user, org = (former.user, former.org) if former else self._who(wire, api, bearer)
        headers = {**bearer, "x-fv-userid": user, "x-fv-orgid": org}
        lifetime = _field(body, "expires_in", url)
        if not lifetime.isdecimal():
            raise Unavailable(f"{host(url)} answered a sign-in without a number of seconds")
        return Grant(headers, user, org, float(lifetime))

    def _who(self, wire: Wire, api: str, bearer: Mapping[str, str]) -> tuple[str, str]:
        """The numbers of the user and the organisation."""
        url = f"{api}/utils/GetUserOrgsWithToken"
        answer = _ask(wire, url, headers=bearer)
        if answer.status in REFUSALS:
            raise Denied("the API refuses the sign-in", hint="is api_url of the same region as identity_url?")
        body = _object(answer, url, "api_url")
        try:
            user = str(body["user"]["userid"]["native"])
            orgs = {str(org["orgid"]): str(org.get("name", "")) for org in body["orgs"]}
        except (KeyError, TypeError, AttributeError):
            user, orgs = "", {}
        if not all(_PLAIN.fullmatch(each) for each in (user, *orgs)):
            raise Unavailable(f"{host(url)} answered in an unexpected shape to who we are") from None
        return user, _choose(self.org, orgs)


@dataclass(frozen=True, kw_only=True)
class KeySignIn:
    """The older way: an API key, proven by a hash, for a session.

    user, org: as in the profile, "" for what the key itself belongs to. now: the time, with its zone.
    """

    session_url: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    now: Callable[[], datetime]
    user: str = ""
    org: str = ""

    def __call__(self, wire: Wire, api: str, former: Grant | None) -> Grant:
        del api
        if former:
            known = {"userId": former.user, "orgId": former.org, "sessionId": former.session}
            answer = self._post(wire, {"mode": "session", **known})
            if answer.status not in REFUSALS:
                return self._grant(answer)
        answer = self._post(wire, {"mode": "key"})
        if answer.status in REFUSALS:
            raise Denied(
                "the API key's hash was refused",
                hint="check api_key and api_secret, and this computer's clock",
            )
        return self._grant(answer)

    def _post(self, wire: Wire, mode: Mapping[str, str]) -> Answer:
        stamp = self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        proof = f"{self.api_key}/{stamp}/{self.api_secret}".encode()
        digest = hashlib.md5(proof, usedforsecurity=False).hexdigest()  # the protocol's, not our choice
        body = {"apiKey": self.api_key, "apiTimestamp": stamp, "apiHash": digest, **mode}
        return _ask(wire, self.session_url, json=body)

    def _grant(self, answer: Answer) -> Grant:
        url = self.session_url
        body = _object(answer, url, "session_url")
        token, session = _field(body, "accesstoken", url), _field(body, "refreshtoken", url)
        user = self.user or _field(body, "userid", url)
        org = self.org or _field(body, "orgid", url)
        headers = {
            "Authorization": f"Bearer {token}",
            "x-fv-sessionid": session,
            "x-fv-userid": user,
            "x-fv-orgid": org,
        }
        return Grant(headers, user, org, _lifetime(token), session)


def _ask(wire: Wire, url: str, **options: Any) -> Answer:
    """A POST that may be repeated. Raises Unavailable unless it was understood, or refused."""

    def attempt() -> Answer:
        answer = wire.ask("POST", url, **options)
        if answer.status not in (HTTPStatus.OK, *REFUSALS):
            raise Unavailable(
                f"{host(url)} answered {answer.status} to the sign-in", retry_after=answer.retry_after
            )
        return answer

    return wire.persist(attempt)


def _refuse_token(answer: Answer) -> NoReturn:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    if error in WRONG:
        what, hint = WRONG[error]
        raise Denied(what, hint=hint)
    code = f" ({error})" if isinstance(error, str) and re.fullmatch(r"[a-z_]{1,40}", error) else ""
    raise Denied(f"the sign-in was refused{code}", hint="check client_id, client_secret and token")


def _object(answer: Answer, url: str, setting: str) -> dict[str, Any]:
    """The answer as a JSON object."""
    if isinstance(answer.body, NotJson):
        kind = answer.body.content_type
        raise Unavailable(
            f"{host(url)} answered with a web page ({kind}) instead of JSON", hint=f"is {setting} right?"
        )
    if not isinstance(answer.body, dict):
        raise Unavailable(f"{host(url)} answered in an unexpected shape", hint=f"is {setting} right?")
    return answer.body


def _field(body: Mapping[str, Any], name: str, url: str) -> str:
    """A field that must be there: text or a number, or an Identifier."""
    value = body.get(name)
    value = value.get("native") if isinstance(value, dict) else value
    if not isinstance(value, str | int) or not _PLAIN.fullmatch(str(value)):
        raise Unavailable(f"{host(url)} answered a sign-in without '{name}'")
    return str(value)


def _choose(org: str, orgs: Mapping[str, str]) -> str:
    """The organisation to work in. Raises Denied, naming the choices, when that is not plain."""
    choices = ", ".join(f"{number} ({quoted(name)})" for number, name in sorted(orgs.items()))[:500] or "none"
    if org and org not in orgs:
        raise Denied(f"the account has no access to organisation {org}", hint=f"it sees {choices}")
    if not org and len(orgs) != 1:
        raise Denied(
            "the account does not see exactly one organisation", hint=f"set org to one of: {choices}"
        )
    return org or next(iter(orgs))


def _lifetime(token: str) -> float:
    """The seconds a JSON Web Token lives by its own claims; unverified, as nothing but a renewal hangs on it."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return float(claims["exp"] - claims["iat"])
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return KEY_LIFETIME
