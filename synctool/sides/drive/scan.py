"""Lists everything below a folder, in the order of the bytes of its path.

Each folder is read whole and sorted with a slash after its folders; then the walk comes out in the order of whole paths.
"""

import os
import stat
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack

from synctool.core.model import Entry, Handle, Kind, Unlisted
from synctool.sides.base import PLACEHOLDER
from synctool.sides.drive.folder import TEMP_PREFIX, TEMP_SUFFIX, Folder, travels

_DEEPEST = (
    400  # folders; deeper ones are said to be unlisted, long before the system or the interpreter refuses
)

Row = tuple[str, os.stat_result]


class Scan:
    """One look at a tree. The lists fill while ``rows`` is read.

    links: handles of links and of what is neither file nor folder. odd: paths that are no Unicode, or are reserved and
    hold bytes. temps: what an interrupted write left behind. hidden: handles of folders, lower-case, that are not shown.
    """

    def __init__(
        self, entry: Callable[[Handle, str, os.stat_result], Entry], hidden: AbstractSet[Handle]
    ) -> None:
        self._entry = entry
        self._hidden = hidden
        self.links: list[Handle] = []
        self.odd: list[str] = []
        self.temps: list[Entry] = []

    def rows(self, root: Folder) -> Iterator[Entry | Unlisted]:
        """All that is there. Raises OSError when the root itself cannot be listed."""
        yield from self._below(root, self._sorted(root, ""))

    def _below(self, folder: Folder, entries: list[Entry]) -> Iterator[Entry | Unlisted]:
        for entry in entries:
            if entry.kind is Kind.FILE:
                yield entry
            else:
                yield from self._inside(folder, entry)

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
            if entry.handle.count("/") < _DEEPEST:
                yield from self._below(folder, entries)
            else:
                yield Unlisted(entry.handle, "too many folders inside one another")

    def _sorted(self, folder: Folder, handle: Handle) -> list[Entry]:
        entries = [self._entry(handle, *row) for row in folder.rows() if self._is_shown(handle, *row)]
        return sorted(entries, key=lambda entry: entry.handle)

    def _is_shown(self, above: Handle, name: str, status: os.stat_result) -> bool:
        """Whether it is a document or folder that travels; what is not, and should be known of, is noted."""
        regular, folder = stat.S_ISREG(status.st_mode), stat.S_ISDIR(status.st_mode)
        if not _is_unicode(name) or (name == PLACEHOLDER and (not regular or status.st_size)):
            self.odd.append(above + name)
        elif not travels(status):
            self.links.append(above + name)
        elif regular and name.startswith(TEMP_PREFIX) and name.endswith(TEMP_SUFFIX):
            self.temps.append(self._entry(above, name, status))
        else:
            return name != PLACEHOLDER and not (folder and f"{above}{name}/".lower() in self._hidden)
        return False


def _is_unicode(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)
