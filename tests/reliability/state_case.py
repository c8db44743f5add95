"""A profile of two drives, and processes that can be stopped at a chosen moment of a run of it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

STOPS = """
import os, signal, sys
from threading import get_ident
from contextlib import chdir
from synctool.engine import execute
from synctool.entry.cli import main
from synctool.sides.drive.side import DriveSide

moment, number, sign = sys.argv[2], int(sys.argv[3]), getattr(signal, sys.argv[4])
left = [number]

def stop():
    left[0] -= 1
    if not left[0]:
        print("now", flush=True)
        signal.pthread_kill(get_ident(), sign)  # a signal to the process lets this thread go on for a moment

def around(holder, name):
    real = getattr(holder, name)
    def stopping(*args, **more):
        if moment == f"before {name}":
            stop()
        made = real(*args, **more)
        if moment == f"after {name}":
            stop()
        return made
    setattr(holder, name, stopping)

execute.WORKERS = 1
for holder, name in ((DriveSide, "write"), (DriveSide, "remove"), (execute, "_done"), (execute.Run, "__init__")):
    around(holder, name)
from synctool.store.audit import Audit
from synctool.store.ledger import Ledger
around(Audit, "record")
around(Ledger, "put_row")
with chdir(sys.argv[1]):
    sys.exit(main(sys.argv[5:]))
"""
ROOT = Path(__file__).parents[2]


def begun(folder, moment, number, sign, *command):
    """A process that runs a command in a folder and sends itself a signal at the n-th of a moment."""
    words = (sys.executable, "-c", STOPS, folder, moment, str(number), sign, *command)
    return subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )


def reached(process):
    """Wait until the process is at its moment."""
    assert process.stdout.readline() == "now\n", process.communicate()


def waked(process):
    """What a stopped process ends with after it goes on: exit code, stdout, stderr."""
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def log(folder):
    """The records of a case's audit log."""
    return [json.loads(line) for line in (folder / "state/case.audit.jsonl").read_bytes().splitlines()]


def documents(folder):
    return {path.name: path.read_text() for path in folder.glob("*.txt")}
