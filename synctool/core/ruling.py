"""Names what a person decided about one item, over the head of every rule but a legal hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from synctool.core.item import ItemId
from synctool.core.model import Content, Entry, SideName


class Word(Enum):
    """What a person said."""

    TAKE = "take"  # this content, wherever it is
    KEEP_BOTH = "keep-both"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision of a person.

    content: what TAKE wants, and origin the item that holds it when it is another one (a conflict copy). kept: where it
    is kept when no side holds it any more. seen: what each side held when the person decided; the word stands only
    while every side that can be seen still does (empty: it always stands).
    """

    word: Word
    content: Content | None = None
    origin: ItemId = 0
    kept: Mapping[SideName, Entry] = field(default_factory=dict)
    seen: Mapping[SideName, Content | None] = field(default_factory=dict)
