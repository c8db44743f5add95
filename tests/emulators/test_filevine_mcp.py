"""Drives the emulator with filevine-mcp, a client for the real Filevine that others wrote."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from synctool.emulators.filevine import FilevineEmulator

DAY = Path(__file__).with_name("filevine_mcp_day.py")


@pytest.fixture
def saw():
    if importlib.util.find_spec("filevine_mcp") is None:
        pytest.skip("filevine-mcp is not installed; it is one of the dev dependencies")
    with FilevineEmulator(require_user_id=False) as fv:
        project = fv.colleague.add_project("Example v. Example")
        facts = {"url": fv.url, "org": fv.org, "project": project} | fv.credentials._asdict()
        done = subprocess.run(
            [sys.executable, DAY, json.dumps(facts)], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) | {
            "user": fv.user,
            "paths": [leaf.path for leaf in fv.colleague.tree(project)],
        }


def test_a_client_that_others_wrote_spends_a_day_here(saw):
    assert saw["me"] == saw["user"]
    assert saw["projects"] == ["Example v. Example"]
    assert (saw["pending"], saw["committed"], saw["into"]) == ([], "brief.txt", "Discovery")
    assert saw["listed"] == ["brief.txt", "second.txt"]
    assert (saw["series"], saw["search"]) == (["second.txt"], ["brief.txt"])
    assert (saw["revised"], saw["text"], saw["renamed"]) == ("2", "three", "final.txt")
    assert (saw["locked"], saw["unlocked"]) == (True, True)
    assert (saw["folder"], saw["folders"]) == ("Disclosure", ["Disclosure"])
    assert (saw["links"], saw["confirmed"]) == (2, True)
    assert "HTTP 400" in saw["wrong body"]
    assert "HTTP 404" in saw["no such path"]
    assert saw["deleted"] == {"success": True}
    assert "denied" in saw["gone"]
    assert (saw["signed in again"], saw["waited"]) == ("final.txt", [True, True])
    assert saw["left"] == saw["paths"] == ["b.txt"]
