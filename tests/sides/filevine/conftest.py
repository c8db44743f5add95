"""A server that answers what a test tells it to, and a clock that a test turns."""

import json
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest

from synctool.emulators.filevine.emulator import FilevineEmulator
from synctool.sides.filevine.auth import TokenSignIn
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.pacing import Pacer
from synctool.sides.filevine.side import FilevineSide

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
API = "/fv-app/v2"
TOKEN = ("POST", "/connect/token")
ORGS = ("POST", f"{API}/utils/GetUserOrgsWithToken")


def now_ns():
    return int(NOON.timestamp()) * 10**9


class Seen(NamedTuple):
    method: str
    path: str
    query: dict
    headers: dict
    body: bytes


class Reply(NamedTuple):
    status: int = 200
    body: object = None
    headers: dict = {}


DROP = Reply(status=0)


class Scripted:
    """Answers each request by the replies laid down for its method and path, the last one for ever."""

    def __init__(self, url):
        self.url = url
        self.seen = []
        self.replies = {}
        self.on(*TOKEN, Reply(body={"access_token": "bearer-1", "expires_in": 1200}))
        self.on(
            *ORGS, Reply(body={"user": {"userId": {"native": 9}}, "orgs": [{"orgId": 6001, "name": "Firm"}]})
        )

    def on(self, method, path, *replies):
        self.replies[method, path] = list(replies)

    def api(self, method, path, *replies):
        self.on(method, API + path, *replies)

    def answer(self, seen):
        self.seen.append(seen)
        replies = self.replies.get(
            (seen.method, seen.path), [Reply(404, b"<html>no route</html>", {"Content-Type": "text/html"})]
        )
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def calls(self):
        """The requests after the sign-in, in short."""
        return [
            f"{s.method} {s.path.removeprefix(API)}"
            for s in self.seen
            if (s.method, s.path) not in (TOKEN, ORGS)
        ]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_any(self):
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.script.answer(
            Seen(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
        )
        if reply.status == 0:
            self.close_connection = True
            return
        data = (
            reply.body
            if isinstance(reply.body, bytes)
            else b""
            if reply.body is None
            else json.dumps(reply.body).encode()
        )
        self.send_response_only(reply.status)
        usual = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        if "Transfer-Encoding" in reply.headers:
            del usual["Content-Length"]
        for name, value in {**usual, **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = int(reply.headers.get("Content-Length", len(data))) != len(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_any  # noqa: N815

    def log_message(self, *args):
        pass


class Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):  # a client may leave in the middle
            super().handle_error(request, client_address)


@pytest.fixture
def server():
    http = Listener(("127.0.0.1", 0), Handler)
    http.script = Scripted(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    yield http.script
    http.shutdown()
    thread.join()
    http.server_close()


class Time:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def pacer(time):
    return Pacer(clock=time.clock, sleep=time.sleep)


@pytest.fixture
def client(server, time, pacer):
    sign_in = TokenSignIn(identity_url=server.url, client_id="id", client_secret="hush-1", token="hush-2")
    made = FilevineClient(
        api_url=server.url,
        sign_in=sign_in,
        pacer=pacer,
        requests_per_second=1000.0,
        clock=time.clock,
        sleep=time.sleep,
        chance=lambda: 0.0,
    )
    yield made
    made.close()
    made.close()


@pytest.fixture
def fv():
    with FilevineEmulator(requests_per_minute=None) as emulator:
        yield emulator


@pytest.fixture
def project(fv):
    return fv.colleague.add_project("Smith v Jones")


@pytest.fixture
def side(fv, project):
    made = side_of(fv, project)
    made.open()
    fv.forget_requests()
    yield made
    made.close()


def side_of(fv, project, **changes):
    """A side with sign-in, nothing opened yet."""
    known = fv.credentials
    sign_in = TokenSignIn(
        identity_url=fv.url, client_id=known.client_id, client_secret=known.client_secret, token=known.pat
    )
    time = Time()
    client = FilevineClient(
        api_url=fv.url,
        sign_in=changes.pop("sign_in", sign_in),
        pacer=Pacer(clock=time.clock, sleep=time.sleep),
        requests_per_second=1000.0,
        sleep=time.sleep,
    )
    return FilevineSide(
        "filevine", client=client, project=project, clock=changes.pop("now", now_ns), **changes
    )
