"""Says what the conformance suite needs of a side under test, and how to ask a side in the suite's words."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from synctool.core.model import Entry, Kind, Meta, Place, Unlisted
from synctool.sides.base import Side


@dataclass(frozen=True, kw_only=True)
class Rig:
    """An opened side on an empty root, and a back door to what it holds.

    Paths are common ones: ``a/b.txt`` a document, ``a/b/`` a folder, on every kind of side. The back door works without
    the side, as people do, and makes the folders above a path; every put is a new version even of equal bytes.
    """

    side: Side
    put: Callable[[str, bytes], None]  # a document, or (path with a final slash, no bytes) a folder
    delete: Callable[[str], None]
    rename: Callable[[str, str], None]
    touch: Callable[[str], None]  # a new stamp on the same bytes
    tree: Callable[[], dict[str, bytes]]  # all there is, folders with a final slash and no bytes
    kept: Callable[[], set[bytes]]  # former bytes, in trash or as versions
    tells_replaced: bool = True  # lists the former bytes of what was replaced, and not only keeps them
    stamps_last: bool = True  # what is put away keeps its stamp
    lost: Side | None = None  # a side of the same kind whose root is not there
    spelling: Callable[[str], str] = str  # how this side lists a name it was given
    ignores_case: bool = False  # ONE.TXT is one.txt, whatever the traits assume
    mtime_step_ns: int | None = 1  # how finely Meta.mtime_ns is kept; None: not at all
    streams: bool = True  # memory does not grow with a document

    def wrapped(self, wrap):
        return replace(self, side=wrap(self.side))

    def look(self):
        """Everything listed, by common path."""
        listed = list(self.side.list())
        assert not [row for row in listed if isinstance(row, Unlisted)]
        by_handle = {entry.handle: entry for entry in listed}

        def path(entry):
            above = path(by_handle[entry.parent]) if entry.parent else ""
            return above + entry.name + ("/" if entry.kind is Kind.FOLDER else "")

        return {path(entry): entry for entry in listed}

    def entry(self, path) -> Entry:
        return self.look()[self.spelling(path)]

    def place(self, path) -> Place:
        above, _, name = path.rstrip("/").rpartition("/")
        return Place(self.entry(f"{above}/").handle if above else "", name)

    def write(self, at, data, **more):
        return self.side.write(at, io.BytesIO(data), meta(data, **more))

    def read(self, entry):
        with self.side.read(entry) as stream:
            return stream.read()

    def former(self, data):
        """What the side lists of the former documents with these bytes."""
        return [kept for kept in self.side.kept() if self.read(kept.entry) == data]


def meta(data, **more):
    return Meta(size=len(data), sha256=sha256(data).hexdigest(), **more)
