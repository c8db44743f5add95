"""Keeps removed documents in a folder of their project, where anybody can see since when.

Documents go to ``.synctool trash/2026-11-22/``, a folder for each UTC day. Filevine keeps the former revisions of a
document as well, but its API can neither list nor read them, so they are none of what is told here.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from synctool.core.model import Entry, Kept, Kind, Place
from synctool.errors import Denied, Missing, Rejected, Stale
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.records import Document, Folder, document_entry, folded, number
from synctool.sides.filevine.tree import TRASH, Tree


class Trash:
    """The trash of one project. tree makes sense of folders; clock tells nanoseconds since the epoch.

    A day's documents count as put away at its end. Since when others lie there (put there by a person, or before there
    were folders for the days) nobody knows, so they count as put away just now: nothing is destroyed too early. A day's
    folder stays when it is empty: Filevine would delete with it whatever came into it meanwhile.
    """

    def __init__(
        self,
        client: FilevineClient,
        project: int,
        tree: Callable[[Mapping[int, Folder]], Tree],
        clock: Callable[[], int],
    ) -> None:
        self._client = client
        self._project = project
        self._tree = tree
        self._clock = clock

    def kept(self) -> Iterator[Kept]:
        """Every document in trash, from one look at the whole project: there is a folder more every day."""
        tree = self._tree(self._client.folders(self._project))
        if tree.trash() is None:
            return
        for document in self._client.documents(self._project):
            day = tree.day(document.folder)
            if day is not None:
                entry = document_entry(document, None)._replace(parent=f"{TRASH}/{day}".rstrip("/"))
                yield Kept(entry, entry.handle, self._since(day))

    def purge(self, kept: Kept) -> None:
        """Delete a document for good. Raises Stale when it is not in trash any more, or not what it was."""
        if not in_trash(kept.entry):
            raise Rejected("only what is in trash can be destroyed")
        document = self._find(kept.entry)
        if document is None:
            return
        self._check(kept.entry, document)
        self.delete(kept.entry)

    def delete(self, entry: Entry) -> None:
        """Delete a document, wherever it lies; of one that is gone the API says that we may not."""
        try:
            self._client.delete_document(number(entry.handle))
        except (Denied, Missing):
            if self._find(entry) is not None:
                raise

    def taken(self, entry: Entry, folder: int, to: Place, root: int | None) -> Entry:
        """A document in trash as it lies there, or as it lies where it was brought already; folder: the number of to's.

        Raises Stale for a taken place: the server itself would give the document another name.
        """
        document = self._find(entry)
        if document is None:
            raise Stale("it is gone")
        now = document_entry(document, root)
        if (now.parent, now.name, now.stamp) != (to.folder, to.name, entry.stamp):
            self._check(entry, document)
            beside = self._client.documents(self._project, folder)
            if any(
                other.folder in (folder, None) and folded(other.name) == folded(to.name) for other in beside
            ):
                raise Stale("the place is taken")
        return now

    def _find(self, entry: Entry) -> Document | None:
        return self._client.document(self._project, number(entry.handle))

    def _check(self, entry: Entry, document: Document) -> None:
        if document.stamp != entry.stamp:
            raise Stale("it changed since we looked")
        if self._tree({}).day(document.folder) is None:
            raise Stale("it is not in trash any more")

    def _since(self, day: str) -> int:
        with suppress(ValueError, OverflowError):
            end = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
            return int(end.timestamp()) * 10**9 - 1
        return self._clock()


def in_trash(entry: Entry) -> bool:
    """Whether an entry tells of a document in trash."""
    return entry.kind is Kind.FILE and entry.parent.partition("/")[0] == TRASH


def today(now_ns: int) -> str:
    """The name of the folder that takes what is removed at this time."""
    return f"{datetime.fromtimestamp(now_ns / 10**9, UTC):%Y-%m-%d}"
