"""Does to a side in memory what people do behind synctool's back: no stamps, no trash."""

import threading
from collections.abc import Callable
from dataclasses import replace

from synctool.core.model import Kind, Traits
from synctool.sides.memory.nodes import Node, Nodes


class People:
    """The back door to what a side holds, by paths; a folder's ends in a slash."""

    def __init__(self, traits: Traits, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._nodes = Nodes(traits)
        self._lock = threading.RLock()

    def put(self, path: str, data: bytes = b"", *, another: bool = False) -> None:
        """Save a document, or make a folder (``a/b/``); the folders above it are made as well.

        another: beside what has this name in this folder, as only a side without ``unique_names`` allows.
        """
        with self._lock:
            above, _, name = path.rstrip("/").rpartition("/")
            if above:
                self.put(f"{above}/")
            kind = Kind.FOLDER if path.endswith("/") else Kind.FILE
            parent = self._walk(above).key
            there = None if another else self._nodes.at(parent, name)
            node = there or Node(self._nodes.tick(), kind, parent, name)
            if node.kind is not kind:
                raise ValueError(f"{path} is a {node.kind.value}")
            if kind is Kind.FILE or not there:
                revision = self._nodes.tick()
                self._nodes.save(replace(node, data=data, revision=revision, mtime_ns=self._clock()))

    def delete(self, path: str) -> None:
        """Delete a document, or a folder with all that is in it."""
        with self._lock:
            top = self._walk(path)
            for node in [node for node in self._nodes if self._nodes.within(node, top)]:
                self._nodes.forget(node)

    def rename(self, old: str, new: str) -> None:
        """Rename or move a document or a folder; a document that was there is replaced."""
        with self._lock:
            node = self._walk(old)
            above, _, name = new.rstrip("/").rpartition("/")
            parent = self._walk(above).key
            taken = self._nodes.at(parent, name)
            if taken:
                self._nodes.forget(taken)
            self._nodes.save(replace(node, parent=parent, name=name))

    def touch(self, path: str) -> None:
        """Change a document's time and stamp, and none of its bytes."""
        self.put(path, self._walk(path).data)

    def tree(self) -> dict[str, bytes]:
        """All that is there: documents by path, and folders by path with a final slash.

        Of several documents of one name in one folder, all but the oldest carry their handle: ``a.txt [d000000000003]``.
        """
        with self._lock:
            found: dict[str, bytes] = {}
            for node in sorted(self._nodes, key=lambda node: (self._nodes.path(node), node.key)):
                path = self._nodes.path(node)
                found[f"{path} [{self._nodes.handle(node)}]" if path in found else path] = node.data
            return found

    def _walk(self, path: str) -> Node:
        node = self._nodes.descend(path)
        if not node:
            raise KeyError(path)
        return node
