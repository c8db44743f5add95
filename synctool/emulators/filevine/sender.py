"""Delivers events to subscribers as reliably as it is told to: at once, late, twice, out of order, or not at all."""

import contextlib
import hashlib
import heapq
import http.client
import itertools
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from synctool.emulators.filevine.accounts import Credentials
from synctool.emulators.filevine.signing import Signer
from synctool.emulators.filevine.switches import Switches

AUDIENCE = "filevine-v2-webhooks"
SCOPE = "filevine-v2-webhooks-access"
LIFETIME = 1200  # seconds of a delivery's token
PATIENCE = 5.0  # seconds to wait for a subscriber; nobody is told twice for being slow


class Delivery(NamedTuple):
    """One request to a subscriber."""

    endpoint: str
    headers: Mapping[str, str]
    body: bytes


class Sender:
    """Sends in the background. ``delivered`` holds what went out and how it was answered, 0 for not at all."""

    def __init__(self, credentials: Credentials, clock: Callable[[], int], switches: Switches) -> None:
        self.signer = Signer()
        self.issuer = ""
        self.switches = switches
        self.delivered: list[tuple[Delivery, int]] = []
        self._credentials = credentials
        self._clock = clock
        self._waiting: list[tuple[float, int, Delivery]] = []  # due when, by the system's clock
        self._numbers = itertools.count()  # keep those of one moment in order
        self._sent = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ended = False

    def send(self, endpoint: str, body: Mapping[str, Any]) -> None:
        """Send an event, as far as the switches let it through."""
        delivery = Delivery(endpoint, self.headers(), json.dumps(body).encode())
        late = self.switches.late_seconds
        with self._changed:
            self._sent += 1
            waits: Mapping[str, tuple[float, ...]] = {
                "prompt": (0.0,),
                "lost": (),
                "doubled": (0.0, 0.0),
                "delayed": (late,),
                "reordered": (late * (self._sent % 2),),  # every second one overtakes the one before it
            }
            for wait in waits[self.switches.deliveries]:
                heapq.heappush(self._waiting, (time.monotonic() + wait, next(self._numbers), delivery))
            self._begin()
            self._changed.notify_all()

    def headers(self) -> dict[str, str]:
        """What proves, in the scheme of the switches, that a delivery comes from here."""
        now_ns, known = self._clock(), self._credentials
        if self.switches.proof == "key":
            stamp, message = str(now_ns // 10**6), secrets.token_hex(16)
            parts = (known.api_key, stamp, message, known.api_secret)
            proof = hashlib.md5("/".join(parts).encode()).hexdigest()
            return {"x-fv-timestamp": stamp, "x-fv-messageid": message, "x-fv-hash": proof}
        now = now_ns // 10**9
        claims = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "scope": SCOPE,
            "jti": secrets.token_hex(16),
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
        }
        return {"Authorization": f"Bearer {self.signer.sign(claims)}"}

    def quiet(self, seconds: float = 10.0) -> bool:
        """Wait until everything that was to be sent is sent; False when that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, seconds)

    def stop(self) -> None:
        """Send nothing more."""
        with self._changed:
            self._ended = True
            self._waiting.clear()
            self._changed.notify_all()
        if self._thread:
            self._thread.join()
        self._thread, self._ended = None, False

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (delivery := self._next()) is not None:
            status = _post(delivery)
            with self._changed:
                self.delivered.append((delivery, status))
                if self._waiting:
                    heapq.heappop(self._waiting)
                self._changed.notify_all()

    def _next(self) -> Delivery | None:
        with self._changed:
            while not self._ended:
                wait = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    return self._waiting[0][2]
                self._changed.wait(wait)
        return None


def _post(delivery: Delivery) -> int:
    parts = urlsplit(delivery.endpoint)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with contextlib.closing(kind(parts.hostname or "", parts.port, timeout=PATIENCE)) as connection:
        try:
            headers = {"Content-Type": "application/json", "User-Agent": "Filevine", **delivery.headers}
            connection.request("POST", parts.path or "/", delivery.body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
