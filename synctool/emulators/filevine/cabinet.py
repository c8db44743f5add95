"""Keeps the projects and the tree of folders in each."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

from synctool.emulators.filevine.names import folded
from synctool.emulators.filevine.records import Folder, Project, Refusal


class Cabinet:
    """Projects and folders by id. Knows the shape of the tree; the rules of names are the organisation's.

    told: hears of every folder what it was and what it is, None when there was or is none.
    """

    def __init__(self, told: Callable[[Folder | None, Folder | None], None]) -> None:
        self._told = told
        self.projects: dict[int, Project] = {}
        self.folders: dict[int, Folder] = {}
        self._inside: dict[int, dict[int, None]] = defaultdict(dict)  # ids of subfolders, in order
        self._folder_ids = count(5001)
        self._project_ids = count(2370300)

    def add_project(self, name: str, now_ns: int) -> Project:
        """A new project with an empty root folder."""
        number = next(self._project_ids)
        root = self.add(number, None, name)
        self.projects[number] = Project(number, name, root.id, now_ns)
        return self.projects[number]

    def add(self, project: int, parent: int | None, name: str, *, protected: bool = False) -> Folder:
        """A new folder; parent None makes a root."""
        return self.put(Folder(next(self._folder_ids), project, parent, name, protected=protected))

    def put(self, folder: Folder) -> Folder:
        """Store a folder as it is now, wherever it was before."""
        former = self.folders.get(folder.id)
        if former and former.parent is not None:
            del self._inside[former.parent][folder.id]
        self.folders[folder.id] = folder
        if folder.parent is not None:
            self._inside[folder.parent][folder.id] = None
        self._told(former, folder)
        return folder

    def rehome(self, folder: int, project: int) -> None:
        """Give a folder and everything below it to another project."""
        for below in list(self.beneath(folder)):
            self.put(replace(below, project=project))

    def drop(self, folder: int) -> None:
        """Forget a folder and everything below it."""
        for below in reversed(list(self.beneath(folder))):
            del self.folders[below.id]
            self._inside.pop(below.id, None)
            if below.parent is not None:
                del self._inside[below.parent][below.id]
            self._told(below, None)

    def project(self, number: int) -> Project:
        """The project; raises Refusal(404)."""
        if number not in self.projects:
            raise Refusal(404, "Project not found.")
        return self.projects[number]

    def folder(self, number: int) -> Folder:
        """The folder; raises Refusal(404)."""
        if number not in self.folders:
            raise Refusal(404, "Folder not found.")
        return self.folders[number]

    def children(self, folder: int) -> list[Folder]:
        """The folders directly inside."""
        return [self.folders[child] for child in self._inside.get(folder, ())]

    def child(self, folder: int, name: str) -> Folder | None:
        """The folder of this name directly inside, if there is one."""
        return next((c for c in self.children(folder) if folded(c.name) == folded(name)), None)

    def beneath(self, folder: int) -> Iterator[Folder]:
        """The folder, then everything below it, parents first."""
        waiting = [self.folders[folder]]
        while waiting:
            found = waiting.pop()
            yield found
            waiting += reversed(self.children(found.id))

    def above(self, folder: int) -> Iterator[Folder]:
        """The folder, then its parents up to the root."""
        at: int | None = folder
        while at is not None:
            yield self.folders[at]
            at = self.folders[at].parent

    def path(self, folder: int) -> str:
        """Names from the root down, joined by slashes; the root is empty."""
        return "/".join(reversed([f.name for f in self.above(folder) if f.parent is not None]))
