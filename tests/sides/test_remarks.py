"""What doctor is told of clocks and places, without anything being changed."""

import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from synctool.config import load
from synctool.engine import doctor
from synctool.engine.tools import Tools
from synctool.sides import clocks
from synctool.sides.drive import DriveSide
from synctool.sides.hardened import Hardened
from tests.engine.rig import StillClock

ROOT = Path(__file__).parents[2]
TOLD = 1_700_000_000


@contextmanager
def server(date):
    """A server that refuses everything and, as every server, says when; its address."""

    class Refusing(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response_only(403)
            self.send_header("Date", date)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_a_server_that_refuses_us_still_says_what_time_it_is():
    with server("Tue, 14 Nov 2023 22:13:20 GMT") as url:
        assert clocks.told(url) == TOLD
    assert clocks.told(url) is None
    with server("soon") as url:
        assert clocks.told(url) is None


@pytest.mark.parametrize(
    ("off", "told"),
    [
        (0, "as s3's"),
        (61, "61 s ahead of s3's: set it by a time server; what is signed 15 minutes off is refused"),
        (-7200, "7,200 s behind s3's: set it by a time server; what is signed 15 minutes off is refused"),
    ],
)
def test_a_clock_that_is_wrong_is_told_and_by_how_much(tmp_path, off, told):
    with server("Tue, 14 Nov 2023 22:13:20 GMT") as url:
        profile = bucket_and_drive(tmp_path, url)
        tools = Tools(tmp_path / "state", StillClock((TOLD + off) * 10**9))
        [check] = doctor._clocks(profile, tools)
    assert (check.what, check.text, check.code, check.warn) == ("clock", told, 0, off != 0)


def bucket_and_drive(folder, url):
    file = folder / "case-1.yaml"
    file.write_text(
        "version: 1\nsides:\n"
        f"  s3: {{kind: s3, bucket: firm, endpoint_url: '{url}'}}\n"
        f"  zdrive: {{kind: drive, root: '{folder}'}}\n"
    )
    return load(file, environ={})


def remarks(root, names="posix"):
    side = DriveSide("zdrive", root=root, clock=lambda: 0, names=names)
    side.open()
    try:
        return list(side.remarks())
    finally:
        side.close()


def test_a_drive_says_what_it_makes_of_letter_case_and_changes_nothing(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    before = tmp_path.stat().st_mtime_ns
    assert remarks(tmp_path) == [("letter case makes a difference in names", False)]
    assert ([path.name for path in tmp_path.iterdir()], tmp_path.stat().st_mtime_ns) == (["a.txt"], before)


AS_NOBODY = """
import os, sys
from tests.sides.test_remarks import remarks
if os.getuid() == 0:  # who may write everywhere
    os.setuid(65534)
print(remarks(sys.argv[1])[-1].text)
"""


def test_nothing_is_told_of_a_side_that_is_never_written(tmp_path):
    side = DriveSide("zdrive", root=tmp_path, clock=lambda: 0)
    assert list(Hardened(side, sleep=None, random=None, read_only=True).remarks()) == []


def test_a_drive_that_we_may_not_write_is_told():
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        command = (sys.executable, "-c", AS_NOBODY, name)
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        Path(name).chmod(0o755)
    assert said.stdout == "we may not write here: give this account the right, or say role: source\n"
