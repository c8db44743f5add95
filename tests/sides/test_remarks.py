"""What doctor is told of clocks and places, without anything being changed."""

import errno
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from synctool.config import load
from synctool.engine import doctor
from synctool.engine.tools import Tools
from synctool.errors import SideError
from synctool.sides import clocks
from synctool.sides.base import Remark
from synctool.sides.drive import DriveSide
from synctool.sides.drive.folder import Folder
from synctool.sides.drive.trial import TRIAL
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


MAY = "we may write and delete here"


def test_a_drive_says_what_it_allows_and_is_left_as_it_was(tmp_path):
    (tmp_path / "1").write_text("no letters, so that only the trial itself can tell")
    (tmp_path / TRIAL).write_text("left by a trial that a power cut ended")
    first, *between, last = remarks(tmp_path)
    assert (first.text, last) == ("letter case makes a difference in names", Remark(MAY))
    assert [remark.text.startswith("times are kept to ") for remark in between] == [True]
    assert [path.name for path in tmp_path.iterdir()] == ["1"]


@pytest.mark.parametrize(
    ("kept", "told", "warn"),
    [
        (lambda ns: ns, "the nanosecond", False),
        (lambda ns: ns // 100 * 100, "100 ns", False),
        (lambda ns: ns // 10**9 * 10**9, "1 s", False),
        (lambda ns: ns // (2 * 10**9) * 2 * 10**9, "2 s", True),
    ],
)
def test_how_finely_a_disk_keeps_times_is_told(tmp_path, monkeypatch, kept, told, warn):
    dress = Folder.dress
    monkeypatch.setattr(
        Folder, "dress", lambda self, name, *, mtime_ns: dress(self, name, mtime_ns=kept(mtime_ns))
    )
    assert Remark(f"times are kept to {told}", warn=warn) in remarks(tmp_path)


def test_a_disk_that_holds_only_short_names_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("os.statvfs", lambda _: SimpleNamespace(f_namemax=143))
    [told] = [remark for remark in remarks(tmp_path) if remark.warn]
    assert told.text == "names longer than 143 are refused here: shorten them elsewhere"


def test_a_disk_that_cannot_say_how_long_names_may_be_is_taken_for_usual(tmp_path, monkeypatch):
    monkeypatch.delattr("os.statvfs")
    assert not [remark for remark in remarks(tmp_path) if remark.warn]


@pytest.mark.parametrize("call", ["create", "unlink"])
def test_a_disk_that_fails_is_no_lack_of_rights(tmp_path, monkeypatch, call):
    def fails(*_):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(Folder, call, fails)
    with pytest.raises(SideError, match="zdrive"):
        remarks(tmp_path)


def test_a_drive_where_we_may_write_and_not_delete_is_told(tmp_path, monkeypatch):
    def refused(self, name):
        raise PermissionError(errno.EACCES, "no") if self.look(name) else FileNotFoundError

    monkeypatch.setattr(Folder, "unlink", refused)
    remarks(tmp_path)
    told = remarks(tmp_path)[-1]  # what the trial before had to leave is no hindrance
    assert told.text == "we may not delete here: give this account the right, or say role: source"
    assert (told.warn, told.code) == (True, 5)


def test_what_a_trial_is_interrupted_at_is_taken_away(tmp_path, monkeypatch):
    def interrupted(*_args, **_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Folder, "dress", interrupted)
    with pytest.raises(KeyboardInterrupt):
        remarks(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("mode", "code"), [("observe", 0), ("sync", 5)])
def test_a_right_that_lacks_is_a_failure_of_a_profile_that_acts(tmp_path, mode, code):
    side = SimpleNamespace(name="zdrive", remarks=lambda: iter([Remark("we may not", warn=True, code=5)]))
    assert list(doctor._remarks(side, acts=mode == "sync")) == [
        doctor.Check("zdrive", "we may not", code, True)
    ]


@pytest.mark.parametrize(("network", "word"), [(True, "polls"), (False, "hears")])
def test_whether_changes_are_announced_is_told(tmp_path, monkeypatch, network, word):
    monkeypatch.setattr(doctor, "on_network", lambda _: network)
    assert word in doctor._announced("zdrive", tmp_path).text


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
