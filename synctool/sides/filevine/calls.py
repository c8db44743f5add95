"""Makes one call of Filevine's API: signed in, paced, tried again, and judged by its status.

What a status means where the default (``MEANING``) does not fit is said in the call.
"""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from synctool.errors import Denied, Missing, Rejected, SideError, Stale, Unavailable
from synctool.sides.filevine import records
from synctool.sides.filevine.account import Grant
from synctool.sides.filevine.pacing import Pacer
from synctool.sides.filevine.wire import (
    FAILED,
    LONGEST_WAIT,
    MOVED,
    REFUSED,
    THROTTLED,
    TRIES,
    Answer,
    NotJson,
    Throttled,
    Wire,
    host,
)
from synctool.sides.quoting import quoted

T = TypeVar("T")
HOLD = (
    2.0  # seconds for which nobody asks again, when a server has had too much and does not say for how long
)
PAGE = 1000  # the most a list answers at once
MEANING: Mapping[int, type[SideError]] = {
    401: Denied,
    403: Denied,
    404: Missing,
    408: Unavailable,
    409: Stale,
    412: Stale,
    429: Throttled,
}
HINTS = {500: "if it stays so, is the service user an Org Admin and on the project?"}


class Call(NamedTuple):
    """One call; meaning: what a status says, where it differs from ``MEANING``."""

    method: str
    path: str
    query: Mapping[str, object] | None = None
    body: Mapping[str, object] | None = None
    tries: int = TRIES
    meaning: Mapping[int, type[SideError]] = MEANING


class Caller:
    """Makes calls, from any thread.

    api: address with base path, no slash at its end; grant: what to call with, given the grant that was refused.
    """

    def __init__(
        self,
        api: str,
        wire: Wire,
        grant: Callable[[Grant | None], Grant],
        pacer: Pacer,
        per_second: float,
    ) -> None:
        self._api = api
        self._wire = wire
        self._grant = grant
        self._pacer = pacer
        self._per_second = per_second

    def call(self, call: Call) -> Any:
        """The answer to a call, as JSON with lower-case keys; None for an empty one."""
        return self.answer(call).body

    def answer(self, call: Call, known: Callable[[bytes], object] = lambda _: None) -> Answer:
        """The same as it came. Whoever knows its text from before need not have it read."""

        def attempt() -> Answer:
            answer = self._answer(call)
            if answer.status >= MOVED or not known(answer.text):
                self._judge(call, answer)
            return answer

        return self._wire.persist(attempt, call.tries)

    def read(self, parse: Callable[[Any], T], call: Call) -> T:
        """The answer to a call as a value. Raises Unavailable when it is not what was due."""
        return self.value(parse, call, self.answer(call))

    def value(self, parse: Callable[[Any], T], call: Call, answer: Answer) -> T:
        """The value that an answer to a call is. Raises Unavailable when it is not what was due."""
        try:
            return parse(answer.body)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise Unavailable(
                f"the answer to {call.method} {call.path} has an unexpected shape", hint="is api_url right?"
            ) from None

    def page(self, parse: Callable[[Any], T], call: Call) -> tuple[list[T], bool]:
        """One page, and whether another follows."""
        return self.items(parse, call, self.answer(call))

    def items(self, parse: Callable[[Any], T], call: Call, answer: Answer) -> tuple[list[T], bool]:
        """The page that an answer to a call is, and whether another follows."""

        def parse_items(data: Any) -> tuple[list[T], bool]:
            page = records.parse_page(data)
            more = len(page.items) >= PAGE if page.more is None else page.more
            return [parse(item) for item in page.items], more

        return self.value(parse_items, call, answer)

    def _answer(self, call: Call) -> Answer:
        """One answer; after a 401 one more, with a new sign-in."""
        grant = self._grant(None)
        answer = self._ask(call, grant)
        return self._ask(call, self._grant(grant)) if answer.status == HTTPStatus.UNAUTHORIZED else answer

    def _ask(self, call: Call, grant: Grant) -> Answer:
        bucket = f"{self._api} {grant.org} {call.method} {re.sub(r'/([0-9]+|@[^/]+)', '/*', call.path)}"
        self._pacer.tally.add(grant.org, waited=self._pacer.wait(bucket, self._per_second))
        url = self._api + call.path
        answer = self._wire.ask(call.method, url, params=call.query, json=call.body, headers=grant.headers)
        if answer.status == THROTTLED:
            self._pacer.tally.add(grant.org, refused=1)
            self._pacer.hold(bucket, self._per_second, min(answer.retry_after or HOLD, LONGEST_WAIT))
        return answer

    def _judge(self, call: Call, answer: Answer) -> None:
        """Raise what any other answer than a good one means."""
        if MOVED <= answer.status < REFUSED:
            raise Unavailable(
                f"{host(self._api)} answered {answer.status}, a redirect", hint="is api_url right?"
            )
        if isinstance(answer.body, NotJson) and answer.status < FAILED and answer.status != THROTTLED:
            kind = answer.body.content_type
            raise Unavailable(
                f"{host(self._api)} answered {answer.status} with a web page ({kind}) instead of JSON",
                hint="is api_url right?",
            )
        if answer.status < MOVED:
            return
        failure = call.meaning.get(answer.status, Rejected if answer.status < FAILED else Unavailable)
        what = f"{call.method} {call.path} was answered {answer.status}{_message(answer.body)}"
        if issubclass(failure, Unavailable):
            raise failure(what, hint=HINTS.get(answer.status, ""), retry_after=answer.retry_after)
        raise failure(what)


def _message(body: Any) -> str:
    """What the server says about it."""
    if not isinstance(body, dict):
        return ""
    said = next((body[key] for key in ("message", "detail", "title") if isinstance(body.get(key), str)), "")
    line = quoted(said)
    return f" ({line})" if line else ""
