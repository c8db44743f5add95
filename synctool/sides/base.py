"""The contract of a side: one place where documents live.

Terminology. A *handle* addresses an entry (``core.model.Handle``); a *stamp* is cheap evidence of its bytes. Every
operation is conditional on the stamp of the ``Entry`` it is given and idempotent: an operation whose result is already
there is done. If the world moved, it raises ``Stale`` and changes nothing. What the side says after a write is what is
returned, not what was sent.

Every failure is one of ``Unavailable``, ``Denied``, ``Missing``, ``Stale``, ``Rejected``, ``InUse``, ``Full``, with the
side's name and the path; each side translates its own errors at its own border. Nothing is ever written outside the root.
Methods may be called from several threads at once, except ``open`` and ``close``. ``read`` streams; no method's memory
grows with the size of a file beyond 16 MiB.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import BinaryIO, NamedTuple, Protocol

from synctool.core.model import (
    LONGEST_MARKER,
    PLACEHOLDER,
    RESERVED,
    TRASH,
    Entry,
    Handle,
    Ids,
    Kept,
    Meta,
    Place,
    SideName,
    Stretch,
    Traits,
    Unlisted,
)

__all__ = [
    "LONGEST_MARKER",
    "PLACEHOLDER",
    "RESERVED",
    "TRASH",
    "Remark",
    "Side",
    "folder_of",
    "in_order",
    "passed_over",
]


class Remark(NamedTuple):
    """What a person who examines a place should know of it. warn: it should be mended.

    code: the exit code that a run which acts will meet because of it.
    """

    text: str
    warn: bool = False
    code: int = 0


class Side(Protocol):
    """One place where documents live."""

    @property
    def name(self) -> SideName:
        """The side's name in the profile."""

    @property
    def traits(self) -> Traits:
        """What this place is like; constant after ``open``."""

    def open(self) -> None:
        """Reach the place and learn its traits.

        Raises Missing when the root, bucket or project is not there, Denied when we may not, Unavailable otherwise.
        """

    def close(self) -> None:
        """Let go of connections and locks. May be called twice."""

    def list(self, folders: Collection[Handle] | None = None) -> Iterator[Entry | Unlisted]:
        """Everything under the root, metadata only, ordered by the bytes of the handle.

        folders: only what lies directly in these, "" being the root; one that is not there holds nothing. What could
        not be listed is said (``Unlisted``), not skipped. Raises when nothing can be listed. Links are not followed and
        not yielded; synctool's own reserved names are not yielded.
        """

    def relist(self, known: Mapping[str, Stretch]) -> Iterator[Entry | Unlisted | Stretch]:
        """All of ``list``, and after each run of entries that can be told by a digest what ``Stretch`` it was.

        known: stretches that are left out, by digest. A stretch begins where the last one ended, unless none ended there.
        """

    def stat(self, entry: Entry) -> Entry | None:
        """The entry of this handle as it is now; None means positively absent.

        An entry without a stamp was never seen: of that, a side whose refs last says nothing of the folders above it.
        Raises Unavailable or Denied when neither can be said.
        """

    def read(self, entry: Entry, start: int = 0) -> BinaryIO:
        """The bytes of exactly this version, from byte ``start`` on; it is below the size. The caller closes it.

        Raises Stale if the entry is no longer what it was when listed, InUse when it is open for writing. A stream
        that ends early or differs from the promised size raises Unavailable while it is read.
        """

    def write(self, at: Entry | Place, data: BinaryIO, meta: Meta) -> Entry:
        """Store a new version of an entry, or a new document at a place where nothing is.

        data is positioned at 0, seekable, and holds ``meta.size`` bytes. The former bytes of a replaced entry are
        kept (a version, or trash). A place that is taken by other bytes raises Stale; by the same bytes is done.
        """

    def make_folder(self, at: Place) -> Entry:
        """Create one folder; its parent exists. A folder that is already there is done."""

    def move(self, entry: Entry, to: Place, meta: Meta | None = None) -> Entry:
        """Rename and/or move; no bytes travel. meta restamps what the side keeps with the document, if it does.

        Raises Stale when the place is taken, or the entry is not what it was.
        """

    def remove(self, entry: Entry) -> None:
        """Take a document out of sight, keeping its bytes (trash or a version), or an *empty* folder.

        An entry that is already gone is done. A folder with anything in it raises Stale.
        """

    def kept(self) -> Iterator[Kept]:
        """Every former content of a document in trash, or as a version that the bucket keeps by itself, in any order.

        ``Kept.entry`` can be read, with the promises of ``read``, and moved to a place where nothing is, which brings
        it back; a version stays a version, and is copied. Its stamp is the one that the document had, wherever the side
        can tell: then equal stamps prove which bytes they are. What in trash cannot be listed is left out.
        """

    def purge(self, kept: Kept) -> None:
        """Destroy former bytes in trash for good, and the trash folders that become empty by it.

        What is gone already is done. Raises Stale for anything else that is there by now, and Rejected for what is not
        in trash, and for a version, which is the bucket owner's to expire.
        """

    def sweep(self, before_ns: int) -> None:
        """Let go of what shows in no listing and was not gone on with since then: uploads that were left open."""

    def label(self, entry: Entry, meta: Meta) -> Entry:
        """Bring the metadata kept beside the bytes up to date, where the side keeps any (``traits.labels``)."""

    def ids(self, entry: Entry, folder_path: str) -> Ids | None:
        """What this side calls a document, for the metadata of its mirrors; None where a name is no lasting ref.

        folder_path: the common path of the folder it lies in, without outer slashes.
        """

    def marker(self) -> bytes | None:
        """The content of the marker at ``.synctool/marker.json``; None when there is none or the side keeps none."""

    def remarks(self) -> Iterator[Remark]:
        """What is to be known of this place beyond its traits, in a few words each, and what we may do there.

        It is tried on something of our own that is taken away again; no document is touched. Nothing of a side that is
        never written.
        """

    def mark(self, data: bytes | None) -> None:
        """Write the marker; None takes it away. A side that keeps none does nothing."""


def passed_over(data: BinaryIO, size: int) -> None:
    """Read so many bytes for nothing, as where a server does not know how to start later."""
    while size and (piece := data.read(min(size, 1 << 17))):
        size -= len(piece)


def in_order(rows: Iterable[Entry | Unlisted]) -> list[Entry | Unlisted]:
    """What was listed a folder at a time, in the order of a whole listing."""
    return sorted(rows, key=lambda row: row.folder if isinstance(row, Unlisted) else row.handle)


def folder_of(handle: Handle) -> Handle:
    """The parent's handle of a drive-like path handle: ``a/b.txt`` and ``a/b/`` lie in ``a/``."""
    head, _, _ = handle.rstrip("/").rpartition("/")
    return f"{head}/" if head else ""
