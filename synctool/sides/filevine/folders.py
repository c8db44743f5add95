"""Makes, moves and puts away the folders of one project."""

import threading
from collections.abc import Callable, Mapping

from synctool.core.model import Entry, Handle
from synctool.errors import Missing, Rejected, Stale, Unavailable
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.records import Folder, folded, number
from synctool.sides.filevine.trash import today
from synctool.sides.filevine.tree import TRASH, Tree


class Folders:
    """What writing needs to know of a project's folders; safe to use from several threads.

    clock tells nanoseconds since the epoch. root: the number of the project's root, known after ``open``; None when the server does not name it.
    """

    def __init__(self, client: FilevineClient, project: int, clock: Callable[[], int]) -> None:
        self.root: int | None = None
        self._client = client
        self._project = project
        self._clock = clock
        self._trash: int | None = None
        self._days: dict[str, int] = {}
        self._archived: frozenset[int] = frozenset()
        self._certain = False
        self._making = threading.Lock()  # one at a time: the server may take the same name twice

    def open(self) -> None:
        """Find the root, unless this account knows it. Raises Missing or Denied when there is no such project for us."""
        self.root = self._client.known_root(self._project)
        self._certain = False
        if self.root is None:
            self.make_sure()

    def make_sure(self) -> None:
        """Ask, once, whether the project is there for us: what is not listed in one that is not, is not gone."""
        with self._making:
            if self._certain:
                return
            self.root = self._client.root(self._project)
            if self.root is None:
                self.root = _missing_parent(self._client.folders(self._project))
            self._certain = True

    def remember(self, tree: Tree) -> None:
        """What a look has found spares requests."""
        self._trash, self._days, self._archived = tree.trash(), tree.days(), tree.archived()

    def number(self, handle: Handle) -> int:
        """The number of a folder, also of the root. Raises Unavailable for a root that the server does not name."""
        if handle:
            return number(handle)
        if self.root is None:
            raise Unavailable("the project does not say which folder is its root")
        return self.root

    def make(self, parent: Handle, name: str) -> Folder:
        """A folder of this name, new or there already. Raises Stale when a document has the name."""
        with self._making:
            return self._make(self.number(parent), name)

    def place(self, folder: Handle, parent: int, name: str) -> Folder:
        """Rename and/or move a folder with all that is in it. Raises Stale when it is gone or the name is taken."""
        moved = number(folder)
        wanted = Folder(moved, self._project, parent, name, moved in self._archived, protected=False)
        try:
            return self._client.change_folder(self._project, wanted)
        except Missing:
            raise Stale("it is gone") from None

    def remove(self, entry: Entry) -> None:
        """Put an empty folder into trash: deleting one would delete whatever came into it meanwhile."""
        folder = number(entry.handle)
        try:
            inside = bool(self._client.children(folder))
        except Missing:
            return
        if inside or self._client.holds_documents(self._project, folder):
            raise Stale("it is not empty")
        self.place(entry.handle, self.trash(), f"{entry.name[:200]} ({entry.handle})")

    def trash(self) -> int:
        """The number of today's folder in the trash folder; both are made when they are needed."""
        day = today(self._clock())
        with self._making:
            if self._trash is None:
                root = self.number("")
                there = self._child(root, TRASH)
                days = self._client.children(there.id).values() if there else ()
                self._trash = (there or self._make(root, TRASH)).id
                self._days = {each.name: each.id for each in days}
            if day not in self._days:
                self._days[day] = self._make(self._trash, day).id
            return self._days[day]

    def _make(self, parent: int, name: str) -> Folder:
        try:
            return self._client.make_folder(self._project, parent, name)
        except (Stale, Rejected, Unavailable):  # taken, or made while the answer was lost
            made = self._child(parent, name)
            if made is None:
                raise
            return made

    def _child(self, parent: int, name: str) -> Folder | None:
        """The folder of this name, the one that is spelled the same first."""
        children = self._client.children(parent).values()
        same = [child for child in children if folded(child.name) == folded(name)]
        return min(same, key=lambda child: (child.name != name, child.id), default=None)


def _missing_parent(folders: Mapping[int, Folder]) -> int | None:
    """The root, for a project that does not name it: the one parent that is not in the list itself."""
    parents = {folder.parent for folder in folders.values()} - folders.keys() - {None}
    if len(parents) > 1:
        raise Unavailable("the project does not say which folder is its root")
    return next(iter(parents), None)
