"""Drives the emulator with treillage, an older client that others wrote, in packages of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from synctool.emulators.filevine import FilevineEmulator

DAY = Path(__file__).with_name("treillage_day.py")
CLIENT = ("--no-deps", "treillage==0.2.1")  # it asks for packages so old that they cannot be built any more
BESIDE = ("aiohttp>=3.10,<4", "pyyaml>=6", "pyjwt>=2.8")

pytestmark = pytest.mark.slow


@pytest.fixture
def packages(tmp_path, lacking):
    for wanted in (BESIDE, CLIENT):
        pip = (sys.executable, "-m", "pip", "install", "-qq", "--target", tmp_path, *wanted)
        if subprocess.run(pip, capture_output=True, timeout=100, check=False).returncode:
            lacking("treillage, which pip could not install")
    return tmp_path


def test_an_older_client_that_others_wrote_spends_a_day_here_by_key(packages):
    with FilevineEmulator() as fv:
        project = fv.colleague.add_project("Example v. Example")
        facts = {"url": fv.url, "project": project} | fv.credentials._asdict()
        done = subprocess.run(
            [sys.executable, DAY, json.dumps(facts)],
            env={**os.environ, "PYTHONPATH": str(packages)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        paths = [leaf.path for leaf in fv.colleague.tree(project)]
        signed_in = fv.requests_seen["POST", "/session"]
    assert json.loads(done.stdout) == {
        "project": "Example v. Example",
        "uploaded": ["Letters"] * 3,
        "listed": ["0.txt", "1.txt", "2.txt"],
        "one": {"filename": "0.txt", "size": 8},
        "text": "letter 1",
        "renamed": "final.txt",
        "deleted": 204,
        "gone": 403,
        "waited": ["0.txt", "final.txt"],
        "with the session": "Letters",
        "without a session": 401,
    }
    assert paths == ["Letters/0.txt", "Letters/final.txt"]
    assert signed_in == 2
