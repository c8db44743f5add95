"""Says what is to be looked at again, and when."""

from typing import NamedTuple

from synctool.core.model import Handle, SideName


class Hint(NamedTuple):
    """A word that something changed on a side: obeyed, never believed. handle is the side's own; "" is all of the side."""

    side: SideName
    handle: Handle
