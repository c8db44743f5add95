"""Lists what can be heard of, and keeps who wants to hear it."""

from typing import Any

from synctool.emulators.filevine import shapes
from synctool.emulators.filevine.binding import Call, listed, text
from synctool.emulators.filevine.news import EVENTS, Subscription
from synctool.emulators.filevine.records import Refusal

SCOPE = "filevine.v2.webhooks"
"""What a token must have been granted beside the rest."""


def events(call: Call) -> list[dict[str, Any]]:
    """GET /webhooks/Events."""
    return [
        {
            "id": f"{kind}.{what}",
            "name": f"{kind} {what}",
            "objectType": kind,
            "eventType": what,
            "samplePayloads": [call.org.news.body(kind, what, 1, 2)],
        }
        for kind, whats in EVENTS.items()
        for what in whats
    ]


def every(call: Call) -> list[dict[str, Any]]:
    """GET /webhooks/subscriptions."""
    return [_shape(subscription) for subscription in call.org.news.subscriptions.values()]


def get(call: Call) -> dict[str, Any]:
    """GET /webhooks/subscription/{subscriptionId}."""
    return _shape(call.org.news.found(call.path["subscriptionid"]))


def create(call: Call) -> dict[str, Any]:
    """POST /webhooks/subscription."""
    return _told(call)


def update(call: Call) -> dict[str, Any]:
    """PUT /webhooks/subscription/{subscriptionId}."""
    return _told(call, call.org.news.found(call.path["subscriptionid"]).id)


def delete(call: Call) -> bool:
    """DELETE /webhooks/subscription/{subscriptionId}."""
    del call.org.news.subscriptions[call.org.news.found(call.path["subscriptionid"]).id]
    return True


def _told(call: Call, number: str = "") -> dict[str, Any]:
    wanted = listed(call.body, "EventIds")
    if not all(isinstance(each, str) for each in wanted):
        raise Refusal(400, "EventIds is not a list of texts.")
    name, description, endpoint = (
        text(call.body, each) or "" for each in ("Name", "Description", "Endpoint")
    )
    return _shape(call.org.news.subscribe(name, description, tuple(wanted), endpoint, number))


def _shape(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "name": subscription.name,
        "description": subscription.description,
        "eventIds": list(subscription.events),
        "endpoint": subscription.endpoint,
        "keyId": "",
        "createdAt": shapes.iso(subscription.created_ns),
        "updatedAt": shapes.iso(subscription.updated_ns),
    }
