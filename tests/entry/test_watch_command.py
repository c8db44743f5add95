"""The command itself, in a process of its own: signals, and what it answers at an address."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.entry.profiles import write
from tests.entry.watched import QUICK, until

ROOT = Path(__file__).parents[2]
MAIN = "from synctool.entry.cli import main; raise SystemExit(main())"


@contextmanager
def started(firm, *args):
    """``synctool watch``, which has said that it watches."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {MAIN}", "watch", *args],
        cwd=firm.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr.readline() == "watching 1 profile; Ctrl-C ends it\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def asked(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_it_can_be_asked_how_it_is_and_a_signal_ends_it_in_good_order(firm):
    firm.profile("case-1", QUICK)
    write(firm.folder / "case-1/left/secret brief.txt", "abc")
    port = free_port()
    with started(firm, "--listen", f"127.0.0.1:{port}") as process:
        until((firm.folder / "case-1/right/secret brief.txt").exists)
        until(lambda: 'rounds_total{profile="case-1"} 0' not in asked(port, "/metrics")[1])
        assert asked(port, "/healthz") == (200, "well\n")
        code, text = asked(port, "/metrics")
        numbers = dict(re.findall(r'^(synctool_\w+)\{profile="case-1"\} (\S+)$', text, re.MULTILINE))
        assert (code, numbers["synctool_copied_bytes_total"], numbers["synctool_last_exit_code"]) == (
            200,
            "3",
            "0",
        )
        assert 0 <= float(numbers["synctool_seconds_since_agreed"]) < 600
        assert "secret" not in text
        status = json.loads(asked(port, "/status")[1])
        assert (status["pid"], status["ailing"], status["profiles"]["case-1"]["last_exit"]) == (
            process.pid,
            [],
            0,
        )
        assert asked(port, "/")[0] == 404
        firm.write("profiles/case-1.yaml", "version: 1\n")
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, re.sub(r"^[\d:]{8}|[\d.]+ s", "", out)) == (0, " case-1: 1 write, 3 B ()\n")
    assert not (firm.folder / "state/watch.json").exists()


def test_a_watch_that_was_killed_is_missed_and_the_next_one_goes_on(firm):
    firm.profile("case-1", QUICK)
    with started(firm) as process:
        until((firm.folder / "state/watch.json").exists)
        process.kill()
        process.communicate()
    write(firm.folder / "case-1/left/a.txt", "abc")
    assert (firm.folder / "state/watch.json").exists()
    with started(firm) as process:
        until((firm.folder / "case-1/right/a.txt").exists)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert firm.run("audit", "verify").code == 0


def test_a_second_signal_ends_it_at_once(firm):
    root = firm.folder / "case-1/left"
    firm.profile("case-1", "\nwatch: {settle_seconds: 3600}\n")
    (root / "young.txt").write_text("abc")  # a round waits an hour until that is still
    with started(firm) as process:
        until(lambda: "going" in going_on(firm))
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == -signal.SIGTERM


def going_on(firm):
    text = firm.run("status").out
    return "going" if "a run began" in text or "a round goes on" in text else text
