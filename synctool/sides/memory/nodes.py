"""Keeps a tree of documents and folders, found by handle, by path, and by folder and name."""

from collections.abc import Iterator
from dataclasses import dataclass

from synctool.core.model import Handle, Kind, Traits
from synctool.core.names import fold


@dataclass(frozen=True, slots=True)
class Node:
    """One document or folder; key is its number for life, parent that of the folder it lies in (0: the root)."""

    key: int
    kind: Kind
    parent: int
    name: str
    data: bytes = b""
    revision: int = 0
    mtime_ns: int = 0

    @property
    def stamp(self) -> str:
        """Equal stamps, equal bytes."""
        return "dir" if self.kind is Kind.FOLDER else f"{len(self.data)}:{self.revision}"


ROOT = Node(0, Kind.FOLDER, 0, "")


class Nodes:
    """All that is there. traits says whether handles last, and whether names that differ in case are one."""

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self._nodes: dict[int, Node] = {}
        self._places: dict[tuple[int, str], list[int]] = {}
        self._ticks = 0

    def __iter__(self) -> Iterator[Node]:
        return iter(list(self._nodes.values()))

    def __contains__(self, node: Node) -> bool:
        return self._nodes.get(node.key) == node

    def tick(self) -> int:
        """The next number; none comes twice."""
        self._ticks += 1
        return self._ticks

    def save(self, node: Node) -> Node:
        """Put a node where it says that it lies, from wherever it was."""
        self.forget(node)
        self._nodes[node.key] = node
        self._places.setdefault(self._spot(node), []).append(node.key)
        return node

    def forget(self, node: Node) -> None:
        """Take a node away, if it is there."""
        there = self._nodes.pop(node.key, None)
        if there:
            self._places[self._spot(there)].remove(there.key)

    def node(self, key: int) -> Node:
        """The node of this number; the root for none."""
        return self._nodes.get(key, ROOT)

    def at(self, parent: int, name: str) -> Node | None:
        """What lies in a folder under a name; the oldest, where several do."""
        keys = self._places.get((parent, self._spelling(name)))
        return self._nodes[min(keys)] if keys else None

    def find(self, handle: Handle) -> Node | None:
        """The node of a handle, spelled exactly so."""
        if self._traits.lasting_refs:
            node = self._nodes.get(int(handle[1:])) if handle[1:].isdecimal() else None
        else:
            node = self.descend(handle)
        return node if node and self.handle(node) == handle else None

    def descend(self, path: str) -> Node | None:
        """The node at a path."""
        node: Node | None = ROOT
        for name in filter(None, path.split("/")):
            node = self.at(node.key, name) if node else None
        return node

    def handle(self, node: Node) -> Handle:
        """What the side calls a node."""
        if not self._traits.lasting_refs or node is ROOT:
            return self.path(node)
        return f"{'d' if node.kind is Kind.FILE else 'f'}{node.key:012d}"

    def path(self, node: Node) -> str:
        """Where it lies, with a slash at the end of a folder's."""
        if node is ROOT:
            return ""
        return self.path(self.node(node.parent)) + node.name + ("/" if node.kind is Kind.FOLDER else "")

    def within(self, node: Node, top: Node) -> bool:
        """Whether a node is another one, or lies somewhere in it."""
        return node == top or (node is not ROOT and self.within(self.node(node.parent), top))

    def _spot(self, node: Node) -> tuple[int, str]:
        return node.parent, self._spelling(node.name)

    def _spelling(self, name: str) -> str:
        return fold(name) if self._traits.folds_case else name
