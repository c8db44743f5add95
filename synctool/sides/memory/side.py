"""Does in memory what a side does."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from synctool.core.model import (
    Entry,
    Handle,
    Ids,
    Kept,
    Kind,
    Meta,
    Place,
    SideName,
    Stretch,
    Traits,
    Unlisted,
)
from synctool.core.names import fold, holds, split_extension
from synctool.errors import Denied, InUse, Missing, Rejected, Stale, Unavailable
from synctool.sides.base import PLACEHOLDER, RESERVED, TRASH, Remark
from synctool.sides.memory.nodes import ROOT, Node
from synctool.sides.memory.people import People
from synctool.sides.memory.trash import Former, Trash
from synctool.sides.stretches import stretched

PATHS = Traits(lasting_refs=False, cheap_reads=True)
"""Like a drive: a handle is a path."""

REFS = Traits(lasting_refs=True)
"""Like Filevine: a handle is a number for life."""


class MemorySide(People):
    """A side that is gone when the program ends.

    traits decides how it behaves: lasting_refs gives handles ``d000000000001`` and ``f000000000002``, folds_case makes
    names that differ in case one name; max_size, fixed_extension and names reject as a server would. clock tells
    nanoseconds since the epoch; times are kept in steps of mtime_step_ns. trash tells former bytes by number and path.

    What can be the matter with it, by path: folders in unreadable (``a/b/``; "" for the root) cannot be listed, nor
    documents in it read; locked says which person works on a document, so that nothing but reading can be done to it
    (and not even that when it is unreadable as well). While it is away, every call raises Unavailable.
    """

    def __init__(
        self, name: SideName, *, clock: Callable[[], int], traits: Traits = PATHS, mtime_step_ns: int = 1
    ) -> None:
        super().__init__(traits, clock)
        self.name = name
        self.traits = traits
        self.unreadable: set[str] = set()
        self.locked: dict[str, str] = {}
        self.away = False
        self._step = mtime_step_ns
        self._trash = Trash()
        self._marker: bytes | None = None

    @property
    def trash(self) -> dict[str, bytes]:
        """Former bytes, as ``NUMBER/PATH``."""
        return {handle.removeprefix(f"{TRASH}/"): former.node.data for handle, former in self._trash}

    def open(self) -> None:
        with self._reached():
            """There is nothing else to do."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def list(self, folders: Collection[Handle] | None = None) -> Iterator[Entry | Unlisted]:
        with self._reached():
            if "" in self.unreadable:
                raise Unavailable("the root cannot be listed", side=self.name)
            rows = list(self._rows() if folders is None else self._inside(folders))
        yield from rows

    def relist(self, known: Mapping[str, Stretch]) -> Iterator[Entry | Unlisted | Stretch]:
        rows = (
            each
            if isinstance(each, Unlisted)
            else (each.handle, f"{each.stamp}\0{each.parent}\0{each.name}", each)
            for each in self.list()
        )
        return stretched(rows, lambda entry: entry, known, average=4)

    def kept(self) -> Iterator[Kept]:
        with self._reached():
            rows = [
                Kept(self._entry(former.node, handle), former.was, former.at_ns)
                for handle, former in self._trash
            ]
        yield from rows

    def stat(self, entry: Entry) -> Entry | None:
        with self._reached():
            node = self._nodes.find(entry.handle)
            if node and not self._visible(node):
                raise Unavailable("its folder cannot be listed", side=self.name, path=entry.handle)
            return self._entry(node) if node else None

    def read(self, entry: Entry, start: int = 0) -> BinaryIO:
        with self._reached():
            node = self._same(self._find(entry.handle), entry)
            path = self._nodes.path(node)
            if node in self._nodes and path in self.unreadable:
                self._free(node)
                raise Denied("it may not be read", side=self.name, path=path)
            return BytesIO(node.data[start:])

    def write(self, at: Entry | Place, data: BinaryIO, meta: Meta) -> Entry:
        content = data.read()
        if (len(content), sha256(content).hexdigest()) != (meta.size, meta.sha256):
            raise Unavailable("the bytes are not the promised ones", side=self.name, path=_label(at))
        if self.traits.max_size is not None and len(content) > self.traits.max_size:
            raise Rejected("larger than this side takes", side=self.name, path=_label(at))
        with self._reached():
            there = self._nodes.find(at.handle) if isinstance(at, Entry) else self._nodes.at(*self._place(at))
            if there and there.kind is Kind.FILE and there.data == content:
                return self._entry(there)
            if isinstance(at, Place):
                self._vacant(there)
                node = self._new(Kind.FILE, at)
            else:
                node = self._free(self._same(there, at))
                self._keep(node)
            mtime_ns = meta.mtime_ns or self._clock()
            return self._save(replace(node, data=content, revision=self._nodes.tick(), mtime_ns=mtime_ns))

    def make_folder(self, at: Place) -> Entry:
        with self._reached():
            there = self._nodes.at(*self._place(at))
            if there and there.kind is Kind.FOLDER:
                return self._entry(there)
            self._vacant(there)
            return self._save(self._new(Kind.FOLDER, at))

    def move(self, entry: Entry, to: Place, meta: Meta | None = None) -> Entry:  # noqa: ARG002  keeps no metadata
        with self._reached():
            parent, name = self._place(to)
            there = self._nodes.at(parent, name)
            node = self._free(self._same(self._find(entry.handle) or there, entry))
            if there != node:
                self._vacant(there)
            fixed = self.traits.fixed_extension and node.kind is Kind.FILE
            if fixed and _extension(name) != _extension(node.name):
                raise Rejected("the extension can never change", side=self.name, path=entry.name)
            if self._nodes.within(self._nodes.node(parent), node):
                raise Rejected("a folder cannot be moved into itself", side=self.name, path=entry.name)
            if self._trash.find(entry.handle):
                self._trash.forget(entry.handle)
                if (
                    self._nodes.node(node.key) is not ROOT
                ):  # replaced, not removed: its number is another version's
                    node = replace(node, key=self._nodes.tick())
            return self._save(replace(node, parent=parent, name=name))

    def remove(self, entry: Entry) -> None:
        with self._reached():
            node = self._nodes.find(entry.handle)
            if not node:
                return
            self._free(self._same(node, entry))
            if any(child.parent == node.key for child in self._nodes):
                raise Stale("the folder is not empty", side=self.name, path=self._nodes.path(node))
            self._keep(node)
            self._nodes.forget(node)

    def purge(self, kept: Kept) -> None:
        with self._reached():
            handle = kept.entry.handle
            if not handle.startswith(f"{TRASH}/"):
                raise Rejected("it is not in trash", side=self.name, path=handle)
            node = self._trash.find(handle)
            if node:
                self._same(node, kept.entry)
                self._trash.forget(handle)

    def sweep(self, before_ns: int) -> None:
        """There is nothing that a listing does not show."""

    def label(self, entry: Entry, meta: Meta) -> Entry:  # noqa: ARG002  keeps no metadata
        with self._reached():
            return self._entry(self._same(self._nodes.find(entry.handle), entry))

    def ids(self, entry: Entry, folder_path: str) -> Ids | None:
        return Ids("", entry.handle, entry.parent, folder_path) if self.traits.lasting_refs else None

    def marker(self) -> bytes | None:
        with self._reached():
            return self._marker

    def remarks(self) -> Iterator[Remark]:
        return iter(())

    def mark(self, data: bytes | None) -> None:
        with self._reached():
            self._marker = data

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Alone with what is there, if it is there at all."""
        with self._lock:
            if self.away:
                raise Unavailable("it is away", side=self.name)
            yield

    def _rows(self) -> Iterator[Entry | Unlisted]:
        for node in sorted(self._nodes, key=self._nodes.handle):
            if self._visible(node):
                yield self._entry(node)
                if node.kind is Kind.FOLDER and self._nodes.path(node) in self.unreadable:
                    yield Unlisted(self._nodes.handle(node), "made unreadable")

    def _inside(self, folders: Collection[Handle]) -> Iterator[Entry | Unlisted]:
        for row in self._rows():
            if (row.folder if isinstance(row, Unlisted) else row.parent) in folders:
                yield row
        for folder in filter(None, folders):
            node = self._nodes.find(folder)
            if node and not self._visible(node):
                yield Unlisted(folder, "a folder above it is unreadable")

    def _entry(self, node: Node, in_trash: Handle = "") -> Entry:
        file = node.kind is Kind.FILE
        return Entry(
            kind=node.kind,
            handle=in_trash or self._nodes.handle(node),
            parent=TRASH if in_trash else self._nodes.handle(self._nodes.node(node.parent)),
            name=node.name,
            stamp=node.stamp,
            size=len(node.data),
            mtime_ns=node.mtime_ns // self._step * self._step,
            version=str(node.revision) if file else "",
        )

    def _visible(self, node: Node) -> bool:
        parent = self._nodes.node(node.parent)
        return node is ROOT or (self._nodes.path(parent) not in self.unreadable and self._visible(parent))

    def _find(self, handle: Handle) -> Node | None:
        """What has this handle, in sight or in trash."""
        return self._trash.find(handle) or self._nodes.find(handle)

    def _place(self, at: Place) -> tuple[int, str]:
        """The folder's key and the name, both checked."""
        folder = self._nodes.find(at.folder) if at.folder else ROOT
        if not folder or folder.kind is Kind.FILE:
            raise Missing("the folder is not there", side=self.name, path=at.folder)
        kept = at.name == PLACEHOLDER or (folder is ROOT and fold(at.name) == fold(RESERVED))
        if kept or not (holds(at.name, self.traits.names) and holds(at.name, "posix")):
            raise Rejected("this side cannot hold that name", side=self.name, path=at.name)
        return folder.key, at.name

    def _same(self, node: Node | None, entry: Entry) -> Node:
        if not node or (node.kind, node.stamp) != (entry.kind, entry.stamp):
            raise Stale("it changed since the look", side=self.name, path=entry.handle)
        return node

    def _free(self, node: Node) -> Node:
        """The node, which nobody may be working on."""
        path = self._nodes.path(node)
        if path in self.locked and node in self._nodes:
            raise InUse(f"{self.locked[path]} works on it", side=self.name, path=path)
        return node

    def _vacant(self, there: Node | None) -> None:
        if there:
            raise Stale("the place is taken", side=self.name, path=self._nodes.path(there))

    def _new(self, kind: Kind, at: Place) -> Node:
        parent, name = self._place(at)
        return Node(self._nodes.tick(), kind, parent, name)

    def _save(self, node: Node) -> Entry:
        return self._entry(self._nodes.save(node))

    def _keep(self, node: Node) -> None:
        nodes = self._nodes
        self._trash.keep(nodes.tick(), nodes.path(node), Former(node, nodes.handle(node), self._clock()))


def _label(at: Entry | Place) -> str:
    return at.handle if isinstance(at, Entry) else at.folder + at.name


def _extension(name: str) -> str:
    return split_extension(name)[1].lower()
