"""Reads contents that a decision needs, the cheapest way there is, and never the same one twice."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from synctool.core.known import Look, Looks
from synctool.core.model import Entry, Handle, SideName
from synctool.engine.sieve import CHUNK, sha256_of
from synctool.errors import SideError
from synctool.sides.base import Side
from synctool.store.ledger import Ledger


class Reader:
    """Knows what was read already: in this run, or for a plan that somebody looked at before."""

    def __init__(self, ledger: Ledger, sides: Mapping[SideName, Side]) -> None:
        self._ledger = ledger
        self._sides = sides
        self._by_md5: dict[tuple[int, str], str] = {}

    def sha256(self, side: Side, entry: Entry) -> str:
        """The SHA-256 of an entry's bytes. Raises what reading raises."""
        digest = entry.sha256 or self._ledger.digest(side.name, entry) or sha256_of(side, entry)
        self._ledger.keep_digest(side.name, entry, digest)
        return digest

    def read(self, wanted: Mapping[SideName, tuple[Entry, ...]], looks: Looks) -> dict[SideName, Look]:
        """The looks with these contents read; what cannot be read becomes unknown.

        What is near is read first, with its MD5 too, because that proves an S3 object equal without a download.
        """
        near = sorted(wanted, key=lambda name: not self._sides[name].traits.cheap_reads)
        result = dict(looks)
        for name in near:
            result[name] = self._looked_into(self._sides[name], wanted[name], result[name])
        return result

    def _looked_into(self, side: Side, entries: Iterable[Entry], look: Look) -> Look:
        read: dict[Handle, Entry] = {}
        for entry in entries:
            try:
                digest = self._by_md5.get((entry.size, entry.md5), "") or self._digest(side, entry)
            except SideError as error:
                look = _unknown(look, entry, str(error), self._ledger)
                continue
            self._ledger.keep_digest(side.name, entry, digest)
            read[entry.handle] = entry._replace(sha256=digest)
        return replace(look, seen={**look.seen, **read})

    def _digest(self, side: Side, entry: Entry) -> str:
        known = entry.sha256 or self._ledger.digest(side.name, entry)
        if known and not side.traits.cheap_reads:
            return known
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        with side.read(entry) as data:
            while chunk := data.read(CHUNK):
                sha256.update(chunk)
                md5.update(chunk)
        self._by_md5[entry.size, md5.hexdigest()] = sha256.hexdigest()
        return sha256.hexdigest()


def _unknown(look: Look, entry: Entry, why: str, ledger: Ledger) -> Look:
    """The look in which nothing is said about an entry, because it could not be read."""
    item = ledger.remembered().at_handle(look.side, entry.handle)
    seen = {handle: other for handle, other in look.seen.items() if handle != entry.handle}
    return replace(
        look,
        seen=seen,
        unseen=look.unseen | ({item} if item is not None else set()),
        unlisted={**look.unlisted, entry.handle: why},
        occupied=look.occupied | {entry.parent},
    )
