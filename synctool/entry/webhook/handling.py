"""Judges one delivery: how it is answered, and which events it brings."""

import hashlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from synctool.core.events import Event, event_of
from synctool.entry.webhook.gate import Gate
from synctool.errors import Unavailable

PATH = "/filevine"
"""Where deliveries go; everything else is not found."""

LARGEST = 256 * 1024  # bytes of a body
OLDEST_NS = 24 * 3600 * 10**9
"""An event that is older was found long ago by a full look."""


class Request(NamedTuple):
    """One request; names of headers are lower-case, the path has no query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Receipt(NamedTuple):
    """How a delivery is answered, and why, in words for a log. key: names a good delivery, the same when it comes twice."""

    status: int
    why: str
    events: tuple[Event, ...] = ()
    key: str = ""


def handle(request: Request, gate: Gate, now_ns: int) -> Receipt:
    """Judge a delivery; what it brings must be kept before it is answered. Nothing of the request comes back."""
    if request.path != PATH:
        return Receipt(HTTPStatus.NOT_FOUND, "another path")
    if request.method != "POST":
        return Receipt(HTTPStatus.METHOD_NOT_ALLOWED, "another method than POST")
    if len(request.body) > LARGEST:
        return Receipt(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "a body that is too large")
    try:
        sender = gate.sender(request.headers, now_ns)
    except Unavailable as error:
        return Receipt(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    if sender is None:
        return Receipt(HTTPStatus.UNAUTHORIZED, "no proof that Filevine sent it")
    return _proven(request.body, sender, gate, now_ns)


def _proven(body: bytes, sender: str, gate: Gate, now_ns: int) -> Receipt:
    try:
        event = event_of(json.loads(body))
    except (ValueError, RecursionError):
        event = None
    if event is None:
        return Receipt(HTTPStatus.BAD_REQUEST, "a body that is no JSON object")
    if gate.orgs is not None and event.org is not None and event.org not in gate.orgs:
        return Receipt(HTTPStatus.UNAUTHORIZED, "an organisation that no profile works in")
    if event.at_ns and abs(now_ns - event.at_ns) > OLDEST_NS:
        return Receipt(HTTPStatus.OK, "an event that is not of today")
    if event.project is None:
        return Receipt(HTTPStatus.OK, "an event without a project")
    key = hashlib.sha256(sender.encode(errors="replace") + b"\n" + body).hexdigest()
    return Receipt(HTTPStatus.ACCEPTED, "", (event,), key)
