"""The values that everything else speaks in: content, entries, places, gaps, and what a side is like."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

SideName = str
Handle = str
"""How a side calls one of its entries; strings whose order is the side's listing order. The root is "".

drive     ``a/b.txt`` a file, ``a/b/`` a folder                        (bytes of the path, as the disk spells it)
s3        ``a/b.txt`` an object, ``a/b/.placeholder`` a folder         (the key without the prefix)
filevine  ``d001200000001`` a document, ``f000000005002`` a folder     (12 digits, so that text order is number order)
memory    as drive
"""


DIGITS = 12
"""Of a Filevine handle; its numbers have passed 1.2e9."""


def document_handle(number: int) -> Handle:
    """Filevine's handle of a document: text order is number order."""
    return f"d{number:0{DIGITS}}"


def folder_handle(number: int) -> Handle:
    """Filevine's handle of a folder; sorts after every document."""
    return f"f{number:0{DIGITS}}"


TRASH = ".synctool/trash"
"""Where a side without versions keeps what was removed or replaced, relative to its root."""

RESERVED = ".synctool"
"""The name at the root that belongs to synctool on every side; never listed."""

DEEPEST = 400
"""Folders inside one another; what lies deeper is said to be unlisted, long before a system or an interpreter refuses."""

LONGEST_MARKER = 1 << 16
"""Bytes of a marker that are looked at; no marker of ours has a tenth of them."""

PLACEHOLDER = ".placeholder"
"""The zero-byte object that stands for a folder in S3; a reserved name on every side."""


TEMPORARY = ".~synctool-"
"""What the name of a file begins with that a side writes on the way to the one that was asked for."""


class Kind(Enum):
    """What an item or entry is."""

    FILE = "file"
    FOLDER = "folder"


class Gap(Enum):
    """Why there is no entry. The two must never be confused."""

    ABSENT = "absent"  # we looked, and nothing is there
    UNKNOWN = "unknown"  # we could not look


class Content(NamedTuple):
    """Which bytes: a size and a digest.

    digest is 64 hex digits of SHA-256, or, unread, ``?`` and a name made of side, handle and stamp, which equals
    only itself. Different sizes are different bytes, read or not.
    """

    size: int  # bytes
    digest: str

    @property
    def read(self) -> bool:
        """Whether the digest is a SHA-256 of bytes that somebody has read."""
        return not self.digest.startswith("?")

    @property
    def lasting(self) -> "Content":
        """The same for as long as the bytes are, also where it is named after a stamp that is not to be trusted."""
        named, slash, stamp = self.digest.rpartition("/")
        return Content(self.size, named + slash + lasting(stamp))


class Entry(NamedTuple):
    """One file or folder as one side holds it now.

    name is the side's own spelling; parent is the handle of the folder it lies in ("" for the root). stamp is the
    side's own cheap evidence: equal stamps, equal bytes; only ever compared with stamps of the same side. A folder's
    stamp is "" when it is only implied by what lies in it (S3 without a placeholder), else any constant.
    """

    kind: Kind
    handle: Handle
    parent: Handle
    name: str
    stamp: str
    size: int = 0  # bytes; 0 for folders
    mtime_ns: int = 0  # the side's own time of this version, since the epoch; 0 when it does not say
    sha256: str = ""  # hex, when the side can tell without a download
    md5: str = ""  # hex, when the side can tell without a download
    version: str = ""  # the side's name for this version, for undo (S3 version id, Filevine currentVersion)
    author: str = ""  # who made this version, when the side says


def lasting(stamp: str) -> str:
    """The part of a stamp that stays the same while the bytes do: what follows ``~`` only keeps it from being trusted."""
    return stamp.partition("~")[0]


def instant(time_ns: int) -> int:
    """A side's own time as far as it can be kept, in 64 bits, from 1678 to 2262; 0, for not said, beyond."""
    return time_ns if -(2**63) <= time_ns < 2**63 else 0


class Kept(NamedTuple):
    """Former bytes that a side keeps in its trash, or as a version.

    entry: what reads them, and what ``Side.move`` brings back; was: the handle they had when they were put away.
    at_ns: when that was, since the epoch. A version is kept as long as its bucket keeps it, trash until it is purged.
    """

    entry: Entry
    was: Handle
    at_ns: int
    version: bool = False


class Unlisted(NamedTuple):
    """What could not be listed: it, and everything below it, is UNKNOWN. folder "" means the whole side.

    passed_over: it is nothing that a side carries (a link, a name that is no text), so there is nothing to wait for.
    """

    folder: Handle
    reason: str
    passed_over: bool = False


class Stretch(NamedTuple):
    """A run of a listing in the order of handles: what lies after one handle, up to and with another.

    digest: hex, of all the facts that its entries are made of, and of after: equal digests, equal entries. entries: how
    many. left_out: they were not told, because whoever asked has them.
    """

    after: Handle
    last: Handle
    digest: str
    entries: int
    left_out: bool = False


class Place(NamedTuple):
    """Where a new entry shall be: the handle of a folder on that side ("" for the root), and a name as that side spells it."""

    folder: Handle
    name: str


class Ids(NamedTuple):
    """What Filevine calls a document, for the metadata and tags of its mirror."""

    project: str
    document: str
    folder: str
    folder_path: str  # without outer slashes


class Meta(NamedTuple):
    """What travels with the bytes of one document."""

    size: int  # bytes
    sha256: str  # hex
    mtime_ns: int = 0  # since the epoch; 0: let the side choose
    origin: SideName = ""  # the side the bytes came from
    key: str = ""  # names this write, the same at every repetition: an idempotency key
    ids: Ids | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What differs between places, asked once."""

    lasting_refs: bool  # a handle survives rename and move
    stamps_are_content: bool = False  # equal stamps mean equal bytes anywhere on this side (S3's ETag)
    moves_folders: bool = True  # one operation moves a folder and all that is in it
    implied_folders: bool = False  # a folder may exist only because something lies in it
    folds_case: bool = False  # names that differ in case are one name
    unique_names: bool = True  # a folder holds a name once
    fixed_extension: bool = False  # a document can never change its extension
    cheap_reads: bool = False  # bytes are near: a changed stamp is hashed during the look
    requests_per_read: int = 1
    labels: bool = False  # keeps Filevine's ids as metadata of its own
    names: str = "posix"  # posix | windows | s3 | filevine: which names it can hold (core.names)
    max_path: int | None = None  # units of UTF-16 of a path below the root that the users' programs can open
    max_size: int | None = None  # bytes
    jobs: int = 4  # operations that pay off side by side


Sides = Mapping[SideName, Traits]
