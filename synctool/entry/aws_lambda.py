"""Serves AWS Lambda: puts webhooks, changes of the bucket and the clock's ticks into the queue, and follows the queue.

Settings are variables: SYNCTOOL_PROFILES, SYNCTOOL_STATE and SYNCTOOL_SIDES as everywhere, SYNCTOOL_QUEUE and
SYNCTOOL_OFFICE_QUEUE the addresses of queues that are told, SYNCTOOL_RATE_SHARE.
"""

import base64
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from random import random
from threading import Timer
from typing import Any, Protocol
from urllib.parse import unquote_plus

from synctool.config.profile import S3Settings
from synctool.config.secrets import environment
from synctool.core.events import Event, hints_of
from synctool.core.pacing import EVERYWHERE
from synctool.engine.clock import SYSTEM
from synctool.engine.working import FOLLOWED
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.logs import log_to_stderr
from synctool.entry.cli.noticing import Notifier
from synctool.entry.cli.roster import Roster
from synctool.entry.cli.session import Session, desk
from synctool.entry.cli.sharing import shared
from synctool.entry.cli.watching import Rounds
from synctool.entry.cli.working import Follower
from synctool.entry.webhook.gate import Gate
from synctool.entry.webhook.handling import Request, handle
from synctool.entry.webhook.opening import gate_of
from synctool.errors import SideError
from synctool.sides.base import RESERVED
from synctool.sides.filevine.wire import Wire
from synctool.store.queue import Message, Note, Queue, gathered, read

log = logging.getLogger(__name__)

CLEARING = 30.0
"""Seconds before the function is killed at which no step begins any more, so that the state is given back."""

Fact = Mapping[str, Any]
"""What AWS calls an event."""


class Context(Protocol):
    """What AWS tells of the invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is killed."""


def handler(event: Fact, context: Context) -> dict[str, Any]:
    """Do what an event of AWS asks for, and answer as its kind is answered. Raises SideError when a queue is away."""
    house = _house()
    if "Records" in event:
        return house.follow(event["Records"], context.get_remaining_time_in_millis() / 1000 - CLEARING)
    if "requestContext" in event:
        return {"statusCode": house.receive(event)}
    if event.get("source") == "aws.s3":
        house.tell(house.changed(event))
    else:
        house.tell(Note(name, key=f"tick {event.get('id', '')}") for name in house.roster())
    return {}


@dataclass(frozen=True)
class House:
    """What a function keeps between two events: the profiles, who is believed, and the queues. home: the worker's own."""

    session: Session
    roster: Roster
    gate: Gate
    home: Queue
    queues: tuple[Queue, ...]

    def receive(self, request: Fact) -> int:
        """Judge a webhook and put what it brings into the queues; the status that answers it."""
        now_ns = self.session.clock.now_ns()
        receipt = handle(_request(request), self.gate, now_ns)
        if not receipt.key:
            log.info("a delivery was answered %d: %s", receipt.status, receipt.why)
            return receipt.status
        try:
            self.tell(note for event in receipt.events for note in self._notes(event, receipt.key))
        except SideError as error:
            log.error("a delivery was answered 503: %s", error)  # noqa: TRY400 - one line, not a trace
            return HTTPStatus.SERVICE_UNAVAILABLE
        return receipt.status

    def changed(self, fact: Fact) -> Iterator[Note]:
        """The profiles that an object of the bucket belongs to, and where they look again."""
        detail = fact["detail"]
        bucket, key = detail["bucket"]["name"], unquote_plus(detail["object"]["key"])
        for name, watched in self.roster().items():
            for side, settings in watched.profile.sides.items():
                if not isinstance(settings, S3Settings) or settings.bucket != bucket:
                    continue
                handle = key.removeprefix(settings.prefix)
                if key.startswith(settings.prefix) and not handle.startswith(f"{RESERVED}/"):
                    yield Note(name, ((side, handle or EVERYWHERE),), f"object {fact.get('id', '')}")

    def tell(self, notes: Iterable[Note]) -> None:
        """Put notes into every queue. Raises SideError, and then the sender tries again or a full look makes up for it."""
        listed = list(notes)
        for queue in self.queues:
            queue.send(listed)

    def follow(self, records: Iterable[Fact], seconds: float) -> dict[str, Any]:
        """Follow messages, profile by profile; after so many seconds no step begins. The answer names what shall come again."""
        messages = [Message(read(each["body"]), each["receiptHandle"], each["messageId"]) for each in records]
        tools = tools_of(self.session)
        rounds = Rounds(self.session, tools, Notifier(self.session), as_json=True)
        follower = Follower(self.roster, rounds, self.home)
        left = [message for message in messages if message.note is None]
        bell = Timer(seconds, tools.stopped.set)
        bell.start()
        for note, group in gathered(messages):
            if tools.stopped.is_set() or follower(note) not in FOLLOWED:
                left += group
        bell.cancel()
        return {"batchItemFailures": [{"itemIdentifier": message.id} for message in left]}

    def _notes(self, event: Event, key: str) -> Iterator[Note]:
        self.roster()
        for aimed in hints_of(event, self.roster.homes()):
            template = aimed.profile not in self.roster()
            name = self.roster.welcome(aimed.profile, aimed.project) if template else aimed.profile
            yield Note(name, ((aimed.hint.side, aimed.hint.handle),), key)


def _request(fact: Fact) -> Request:
    """A request as a function URL tells of it."""
    http, body = fact["requestContext"]["http"], fact.get("body") or ""
    data = base64.b64decode(body) if fact.get("isBase64Encoded") else body.encode()
    headers = {name.lower(): value for name, value in fact["headers"].items()}
    return Request(http["method"], http["path"], headers, data)


@cache
def _house() -> House:
    log_to_stderr("json")
    variables = environment(Path())
    profiles, state = Path(variables.get("SYNCTOOL_PROFILES", Session.PROFILES)), variables["SYNCTOOL_STATE"]
    session = Session(
        profiles,
        desk(state),
        no_color=True,
        rate_share=float(variables.get("SYNCTOOL_RATE_SHARE", "1")),
        shelf=ExitStack().enter_context(shared(state, profiles, SYSTEM)),  # for as long as the function lives
    )
    roster = Roster(session, ())
    wire = Wire(sleep=SYSTEM.sleep, chance=random)
    roster()
    gate = gate_of(roster.profiles(), lambda url: wire.ask("GET", url), SYSTEM.monotonic)
    home = Queue(variables["SYNCTOOL_QUEUE"])
    office = variables.get("SYNCTOOL_OFFICE_QUEUE", "")
    return House(session, roster, gate, home, (home, Queue(office)) if office else (home,))
