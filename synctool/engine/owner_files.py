"""Reads from the owner files of office and drawing programs who has which document open, and for how long."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from synctool.core import names
from synctool.core.model import Entry, Handle, Kind
from synctool.errors import SideError
from synctool.sides.base import Side

ENOUGH = 200  # bytes; the name stands at the beginning
DAY_NS = 24 * 3600 * 10**9
WIDE = 54, 55  # where Word, and Excel and PowerPoint, write the length of the name again
SOMEBODY = "somebody"


@dataclass(frozen=True, slots=True)
class OpenDocument:
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


def open_documents(side: Side, entries: Iterable[Entry]) -> Iterator[OpenDocument]:
    """The documents that the owner files among these entries speak for."""
    for entry in entries:
        name = names.owner_file_targets(entry.name)
        if name is not None:
            yield OpenDocument(entry.parent, name, _who(side, entry), entry.name, entry.mtime_ns)


def _who(side: Side, entry: Entry) -> str:
    try:
        with side.read(entry) as data:
            start = data.read(ENOUGH)
    except SideError:
        return SOMEBODY
    name = _written(entry.name.lower(), start).strip("\0 \r")
    return name if name and name.isprintable() else SOMEBODY


def _written(file: str, start: bytes) -> str:
    """The owner's name: LibreOffice's second between commas, AutoCAD's first line or, in the later format, in a tag."""
    if file.startswith(".~lock."):
        return "".join(start.decode("utf-8", "replace").split(",")[1:2])
    if file.endswith(".dwl2"):
        return start.decode("utf-8", "replace").partition("<username>")[2].partition("<")[0]
    if file.endswith(".dwl"):
        return start.decode("cp1252", "replace").partition("\n")[0]
    return _of_office(start)


def _of_office(start: bytes) -> str:
    """A length and a name in whatever code page its writer had, then both again in UTF-16, which is the same everywhere."""
    length = start[0] if start else 0
    for at in WIDE:
        wide = int.from_bytes(start[at : at + 2], "little")
        if 0 < wide <= length:  # fewer where the code page has letters of two bytes
            with suppress(UnicodeDecodeError):
                return start[at + 2 : at + 2 + 2 * wide].decode("utf-16-le")
    return start[1 : 1 + length].decode("cp1252", "replace")
