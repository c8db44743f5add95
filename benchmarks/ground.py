"""Holds what is measured upon: trees, copies of them, servers, and what each tool needs to know; all in one folder."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.trees import Tree, make
from synctool.emulators.seaweedfs import SeaweedFS

KEY, SECRET = "measuring", "made-up-secret-of-the-benchmarks"
BUCKET = "measured"
DRIVE = "{{kind: drive, root: '{root}', names: posix}}"
S3 = "{{kind: s3, bucket: {bucket}, prefix: '{prefix}', endpoint_url: '{endpoint}'}}"


class Ground:
    """A folder with what was made in it so far; each thing is made when it is first asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.log = folder / "said.log"
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

    def profile(self, name: str, **sides: str) -> Path:
        """A profile that joins these sides."""
        file = self.folder / "profiles" / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        lines = [f"  {side}: {facts}" for side, facts in sides.items()]
        file.write_text("\n".join(("version: 1", f"name: {name}", "sides:", *lines, "")), "utf-8")
        return file

    def settings(self, endpoint: str = "") -> dict[str, str]:
        """The environment that all tools find their way by."""
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
            "RCLONE_CONFIG": "",
            "AWS_ENDPOINT_URL": endpoint,
            **{k: str(v) for k, v in places.items()},
        }


def drive(root: Path) -> str:
    """A side that is a folder, as a profile spells it."""
    return DRIVE.format(root=root)


def s3(endpoint: str, prefix: str) -> str:
    """A side that is a prefix of the bucket, as a profile spells it."""
    return S3.format(bucket=BUCKET, prefix=prefix, endpoint=endpoint)


@contextmanager
def ground(parent: Path | None) -> Iterator[Ground]:
    """An empty ground, in a temporary folder or in a new one below this; all of it is removed at the end."""
    with TemporaryDirectory(prefix="measured-", dir=parent) as folder, ExitStack() as stack:
        yield Ground(Path(folder), stack)
