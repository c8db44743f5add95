"""Lists everything below a folder, in the order of the bytes of its path.

Each folder is read whole and sorted with a slash after its folders; then the walk comes out in the order of whole paths.
"""

import os
import stat
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet

from synctool.core.model import DEEPEST, Entry, Handle, Kind, Unlisted
from synctool.sides.base import PLACEHOLDER
from synctool.sides.drive.folder import Folder, travels

TOO_DEEP = "too many folders inside one another"
Row = tuple[str, os.stat_result]
Opened = tuple[Folder, Iterator[Entry | Unlisted]]
Shown = Callable[[Handle, str, os.stat_result], Entry]
"""The entry of what lies in a folder under a name, with this status."""


class Scan:
    """One look at a tree.

    hidden: handles of folders, lower-case, that are not shown. Links, and names that are no text, are passed over and said.
    """

    def __init__(self, entry: Shown, hidden: AbstractSet[Handle]) -> None:
        self._entry = entry
        self._hidden = hidden

    def rows(self, root: Folder) -> Iterator[Entry | Unlisted]:
        """All that is there. Raises OSError when the root itself cannot be listed."""
        way = [(root, iter(self._sorted(root, "")))]  # the folders that are open, and what of each is left
        try:
            while way:
                folder, left = way[-1]
                for entry in left:
                    if isinstance(entry, Entry) and entry.kind is Kind.FOLDER:
                        found = self._entered(folder, entry)
                        if isinstance(found, Unlisted):
                            yield from (entry, found)
                        elif found:
                            way.append(found)  # first: whoever stops here lets go of it, too
                            yield entry
                            break
                    else:
                        yield entry
                else:
                    _leave(way)
        finally:
            while way:
                _leave(way)

    def inside(self, folder: Folder, handle: Handle) -> Iterator[Entry | Unlisted]:
        """What lies directly in a folder of this handle. Raises OSError when it cannot be listed."""
        yield from (
            self._sorted(folder, handle) if handle.count("/") < DEEPEST else [Unlisted(handle, TOO_DEEP)]
        )

    def _entered(self, above: Folder, entry: Entry) -> Opened | Unlisted | None:
        """A folder, open, with what is in it; why that cannot be said; or nothing when it is gone."""
        try:
            folder = above.folder(entry.name)
        except FileNotFoundError:
            return None
        except OSError as error:
            return Unlisted(entry.handle, error.strerror or str(error))
        try:
            entries = self._sorted(folder, entry.handle)
        except OSError as error:
            folder.close()
            gone = isinstance(error, FileNotFoundError)
            return None if gone else Unlisted(entry.handle, error.strerror or str(error))
        if entry.handle.count("/") < DEEPEST:
            return folder, iter(entries)
        folder.close()
        return Unlisted(entry.handle, TOO_DEEP)

    def _sorted(self, folder: Folder, handle: Handle) -> list[Entry | Unlisted]:
        shown = self._shown
        found = [entry for name, status in folder.rows() if (entry := shown(handle, name, status))]
        found.sort(key=_place)
        return found

    def _shown(self, above: Handle, name: str, status: os.stat_result) -> Entry | Unlisted | None:
        """A document or folder that travels, what is passed over and should be known of, or nothing."""
        folder = stat.S_ISDIR(status.st_mode)
        if not _is_unicode(name):
            text = name.encode("utf-8", "backslashreplace").decode()
            return Unlisted(above + text, "its name is no text", passed_over=True)
        if not travels(status):
            return Unlisted(above + name, "is a link or a device", passed_over=True)
        if name == PLACEHOLDER and (folder or status.st_size):
            return Unlisted(above + name, "has a reserved name, but holds something", passed_over=True)
        if name == PLACEHOLDER or (folder and f"{above}{name}/".lower() in self._hidden):
            return None
        return self._entry(above, name, status)


def _place(entry: Entry | Unlisted) -> Handle:
    return entry.handle if isinstance(entry, Entry) else entry.folder


def _leave(way: list[Opened]) -> None:
    """Let go of the innermost folder; the root, which is the side's own, stays open."""
    folder, _ = way.pop()
    if way:
        folder.close()


def _is_unicode(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)
