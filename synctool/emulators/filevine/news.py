"""Tells subscribers what changed: who wants to hear of what, and what a change is called."""

import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from synctool.emulators.filevine.records import ACCOUNT, Document, Folder, Phase, Refusal

EVENTS: Mapping[str, tuple[str, ...]] = {
    "Document": ("Created", "Updated", "Deleted", "Versioned", "Reverted", "Undeleted"),
    "Folder": ("Created", "Updated", "Deleted", "Archived"),
}
"""The kinds of events by the kind of thing; an event's id joins the two with a dot."""

IDS = tuple(f"{kind}.{what}" for kind, whats in EVENTS.items() for what in whats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who wants to hear of which events; times in ns since the epoch."""

    id: str
    name: str
    description: str
    events: tuple[str, ...]
    endpoint: str
    created_ns: int
    updated_ns: int


class News:
    """The subscriptions of one organisation, and what goes out to them; whoever calls holds the organisation's lock.

    send: takes the address and the body of a delivery; it is the emulator's to set.
    """

    def __init__(self, org: int, clock: Callable[[], int]) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.send: Callable[[str, Mapping[str, Any]], None] = lambda _endpoint, _body: None
        self._org = org
        self._clock = clock
        self._user = ACCOUNT

    @contextlib.contextmanager
    def by(self, user: int) -> Iterator[None]:
        """Inside, this user makes the changes."""
        former, self._user = self._user, user
        try:
            yield
        finally:
            self._user = former

    def subscribe(
        self, name: str, description: str, events: tuple[str, ...], endpoint: str, number: str = ""
    ) -> Subscription:
        """A new subscription, or a change of one; raises Refusal(400) or Refusal(404)."""
        if unknown := sorted(set(events) - set(IDS)):
            raise Refusal(400, f"There is no event {unknown[0]}.")
        if not endpoint.startswith(("https://", "http://")):
            raise Refusal(400, "Endpoint is not an address.")
        now = self._clock()
        created = self.found(number).created_ns if number else now
        made = Subscription(
            id=number or str(uuid.uuid4()),
            name=name,
            description=description,
            events=events,
            endpoint=endpoint,
            created_ns=created,
            updated_ns=now,
        )
        self.subscriptions[made.id] = made
        return made

    def found(self, number: str) -> Subscription:
        """The subscription; raises Refusal(404)."""
        if number not in self.subscriptions:
            raise Refusal(404, "The subscription does not exist.")
        return self.subscriptions[number]

    def document(self, former: Document | None, now: Document) -> None:
        """A document is not what it was."""
        if what := _of_document(former, now):
            self._tell("Document", what, now.id, now.project)

    def folder(self, former: Folder | None, now: Folder | None) -> None:
        """A folder came, changed or went; a project's root is no news."""
        known = now or former
        assert known is not None
        if known.parent is not None and former != now:
            self._tell("Folder", _of_folder(former, now), known.id, known.project)

    def body(self, kind: str, what: str, number: int, project: int) -> dict[str, Any]:
        """What a delivery says, in the vendor's spelling."""
        return {
            "Timestamp": self._clock() // 10**6,
            "Object": kind,
            "Event": what,
            "ObjectId": {f"{kind}Id": number},
            "OrgId": self._org,
            "ProjectId": project,
            "UserId": self._user,
            "Other": {},
        }

    def _tell(self, kind: str, what: str, number: int, project: int) -> None:
        for subscription in self.subscriptions.values():
            if f"{kind}.{what}" in subscription.events:
                self.send(subscription.endpoint, self.body(kind, what, number, project))


def _of_document(former: Document | None, now: Document) -> str:
    before = former.phase if former else Phase.PENDING
    match before, now.phase:
        case Phase.PENDING, Phase.COMMITTED:
            return "Created"
        case Phase.DELETED, Phase.COMMITTED:
            return "Undeleted"
        case Phase.COMMITTED, Phase.DELETED:
            return "Deleted"
        case Phase.COMMITTED, Phase.COMMITTED if former and former.revisions != now.revisions:
            return "Reverted" if now.key in former.revisions else "Versioned"
        case Phase.COMMITTED, Phase.COMMITTED if former and replace(former, contract=now.contract) != now:
            return "Updated"
    return ""


def _of_folder(former: Folder | None, now: Folder | None) -> str:
    if now is None:
        return "Deleted"
    if former is None:
        return "Created"
    return "Archived" if now.archived and not former.archived else "Updated"
