"""Acts as a person who uses Filevine in the browser."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, NamedTuple

from synctool.emulators.filevine.org import Org
from synctool.emulators.filevine.records import COLLEAGUE


class Leaf(NamedTuple):
    """A document as people see it; path is below the project's root, version is ``currentVersion``."""

    path: str
    bytes: bytes | None  # None: they never came
    id: int
    version: str


def _locked(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def alone(self: "BackDoor", *args: Any, **named: Any) -> Any:
        with self._org.lock, self._org.news.by(COLLEAGUE):
            return function(self, *args, **named)

    return alone


def _one_at_a_time(kind: type["BackDoor"]) -> type["BackDoor"]:
    for name, act in list(vars(kind).items()):
        if not name.startswith("_"):
            setattr(kind, name, _locked(act))
    return kind


@_one_at_a_time
class BackDoor:
    """A colleague at work; every method holds the organisation's lock and raises Refusal where the server would.

    Paths are texts with slashes, or sequences of names that may hold slashes themselves.
    """

    def __init__(self, org: Org) -> None:
        self._org = org

    def add_project(self, name: str) -> int:
        """A new, empty project."""
        return self._org.cabinet.add_project(name, self._org.clock()).id

    def add_folder(self, project: int, path: str | Sequence[str], *, protected: bool = False) -> int:
        """The folder at this path, made with its parents where it is not there."""
        at = self._org.cabinet.project(project).root
        for name in _names(path):
            at = self._org.add_folder(project, at, name, clash="existing").id
        if protected:
            self._org.cabinet.put(replace(self._org.cabinet.folder(at), protected=True))
        return at

    def rename_folder(self, folder: int, name: str) -> None:
        """Give a folder another name."""
        self._org.change_folder(folder, name=name)

    def move_folder(self, folder: int, parent: int) -> None:
        """Move a folder, also into another project."""
        self._org.change_folder(folder, parent=parent)

    def archive_folder(self, folder: int, *, archived: bool = True) -> None:
        """Archive a folder, or bring it back."""
        self._org.change_folder(folder, archived=archived)

    def delete_folder(self, folder: int) -> None:
        """Delete a folder with everything in it."""
        self._org.delete_folder(folder)

    def upload(self, project: int, path: str | Sequence[str], data: bytes) -> int:
        """A new document, beside others of the same name if need be; folders are made."""
        *folders, name = _names(path)
        pending = self._begin(name, data)
        folder = self.add_folder(project, folders)
        return self._org.documents.commit(pending, project, folder, "allow").id

    def revise(self, document: int, data: bytes) -> None:
        """Edit a document: a new version of it."""
        self._org.documents.revise(document, self._begin(self._org.documents.get(document).filename, data))

    def revert(self, document: int, version: int) -> None:
        """Make an older version current again."""
        self._org.documents.revert(document, version)

    def rename(self, document: int, name: str) -> None:
        """Give a document another name; its extension stays."""
        self._org.documents.rename(document, name)

    def move(self, document: int, folder: int) -> None:
        """Move a document into another folder."""
        self._org.documents.move(document, folder)

    def tag(self, document: int, hashtags: Sequence[str]) -> None:
        """Replace a document's tags."""
        self._org.documents.tag(document, tuple(hashtags))

    def delete(self, document: int) -> None:
        """Delete a document."""
        self._org.documents.delete(document)

    def undelete(self, document: int) -> None:
        """Bring a deleted document back."""
        self._org.documents.undelete(document)

    def lock_as_other(self, document: int) -> None:
        """Open a document for editing: a lock for 24 hours."""
        self._org.documents.lock(document, COLLEAGUE)

    def unlock_as_other(self, document: int) -> None:
        """Close it again."""
        self._org.documents.unlock(document, COLLEAGUE)

    def lock_holder(self, document: int) -> int | None:
        """The number of the user who holds the lock."""
        return self._org.documents.holder(document)

    def begin_revision(self, document: int) -> None:
        """Begin to apply a revision; until it ends, others' revisions answer 409."""
        self._org.documents.revising.add(document)

    def end_revision(self, document: int) -> None:
        """End it."""
        self._org.documents.revising.discard(document)

    def mark_contract(self, document: int) -> None:
        """Make it a contract document, which takes no revisions."""
        self._org.documents.mark_contract(document)

    def root(self, project: int) -> int:
        """The number of the project's root folder."""
        return self._org.cabinet.project(project).root

    def folders(self, project: int) -> dict[str, int]:
        """Path and number of every folder; the root is not among them."""
        cabinet = self._org.cabinet
        return {
            cabinet.path(below.id): below.id for below in cabinet.beneath(self.root(project)) if below.parent
        }

    def tree(self, project: int) -> list[Leaf]:
        """Every document people can see, by path and number."""
        cabinet, blobs = self._org.cabinet, self._org.storage.blobs
        return sorted(
            (
                Leaf(
                    f"{cabinet.path(document.folder)}/{document.filename}".removeprefix("/"),
                    blobs.get(document.key),
                    document.id,
                    str(len(document.revisions)),
                )
                for document in self._org.documents.after()
                if document.project == project
            ),
            key=lambda leaf: (leaf.path, leaf.id),
        )

    def pending(self) -> dict[int, str]:
        """The number of every upload that was asked for and came to nothing yet, and its partner id, "" for none."""
        partners = self._org.partners
        return {
            each.id: partners.partner("document", each.id) or "" for each in self._org.documents.pending()
        }

    def versions(self, document: int) -> list[bytes]:
        """The bytes of every version, oldest first, also of a deleted document."""
        found = self._org.documents.find(document)
        return [self._org.storage.blobs[key] for key in found.revisions] if found else []

    def _begin(self, name: str, data: bytes) -> int:
        pending = self._org.documents.begin(name, len(data), 0, 0, COLLEAGUE)
        self._org.storage.blobs[pending.key] = data
        return pending.id


def _names(path: str | Sequence[str]) -> list[str]:
    return path.split("/") if isinstance(path, str) else list(path)
