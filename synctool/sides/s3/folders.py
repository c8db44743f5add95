"""Keeps folders as zero-byte placeholders, so that empty ones last."""

from contextlib import suppress

from synctool.core.model import PLACEHOLDER, Entry, SideName
from synctool.errors import Stale
from synctool.sides.s3.listing import MARKED, Found, folder_entry
from synctool.sides.s3.objects import NEW, Objects
from synctool.sides.s3.trash import Trash


class Folders:
    """The folders below the prefix of one bucket; a folder's path is that of a document of its name."""

    def __init__(self, objects: Objects, trash: Trash, side: SideName) -> None:
        self._objects = objects
        self._trash = trash
        self._side = side

    def stat(self, entry: Entry) -> Entry | None:
        """A folder that has its placeholder, or is implied by what lies in it."""
        if self._objects.head(entry.handle):
            return folder_entry(entry.handle, MARKED)
        below = entry.handle.removesuffix(PLACEHOLDER)
        return folder_entry(entry.handle, "") if self._objects.first(below, 1) else None

    def make(self, path: str) -> Entry:
        """Put a placeholder, if none is there. Raises Stale when a document has the path."""
        if self._objects.head(path):
            raise Stale("a document has that name", side=self._side, path=path)
        placeholder = f"{path}/{PLACEHOLDER}"
        with suppress(Stale):
            self._objects.put(placeholder, b"", NEW)
        return folder_entry(placeholder, MARKED)

    def move(self, entry: Entry, path: str) -> Entry:
        """Move the placeholder alone; what lies in the folder is moved by itself."""
        made = self.make(path)
        if made.handle != entry.handle:
            held = self._objects.head(entry.handle)
            if held:
                self._drop(held.found)
        return made

    def remove(self, entry: Entry) -> None:
        """Remove an empty folder, also one that somebody else has marked with ``folder/``."""
        below = entry.handle.removesuffix(PLACEHOLDER)
        inside = self._objects.first(below, 3)
        own = [each for each in inside if each.path == entry.handle or (each.path == below and not each.size)]
        if own != inside:
            raise Stale("the folder is not empty", side=self._side, path=entry.handle)
        for each in own:
            self._drop(each)

    def _drop(self, found: Found) -> None:
        """Remove a placeholder, keeping what bytes somebody may have put there."""
        if found.size:
            self._trash.keep(found)
        self._objects.delete(found.path, found.etag)
