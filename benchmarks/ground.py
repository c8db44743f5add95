"""Holds what is measured upon: trees, copies of them, servers, and what each tool needs to know; all in one folder."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from benchmarks.measuring import ROOT
from benchmarks.trees import Tree, make
from synctool.emulators.filevine.accounts import Credentials
from synctool.emulators.seaweedfs import SeaweedFS

CREDENTIALS = Credentials()
KEY, SECRET = "measuring", "made-up-secret-of-the-benchmarks"
BUCKET = "measured"
DRIVE = "{{kind: drive, root: '{root}', names: posix}}"
FILEVINE = (
    "{{kind: filevine, api_url: '{url}', identity_url: '{url}', org: {org}, project: {project}, requests_per_second: 1000, "
    "auth: {{mode: token, client_id: '${{FV_ID}}', client_secret: '${{FV_SECRET}}', token: '${{FV_PAT}}'}}}}"
)
BRAKES = "brakes: {deletes: {count: 1000000, share: 1}, overwrites: {share: 1}}"  # of the last day, which is full of rounds
S3 = "{{kind: s3, bucket: {bucket}, prefix: '{prefix}', endpoint_url: '{endpoint}'}}"


class Firm(NamedTuple):
    """A Filevine with one project, one of its documents, and how to reach it."""

    url: str
    org: int
    project: int
    document: int
    client_id: str
    client_secret: str
    pat: str
    api_key: str
    api_secret: str

    def counted(self) -> dict[str, int]:
        """How many requests it has seen, by what they asked for."""
        return dict(json.loads(ask(f"{self.url}/_backdoor/count")))

    def revise(self, text: str) -> None:
        """Let a colleague edit the document."""
        ask(f"{self.url}/_backdoor/revise", json.dumps({"document": self.document, "text": text}).encode())


class Ground:
    """A folder with what was made in it so far; each thing is made when it is first asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.log = folder / "said.log"
        self.profiles = folder / "profiles"
        self._stack = stack

    @cache  # noqa: B019 -- there is one ground, and it lasts as long as the program
    def tree(self, tree: Tree) -> Path:
        """A tree to start from; whoever changes it takes a copy."""
        root = self.folder / tree.name
        make(root, tree)
        return root

    def copy(self, source: Path, name: str) -> Path:
        """A copy with the same times."""
        copied = self.folder / name
        if not copied.exists():
            subprocess.run(["cp", "-a", source, copied], check=True)
        return copied

    @cached_property
    def weed(self) -> SeaweedFS:
        """A SeaweedFS with an empty bucket."""
        server = self._stack.enter_context(SeaweedFS(self.folder / "weed", access_key=KEY, secret_key=SECRET))
        server.make_bucket(BUCKET, versioned=False)
        return server

    @cached_property
    def thin(self) -> str:
        """The address of an empty S3 server that costs next to nothing."""
        return self._served("benchmarks.thin")

    @cache  # noqa: B019 -- as above
    def firm(self, tree: Tree) -> Firm:
        """A Filevine with one project that holds a tree."""
        return Firm(**json.loads(self._served("benchmarks.firm", str(self.tree(tree)))))

    def hold(self, root: Path, prefix: str, mark: str = "") -> None:
        """Let the thin server hold a tree, as if somebody had put it there; mark: an empty object for each folder."""
        ask(f"{self.thin}/-/hold?{urlencode({'tree': root, 'prefix': prefix, 'mark': mark})}")

    def requests(self) -> int:
        """How many requests the thin server has seen."""
        return int(ask(f"{self.thin}/-/requests"))

    def _served(self, module: str, *words: str) -> str:
        """Start a server in a process of its own; the line that it says when it serves."""
        command = [sys.executable, "-m", module, *words]
        pipe = subprocess.PIPE  # when its stdin is closed, also by our end, it ends too
        server = self._stack.enter_context(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=ROOT, text=True)
        )
        assert server.stdout
        return server.stdout.readline().strip()

    def profile(self, name: str, **sides: str) -> Path:
        """A profile that joins these sides."""
        file = self.profiles / f"{name}.yaml"
        self.profiles.mkdir(exist_ok=True)
        lines = [*(f"  {side}: {facts}" for side, facts in sides.items()), BRAKES]
        file.write_text("\n".join(("version: 1", f"name: {name}", "sides:", *lines, "")), "utf-8")
        return file

    def settings(self, endpoint: str = "") -> dict[str, str]:
        """The environment that all tools find their way by."""
        filevine = {
            "FV_ID": CREDENTIALS.client_id,
            "FV_SECRET": CREDENTIALS.client_secret,
            "FV_PAT": CREDENTIALS.pat,
        }
        ours = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1"}
        rclone = {"TYPE": "s3", "PROVIDER": "Other", "ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET}
        rclone |= {"ENDPOINT": endpoint, "FORCE_PATH_STYLE": "true"}
        own = {f"RCLONE_CONFIG_S3_{name}": value for name, value in rclone.items()}
        places = {
            "UNISON": self.folder / "unison",
            "RCLONE_CACHE_DIR": self.folder / "rclone",
            "HOME": self.folder,
        }
        return {
            **ours,
            **own,
            **filevine,
            "RCLONE_CONFIG": "",
            "AWS_ENDPOINT_URL": endpoint,
            **{k: str(v) for k, v in places.items()},
        }


def ask(url: str, data: bytes = b"") -> bytes:
    """What a server answers when it is told something."""
    with urlopen(Request(url, data, method="POST")) as answer:
        return bytes(answer.read())


def drive(root: Path) -> str:
    """A side that is a folder, as a profile spells it."""
    return DRIVE.format(root=root)


def filevine(firm: Firm) -> str:
    """A side that is the project of a Filevine, as a profile spells it; in no hurry to spare it."""
    return FILEVINE.format(url=firm.url, org=firm.org, project=firm.project)


def s3(endpoint: str, prefix: str) -> str:
    """A side that is a prefix of the bucket, as a profile spells it."""
    return S3.format(bucket=BUCKET, prefix=prefix, endpoint=endpoint)


@contextmanager
def ground(parent: Path | None) -> Iterator[Ground]:
    """An empty ground, in a temporary folder or in a new one below this; all of it is removed at the end."""
    with TemporaryDirectory(prefix="measured-", dir=parent) as folder, ExitStack() as stack:
        yield Ground(Path(folder), stack)
