"""Finds out which folders of a project are in sight: not in trash, not protected, and leading to the root."""

from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Literal

from synctool.core.model import DEEPEST, Entry, Unlisted, folder_handle
from synctool.errors import Denied, Missing
from synctool.sides.base import RESERVED
from synctool.sides.filevine.records import Folder, folder_entry

TRASH = ".synctool trash"
"""The folder at a project's root that holds what synctool removed."""

PROTECTED = "protected"
Protected = Literal["exclude", "include"]
Sight = str
"""LISTED, HIDDEN, or else why it is unknown what lies in a folder."""

TOO_DEEP = "too many folders inside one another"
LISTED = ""
HIDDEN = "synctool's own"


class Tree:
    """The folders of one project as one look saw them; what the list omitted is fetched one by one, once.

    folders: by number; root: the number of the root; fetch: one folder, or raises Missing or Denied. facts: a
    digest of all that; listed: whether what was asked so far followed from it, and nothing had to be fetched.
    """

    def __init__(
        self,
        folders: Mapping[int, Folder],
        project: int,
        root: int | None,
        fetch: Callable[[int], Folder],
        protected: Protected,
    ) -> None:
        self._folders = dict(folders)
        self._project = project
        self._root = root
        self._fetch = fetch
        self._protected = protected
        self._sights: dict[int | None, Sight] = {root: LISTED, None: LISTED}
        self._depths: dict[int | None, int] = {}
        self.listed = True
        self.facts = blake2b(repr((root, protected, sorted(folders.items()))).encode()).digest()

    def sight(self, folder: int | None) -> Sight:
        """Whether what lies in a folder is listed: as its nearest ancestor that decides."""
        chain: list[int] = []
        while folder is not None and folder not in self._sights:
            chain.append(folder)
            self._sights[folder] = "its folders lie in each other"  # for the case that we meet it again
            own = self._own(folder) if len(chain) <= DEEPEST else TOO_DEEP
            if own is not None:
                self._sights[folder] = own
                break
            folder = self._folders[folder].parent
        sight, above = self._sights[folder], self._depths.get(folder, 0)
        for depth, each in enumerate(reversed(chain), above + 1):
            sight = TOO_DEEP if sight == LISTED and depth > DEEPEST else sight
            self._sights[each], self._depths[each] = sight, depth
        return sight

    def entries(self) -> Iterator[Entry | Unlisted]:
        """Every folder met so far, by ascending number."""
        for folder in self._folders.copy():
            self.sight(folder)
        for folder in sorted(folder for folder in self._sights if folder not in (None, self._root)):
            sight = self._sights[folder]
            if sight == LISTED:
                yield folder_entry(self._folders[folder], self._root)
            elif sight != HIDDEN:
                yield Unlisted(folder_handle(folder), sight, passed_over=sight == PROTECTED)

    def archived(self) -> frozenset[int]:
        """The archived folders among them."""
        return frozenset(folder.id for folder in self._folders.values() if folder.archived)

    def trash(self) -> int | None:
        """The trash folder, when there is one."""
        found = (folder.id for folder in self._folders.values() if self._is(folder, TRASH))
        return min(found, default=None)

    def days(self) -> dict[str, int]:
        """The folders right in the trash folder, by name."""
        trash = self.trash()
        inside = (folder for folder in self._folders.values() if folder.parent == trash)
        return {folder.name: folder.id for folder in inside} if trash else {}

    def day(self, folder: int | None) -> str | None:
        """Which of the folders right in trash a folder is, or lies in, by name; "" for trash itself; None: neither."""
        if self.sight(folder) != HIDDEN:
            return None
        own, name = self._folders[folder or 0], ""
        while not self._is(own, TRASH):
            if own.parent not in self._folders:  # what is hidden for another reason
                return None
            own, name = self._folders[own.parent], own.name
        return name

    def _own(self, number: int) -> Sight | None:
        """What a folder says for itself; None when that is up to the folder it lies in."""
        if number not in self._folders:
            self.listed = False
            try:
                self._folders[number] = self._fetch(number)
            except (Missing, Denied) as error:
                return error.what
        folder = self._folders[number]
        if folder.project not in (None, self._project):
            return "it belongs to another project"
        if self._is(folder, TRASH) or self._is(folder, RESERVED):
            return HIDDEN
        return PROTECTED if folder.protected and self._protected == "exclude" else None

    def _is(self, folder: Folder, name: str) -> bool:
        return folder.name == name and folder.parent in (None, self._root)
