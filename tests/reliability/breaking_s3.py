"""Stands between synctool and an S3 server, and breaks one request: before it has an effect, or after."""

import socket
from contextlib import suppress

from tests.scenarios.counting import Counted, Counting

RESET, LOST, TORN, SLOW, BROKEN, SKEWED, EXPIRED = (
    *("reset", "lost", "torn", "SlowDown", "InternalError"),
    *("RequestTimeTooSkewed", "ExpiredToken"),
)
ANSWERS = {SLOW: 503, BROKEN: 500, SKEWED: 403, EXPIRED: 400, "RequestTimeout": 400}


class Breaking(Counting):
    """The proxy. ``asked`` counts requests; the one whose number is ``at`` meets ``fault``, as do all later ones if it ``lasts``."""

    def __init__(self, endpoint):
        super().__init__(endpoint)
        self.server.RequestHandlerClass = Broken
        self.server.breaking = self
        self.rest()

    def rest(self):
        self.asked, self.at, self.fault, self.lasts = 0, 0, "", False

    def arm(self, at, fault, *, lasts=False):
        self.asked, self.at, self.fault, self.lasts = 0, at, fault, lasts

    def next(self):
        self.asked += 1
        return self.fault if self.asked == self.at or (self.lasts and self.asked > self.at) else ""


class Broken(Counted):
    def pass_on(self):
        fault = self.server.breaking.next()
        if fault in ANSWERS:
            self.refuse(fault)
        elif fault == RESET:
            self.hang_up()
        elif fault:
            whole, self.wfile = self.wfile, Kept()
            super().pass_on()
            said, self.wfile = self.wfile.said, whole
            with suppress(OSError):
                self.wfile.write(said[: len(said) - 20] if fault == TORN else b"")
            self.hang_up()
        else:
            super().pass_on()

    def refuse(self, code):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = f"<Error><Code>{code}</Code><Message>not now</Message></Error>".encode()
        self.send_response_only(ANSWERS[code])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def hang_up(self):
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = pass_on  # noqa: N815 - the library's names


class Kept:
    """Takes what would be answered."""

    def __init__(self):
        self.said = b""

    def write(self, data):
        self.said += data
        return len(data)

    def flush(self):
        """There is nothing to push."""

    def close(self):
        """There is nothing to close."""
