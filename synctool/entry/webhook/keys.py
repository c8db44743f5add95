"""Keeps the public keys of an identity host, and asks for them again when a signature names one that is new."""

import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import jwt

from synctool.errors import Unavailable
from synctool.sides.filevine.wire import Answer

DISCOVERY = "/.well-known/openid-configuration"
ALGORITHM = "RS512"
SHORTEST = 2048  # bits of a key that is trusted
PAUSE = 60.0  # seconds between two questions to the identity host, whatever signatures name
OLDEST = 24 * 3600.0  # seconds after which keys are asked for again: one may have been withdrawn


class Keys:
    """Safe to use from several threads. issuer: the address of the identity host; ask: gets a URL; clock: seconds."""

    def __init__(self, issuer: str, ask: Callable[[str], Answer], clock: Callable[[], float]) -> None:
        self._issuer = issuer
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Mapping[str, Any] = {}
        self._asked = -PAUSE - OLDEST
        self._answered = -OLDEST

    def find(self, name: str) -> Any:
        """The key of this name; None when the host, just asked, has none.

        Raises Unavailable when that cannot be told now: the host does not answer, or was asked a moment ago.
        """
        with self._lock:
            now = self._clock()
            rested = now >= self._asked + PAUSE
            if rested and (name not in self._known or now >= self._answered + OLDEST):
                self._asked = now
                self._known = self._published()
                self._answered = now
                return self._known.get(name)
            if name not in self._known:
                raise Unavailable(
                    "a signature names a key that is not known, and keys were asked for a moment ago"
                )
            return self._known[name]

    def _published(self) -> Mapping[str, Any]:
        found = self._json(self._issuer + DISCOVERY).get("jwks_uri")
        if not isinstance(found, str) or not _trusted(found, self._issuer):
            raise Unavailable(
                "the identity host does not say where its keys are", hint="is identity_url right?"
            )
        listed = self._json(found).get("keys")
        read = [_key(each) for each in (listed if isinstance(listed, list) else [])]
        return {name: key for name, key in read if name and key is not None}

    def _json(self, url: str) -> dict[str, Any]:
        answer = self._ask(url)
        if answer.status != HTTPStatus.OK or not isinstance(answer.body, dict):
            raise Unavailable("the identity host does not show its keys", hint="is identity_url right?")
        return answer.body


def _trusted(url: str, issuer: str) -> bool:
    """Whether keys come from a place that nobody on the way can stand in for, as far as the issuer itself does."""
    try:
        there, here = urlsplit(url), urlsplit(issuer)
    except ValueError:
        return False
    return there.scheme == "https" or (there.scheme, there.netloc) == (here.scheme, here.netloc)


def _key(data: Any) -> tuple[str, Any]:
    """The name and the key of one entry; no key for what is not meant for these signatures."""
    if not isinstance(data, dict) or data.get("kty") != "RSA" or data.get("use", "sig") != "sig":
        return "", None
    if data.get("alg", ALGORITHM) != ALGORITHM or not isinstance(name := data.get("kid"), str):
        return "", None
    try:
        key = jwt.PyJWK({part: data[part] for part in ("kty", "n", "e")}, algorithm=ALGORITHM)
    except (jwt.PyJWTError, KeyError, ValueError, TypeError):
        return "", None
    return name, key if key.key.key_size >= SHORTEST else None
