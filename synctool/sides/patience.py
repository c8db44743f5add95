"""Bounds how long a server may take over an answer: one that only trickles is given up.

A time-out between two parts of an answer bounds nothing, as a part may be one byte. Here an answer, its head included,
has GRACE seconds, and one more for every LEAST bytes that came.
"""

import io
import socket
import time
from http.client import HTTPException, HTTPResponse
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

GRACE = 120.0  # seconds
LEAST = 4096  # bytes a second


class _Timed(io.RawIOBase):
    """What comes over a socket, as long as it comes fast enough; then TimeoutError is raised."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._due = time.monotonic() + GRACE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._due - time.monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        self._sock.settimeout(min(left, GRACE))
        count: int | None = self._raw.readinto(buffer)
        self._due += (count or 0) / LEAST
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Timed(self.fp.detach(), sock))

    def begin(self) -> None:
        super().begin()
        if len(set(self.headers.get_all("content-length", ()))) > 1:  # urllib3 would leave the socket open
            raise HTTPException("two lengths")


class _Plain(HTTPConnection):
    response_class = _Response


class _Secure(HTTPSConnection):
    response_class = _Response


class Pool(HTTPConnectionPool):
    """Connections to a server over HTTP."""

    ConnectionCls = _Plain


class SecurePool(HTTPSConnectionPool):
    """Connections to a server over HTTPS."""

    ConnectionCls = _Secure


POOLS = {"http": Pool, "https": SecurePool}
