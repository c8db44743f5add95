"""Answers deliveries: keeps what a good one brings before it says so."""

import logging
from http import HTTPStatus

from synctool.engine.clock import Clock
from synctool.entry.webhook.gate import Gate
from synctool.entry.webhook.handling import Request, handle
from synctool.errors import StateError
from synctool.store.spool import Spool

log = logging.getLogger(__name__)


class Receiver:
    """Answers from any thread."""

    def __init__(self, gate: Gate, spool: Spool, clock: Clock) -> None:
        self._gate = gate
        self._spool = spool
        self._clock = clock

    def answer(self, request: Request) -> int:
        """The status for a delivery; 2xx only when what it brings will survive a power cut, or came already."""
        now_ns = self._clock.now_ns()
        receipt = handle(request, self._gate, now_ns)
        if not receipt.key:
            log.info("a delivery was answered %d: %s", receipt.status, receipt.why)
            return receipt.status
        try:
            if self._spool.seen(receipt.key, now_ns):
                log.info("a delivery was answered 200: it came already")
                return HTTPStatus.OK
            self._spool.put(receipt.events, receipt.key, now_ns)
        except StateError as error:
            log.warning("a delivery was answered 503: %s", error)
            return HTTPStatus.SERVICE_UNAVAILABLE
        return receipt.status
