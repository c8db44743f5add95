"""Joins folders and documents into one organisation, with the rules that concern both."""

import threading
from collections.abc import Callable
from dataclasses import replace

from synctool.emulators.filevine.cabinet import Cabinet
from synctool.emulators.filevine.documents import Documents
from synctool.emulators.filevine.names import folded
from synctool.emulators.filevine.news import News
from synctool.emulators.filevine.partners import Partners
from synctool.emulators.filevine.records import Folder, Refusal
from synctool.emulators.filevine.storage import Storage
from synctool.emulators.filevine.switches import FolderClash


class Org:
    """One law firm's Filevine. Whoever touches it holds ``lock``; clock gives ns since the epoch."""

    number = 6001

    def __init__(self, clock: Callable[[], int]) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.news = News(self.number, clock)
        self.cabinet = Cabinet(self.news.folder)
        self.storage = Storage(clock)
        self.documents = Documents(self.cabinet, self.storage, clock, self.news.document)
        self.partners = Partners()

    def add_folder(
        self, project: int, parent: int, name: str, *, clash: FolderClash = "reject", protected: bool = False
    ) -> Folder:
        """A new folder; what happens when its name is there is the caller's choice."""
        if self.cabinet.folder(parent).project != project:
            raise Refusal(400, "The parent folder belongs to another project.")
        twin = self.cabinet.child(parent, name)
        if clash == "existing" and twin:
            return twin
        if clash != "allow":
            self._check(parent, name, 0)
        return self.cabinet.add(project, parent, name, protected=protected)

    def change_folder(
        self, number: int, *, name: str | None = None, parent: int | None = None, archived: bool | None = None
    ) -> Folder:
        """Rename, move (also into another project) and archive; None leaves as it is."""
        old = self.cabinet.folder(number)
        if old.parent is None:
            raise Refusal(400, "The root folder cannot be changed.")
        new = replace(
            old,
            name=old.name if name is None else name,
            parent=old.parent if parent is None else parent,
            archived=old.archived if archived is None else archived,
        )
        assert new.parent is not None
        if self.cabinet.folder(new.parent) in self.cabinet.beneath(number):
            raise Refusal(400, "A folder cannot be moved into itself.")
        if (new.parent, folded(new.name)) != (old.parent, folded(old.name)):
            self._check(new.parent, new.name, number)
        self.cabinet.put(new)
        if self.cabinet.folder(new.parent).project != old.project:
            self._rehome(number, self.cabinet.folder(new.parent).project)
        return self.cabinet.folder(number)

    def delete_folder(self, number: int) -> None:
        """Delete a folder with all folders and documents in it."""
        if self.cabinet.folder(number).parent is None:
            raise Refusal(400, "The root folder cannot be deleted.")
        for folder in self.cabinet.beneath(number):
            for document in self.documents.inside(folder.id):
                self.documents.delete(document.id)
        self.cabinet.drop(number)

    def copy_folder(self, number: int, parent: int) -> Folder:
        """Copy a folder with everything in it."""
        old, into = self.cabinet.folder(number), self.cabinet.folder(parent)
        if into in self.cabinet.beneath(number):
            raise Refusal(400, "A folder cannot be copied into itself.")
        twin = self.add_folder(into.project, parent, old.name)
        for document in self.documents.inside(number):
            self.documents.copy(document.id, twin.id)
        for child in self.cabinet.children(number):
            self.copy_folder(child.id, twin.id)
        return twin

    def hidden(self) -> set[int]:
        """The ids of protected folders and of all folders in them."""
        protected = [folder.id for folder in self.cabinet.folders.values() if folder.protected]
        return {below.id for top in protected for below in self.cabinet.beneath(top)}

    def _rehome(self, folder: int, project: int) -> None:
        self.cabinet.rehome(folder, project)
        for below in self.cabinet.beneath(folder):
            self.documents.rehome(below.id, project)

    def _check(self, parent: int, name: str, number: int) -> None:
        folders = {folded(f.name) for f in self.cabinet.children(parent) if f.id != number}
        files = {folded(document.filename) for document in self.documents.inside(parent)}
        if not name.strip():
            raise Refusal(400, "Name is required.")
        if folded(name) in folders | files:
            raise Refusal(409, "The destination already contains a folder or file with the same name.")
