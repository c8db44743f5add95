"""Reads from the owner files of office programs who has which document open, and for how long."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from synctool.core import names
from synctool.core.model import Entry, Handle, Kind
from synctool.errors import SideError
from synctool.sides.base import Side

ENOUGH = 200  # bytes; the name stands at the beginning
DAY_NS = 24 * 3600 * 10**9
SOMEBODY = "somebody"


@dataclass(frozen=True, slots=True)
class InUse:
    """A document that somebody has open: the folder it lies in, what its name matches, who, and what says so since when."""

    folder: Handle
    name: re.Pattern[str]
    who: str
    file: str
    since_ns: int

    def speaks_for(self, entry: Entry) -> bool:
        """Whether it is this document."""
        return self.folder == entry.parent and bool(self.name.fullmatch(entry.name))

    def lies_in(self, folder: Entry) -> bool:
        """Whether it lies in this folder, or below it, where handles are paths."""
        return folder.kind is Kind.FOLDER and self.folder.startswith(folder.handle)

    def told(self, now_ns: int) -> str:
        """What people read; after a day also what to do if a program died with it."""
        days = (now_ns - self.since_ns) // DAY_NS
        if days < 1:
            return f"is open ({self.who}); put off"
        age = "a day" if days == 1 else f"{days:,} days"
        return f"is open ({self.who}, for {age}); put off; if nobody has it open, delete {self.file}"


def open_documents(side: Side, entries: Iterable[Entry]) -> Iterator[InUse]:
    """The documents that the owner files among these entries speak for."""
    for entry in entries:
        name = names.owner_file_targets(entry.name)
        if name is not None:
            yield InUse(entry.parent, name, _who(side, entry), entry.name, entry.mtime_ns)


def _who(side: Side, entry: Entry) -> str:
    """Word and Excel write a length and a name; LibreOffice names between commas, the program's user second."""
    try:
        with side.read(entry) as data:
            start = data.read(ENOUGH)
    except SideError:
        return SOMEBODY
    if entry.name.startswith(".~lock."):
        name = "".join(start.decode("utf-8", "replace").split(",")[1:2])
    else:
        name = start[1 : 1 + start[0]].decode("cp1252", "replace").strip("\0 ") if start else ""
    return name if name and name.isprintable() else SOMEBODY
