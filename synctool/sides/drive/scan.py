"""Lists everything below a folder, in the order of the bytes of its path.

Each folder is read whole and sorted with a slash after its folders; then the walk comes out in the order of whole paths.
"""

import os
import stat
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack

from synctool.core.model import DEEPEST, Entry, Handle, Kind, Unlisted
from synctool.sides.base import PLACEHOLDER
from synctool.sides.drive.folder import Folder, travels

TOO_DEEP = "too many folders inside one another"
Row = tuple[str, os.stat_result]
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
        yield from self._below(root, self._sorted(root, ""))

    def inside(self, folder: Folder, handle: Handle) -> Iterator[Entry | Unlisted]:
        """What lies directly in a folder of this handle. Raises OSError when it cannot be listed."""
        yield from (
            self._sorted(folder, handle) if handle.count("/") < DEEPEST else [Unlisted(handle, TOO_DEEP)]
        )

    def _below(self, folder: Folder, entries: list[Entry | Unlisted]) -> Iterator[Entry | Unlisted]:
        for entry in entries:
            if isinstance(entry, Entry) and entry.kind is Kind.FOLDER:
                yield from self._inside(folder, entry)
            else:
                yield entry

    def _inside(self, above: Folder, entry: Entry) -> Iterator[Entry | Unlisted]:
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(above.folder(entry.name))
                entries = self._sorted(folder, entry.handle)
            except FileNotFoundError:
                return
            except OSError as error:
                yield entry
                yield Unlisted(entry.handle, error.strerror or str(error))
                return
            yield entry
            if entry.handle.count("/") < DEEPEST:
                yield from self._below(folder, entries)
            else:
                yield Unlisted(entry.handle, TOO_DEEP)

    def _sorted(self, folder: Folder, handle: Handle) -> list[Entry | Unlisted]:
        found = (self._shown(handle, *row) for row in folder.rows())
        return sorted(
            (entry for entry in found if entry),
            key=lambda entry: entry[1] if isinstance(entry, Entry) else entry[0],
        )

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


def _is_unicode(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)
