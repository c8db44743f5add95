"""Translates the folders that a profile maps: where a side keeps them, and where everybody else sees them."""

from synctool.core import patterns
from synctool.core.model import PLACEHOLDER, Entry, Handle, Place, SideName, Traits
from synctool.core.policy import MappedFolder, Policy


def path_handle(path: str, traits: Traits) -> Handle:
    """The handle of a folder on a side whose handles are paths; "" for the root."""
    return f"{path}/{PLACEHOLDER if traits.implied_folders else ''}" if path else ""


class Mapping:
    """The mapped folders of one side. Entries keep their handles; only where mapped folders seem to lie changes."""

    def __init__(self, side: SideName, policy: Policy, traits: Traits) -> None:
        self.side = side
        self._traits = traits
        self._there: dict[str, MappedFolder] = {}
        self._path_of: dict[str, str] = {}
        for mapped in policy.folders:
            path = mapped.sides.get(side, mapped.at)
            if path is not None and path != mapped.at:
                self._there[path] = mapped
                self._path_of[mapped.at] = path
        self.by_handle = (
            {} if traits.lasting_refs else {path_handle(p, traits): m for p, m in self._there.items()}
        )

    def __bool__(self) -> bool:
        return bool(self._there)

    def at(self, path: str) -> MappedFolder | None:
        """The mapped folder that this side keeps at this path of its own."""
        return self._there.get(path)

    def of_common(self, path: str) -> MappedFolder | None:
        """The mapped folder of a common path that this side keeps elsewhere."""
        return self._there.get(self._path_of.get(path, ""))

    def side_path(self, common: str) -> str:
        """Where this side keeps the folder of a common path."""
        return self._path_of.get(common, common)

    def shown(self, entry: Entry, mapped: MappedFolder) -> Entry:
        """The entry of a mapped folder, as if it lay at its common path."""
        folder, _, name = mapped.at.rpartition("/")
        parent = (
            entry.parent if self._traits.lasting_refs else path_handle(self.side_path(folder), self._traits)
        )
        return entry._replace(parent="" if not folder else parent, name=name)

    def shadowed(self, entry: Entry) -> bool:
        """Whether an entry lies where everybody else sees a folder that this side keeps elsewhere."""
        if not self._path_of or self._traits.lasting_refs or entry.handle in self.by_handle:
            return False
        return any(entry.handle.startswith(f"{at}/") for at in self._path_of if at not in self._there)

    def place(self, common: str, place: Place) -> Place:
        """Where to make a folder of this common path."""
        path = self._path_of.get(common)
        if path is None:
            return place
        folder, _, name = path.rpartition("/")
        return Place(
            path_handle(folder, self._traits) if not self._traits.lasting_refs else place.folder, name
        )


def is_mapped(path: str, policy: Policy) -> bool:
    """Whether a profile names this folder."""
    return any(mapped.at == path for mapped in policy.folders)


def carried(path: str, policy: Policy, *, folder: bool) -> bool:
    """Whether a profile's rules, and its choice of folders, let this path travel."""
    rule = patterns.decide(policy.rules, path, folder=folder)
    return (rule is None or rule.include) and in_scope(path, policy, folder=folder)


def in_scope(path: str, policy: Policy, *, folder: bool) -> bool:
    """Whether ``only_folders`` leaves this path in: inside a mapped folder, or a folder on the way to one."""
    if not policy.only_folders:
        return True
    inside = any(path == m.at or path.startswith(f"{m.at}/") for m in policy.folders)
    return inside or (folder and any(m.at.startswith(f"{path}/") for m in policy.folders))
