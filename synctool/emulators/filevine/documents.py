"""Keeps documents through their lives: pending, committed, revised, moved, locked, deleted."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from synctool.emulators.filevine.cabinet import Cabinet
from synctool.emulators.filevine.names import folded, numbered, renamed, split
from synctool.emulators.filevine.records import Document, Phase, Refusal
from synctool.emulators.filevine.storage import Storage
from synctool.emulators.filevine.switches import Duplicates

FIRST = 1_200_000_001
LOCK_NS = 24 * 3600 * 10**9


class Documents:
    """Documents by id, in the order they were made; told hears of each what it was, None for nothing, and what it is."""

    def __init__(
        self,
        cabinet: Cabinet,
        storage: Storage,
        clock: Callable[[], int],
        told: Callable[[Document | None, Document], None],
    ) -> None:
        self.revising: set[int] = set()  # documents a revision is being applied to by somebody else
        self._all: list[Document] = []  # a document's place is its id less FIRST: ids only grow
        self._locks: dict[int, tuple[int, int]] = {}  # document: (user, until when in ns)
        self._cabinet = cabinet
        self._storage = storage
        self._clock = clock
        self._told = told

    def find(self, number: int) -> Document | None:
        """The document in whatever phase, or None."""
        place = number - FIRST
        return self._all[place] if 0 <= place < len(self._all) else None

    def get(self, number: int) -> Document:
        """The document people can see; raises Refusal(403), which is also what "not there" looks like."""
        found = self.find(number)
        if found is None or found.phase is not Phase.COMMITTED:
            raise Refusal(403, "Access to the document is denied.")
        return found

    def after(self, number: int = 0) -> Iterator[Document]:
        """Every document people can see whose id is greater, ascending."""
        later = islice(self._all, max(0, number - FIRST + 1), None)
        return (document for document in later if document.phase is Phase.COMMITTED)

    def pending(self) -> list[Document]:
        """Every document that is not committed yet."""
        return [document for document in self._all if document.phase is Phase.PENDING]

    def inside(self, folder: int) -> list[Document]:
        """The documents directly in a folder."""
        return [document for document in self.after() if document.folder == folder]

    def begin(self, filename: str, size: int, project: int, folder: int, uploader: int) -> Document:
        """A pending document whose bytes may now be stored under its key; project and folder may be 0: unsaid."""
        if not filename.strip():
            raise Refusal(400, "Filename is required.")
        return self._add(
            Document(
                id=FIRST + len(self._all),
                filename=filename,
                size=size,
                revisions=(self._storage.new_key(),),
                uploader=uploader,
                uploaded_ns=self._clock(),
                project=project,
                folder=folder,
            )
        )

    def commit(self, number: int, project: int, folder: int, duplicates: Duplicates) -> Document:
        """Make a pending document visible; a second commit changes nothing. Bytes that never came stay missing."""
        found = self.find(number)
        if found is None or found.phase is not Phase.PENDING:
            return self.get(number)
        where = folder or found.folder or self._cabinet.project(project).root
        if self._cabinet.folder(where).project != project:
            raise Refusal(400, "The folder belongs to another project.")
        name = self._committed_name(found, where, duplicates)
        return self._put(
            replace(
                found,
                filename=name,
                size=self._stored(found),
                project=project,
                folder=where,
                phase=Phase.COMMITTED,
            )
        )

    def revise(self, number: int, revision: int) -> Document:
        """Let the bytes of a pending document become the next revision of another one."""
        found, claimed = self._revised(number), self.find(revision)
        if claimed is None or claimed.phase in {Phase.CLAIMED, Phase.DELETED}:
            raise Refusal(404, "The revision document does not exist.")
        if claimed.phase is Phase.COMMITTED:
            raise Refusal(412, "The revision document is not pending.")
        if found.contract or claimed.key not in self._storage.blobs:
            raise Refusal(422, "The document cannot be used as a revision.")
        if split(found.filename)[1].casefold() != split(claimed.filename)[1].casefold():
            raise Refusal(422, "The revision document is of another file type.")
        self._put(replace(claimed, phase=Phase.CLAIMED))
        return self._put(
            replace(
                found,
                revisions=found.revisions + claimed.revisions,
                size=self._stored(claimed),
                uploader=claimed.uploader,
                uploaded_ns=claimed.uploaded_ns,
            )
        )

    def rename(self, number: int, filename: str) -> Document:
        """Rename in place, keeping the extension; raises Refusal(400) when the name is taken."""
        found = self.get(number)
        name = renamed(found.filename, filename)
        if not filename.strip() or folded(name) in self._taken(found, found.folder):
            raise Refusal(400, "A file with that name already exists in the folder.")
        return self._put(replace(found, filename=name))

    def move(self, number: int, folder: int, filename: str | None = None) -> Document:
        """Move into a folder of any project, adjusting the name where it is taken."""
        found = self.get(number)
        name = numbered(renamed(found.filename, filename or found.filename), self._taken(found, folder))
        project = self._cabinet.folder(folder).project
        return self._put(replace(found, filename=name, project=project, folder=folder))

    def copy(self, number: int, folder: int) -> Document:
        """A new document with the current bytes of another one."""
        found = self.get(number)
        twin = replace(found, id=FIRST + len(self._all), revisions=(found.key,), uploaded_ns=self._clock())
        return self.move(self._add(twin).id, folder)

    def tag(self, number: int, hashtags: tuple[str, ...]) -> Document:
        """Replace all tags."""
        return self._put(replace(self.get(number), hashtags=hashtags))

    def rehome(self, folder: int, project: int) -> None:
        """Follow a folder into another project."""
        for document in self.inside(folder):
            self._put(replace(document, project=project))

    def delete(self, number: int) -> None:
        """Take a document out of sight."""
        self._put(replace(self.get(number), phase=Phase.DELETED))

    def undelete(self, number: int) -> Document:
        """Bring a deleted document back, into its project's root if its folder is gone."""
        found = self.find(number)
        if found is None or found.phase is not Phase.DELETED:
            raise Refusal(404, "There is no such deleted document.")
        gone = found.folder not in self._cabinet.folders
        folder = self._cabinet.project(found.project).root if gone else found.folder
        return self._put(replace(found, folder=folder, phase=Phase.COMMITTED))

    def revert(self, number: int, version: int) -> Document:
        """Make an older version the current one again, as a new version."""
        found = self.get(number)
        key = found.revisions[version - 1]
        size = len(self._storage.blobs[key])
        return self._put(
            replace(found, revisions=(*found.revisions, key), size=size, uploaded_ns=self._clock())
        )

    def mark_contract(self, number: int) -> Document:
        """Make a document one of the contract tool's, which takes no revisions."""
        return self._put(replace(self.get(number), contract=True))

    def lock(self, number: int, user: int, *, take_over: bool = False) -> Document:
        """Reserve a document for 24 hours, or renew; raises Refusal(409) while somebody else holds it."""
        document = self.unlock(number, user, take_over=take_over)
        self._locks[number] = (user, self._clock() + LOCK_NS)
        return document

    def unlock(self, number: int, user: int, *, take_over: bool = False) -> Document:
        """Free a document; one that is not locked is done."""
        document = self.get(number)
        holder, until = self._locks.get(number, (user, 0))
        if holder != user and self._clock() < until and not take_over:
            raise Refusal(409, "The document is locked by another user.")
        self._locks.pop(number, None)
        return document

    def holder(self, number: int) -> int | None:
        """The user who holds a lock that has not ended."""
        user, until = self._locks.get(number, (0, 0))
        return user if self._clock() < until else None

    def _revised(self, number: int) -> Document:
        found = self.find(number)
        if found is not None and found.phase is Phase.DELETED:
            raise Refusal(404, "The original document has been deleted.")
        if number in self.revising:
            raise Refusal(409, "Another revision is being applied; try again.")
        return self.get(number)

    def _committed_name(self, pending: Document, folder: int, duplicates: Duplicates) -> str:
        if duplicates == "allow":
            return pending.filename
        folders = {folded(inner.name) for inner in self._cabinet.children(folder)}
        taken = self._taken(pending, folder) | folders
        if duplicates == "reject" and folded(pending.filename) in taken:
            raise Refusal(400, "A file with that name already exists in the folder.")
        return numbered(pending.filename, taken)

    def _taken(self, document: Document, folder: int) -> set[str]:
        return {folded(other.filename) for other in self.inside(folder) if other.id != document.id}

    def _stored(self, document: Document) -> int:
        data = self._storage.blobs.get(document.key)
        return document.size if data is None else len(data)

    def _add(self, document: Document) -> Document:
        self._all.append(document)
        self._told(None, document)
        return document

    def _put(self, document: Document) -> Document:
        former = self._all[document.id - FIRST]
        self._all[document.id - FIRST] = document
        self._told(former, document)
        return document
