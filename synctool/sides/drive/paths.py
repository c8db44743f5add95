"""Says which paths of a drive are ours to name, and finds what lies at them, below the root or in trash."""

import errno
import os
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

from synctool.core.model import Entry, Handle, Place, SideName
from synctool.core.names import holds
from synctool.errors import Rejected, Stale
from synctool.sides.base import PLACEHOLDER
from synctool.sides.drive.folder import Folder, travels
from synctool.sides.drive.root import Root
from synctool.sides.drive.trash import Trash, in_trash

_SEPARATORS = frozenset(f"\0/{os.sep}" + (":" if os.name == "nt" else ""))


class Paths:
    """Paths from the root of one drive, as names.

    hidden: handles of folders, lower-case, that belong to synctool; holding: which names may be given, as
    ``core.names.holds`` says.
    """

    def __init__(
        self, side: SideName, root: Root, trash: Trash, *, hidden: AbstractSet[Handle], holding: str
    ) -> None:
        self.side = side
        self._root = root
        self._trash = trash
        self._hidden = tuple(hidden)
        self._holding = holding

    def names(self, handle: Handle) -> tuple[str, ...]:
        """The names that a handle is made of. Raises Rejected when it leads elsewhere."""
        names = tuple(handle.removesuffix("/").split("/"))
        if any(name in {"", ".", ".."} or _SEPARATORS & set(name) for name in names):
            raise Rejected("that is no path below the root", side=self.side, path=handle)
        return names

    def target(self, at: Entry | Place) -> tuple[str, ...]:
        """The path of what shall be changed; Rejected when it is not ours to change, or no name for this side."""
        handle = at.handle if isinstance(at, Entry) else at.folder + at.name
        if isinstance(at, Place) and (at.name == PLACEHOLDER or not holds(at.name, self._holding)):
            raise Rejected("this side cannot hold that name", side=self.side, path=handle)
        if isinstance(at, Place) and at.folder and not at.folder.endswith("/"):
            raise Rejected("that is no folder", side=self.side, path=at.folder)
        if self.is_hidden(f"{handle}/"):
            raise Rejected("that name belongs to synctool", side=self.side, path=handle)
        return self.names(handle)

    def is_hidden(self, handle: Handle) -> bool:
        """Whether a handle leads to a folder of synctool's own, or into one."""
        return handle.lower().startswith(self._hidden)

    @contextmanager
    def folder(self, names: Sequence[str]) -> Iterator[Folder]:
        """The folder that something lies in; a path that leads into trash leads there wherever trash lies."""
        kept = in_trash("/".join(names))
        with self._trash.folder(kept) if kept else self._root.folder().below(names[:-1]) as folder:
            yield folder

    def look(self, names: Sequence[str]) -> os.stat_result | None:
        """What is there; None when positively nothing. A link on the way, or what never travels, raises ELOOP."""
        try:
            with self.folder(names) as folder:
                status = folder.look(names[-1])
        except (FileNotFoundError, NotADirectoryError):
            return None
        if status and not travels(status):
            raise OSError(errno.ELOOP, "a link", names[-1])
        return status

    def stale(self, what: str, names: Sequence[str]) -> Stale:
        """An error that says what of a path is not as it was."""
        return Stale(what, side=self.side, path="/".join(names))


def above(names: Sequence[str]) -> Handle:
    """The handle of the folder that a path lies in."""
    return "".join(f"{name}/" for name in names[:-1])
