"""Lets one run at a time hold a profile, by a lock of the operating system: a dead holder holds nothing."""

import contextlib
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol

from synctool.errors import Busy
from synctool.store import private


def nothing() -> None:
    """Write nothing."""


class Lease(Protocol):
    """The right to act for a profile."""

    def check(self) -> None:
        """Raise Busy when somebody else has it by now; asked before and after every operation."""

    def foretell(self, write: Callable[[], None] = nothing) -> None:
        """Bring the state to where it outlives this machine, if it lies elsewhere, with what this writes about what is to come."""


class Alone:
    """Nobody else can have it: the state is in this process alone."""

    def check(self) -> None:
        """Nothing can have happened to it."""

    def foretell(self, write: Callable[[], None] = nothing) -> None:
        """Do nothing: every step is written down here just before it is taken."""


ALONE = Alone()


class Held:
    """What a run holds as long as the lock file at its path is the one that it locked, with what it wrote there."""

    def __init__(self, path: Path, file: IO[bytes], said: bytes) -> None:
        self._path = path
        self._file = file
        self._said = said

    def check(self) -> None:
        """Raise Busy when another run has taken over, as it can when this one was stopped and its lock file removed."""
        with contextlib.suppress(FileNotFoundError):
            same = os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
            if same and self._path.read_bytes() == self._said:
                return
        raise Busy(
            f"this run has lost the profile to another: {_holder(self._path)}",
            hint="it stops here; look at synctool status, then run again",
        )

    def foretell(self, write: Callable[[], None] = nothing) -> None:
        """Do nothing: every step is written down here just before it is taken."""


@contextlib.contextmanager
def held(path: Path, who: str, since: str, taken: str = "another run holds this profile") -> Iterator[Held]:
    """Hold the lock file while the block runs.

    who and since (ISO 8601) are what another run is told, and taken before them. Raises Busy, naming the holder; StateError for no such file.
    """
    private.folder(path.parent)
    with private.opened(path, "a+b") as file:
        if not _locked(file):
            raise Busy(f"{taken}: {_holder(path)}", hint="wait for it to end")
        said = json.dumps({"who": who, "since": since, "lease": secrets.token_hex(8)}).encode()
        with private.border(path):
            file.truncate(0)
            file.write(said)
            file.flush()
        lease = Held(path, file, said)
        lease.check()  # the file may have been removed just before it was locked
        try:
            yield lease
        finally:
            with contextlib.suppress(OSError):
                file.truncate(0)


def holder(path: Path) -> str | None:
    """Who holds a profile now, and since when; None when nobody does. Raises StateError."""
    if not path.exists():
        return None
    with private.opened(path, "r+b") as file:
        return None if _locked(file) else _holder(path)


def _holder(path: Path) -> str:
    try:
        facts = json.loads(path.read_text("utf-8"))
        return f"{facts['who']}, since {facts['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it does not say who"


def _locked(file: IO[bytes]) -> bool:
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
