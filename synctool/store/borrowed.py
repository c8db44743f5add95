"""Borrows the state of a profile from a shelf that several machines share, and gives it back."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from synctool.errors import Busy, Stale, StateError, SyncError
from synctool.store import private
from synctool.store.db import VERSION
from synctool.store.lease import nothing
from synctool.store.lending import Loan, Times
from synctool.store.packing import is_whole, packed, torn, unpack, version_of
from synctool.store.shelf import Shelf, Shelved

OFTEN = 30.0
"""Seconds after which a run that goes on gives back what it has written so far."""


class Borrowed:
    """The state of one profile in a folder of this machine, and the right to write it.

    A ``Lease``: every ``check`` may give back what was written so far.
    """

    def __init__(self, loan: Loan, shelf: Shelf, name: str, desk: Path, clock: Times) -> None:
        self.folder = desk / f"{name}.borrowed"
        self._loan, self._shelf, self._name, self._desk = loan, shelf, name, desk
        self._clock = clock
        self._found: Shelved | None = None
        self._given: bytes | None = None
        self._etag = ""
        self._given_at = clock.monotonic()
        self._giving = threading.Lock()

    def fetch(self) -> None:
        """Lay the files into the folder; nothing, where nothing is on the shelf. Raises StateError, SideError."""
        with private.border(self.folder):
            shutil.rmtree(self.folder, ignore_errors=True)  # what a dead run left
        private.folder(self.folder)
        self._found = _fetched(self._shelf, self._name, self._desk)
        if self._found:
            self._etag = self._found.etag
            _lay(self._shelf, self._found, self.folder, self._name)
            self._given = packed(self.folder, self._name)  # packed again, even the same bytes are others

    def is_older(self) -> bool:
        """Whether this program would have to migrate what was fetched. Raises StateError."""
        database = self.folder / f"{self._name}.db"
        return database.exists() and 0 < version_of(database) < VERSION

    def refuse_older(self) -> None:
        """Raise StateError for a state that would have to be migrated: others may still need it as it is."""
        if self.is_older():
            raise StateError(
                f"{self._shelf.where(_object(self._name))} was written by an older synctool",
                hint="when every machine that shares it is updated, synctool doctor --migrate",
            )

    def check(self) -> None:
        """Raise Busy or Unavailable when somebody else may have the profile by now."""
        self._loan.check()
        due = self._given_at + OFTEN
        if self._clock.monotonic() >= due and self._giving.acquire(blocking=False):
            try:
                self._give()
            finally:
                self._giving.release()

    def foretell(self, write: Callable[[], None] = nothing) -> None:
        """Write down what is about to happen, and give it back before it does: it outlives this machine."""
        write()
        self.give_back()

    def give_back(self) -> None:
        """Put the state on the shelf as it is now. Raises Busy when it is not the one any more that was borrowed."""
        with self._giving:
            self._give()

    def aside(self, moment: str) -> str:
        """Put what was fetched beside itself under a dated name, and tell it; "" where nothing was. Raises SideError."""
        if self._found is None:
            return ""
        name = f"{_object(self._name)}.{moment}.aside"
        self._shelf.put(name, self._found.data, "")
        return name

    def _give(self) -> None:
        self._loan.check()
        data = packed(self.folder, self._name)
        self._given_at = self._clock.monotonic()
        if data is None or data == self._given:
            return
        try:
            self._etag = self._shelf.put(_object(self._name), data, self._etag)
        except Stale:
            raise Busy(
                f"{self._shelf.where(_object(self._name))} was written by another run meanwhile",
                hint="nothing of it was overwritten; run again, and what this run did is found by looking",
            ) from None
        self._given = data


@contextmanager
def borrowed(shelf: Shelf, name: str, desk: Path, said: tuple[str, str], clock: Times) -> Iterator[Borrowed]:
    """The state of a profile, for one who writes; given back however the block ends.

    desk: a folder of this machine alone; said: who, and since when (ISO 8601). Nobody else on this machine may do it at
    once. Raises Busy, StateError, SideError.
    """
    with Loan(shelf, name, *said, clock) as loan:
        lent = Borrowed(loan, shelf, name, desk, clock)
        try:
            yield lent
        except BaseException:
            with suppress(SyncError):  # what ended the run is what matters
                lent.give_back()
            raise
        else:
            lent.give_back()
        finally:
            shutil.rmtree(lent.folder, ignore_errors=True)


@contextmanager
def copied(shelf: Shelf, name: str, desk: Path) -> Iterator[Path]:
    """A folder with a copy of a profile's state, for one who only reads. Raises StateError, SideError."""
    private.folder(desk)
    found = _fetched(shelf, name, desk)
    with TemporaryDirectory(dir=desk, prefix="copy-") as folder:
        if found:
            _lay(shelf, found, Path(folder), name)
        yield Path(folder)


def _object(name: str) -> str:
    return f"{name}.state"


def _lay(shelf: Shelf, found: Shelved, folder: Path, name: str) -> None:
    if not is_whole(found.data):
        raise torn(shelf.where(_object(name)))
    unpack(found.data, folder, name)


def _fetched(shelf: Shelf, name: str, desk: Path) -> Shelved | None:
    """What is on the shelf; from this machine, where it was had before and is whole."""
    cache = desk / f"{name}.fetched"
    if not (etag := shelf.etag(_object(name))):
        return None
    if cache.exists():
        with private.opened(cache, "rb") as file:
            known, _, data = file.read().partition(b"\n")
        if known == etag.encode() and is_whole(data):
            return Shelved(data, etag, 0.0)
    found = shelf.get(_object(name))
    if found:
        with private.border(cache), TemporaryDirectory(dir=desk, prefix="copy-") as folder:
            whole = Path(folder) / cache.name
            with private.opened(whole, "wb") as file:
                file.write(found.etag.encode() + b"\n" + found.data)
            whole.replace(cache)
    return found
