"""Answers, on this machine alone, how a watch is doing: /healthz, /metrics and /status."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from synctool.engine.clock import Clock
from synctool.engine.watching.pulse import Pulse, ailing
from synctool.entry.show.watching import metrics, watch_document
from synctool.errors import Misuse

LOOPBACK = ("127.0.0.1", "localhost")


@contextmanager
def listening(where: str | None, pulse: Callable[[], Pulse], clock: Clock) -> Iterator[None]:
    """Answer at HOST:PORT while the block runs, if anywhere. Raises Misuse for what is no free address of this machine."""
    if where is None:
        yield
        return
    with _server(where, pulse, clock) as server:
        thread = Thread(target=server.serve_forever, args=(0.1,), name="listening")
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _server(where: str, pulse: Callable[[], Pulse], clock: Clock) -> ThreadingHTTPServer:
    host, _, port = where.rpartition(":")
    if host not in LOOPBACK or not port.isdecimal():
        raise Misuse(f"--listen {where}: is no address of this machine alone", hint="say 127.0.0.1:PORT")
    try:
        return ThreadingHTTPServer(("127.0.0.1", int(port)), _answering(pulse, clock))
    except (OSError, OverflowError) as error:
        raise Misuse(
            f"--listen {where}: cannot be listened at: {error}", hint="choose another port"
        ) from error


def _answering(pulse: Callable[[], Pulse], clock: Clock) -> type[BaseHTTPRequestHandler]:
    """What answers requests from what a watch says of itself."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found, now_ns = pulse(), clock.now_ns()
            wrong = ailing(found, now_ns)
            match self.path:
                case "/healthz":
                    self._say(503 if wrong else 200, "text/plain", "\n".join(wrong or ["well"]) + "\n")
                case "/metrics":
                    self._say(200, "text/plain; version=0.0.4", "\n".join(metrics(found, now_ns)) + "\n")
                case "/status":
                    text = json.dumps(watch_document(found, now_ns), indent=2)
                    self._say(200, "application/json", text + "\n")
                case _:
                    self._say(404, "text/plain", "there are /healthz, /metrics and /status\n")

        def _say(self, code: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(code)
            self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind == "text/plain" else kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Nobody is told of requests."""

    return Answer
