"""Keeps documents in memory: a real side, for trying things and for tests."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from synctool.core.model import Entry, Handle, Ids, Kind, Meta, Place, SideName, Traits, Unlisted
from synctool.core.names import fold, holds, split_extension
from synctool.errors import Missing, Rejected, Stale, Unavailable
from synctool.sides.base import PLACEHOLDER, RESERVED

PATHS = Traits(lasting_refs=False, cheap_reads=True)
"""Like a drive: a handle is a path."""

REFS = Traits(lasting_refs=True)
"""Like Filevine: a handle is a number for life."""


@dataclass(frozen=True, slots=True)
class _Node:
    key: int
    kind: Kind
    parent: int
    name: str
    data: bytes = b""
    revision: int = 0
    mtime_ns: int = 0


_ROOT = _Node(0, Kind.FOLDER, 0, "")


class MemorySide:
    """A side that is gone when the program ends.

    traits decides how it behaves: lasting_refs gives handles ``d000000000001`` and ``f000000000002``, folds_case makes
    names that differ in case one name; max_size, fixed_extension and names reject as a server would. clock tells
    nanoseconds since the epoch; times are kept in steps of mtime_step_ns. trash holds former bytes by number and path.
    The folders in unreadable (paths such as ``a/b/``; "" for the root) cannot be listed. ``put``, ``delete``,
    ``rename``, ``touch`` and ``tree`` are the back door by which people work: no stamps, no trash.
    """

    def __init__(
        self, name: SideName, *, clock: Callable[[], int], traits: Traits = PATHS, mtime_step_ns: int = 1
    ) -> None:
        self.name = name
        self.traits = traits
        self.trash: dict[str, bytes] = {}
        self.unreadable: set[str] = set()
        self._clock = clock
        self._step = mtime_step_ns
        self._nodes: dict[int, _Node] = {}
        self._places: dict[tuple[int, str], int] = {}
        self._ticks = 0
        self._marker: bytes | None = None
        self._lock = threading.RLock()

    def open(self) -> None:
        """There is nothing to reach."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def list(self) -> Iterator[Entry | Unlisted]:
        with self._lock:
            if "" in self.unreadable:
                raise Unavailable("the root cannot be listed", side=self.name)
            rows = list(self._rows())
        yield from rows

    def stat(self, entry: Entry) -> Entry | None:
        with self._lock:
            node = self._find(entry.handle)
            if node and not self._visible(node):
                raise Unavailable("its folder cannot be listed", side=self.name, path=entry.handle)
            return self._entry(node) if node else None

    def read(self, entry: Entry) -> BinaryIO:
        with self._lock:
            return BytesIO(self._same(self._find(entry.handle), entry).data)

    def write(self, at: Entry | Place, data: BinaryIO, meta: Meta) -> Entry:
        content = data.read()
        if (len(content), sha256(content).hexdigest()) != (meta.size, meta.sha256):
            raise Unavailable("the bytes are not the promised ones", side=self.name, path=_label(at))
        if self.traits.max_size is not None and len(content) > self.traits.max_size:
            raise Rejected("larger than this side takes", side=self.name, path=_label(at))
        with self._lock:
            there = self._find(at.handle) if isinstance(at, Entry) else self._at(*self._place(at))
            if there and there.kind is Kind.FILE and there.data == content:
                return self._entry(there)
            if isinstance(at, Place):
                self._vacant(there)
                node = self._new(Kind.FILE, *self._place(at))
            else:
                node = self._same(there, at)
                self._keep(node)
            mtime_ns = meta.mtime_ns or self._clock()
            return self._save(replace(node, data=content, revision=self._tick(), mtime_ns=mtime_ns))

    def make_folder(self, at: Place) -> Entry:
        with self._lock:
            parent, name = self._place(at)
            there = self._at(parent, name)
            if there and there.kind is Kind.FOLDER:
                return self._entry(there)
            self._vacant(there)
            return self._save(self._new(Kind.FOLDER, parent, name))

    def move(self, entry: Entry, to: Place, meta: Meta | None = None) -> Entry:  # noqa: ARG002  keeps no metadata
        with self._lock:
            parent, name = self._place(to)
            there = self._at(parent, name)
            node = self._same(self._find(entry.handle) or there, entry)
            if there != node:
                self._vacant(there)
            fixed = self.traits.fixed_extension and node.kind is Kind.FILE
            if fixed and _extension(name) != _extension(node.name):
                raise Rejected("the extension can never change", side=self.name, path=entry.name)
            if self._within(self._node(parent), node):
                raise Rejected("a folder cannot be moved into itself", side=self.name, path=entry.name)
            self._forget(node)
            return self._save(replace(node, parent=parent, name=name))

    def remove(self, entry: Entry) -> None:
        with self._lock:
            node = self._find(entry.handle)
            if not node:
                return
            self._same(node, entry)
            if any(child.parent == node.key for child in self._nodes.values()):
                raise Stale("the folder is not empty", side=self.name, path=self._path(node))
            self._keep(node)
            self._forget(node)

    def label(self, entry: Entry, meta: Meta) -> Entry:  # noqa: ARG002  keeps no metadata
        with self._lock:
            return self._entry(self._same(self._find(entry.handle), entry))

    def ids(self, entry: Entry, folder_path: str) -> Ids | None:
        return Ids("", entry.handle, entry.parent, folder_path) if self.traits.lasting_refs else None

    def marker(self) -> bytes | None:
        return self._marker

    def mark(self, data: bytes) -> None:
        self._marker = data

    def put(self, path: str, data: bytes = b"") -> None:
        """Save a document, or make a folder (``a/b/``); the folders above it are made as well."""
        with self._lock:
            above, _, name = path.rstrip("/").rpartition("/")
            if above:
                self.put(f"{above}/")
            kind = Kind.FOLDER if path.endswith("/") else Kind.FILE
            parent = self._walk(above).key
            node = self._at(parent, name) or self._new(kind, parent, name)
            if node.kind is not kind:
                raise ValueError(f"{path} is a {node.kind.value}")
            if kind is Kind.FILE or node.key not in self._nodes:
                self._save(replace(node, data=data, revision=self._tick(), mtime_ns=self._clock()))

    def delete(self, path: str) -> None:
        """Delete a document, or a folder with all that is in it."""
        with self._lock:
            top = self._walk(path)
            for node in [node for node in self._nodes.values() if self._within(node, top)]:
                self._forget(node)

    def rename(self, old: str, new: str) -> None:
        """Rename or move a document or a folder; a document that was there is replaced."""
        with self._lock:
            node = self._walk(old)
            above, _, name = new.rstrip("/").rpartition("/")
            parent = self._walk(above).key
            for taken in {node, self._at(parent, name) or node}:
                self._forget(taken)
            self._save(replace(node, parent=parent, name=name))

    def touch(self, path: str) -> None:
        """Change a document's time and stamp, and none of its bytes."""
        self.put(path, self._walk(path).data)

    def tree(self) -> dict[str, bytes]:
        """All that is there: documents by path, and folders by path with a final slash."""
        with self._lock:
            return {self._path(node): node.data for node in sorted(self._nodes.values(), key=self._path)}

    def _rows(self) -> Iterator[Entry | Unlisted]:
        for node in sorted(self._nodes.values(), key=self._handle):
            if self._visible(node):
                yield self._entry(node)
                if self._path(node) in self.unreadable:
                    yield Unlisted(self._handle(node), "made unreadable")

    def _entry(self, node: _Node) -> Entry:
        file = node.kind is Kind.FILE
        return Entry(
            kind=node.kind,
            handle=self._handle(node),
            parent=self._handle(self._node(node.parent)),
            name=node.name,
            stamp=_stamp(node),
            size=len(node.data),
            mtime_ns=node.mtime_ns // self._step * self._step,
            version=str(node.revision) if file else "",
        )

    def _handle(self, node: _Node) -> Handle:
        if not self.traits.lasting_refs or node is _ROOT:
            return self._path(node)
        return f"{'d' if node.kind is Kind.FILE else 'f'}{node.key:012d}"

    def _path(self, node: _Node) -> str:
        if node is _ROOT:
            return ""
        return self._path(self._node(node.parent)) + node.name + ("/" if node.kind is Kind.FOLDER else "")

    def _visible(self, node: _Node) -> bool:
        return node is _ROOT or (
            self._path(self._node(node.parent)) not in self.unreadable
            and self._visible(self._node(node.parent))
        )

    def _within(self, node: _Node, top: _Node) -> bool:
        return node == top or (node is not _ROOT and self._within(self._node(node.parent), top))

    def _node(self, key: int) -> _Node:
        return self._nodes.get(key, _ROOT)

    def _find(self, handle: Handle) -> _Node | None:
        if self.traits.lasting_refs:
            node = self._nodes.get(int(handle[1:])) if handle[1:].isdecimal() else None
        else:
            node = self._descend(handle)
        return node if node and self._handle(node) == handle else None

    def _descend(self, path: str) -> _Node | None:
        node: _Node | None = _ROOT
        for name in filter(None, path.split("/")):
            node = self._at(node.key, name) if node else None
        return node

    def _walk(self, path: str) -> _Node:
        node = self._descend(path)
        if not node:
            raise KeyError(path)
        return node

    def _at(self, parent: int, name: str) -> _Node | None:
        key = self._places.get((parent, self._spelling(name)))
        return None if key is None else self._nodes[key]

    def _spelling(self, name: str) -> str:
        return fold(name) if self.traits.folds_case else name

    def _place(self, at: Place) -> tuple[int, str]:
        """The folder's key and the name, both checked."""
        folder = self._find(at.folder) if at.folder else _ROOT
        if not folder or folder.kind is Kind.FILE:
            raise Missing("the folder is not there", side=self.name, path=at.folder)
        kept = at.name == PLACEHOLDER or (folder is _ROOT and fold(at.name) == fold(RESERVED))
        if kept or not (holds(at.name, self.traits.names) and holds(at.name, "posix")):
            raise Rejected("this side cannot hold that name", side=self.name, path=at.name)
        return folder.key, at.name

    def _same(self, node: _Node | None, entry: Entry) -> _Node:
        if not node or (node.kind, _stamp(node)) != (entry.kind, entry.stamp):
            raise Stale("it changed since the look", side=self.name, path=entry.handle)
        return node

    def _vacant(self, there: _Node | None) -> None:
        if there:
            raise Stale("the place is taken", side=self.name, path=self._path(there))

    def _tick(self) -> int:
        self._ticks += 1
        return self._ticks

    def _new(self, kind: Kind, parent: int, name: str) -> _Node:
        return _Node(self._tick(), kind, parent, name)

    def _save(self, node: _Node) -> Entry:
        self._nodes[node.key] = node
        self._places[node.parent, self._spelling(node.name)] = node.key
        return self._entry(node)

    def _forget(self, node: _Node) -> None:
        del self._nodes[node.key], self._places[node.parent, self._spelling(node.name)]

    def _keep(self, node: _Node) -> None:
        if node.kind is Kind.FILE:
            self.trash[f"{self._tick()}/{self._path(node)}"] = node.data


def _stamp(node: _Node) -> str:
    return "dir" if node.kind is Kind.FOLDER else f"{len(node.data)}:{node.revision}"


def _label(at: Entry | Place) -> str:
    return at.handle if isinstance(at, Entry) else at.folder + at.name


def _extension(name: str) -> str:
    return split_extension(name)[1].lower()
