"""Keeps the former documents of a side in memory, under the paths they had."""

from collections.abc import Iterator
from typing import NamedTuple

from synctool.core.model import TRASH, Handle, Kind
from synctool.sides.memory.nodes import Node


class Former(NamedTuple):
    """A document as it was when it was put away; was: the handle it had, at_ns: when that was."""

    node: Node
    was: Handle
    at_ns: int


class Trash:
    """Former documents by their handles in trash: ``.synctool/trash/NUMBER/PATH``."""

    def __init__(self) -> None:
        self._kept: dict[Handle, Former] = {}

    def __iter__(self) -> Iterator[tuple[Handle, Former]]:
        return iter(list(self._kept.items()))

    def keep(self, number: int, path: str, former: Former) -> None:
        """Put a document away; a folder has no bytes to keep."""
        if former.node.kind is Kind.FILE:
            self._kept[f"{TRASH}/{number}/{path}"] = former

    def find(self, handle: Handle) -> Node | None:
        """The document of a handle in trash; None for any other handle, and when it is there no more."""
        former = self._kept.get(handle)
        return former.node if former else None

    def forget(self, handle: Handle) -> None:
        """Take a document out of trash, if it is there."""
        self._kept.pop(handle, None)
