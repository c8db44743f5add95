"""Spoils chosen requests: errors, lost replies, wrong pages, cut downloads."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from synctool.emulators.filevine.server import RESET, Request, Response

Answer = Callable[[Request], Response]
Fault = Callable[[Request, Answer], Response]
"""What becomes of a request, given the way in which it would be answered (and carried out)."""

HTML = "text/html; charset=utf-8"
PAGE = b"<!DOCTYPE html><html><head><title>Please wait</title></head></html>"
SHIFTED = bytes((n + 1) % 256 for n in range(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A time of bad weather, over the requests that match; they are counted from 1.

    fault: a name of ``FAULTS``, or a function. method, route: which requests; a route is the start of a template.
    first, times: which of them; times None: for good. stubborn: also every repetition of those. share, seed: of those,
    only about this share, drawn by number.
    """

    fault: str | Fault
    method: str = ""
    route: str = ""
    first: int = 1
    times: int | None = 1
    stubborn: bool = False
    share: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.fault, str) and self.fault not in FAULTS:
            raise ValueError(f"no fault is called {self.fault!r}; there are: {', '.join(FAULTS)}")

    def over(self, request: Request, template: str) -> bool:
        """Whether a request is one of those that are counted."""
        return self.method in ("", request.method) and template.lower().startswith(self.route.lower())

    def strikes(self, number: int) -> bool:
        """Whether it strikes the request of this number."""
        late = self.times is not None and number >= self.first + self.times
        chance = random.Random(f"{self.seed}:{number}").random()  # noqa: S311 - the same for every thread and run
        return self.first <= number and not late and chance < self.share


class Weather:
    """The spells of bad weather over one server, and how many requests each has seen."""

    def __init__(self, spells: Iterable[Spell] = ()) -> None:
        self._spells = tuple(spells)
        self._seen: Counter[int] = Counter()
        self._struck: set[tuple[object, ...]] = set()
        self._counting = threading.Lock()

    def answer(self, request: Request, template: str, answer: Answer) -> Response:
        """The answer to a request, spoilt by the first spell that strikes it."""
        with self._counting:
            struck = [
                spell for place, spell in enumerate(self._spells) if self._strikes(place, request, template)
            ]
        if not struck:
            return answer(request)
        fault = struck[0].fault
        return (FAULTS[fault] if isinstance(fault, str) else fault)(request, answer)

    def _strikes(self, place: int, request: Request, template: str) -> bool:
        spell = self._spells[place]
        if not spell.over(request, template):
            return False
        self._seen[place] += 1
        known = (place, request.method, request.path, tuple(request.query.items()), request.body)
        struck = spell.strikes(self._seen[place])
        if struck and spell.stubborn:
            self._struck.add(known)
        return struck or known in self._struck


def _says(status: int, *headers: tuple[str, str]) -> Fault:
    body = json.dumps({"message": "So says the weather."}).encode()
    return lambda _request, _answer: Response(status, body, headers=headers)


def _shows(status: int) -> Fault:
    return lambda _request, _answer: Response(status, PAGE, HTML)


def _reset_after(request: Request, answer: Answer) -> Response:
    answer(request)
    return RESET


def _truncated(request: Request, answer: Answer) -> Response:
    response = answer(request)
    return response._replace(sent=len(response.body) // 2) if response.body else RESET


def _cut_short(request: Request, answer: Answer) -> Response:
    """Half an answer that claims to be whole."""
    response = answer(request)
    return response._replace(body=response.body[: len(response.body) // 2])


def _wrong_bytes(request: Request, answer: Answer) -> Response:
    response = answer(request)
    return response._replace(body=response.body.translate(SHIFTED))


def _keeps_half(request: Request, answer: Answer) -> Response:
    """Half of what was sent is stored, and said to be all."""
    return answer(request._replace(body=request.body[: len(request.body) // 2]))


def _slow(request: Request, answer: Answer) -> Response:
    time.sleep(0.2)
    return answer(request)


def _first_page(request: Request, answer: Answer) -> Response:
    query = {name: value for name, value in request.query.items() if name not in ("lastid", "offset")}
    return answer(request._replace(query=query))


def _page(change: Callable[[list[Any]], Mapping[str, Any]]) -> Fault:
    """Changes fields of what looks like a page."""

    def fault(request: Request, answer: Answer) -> Response:
        response = answer(request)
        try:
            page = json.loads(response.body)
            changed = page | change(page["items"])
        except (ValueError, LookupError, TypeError):  # no page: left as it is
            return response
        return response._replace(body=json.dumps(changed, ensure_ascii=False).encode())

    return fault


FAULTS: Mapping[str, Fault] = {
    "reset before": lambda _request, _answer: RESET,
    "reset after": _reset_after,  # the work is done, the reply is lost
    "truncated": _truncated,  # half the answer, then the connection ends
    "cut short": _cut_short,
    "wrong bytes": _wrong_bytes,  # of the right size
    "keeps half": _keeps_half,
    "slow": _slow,
    "html": _shows(200),
    "html 403": _shows(403),
    "html 502": _shows(502),
    "401": _says(401),
    "403": _says(403),
    "404": _says(404),
    "429": _says(429, ("Retry-After", "2")),
    "429 without Retry-After": _says(429),
    "500": _says(500),
    "503": _says(503),
    "first page again": _first_page,
    "entry missing": _page(lambda items: {"items": items[:-1]}),
    "no more": _page(lambda items: {"items": items[: (len(items) + 1) // 2], "hasMore": False}),
    "always more": _page(lambda _items: {"hasMore": True}),
    "empty page": _page(lambda _items: {"items": [], "hasMore": True}),
    "nothing": _page(lambda _items: {"items": [], "hasMore": False}),
    "unsorted": _page(lambda items: {"items": items[::-1]}),
}
"""Every fault by its name; those with a status are answered instead of doing the work."""
