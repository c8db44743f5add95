"""Asks Filevine to tell an address of changes, and to stop telling it."""

from typing import Any, NamedTuple

from synctool.sides.filevine.auth import SCOPE
from synctool.sides.filevine.calls import Call
from synctool.sides.filevine.client import FilevineClient

WITH_WEBHOOKS = f"{SCOPE} filevine.v2.webhooks"
"""What a token must be good for."""

NAME = "synctool"
KINDS = ("Document", "Folder")


class Subscription(NamedTuple):
    """Who is told of what; events: ids like ``Document.Created``, in order."""

    id: str
    name: str
    endpoint: str
    events: tuple[str, ...]


def subscriptions(client: FilevineClient) -> list[Subscription]:
    """All of the organisation, whoever made them."""
    call = Call("GET", "/webhooks/subscriptions")
    return client.read(lambda data: [_parse(each) for each in data], call)


def offered(client: FilevineClient) -> tuple[str, ...]:
    """The ids of all events of documents and folders, in order."""

    def parse(data: Any) -> tuple[str, ...]:
        return tuple(sorted(str(each["id"]) for each in data if each.get("objecttype") in KINDS))

    return client.read(parse, Call("GET", "/webhooks/Events"))


def subscribe(client: FilevineClient, endpoint: str) -> tuple[Subscription, bool]:
    """Have every event of documents and folders told to an address; whether that is new.

    One subscription of the address is brought up to date; a second would tell everything twice.
    """
    events = offered(client)
    own = [each for each in subscriptions(client) if each.endpoint == endpoint]
    if same := [each for each in own if set(each.events) >= set(events)]:
        return same[0], False
    body = {"Name": NAME, "Description": "", "EventIds": list(events), "Endpoint": endpoint}
    if own:
        wanted = {**body, "Name": own[0].name, "EventIds": sorted({*own[0].events, *events})}
        return client.read(_parse, Call("PUT", f"/webhooks/subscription/{own[0].id}", body=wanted)), True
    return client.read(_parse, Call("POST", "/webhooks/subscription", body=body, tries=1)), True


def remove(client: FilevineClient, number: str) -> None:
    """End a subscription. Raises Missing when there is none."""
    client.call(Call("DELETE", f"/webhooks/subscription/{number}"))


def _parse(data: Any) -> Subscription:
    events = tuple(sorted(map(str, data.get("eventids") or ())))
    return Subscription(str(data["id"]), str(data.get("name") or ""), str(data.get("endpoint") or ""), events)
