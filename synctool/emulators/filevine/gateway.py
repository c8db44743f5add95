"""Takes a request to whoever answers it: sign-in, storage, the API or the back door."""

import json
import re
import threading
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from synctool.emulators.filevine import shapes
from synctool.emulators.filevine.accounts import Accounts
from synctool.emulators.filevine.binding import Call, lowered
from synctool.emulators.filevine.limits import Limits
from synctool.emulators.filevine.org import Org
from synctool.emulators.filevine.records import Refusal
from synctool.emulators.filevine.reply import Reply
from synctool.emulators.filevine.routes import others, table
from synctool.emulators.filevine.server import Request, Response
from synctool.emulators.filevine.signing import Signer
from synctool.emulators.filevine.storage import content_type
from synctool.emulators.filevine.switches import Switches
from synctool.emulators.filevine.weather import HTML, Answer, Weather

NOT_FOUND = Response(404, b"<!DOCTYPE html><html><head><title>404 - Not found</title></head></html>", HTML)
FORBIDDEN = Response(403, b"<html><head><title>403 Forbidden</title></head></html>", HTML)
OLD_BASE = "/core"
DISCOVERY = "/.well-known/openid-configuration"
KEYS = f"{DISCOVERY}/jwks"
IDENTITY = frozenset(("/connect/token", "/session", DISCOVERY, KEYS))


class Gateway:
    """Everything between HTTP and the organisation. ``seen`` counts requests by method and route template."""

    def __init__(self, org: Org, accounts: Accounts, signer: Signer, switches: Switches) -> None:
        self.org = org
        self.signer = signer
        self.accounts = accounts
        self.switches = switches
        self.weather = Weather()
        self.url = ""
        self.seen: Counter[tuple[str, str]] = Counter()
        self._limits = Limits(org.clock)
        self._counting = threading.Lock()

    def answer(self, request: Request) -> Response:
        """Answer one request; a refusal is told the way its part of Filevine tells it."""
        if self.switches.require_user_agent and "user-agent" not in request.headers:
            return FORBIDDEN
        template, answer = self._found(request)
        with self._counting:
            self.seen[request.method, template] += 1
        return self.weather.answer(request, template, answer)

    def _found(self, request: Request) -> tuple[str, Answer]:
        """The template of a request's route, and who answers it."""
        path = request.path.lower().rstrip("/")
        if path.startswith("/s3/"):
            return "/s3/{key}", self._storage
        if path in IDENTITY:
            return path, partial(self._sign_in, path=path)
        for base, old in ((self.switches.base_path, False), (OLD_BASE, True)):
            found = table.find(request.method, request.path[len(base) :], old=old)
            if found and path.startswith(f"{base.lower()}/"):
                return found[0].template, partial(self._api, route=found[0], path=found[1])
        return "unknown", lambda _request: NOT_FOUND

    def _api(self, request: Request, route: table.Route, path: Mapping[str, str]) -> Response:
        with self.org.lock:
            try:
                grant = self.accounts.check(request.headers, route.scope)
                if route.answer is not others.orgs:
                    user_needed = self.switches.require_user_id
                    self.accounts.check_ids(request.headers, grant, user_needed=user_needed)
                wait = self._wait(route)
                if wait:
                    return self._too_many(wait)
                body = _body(request)
                call = Call(self.org, self.switches, self.url, path, request.query, body)
                answer = route.answer(call)
            except Refusal as refusal:
                answer = Reply(refusal.status, {"message": refusal.message})
        return self._told(answer if isinstance(answer, Reply) else Reply(200, answer))

    def _told(self, reply: Reply) -> Response:
        if reply.value is None:
            return Response(reply.status)
        return Response(
            reply.status, _json(shapes.pascal(reply.value) if self.switches.pascal_case else reply.value)
        )

    def _wait(self, route: table.Route) -> int:
        allowed = self.switches.requests_per_minute
        if allowed is None:
            return 0
        if route.template == "/Documents/batch/download":
            allowed = min(allowed, self.switches.batch_downloads_per_minute)
        return self._limits.wait((route.method, route.template), allowed, self.switches.burst or allowed)

    def _too_many(self, wait: int) -> Response:
        headers = (("Retry-After", str(wait)),) if self.switches.retry_after else ()
        return Response(429, _json({"message": "Too many requests."}), headers=headers)

    def _sign_in(self, request: Request, path: str) -> Response:
        try:
            match request.method, path:
                case "GET", "/.well-known/openid-configuration":
                    return Response(200, _json(self._discovery()))
                case "GET", "/.well-known/openid-configuration/jwks":
                    return Response(200, _json(self.signer.jwks()))
                case "POST", "/connect/token":
                    form = dict(parse_qsl(request.body.decode(errors="replace")))
                    with self.org.lock:
                        return Response(200, _json(self.accounts.grant(form, self.switches.token_seconds)))
                case "POST", "/session":
                    with self.org.lock:
                        return Response(
                            200, _json(self.accounts.sign_in(_body(request), self.switches.token_seconds))
                        )
                case _:
                    return NOT_FOUND
        except Refusal as refusal:
            word = "error" if path == "/connect/token" else "message"
            return Response(refusal.status, _json({word: refusal.message}))

    def _discovery(self) -> dict[str, str]:
        return {
            "issuer": self.url,
            "token_endpoint": f"{self.url}/connect/token",
            "jwks_uri": f"{self.url}{KEYS}",
        }

    def _storage(self, request: Request) -> Response:
        key, storage = request.path.removeprefix("/s3/"), self.org.storage
        kind = request.headers.get("content-type", "") if request.method == "PUT" else ""
        try:
            storage.check(request.method, key, request.query, kind)
        except Refusal as refusal:
            return Response(
                refusal.status, f"<Error><Code>{refusal.message}</Code></Error>".encode(), "application/xml"
            )
        if request.method == "PUT":
            storage.blobs[key] = request.body
            return Response(200)
        return _from(request.headers.get("range", ""), Response(200, storage.blobs[key], content_type(key)))


def _from(asked: str, whole: Response) -> Response:
    """The bytes from where they were asked for, as ``bytes=N-``; every other wish is passed over, as storage may."""
    size = len(whole.body)
    if not (found := re.fullmatch(r"bytes=([0-9]{1,15})-", asked)):
        return whole
    start = int(found[1])
    if start >= size:
        return Response(416, headers=(("Content-Range", f"bytes */{size}"),))
    told = (("Content-Range", f"bytes {start}-{size - 1}/{size}"),)
    return whole._replace(status=206, body=whole.body[start:], headers=told)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _body(request: Request) -> Mapping[str, Any]:
    if not request.body:
        return {}
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise Refusal(415, "The request's media type is not supported.")
    try:
        value = lowered(json.loads(request.body))
    except ValueError as error:
        raise Refusal(400, "The request is not JSON.") from error
    if not isinstance(value, dict | None):
        raise Refusal(400, "The request is not a JSON object.")
    return value or {}
