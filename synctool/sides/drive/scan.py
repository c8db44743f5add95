"""Lists everything below a folder, in the order of the bytes of its path.

Each folder is read whole and sorted with a slash after its folders; then the walk comes out in the order of whole paths.
"""

import os
import stat
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from operator import itemgetter

from synctool.core.model import DEEPEST, Entry, Handle, Kind, Unlisted, instant
from synctool.sides.base import PLACEHOLDER
from synctool.sides.drive.folder import Folder, travels

TOO_DEEP = "too many folders inside one another"
_PLACE = itemgetter(0)
Facts = tuple[Handle, str, str, os.stat_result]
"""The folder that something lies in, its name, its stamp and its status."""

Row = tuple[Handle, str, Facts]
"""What a listing shows before anybody needs an entry of it: handle, stamp and facts. A folder's handle ends with a slash."""

Opened = tuple[Folder, Iterator[Row | Unlisted]]
Shown = Callable[[Handle, str, os.stat_result], Row]
"""The row of what lies in a folder under a name, with this status."""


def entry_of(facts: Facts) -> Entry:
    """The entry of what a row is made of."""
    above, name, stamp, status = facts
    if stat.S_ISDIR(status.st_mode):
        return Entry(Kind.FOLDER, f"{above}{name}/", above, name, stamp)
    return Entry(Kind.FILE, above + name, above, name, stamp, status.st_size, instant(status.st_mtime_ns))


class Scan:
    """One look at a tree.

    hidden: handles of folders, lower-case, that are not shown. Links, and names that are no text, are passed over and said.
    """

    def __init__(self, row: Shown, hidden: AbstractSet[Handle]) -> None:
        self._row = row
        self._hidden = hidden

    def rows(self, root: Folder) -> Iterator[Row | Unlisted]:
        """All that is there. Raises OSError when the root itself cannot be listed."""
        way = [(root, iter(self._sorted(root, "")))]  # the folders that are open, and what of each is left
        try:
            while way:
                folder, left = way[-1]
                for row in left:
                    if row[0][-1] == "/" and not isinstance(row, Unlisted):
                        found = self._entered(folder, row)
                        if isinstance(found, Unlisted):
                            yield from (row, found)
                        elif found:
                            way.append(found)  # first: whoever stops here lets go of it, too
                            yield row
                            break
                    else:
                        yield row
                else:
                    _leave(way)
        finally:
            while way:
                _leave(way)

    def inside(self, folder: Folder, handle: Handle) -> Iterator[Row | Unlisted]:
        """What lies directly in a folder of this handle. Raises OSError when it cannot be listed."""
        yield from (
            self._sorted(folder, handle) if handle.count("/") < DEEPEST else [Unlisted(handle, TOO_DEEP)]
        )

    def _entered(self, above: Folder, row: Row) -> Opened | Unlisted | None:
        """A folder, open, with what is in it; why that cannot be said; or nothing when it is gone."""
        handle, _, (_, name, _, _) = row
        try:
            folder = above.folder(name)
        except FileNotFoundError:
            return None
        except OSError as error:
            return Unlisted(handle, error.strerror or str(error))
        try:
            rows = self._sorted(folder, handle)
        except OSError as error:
            folder.close()
            gone = isinstance(error, FileNotFoundError)
            return None if gone else Unlisted(handle, error.strerror or str(error))
        if handle.count("/") < DEEPEST:
            return folder, iter(rows)
        folder.close()
        return Unlisted(handle, TOO_DEEP)

    def _sorted(self, folder: Folder, handle: Handle) -> list[Row | Unlisted]:
        shown = self._shown
        found = [row for name, status in folder.rows() if (row := shown(handle, name, status))]
        found.sort(key=_PLACE)
        return found

    def _shown(self, above: Handle, name: str, status: os.stat_result) -> Row | Unlisted | None:
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
        return self._row(above, name, status)


def _leave(way: list[Opened]) -> None:
    """Let go of the innermost folder; the root, which is the side's own, stays open."""
    folder, _ = way.pop()
    if way:
        folder.close()


def _is_unicode(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)
