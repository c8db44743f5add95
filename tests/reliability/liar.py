"""Stands between a program and a server: passes everything on, notes it, and lies where a test says so."""

import socket
import threading
from contextlib import contextmanager, suppress
from typing import NamedTuple
from urllib.parse import urlsplit


class Heard(NamedTuple):
    """One request: its first line, its head as sent, its body."""

    line: str
    head: bytes
    body: bytes


def page(body=b"", status="200 OK", kind="application/json", length=None, headers=b""):
    """A whole answer; length None: the true one."""
    size = len(body) if length is None else length
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\nConnection: close\r\n".encode()
        + headers
        + b"\r\n"
        + body
    )


class Liar:
    """A TCP server on a free port of this computer, before the server at ``behind`` ("" for none).

    lies: pairs of a word in the first line of a request, and the answer: bytes, or a function that makes blocks of them.
    """

    def __init__(self, behind=""):
        self.behind = urlsplit(behind)
        self.lies = []
        self.heard = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._server.close()

    def sent(self):
        """Everything that was sent here."""
        return b"".join(heard.head + heard.body for heard in self.heard)

    def _accept(self):
        with suppress(OSError):
            while True:
                caller, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller):
        with caller, suppress(OSError):
            caller.settimeout(20)
            heard = _request(caller)
            if heard is None:
                return
            self.heard.append(heard)
            lie = next((answer for word, answer in self.lies if word in heard.line), None)
            for block in (
                self._passed_on(heard) if lie is None else [lie] if isinstance(lie, bytes) else lie()
            ):
                caller.sendall(block)

    def _passed_on(self, heard):
        with socket.create_connection((self.behind.hostname, self.behind.port), 20) as server:
            server.sendall(heard.head[:-2] + b"Connection: close\r\n\r\n" + heard.body)
            first = True
            while block := server.recv(1 << 16):
                yield block.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) if first else block
                first = False


@contextmanager
def between(behind=""):
    """A liar before a server."""
    liar = Liar(behind)
    try:
        yield liar
    finally:
        liar.close()


def _request(caller):
    data = b""
    while b"\r\n\r\n" not in data:
        block = caller.recv(1 << 16)
        if not block:
            return None
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        block = caller.recv(1 << 16)
        if not block:
            return None
        body += block
    return Heard(head.split(b"\r\n")[0].decode("latin-1"), head + b"\r\n\r\n", body)
