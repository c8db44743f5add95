"""Sends HTTP requests, tries again what may be tried again, and reads JSON answers whatever their case."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from synctool.errors import Unavailable
from synctool.sides import patience
from synctool.sides.quoting import quoted

T = TypeVar("T")
TRIES = 5
LONGEST_WAIT = 60.0  # seconds; a server that asks for more is asked again another time
TIMEOUT = (10, 120)  # seconds: to connect, and between two parts of an answer
CONNECTIONS = 16  # to each host
ANSWER_LIMIT = 16 * 2**20  # bytes of JSON
THROTTLED = 429
MOVED, REFUSED, FAILED = 300, 400, 500  # where the kinds of status begin that are no success


_TROUBLES = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError)


class Throttled(Unavailable):
    """There were too many requests, and this one was not carried out."""


class NotJson(NamedTuple):
    """What an answer was instead of JSON."""

    content_type: str


@dataclass(frozen=True)
class Answer:
    """One answer, read whole."""

    status: int
    text: bytes = field(repr=False)
    content_type: str
    retry_after: float | None  # seconds

    @cached_property
    def body(self) -> Any:
        """JSON with lower-case keys, None for an empty one; parsed when first asked for."""
        return parse(self.text, self.content_type)


class Wire:
    """One pooled HTTP session, safe to use from several threads.

    sleep: waits for seconds; chance: a number from 0 to 1, so that many clients do not come back all at once.
    """

    def __init__(self, *, sleep: Callable[[float], None], chance: Callable[[], float]) -> None:
        self._sleep = sleep
        self._chance = chance
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "synctool"  # without one a firewall answers 403
        self._session.auth = _as_it_is
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(pool_maxsize=CONNECTIONS, pool_block=True))

    def persist(self, attempt: Callable[[], T], tries: int = TRIES) -> T:
        """What ``attempt`` returns, tried again while it raises Unavailable; after Throttled always."""
        for turn in range(1, TRIES):
            try:
                return attempt()
            except Unavailable as error:
                spent = turn >= tries and not isinstance(error, Throttled)
                if spent or (error.retry_after or 0) > LONGEST_WAIT:
                    raise
                wait = error.retry_after
            self._sleep(2 ** (turn - 2) * (1 + self._chance()) if wait is None else wait)
        return attempt()

    def send(self, method: str, url: str, **options: Any) -> requests.Response:
        """One request, its answer's body still to be read; the caller closes it. Redirects are not followed.

        Raises Unavailable when there is no answer; the message never holds more of the URL than the host.
        """
        try:
            return self._session.request(
                method, url, stream=True, allow_redirects=False, timeout=TIMEOUT, **options
            )
        except _TROUBLES as error:
            raise Unavailable(f"{host(url)} {_trouble(error)}") from None

    def ask(self, method: str, url: str, **options: Any) -> Answer:
        """One request, its answer read whole. Raises Unavailable when there is none, or an endless one."""
        with self.send(method, url, **options) as response:
            try:
                text = _read(response)
            except _TROUBLES:
                raise Unavailable(f"{host(url)} broke off in the middle of an answer") from None
            headers = response.headers
            return Answer(response.status_code, text, headers.get("Content-Type", ""), retry_after(headers))

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()


def parse(text: bytes, content_type: str) -> Any:
    """JSON with its keys in lower case (the vendor's description and its server disagree on them)."""
    if not text.strip():
        return None
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: {key.lower(): value for key, value in pairs})
    except (ValueError, RecursionError):
        return NotJson(quoted(content_type.partition(";")[0]) or "of an unknown kind")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds a server asks to wait, as a number or as a date by its own clock; None when it does not."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return max(wait.total_seconds(), 0.0)


def host(url: str) -> str:
    """The only part of a URL that may be shown: the rest may be signed."""
    try:
        return urlsplit(url).hostname or "the server"
    except ValueError:
        return "the server"


class _Adapter(HTTPAdapter):
    """Connections, also through a proxy, on which no answer trickles for ever."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = patience.POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = patience.POOLS
        return manager


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from putting a ``.netrc`` password in the place of our sign-in."""
    return request


def _read(response: requests.Response) -> bytes:
    text = bytearray()
    for block in response.iter_content(2**16):
        text += block
        if len(text) > ANSWER_LIMIT:
            raise Unavailable(f"an answer is longer than {ANSWER_LIMIT >> 20} MiB")
    return bytes(text)


def _trouble(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "has a certificate that is not trusted here"
    if isinstance(error, requests.Timeout):
        return "did not answer in time"
    return "cannot be reached"
