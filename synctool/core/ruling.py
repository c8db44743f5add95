"""Names what a person decided about one item, over the head of every rule but a legal hold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from synctool.core.item import ItemId, Value
from synctool.core.model import Content, Entry, Gap, SideName

VOID = "what was decided no longer fits what the sides hold; decide again"
HELD = "is under a legal hold; what was decided cannot be done"


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
    while every side that can be seen still does (empty: it always stands). along: items whose rulings belong to this one:
    if one of them no longer fits, none is obeyed.
    """

    word: Word
    content: Content | None = None
    origin: ItemId = 0
    kept: Mapping[SideName, Entry] = field(default_factory=dict)
    seen: Mapping[SideName, Content | None] = field(default_factory=dict)
    along: frozenset[ItemId] = frozenset()

    def unread(self, sights: Mapping[SideName, Value | Gap]) -> frozenset[Content]:
        """What must be read to tell whether it is one of the contents that this speaks of."""
        named = {content for content in (self.content, *self.seen.values()) if content}
        sizes = {content.size for content in named if content.read}
        held = {s.content for s in sights.values() if isinstance(s, Value) and s.content}
        return frozenset(c for c in held - named if not c.read and c.size in sizes)

    def fits(self, sights: Mapping[SideName, Value | Gap], voters: Collection[SideName]) -> bool:
        """Whether the sides hold what they held when this was decided, or have it done already.

        voters: the sides that hold content which their rows do not stand for.
        """
        if not self.seen:
            return True
        if not self.seen.keys() >= set(voters):
            return False
        visible = {side: sight for side, sight in sights.items() if sight is not Gap.UNKNOWN}
        held = {s: sight.content if isinstance(sight, Value) else None for s, sight in visible.items()}
        return all(held[s] in (seen, self.content) for s, seen in self.seen.items() if s in held)
