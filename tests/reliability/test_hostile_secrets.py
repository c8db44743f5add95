"""Plants secrets that are easy to find, lets everything go wrong, and looks for them wherever anything was written or sent."""

import logging
import subprocess
import sys

import pytest

from synctool.sides.filevine.account import Grant
from synctool.sides.filevine.auth import KeySignIn, TokenSignIn
from synctool.sides.filevine.records import Locator, Upload
from synctool.sides.s3.sigv4 import Keys
from tests.reliability.liar import between, page
from tests.reliability.tally import tried
from tests.scenarios.test_bad_input import Hurried

SECRET = "PLANTED-SECRET-0123456789"
HOLDERS = [
    Grant({"Authorization": f"Bearer {SECRET}"}, "1", "2", 1.0, SECRET),
    TokenSignIn(identity_url="https://identity.example", client_id="us", client_secret=SECRET, token=SECRET),
    KeySignIn(session_url="https://api.example", api_key=SECRET, api_secret=SECRET, now=None),
    Upload(1, f"https://storage.example/x?sig={SECRET}", "text/plain"),
    Locator(f"https://storage.example/x?sig={SECRET}", ""),
    Keys("AKID", SECRET, SECRET),
]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
def test_what_holds_a_secret_does_not_show_it(holder):
    assert SECRET not in repr(holder) + str(holder)
    tried("hostile", "a secret looked for in what is shown, written and sent")


FAILURES = {
    "a redirect elsewhere": "HTTP/1.1 302 Found\r\nLocation: {other}/stolen\r\nContent-Length: 0\r\n\r\n",
    "a lasting redirect": "HTTP/1.1 308 Permanent Redirect\r\nLocation: {other}/stolen\r\nContent-Length: 0\r\n\r\n",
    "a refusal": "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    "a head that is broken": "HTTP/1.1 200 OK\r\nno colon\r\n: no name\r\nContent-Length: 2\r\n\r\n{{}}",
    "a web page": "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("side", ["filevine", "s3"])
def test_no_failure_writes_a_secret_anywhere_or_sends_it_to_another_host(office, caplog, side, failure):
    office.filevine.put("a.txt", b"a")
    server = {"filevine": office.fv.url, "s3": office.weed.endpoint}[side]
    with between(server) as liar, between() as other:
        urls = ("api_url",) if side == "filevine" else ("endpoint_url",)
        office.says(sides={side: dict.fromkeys(urls, liar.url)})
        word = {"filevine": "/Projects", "s3": "list-type=2"}[side]
        liar.lies = [(word, FAILURES[failure].format(other=other.url).encode())]
        with caplog.at_level(logging.DEBUG, "synctool"):
            outcome = office.run(clock=Hurried())
        assert outcome.exit_code == 5
        written = f"{outcome!r}{caplog.text}".encode()
        for file in office.folder.rglob("*"):
            written += file.read_bytes() if file.is_file() else b""
        assert not other.heard
        known = office.fv.credentials
        secrets = [
            known.client_secret,
            known.pat,
            known.api_secret,
            office.weed.secret_key,
            "Bearer ",
            "AWS4-HMAC",
        ]
        bearer = [line for line in liar.sent().split(b"\r\n") if line.lower().startswith(b"authorization: ")]
        assert bearer
        secrets += [line.decode().split(" ", 2)[2] for line in bearer]
        assert not [secret for secret in secrets if secret.encode() in written]
    tried("hostile", "a secret looked for in what is shown, written and sent")


def test_what_libraries_log_or_warn_of_is_not_shown_as_it_may_hold_a_signed_address():
    code = (
        "import logging, warnings; from synctool.entry.cli.logs import log_to_stderr; log_to_stderr('text');"
        f"logging.getLogger('urllib3.connection').warning('Failed to parse headers (url=/?sig={SECRET})');"
        f"warnings.warn('Overwritten: {SECRET}', RuntimeWarning);"
        "logging.getLogger('synctool.engine').warning('what synctool says itself')"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert SECRET not in ended.stderr + ended.stdout
    assert "what synctool says itself" in ended.stderr
    tried("hostile", "a secret looked for in what is shown, written and sent")


def test_an_address_of_storage_gets_no_sign_in(office):
    office.filevine.put("a.txt", b"a")
    with between(office.fv.url) as liar:
        office.says(sides={"filevine": {"api_url": liar.url, "identity_url": liar.url}})
        with between() as storage:
            storage.lies = [("GET", page(b"a", headers=b"Set-Cookie: a=b\r\n"))]
            body = f'{{"url": "{storage.url}/x?sig=1"}}'.encode()
            liar.lies = [("/locator", page(body))]
            office.done()
            assert storage.heard
            sent = storage.sent().lower()
            assert b"authorization" not in sent
            assert b"x-fv-" not in sent
            assert b"cookie" not in sent
    assert office.zdrive.tree() == {"a.txt": b"a"}
    tried("hostile", "a secret looked for in what is shown, written and sent")
