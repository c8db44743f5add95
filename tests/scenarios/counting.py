"""Stands between a client and an S3 server, and counts the requests that pass; it changes nothing."""

import re
from collections import Counter
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

OWN = {"connection", "transfer-encoding", "keep-alive"}


class Counted(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.beyond = HTTPConnection(self.server.beyond)

    def finish(self):
        self.beyond.close()
        super().finish()

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen[self.command, kind(self.path, self.headers)] += 1
        self.beyond.request(self.command, self.path, body, dict(self.headers))
        answer = self.beyond.getresponse()
        data = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OWN | {"content-length"}:
                self.send_header(name, value)
        length = answer.headers.get("Content-Length") if self.command == "HEAD" else len(data)
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = pass_on  # noqa: N815 - the library's names

    def log_message(self, *_):
        """Say nothing."""


def kind(path, headers):
    """What a request is about: a list, the bucket, the marker, a copy, or an object."""
    query = urlsplit(path).query
    if "list-type" in query:
        return "list"
    if re.search(r"(^|&)(versioning|encryption)", query):
        return "about"
    if path.endswith("marker.json"):
        return "marker"
    return "copy" if "x-amz-copy-source" in headers else "object"


class Counting:
    """A counting proxy in front of an endpoint; a context manager. ``seen`` counts by method and kind."""

    def __init__(self, endpoint):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Counted)
        self.server.daemon_threads = True
        self.server.beyond = urlsplit(endpoint).netloc
        self.server.seen = self.seen = Counter()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        self.thread = Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
