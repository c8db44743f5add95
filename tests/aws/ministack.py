"""Starts a server that stands in for AWS: queues, functions, templates, and policies that are enforced."""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[1] / ".venv-aws"
SERVICES = "cloudformation,cloudwatch,events,iam,lambda,logs,s3,scheduler,secretsmanager,sqs,sts"
REGION = "us-east-1"


class Lacking(Exception):
    """What the server needs could not be installed."""


def interpreter():
    """The Python of an environment of its own, since the server needs other versions of what synctool needs."""
    python = ENVIRONMENT / "bin/python"
    stamp, lock = ENVIRONMENT / "installed", (HERE / "requirements.lock").read_text()
    with (HERE.parents[1] / ".venv-aws.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two workers of one run want it at once
        if not stamp.exists() or stamp.read_text() != lock:
            options = (
                "-qq",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                HERE / "requirements.lock",
            )
            subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
            done = subprocess.run(
                [python, "-m", "pip", "install", *options], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise Lacking(f"MiniStack could not be installed: {done.stderr.strip().splitlines()[-1:]}")
            stamp.write_text(lock)
    return python


class MiniStack:
    """One server on loopback; enforcing: with policies enforced and signatures checked, the first key being root's."""

    def __init__(self, folder, *, enforcing=False):
        self.folder = folder
        self.enforcing = enforcing
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        python = interpreter()
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COVERAGE_"))
        }
        environ |= {
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "STATE_DIR": str(self.folder),
            "AUTH": str(self.enforcing).lower(),
            "SERVICES": SERVICES,
            "LOG_LEVEL": "WARNING",
        }
        self._log = (self.folder / "log").open("w")
        setpriv = shutil.which("setpriv")  # with it the server dies with its parent, however that dies
        leash = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        self._process = subprocess.Popen(
            [*leash, python, "-m", "ministack"],
            cwd=self.folder,
            env=environ,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self._until_it_answers()
        return self

    def __exit__(self, *_):
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()
        self._log.close()

    def client(self, service, key="test", secret="test", token=None):
        """A client of one service, as whoever has this key."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )

    def _until_it_answers(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/_localstack/health", timeout=1).close()
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"MiniStack did not start: {(self.folder / 'log').read_text()[-2000:]}")
