"""Keeps documents in memory: a real side, for trying things and for tests."""

from synctool.sides.memory.side import PATHS, REFS, MemorySide

__all__ = ["PATHS", "REFS", "MemorySide"]
