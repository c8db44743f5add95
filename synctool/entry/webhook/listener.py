"""Listens for deliveries over HTTP, with little patience and few threads, and says nothing but a status."""

import contextlib
import io
import logging
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, NamedTuple

from synctool.entry.webhook.handling import LARGEST, Request
from synctool.errors import Misuse

PATIENCE = 10.0  # seconds in which a request must have come
MOST = 32  # connections at once; more are closed unheard

log = logging.getLogger(__name__)


class Address(NamedTuple):
    """Where to listen; port 0: any that is free."""

    host: str
    port: int


def address_of(text: str) -> Address:
    """The address in ``HOST:PORT``; an IPv6 host stands in brackets. Raises Misuse."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal() and int(port) < 2**16):
        raise Misuse(f"{text!r} is no address to listen on", hint="write HOST:PORT, like 127.0.0.1:8440")
    return Address(host.removeprefix("[").removesuffix("]"), int(port))


def tls_of(certificate: str, key: str) -> ssl.SSLContext:
    """What serves HTTPS with the certificate (chain) and the key in these files. Raises Misuse."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key or None)
    except OSError as error:  # among them ssl.SSLError
        raise Misuse(
            f"{certificate}: the certificate or its key cannot be used: {error.strerror or error}",
            hint="give the chain and its key in PEM form, without a passphrase",
        ) from error
    return context


class Listener(ThreadingHTTPServer):
    """Answers each POST with the status that ``answer`` makes of it; one request a connection."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = os.name != "nt"  # there it would let another program take the port over

    def __init__(
        self, address: Address, answer: Callable[[Request], int], tls: ssl.SSLContext | None, patience: float
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        super().__init__(address, _Delivery)
        self.answer = answer
        self.patience = patience
        self._tls = tls
        self._room = threading.BoundedSemaphore(MOST)

    def server_bind(self) -> None:
        """Bind, without asking anybody for this machine's name."""
        TCPServer.server_bind(self)

    def get_request(self) -> tuple[Any, Any]:
        """The next connection; it shakes hands in its own thread, under its own patience."""
        connection, peer = super().get_request()
        connection.settimeout(self.patience)
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, peer

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, or close the connection when there are too many."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, *_: object) -> None:
        """Tell of what nobody foresaw; who hangs up or does not speak HTTPS is nothing to tell of."""
        error = sys.exception()
        if not isinstance(error, OSError):
            log.error("a delivery could not be answered: %s", type(error).__name__)


@contextlib.contextmanager
def listening(
    address: Address,
    answer: Callable[[Request], int],
    tls: ssl.SSLContext | None = None,
    patience: float = PATIENCE,
) -> Iterator[Address]:
    """Inside, deliveries are answered in the background; the address that is listened on. Raises Misuse.

    patience: seconds in which a request must have come.
    """
    try:
        listener = Listener(address, answer, tls, patience)
    except OSError as error:
        raise Misuse(
            f"cannot listen on {address.host}:{address.port}: {(error.strerror or str(error)).lower()}",
            hint="choose another address or port",
        ) from error
    with listener:
        thread = threading.Thread(target=listener.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield Address(address.host, listener.server_address[1])
        finally:
            listener.shutdown()
            thread.join()


class _Delivery(BaseHTTPRequestHandler):
    protocol_version = default_request_version = "HTTP/1.1"
    server: Listener

    def setup(self) -> None:
        super().setup()
        hurried = _Hurried(self.connection, time.monotonic() + self.server.patience)
        self.rfile = io.BufferedReader(hurried)

    def do_POST(self) -> None:
        length = self.headers.get_all("Content-Length") or [""]
        if len(length) > 1 or not _plain(length[0]) or "Transfer-Encoding" in self.headers:
            return self._say(HTTPStatus.BAD_REQUEST)
        if int(length[0]) > LARGEST:
            return self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(length[0]))
        if len(body) < int(length[0]):
            return self._say(HTTPStatus.BAD_REQUEST)
        return self._say(self.server.answer(Request("POST", self.path.partition("?")[0], headers, body)))

    def send_error(self, code: int, *_: object) -> None:
        """Answer what the library refuses, without its page, which repeats the request."""
        known = code == HTTPStatus.NOT_IMPLEMENTED
        self._say(HTTPStatus.METHOD_NOT_ALLOWED if known else HTTPStatus.BAD_REQUEST)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: what is asked for may be anything."""

    def _say(self, status: int) -> None:
        self.close_connection = True
        self.send_response_only(status)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "POST")
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()


class _Hurried(io.RawIOBase):
    """What a connection sends until a moment, however slowly it trickles."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection = connection
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(max(self._until - time.monotonic(), 0.001))
        return self._connection.recv_into(buffer)


def _plain(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) <= len(str(2**63))
