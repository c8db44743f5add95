"""Turns what a run took away into decisions that bring it back, wherever its bytes are kept now."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from synctool.core.item import ItemId
from synctool.core.model import Content, Entry, Handle, Kept, Kind, SideName, lasting
from synctool.core.plan import Action, Notice
from synctool.core.ruling import Ruling, Word
from synctool.core.world import path_of
from synctool.engine.former import Former, formers
from synctool.engine.rounds import Round
from synctool.engine.transfer import CHUNK
from synctool.errors import Misuse
from synctool.store.journal import Happening
from synctool.store.remembered import Remembered


def undoing(this: Round) -> Round:
    """The round with the decisions that undo what was asked, and with what cannot be undone; as it was if nothing was.

    Raises Misuse when there is nothing to undo.
    """
    if this.ask.undo is None:
        return this
    known = this.ledger.remembered()
    there = frozenset(known.everything())

    def path(item: ItemId) -> str:
        return path_of(item, lambda i: known.item(i).value) if item in there else ""

    undo, found = formers(this.ledger.journal.happened(), this.ask.undo, this.profile.policy.ranks, path)
    search = _Search(this, known, there)
    rulings: dict[ItemId, Ruling] = {}
    told: list[Notice] = []
    for former in found:
        answer = search.ruling(former)
        if isinstance(answer, Ruling):
            rulings[former.item] = answer
        elif answer:
            told.append(Notice(path(former.item) or former.path, answer))
    if not (rulings or told):
        raise Misuse("there is nothing to undo: everything is as it was before")
    return replace(this, ask=replace(this.ask, undo=undo), rulings=rulings, told=tuple(told))


@dataclass(frozen=True, slots=True)
class _Search:
    """Looks for former bytes on the sides of one round; what a side keeps is listed once."""

    this: Round
    known: Remembered
    there: frozenset[ItemId]
    kept: dict[SideName, Mapping[Handle, list[Kept]]] = field(default_factory=dict)

    def ruling(self, former: Former) -> Ruling | str:
        """What brings an item back; else why nothing can, "" when it is so already."""
        if former.item not in self.there:
            return "is forgotten by now; what was removed is remembered as long as trash is kept"
        exists = self.known.item(former.item).value.exists
        if former.taken and former.kind is Kind.FILE:
            return self._document(former)
        if exists == bool(former.taken):
            return ""
        return Ruling(Word.TAKE if former.taken else Word.GONE)

    def _document(self, former: Former) -> Ruling | str:
        now = self.known.item(former.item).value
        kept = self._kept(former)
        content = self._content(former, kept)
        if content is None:
            return self._missing(former)
        if now.exists and now.content == content:
            return ""
        origin = self._elsewhere(former.item, content)
        kept = {side: entry for side, entry in kept.items() if entry.size == content.size}
        if not (kept or origin or self._is_held(former.item, content)):
            return self._missing(former)
        return Ruling(Word.TAKE, content, origin, kept)

    def _content(self, former: Former, kept: Mapping[SideName, Entry]) -> Content | None:
        """Which bytes they were; read now if nobody has ever read them."""
        first = former.taken[0]
        if first.before:
            return Content(first.size, first.before)
        entry = kept.get(first.side)
        if entry is None:
            return None
        digest = hashlib.sha256()
        with self.this.sides.open[first.side].read(entry) as data:
            while chunk := data.read(CHUNK):
                digest.update(chunk)
        return Content(entry.size, digest.hexdigest())

    def _kept(self, former: Former) -> dict[SideName, Entry]:
        """Where trash or an earlier version has the bytes: proven by the stamp, else of the right name and size."""
        found: dict[SideName, Entry] = {}
        for step in former.taken:
            alike = [k for k in self._of_side(step.side).get(step.handle, ()) if k.entry.size == step.size]
            same = [k for k in alike if lasting(k.entry.stamp) == lasting(step.stamp)]
            best = max(same or alike, key=lambda k: k.at_ns, default=None)
            if best is not None:
                digest = step.before if same else best.entry.sha256
                found[step.side] = best.entry._replace(sha256=digest)
        return found

    def _of_side(self, side: SideName) -> Mapping[Handle, list[Kept]]:
        if side not in self.kept:
            listed: dict[Handle, list[Kept]] = {}
            for kept in self.this.sides.open[side].kept() if side in self.this.sides.open else ():
                listed.setdefault(kept.was, []).append(kept)
            self.kept[side] = listed
        return self.kept[side]

    def _elsewhere(self, item: ItemId, content: Content) -> ItemId:
        """Another living item that holds these bytes, as a conflict copy does; 0 if none."""
        others = self.known.holding(content)
        return next((i for i in others if i != item and self.known.item(i).value.content == content), 0)

    def _is_held(self, item: ItemId, content: Content) -> bool:
        held = (row.held for row in self.known.rows(item).values())
        return any(entry is not None and entry.sha256 == content.digest for entry in held)

    def _missing(self, former: Former) -> str:
        """Why the bytes cannot be found."""
        first: Happening = former.taken[0]
        days = self.this.profile.trash_days
        if closed := next((s.side for s in former.taken if s.side not in self.this.sides.open), ""):
            return (
                f"cannot be brought back now: its former bytes may be kept on {closed}, which cannot be seen"
            )
        ended = datetime.fromtimestamp(first.at_ns // 10**9, UTC) + timedelta(days=days)
        if ended.timestamp() * 10**9 < self.this.tools.clock.now_ns():
            return f"cannot be brought back: trash keeps for {days} days, and that ended on {ended.date()}"
        revised = first.action != Action.REMOVE.value
        if revised and self.this.sides.traits[first.side].lasting_refs:
            return f"cannot be brought back from here: {first.side} has it as an earlier revision, which its own screen can bring back"
        return f"cannot be brought back: {first.side} does not keep its former bytes any more"
