"""Decides how names clash, keep their extension and are numbered.

The vendor says that an extension is kept and that a moved file's name is "adjusted"; the patterns are ours.
"""

from collections.abc import Container
from itertools import count


def folded(name: str) -> str:
    """What two names are compared by: case and outer blanks do not count."""
    return name.strip().casefold()


def split(name: str) -> tuple[str, str]:
    """Stem and extension; the extension includes its dot, or is empty."""
    stem, dot, extension = name.rpartition(".")
    return (stem, dot + extension) if stem and extension else (name, "")


def renamed(old: str, new: str) -> str:
    """The name a document gets: the asked one with the old extension, a differing one being part of the stem."""
    kept = split(old)[1]
    stem, asked = split(new)
    return stem + kept if asked.casefold() == kept.casefold() else new + kept


def numbered(name: str, taken: Container[str]) -> str:
    """The name, or the first of ``name (1).ext``, ``name (2).ext`` … whose folded form is not taken."""
    stem, extension = split(name)
    candidates = (f"{stem} ({n}){extension}" for n in count(1))
    return name if folded(name) not in taken else next(c for c in candidates if folded(c) not in taken)
