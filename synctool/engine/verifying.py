"""Reads, a few at every run, what was only assumed to be equal; what is not becomes a conflict, never an overwrite."""

from dataclasses import replace

from synctool.core.item import ItemId
from synctool.core.model import Content, Entry, SideName
from synctool.engine.outcome import Verified
from synctool.engine.rounds import Round
from synctool.engine.sieve import sha256_of
from synctool.errors import SideError

COUNT = 100
"""Copies that one run verifies: less than a minute at Filevine's ordinary pace."""

SIZE = 256 << 20
"""Bytes after which a run stops verifying: half a minute of a good line."""


def verify(this: Round) -> Verified:
    """Compare some assumed copies with what was agreed. What cannot be read now is left for another run."""
    equal = unequal = size = 0
    for item, side in this.ledger.remembered().assumed():
        if equal + unequal >= COUNT or size >= SIZE:
            break
        held = this.ledger.remembered().held_by(side, item)
        try:
            same = _is_equal(this, item, side, held) if held and side in this.sides.open else None
        except SideError:
            continue
        if held is not None and same is not None:
            size += held.size
            equal, unequal = equal + same, unequal + (not same)
    return Verified(equal, unequal)


def _is_equal(this: Round, item: ItemId, side: SideName, held: Entry) -> bool | None:
    """Whether a side holds the agreed bytes, written down; None if nobody can tell. Raises what reading raises."""
    ledger, ranks = this.ledger, this.profile.policy.ranks
    if (content := _agreed_content(this, item)) is None:
        return None
    digest = sha256_of(this.sides.open[side], held)
    same = (held.size, digest) == content
    row = this.ledger.remembered().rows(item)[side]
    known = replace(row if same else row.unproved, held=held._replace(sha256=digest), assumed=False)
    ledger.put_row(item, side, known, ranks)
    return same


def _agreed_content(this: Round, item: ItemId) -> Content | None:
    """The agreed content with its digest, read now from the side that it is the content of; None if nobody can tell."""
    remembered = this.ledger.remembered()
    agreed = remembered.item(item)
    content = agreed.value.content
    if content is None or content.read:
        return content
    for name, row in remembered.rows(item).items():
        named = not row.assumed and row.versions.content == agreed.versions.content
        if named and row.held is not None and name in this.sides.open:
            read = Content(row.held.size, sha256_of(this.sides.open[name], row.held))
            this.ledger.learn(name, row.held, read, {item: content})
            return read
    return None
