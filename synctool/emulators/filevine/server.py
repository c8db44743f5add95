"""Speaks HTTP/1.1: reads whole requests, sends each answer in one write, and can be ended at once."""

import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Request(NamedTuple):
    """One request; names of headers and query are lower-case, the path is still percent-encoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


class Response(NamedTuple):
    """One answer. sent: how many bytes of the body go out before the connection ends; None: all."""

    status: int
    body: bytes = b""
    kind: str = "application/json; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    sent: int | None = None


RESET = Response(0)
"""No answer: the connection is reset."""
NO_LENGTH = Response(411, b"<Error><Code>MissingContentLength</Code></Error>", "application/xml")
NO_CHUNKS = Response(501, b"<Error><Code>NotImplemented</Code></Error>", "application/xml")


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # headers and body of a small answer leave in one packet
    server: "Server"

    def do_request(self) -> None:
        parts = urlsplit(self.path)
        query = {name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self._early(headers) or self._answer(Request(self.command, parts.path, query, headers)))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_request  # noqa: N815 - the library's names

    def _early(self, headers: Mapping[str, str]) -> Response | None:
        chunked = "transfer-encoding" in headers
        bare = self.command == "PUT" and not headers.get("content-length", "").isdecimal()
        self.close_connection = self.close_connection or chunked or bare
        return NO_CHUNKS if chunked else NO_LENGTH if bare else None

    def _answer(self, request: Request) -> Response:
        length = request.headers.get("content-length", "0")
        return self.server.answer(
            request._replace(body=self.rfile.read(int(length) if length.isdecimal() else 0))
        )

    def _send(self, response: Response) -> None:
        if response is RESET:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()  # in truth when the library lets go of it: with a reset
            return
        self.send_response_only(response.status)
        self.send_header("Date", self.date_time_string())
        if response.body:
            self.send_header("Content-Type", response.kind)
        for name, value in response.headers:
            self.send_header(name, value)
        if response.status != 204:  # noqa: PLR2004 - No Content has no length
            self.send_header("Content-Length", str(len(response.body)))
        self.close_connection = self.close_connection or response.sent is not None
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[: response.sent])


class Server(ThreadingHTTPServer):
    """Answers every request with ``answer(request)``, each connection on a thread of its own."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, answer: Callable[[Request], Response]) -> None:
        super().__init__((host, port), _Connection)
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        """Serve in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut every connection, also idle ones: nobody is answered any more."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):  # it has just ended by itself
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
