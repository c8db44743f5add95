"""Lets one run at a time hold a profile, by a lock of the operating system: a dead holder holds nothing."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from synctool.errors import Busy


@contextlib.contextmanager
def held(path: Path, who: str, since: str) -> Iterator[None]:
    """Hold the lock file while the block runs.

    who and since (ISO 8601) are what another run is told. Raises Busy, naming the holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _locked(file):
            raise Busy(f"another run holds this profile: {_holder(path)}", hint="wait for it to end")
        file.truncate(0)
        file.write(json.dumps({"who": who, "since": since}))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _holder(path: Path) -> str:
    try:
        facts = json.loads(path.read_text("utf-8"))
        return f"{facts['who']}, since {facts['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it does not say who"


def _locked(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - there only

            file.seek(2**30)  # beyond what is written, so that others may read who holds it
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def whoami() -> str:
    """This process, as another run shall read it."""
    import getpass  # noqa: PLC0415 - rarely needed
    import socket  # noqa: PLC0415 - rarely needed

    return f"{getpass.getuser()}@{socket.gethostname()} (process {os.getpid()})"
