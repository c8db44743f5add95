"""Reads contents that a decision needs, the cheapest way there is, and never the same one twice."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from synctool.core.known import Look, Looks
from synctool.core.model import Entry, Handle, SideName
from synctool.engine.sieve import CHUNK, put_off, sha256_of
from synctool.errors import SideError
from synctool.sides.base import Side
from synctool.store.ledger import Ledger

Wanted = Mapping[SideName, tuple[Entry, ...]]


class Reader:
    """Knows what was read already: in this run, or for a plan that somebody looked at before."""

    def __init__(self, ledger: Ledger, sides: Mapping[SideName, Side]) -> None:
        self._ledger = ledger
        self._sides = sides
        self._by_md5: dict[tuple[int, str], str] = {}
        self._read: dict[tuple[SideName, Handle, str], str] = {}

    def sha256(self, side: Side, entry: Entry) -> str:
        """The SHA-256 of an entry's bytes. Raises what reading raises."""
        digest = entry.sha256 or self._ledger.digest(side.name, entry) or sha256_of(side, entry)
        self._ledger.keep_digest(side.name, entry, digest)
        return digest

    def read(self, wanted: Wanted, looks: Looks) -> Looks:
        """The looks with these contents read; what cannot be read becomes unknown."""
        return {
            **looks,
            **{name: self._looked_into(self._sides[name], wanted[name], looks[name]) for name in wanted},
        }

    def read_near(self, wanted: Wanted, looks: Looks) -> Looks:
        """The looks with those contents read that cost nothing far away.

        What is near is read first, with its MD5 too, because that proves an S3 object equal without a download.
        """
        near = {name: entries for name, entries in wanted.items() if self._sides[name].traits.cheap_reads}
        looks = self.read(near, looks)
        far = {name: entries for name, entries in wanted.items() if name not in near}
        proved = {name: tuple(e for e in far[name] if self._proved(name, e)) for name in far}
        return self.read(proved, looks)

    def owed(self, wanted: Wanted) -> Wanted:
        """What of these contents must be fetched from far away."""
        owed = {
            name: tuple(e for e in entries if not self._proved(name, e))
            for name, entries in wanted.items()
            if not self._sides[name].traits.cheap_reads
        }
        return {name: entries for name, entries in owed.items() if entries}

    def _looked_into(self, side: Side, entries: Iterable[Entry], look: Look) -> Look:
        read: dict[Handle, Entry] = {}
        for entry in entries:
            try:
                digest = self._proved(side.name, entry) or self._digest(side, entry)
            except SideError as error:
                look = put_off(look, (entry,), str(error))
                continue
            self._ledger.keep_digest(side.name, entry, digest)
            read[entry.handle] = entry._replace(sha256=digest)
        return replace(look, seen={**look.seen, **read})

    def _proved(self, name: SideName, entry: Entry) -> str:
        """The SHA-256 of an entry's bytes as far as it needs no reading; "" if it does."""
        known = self._by_md5.get((entry.size, entry.md5)) or self._read.get(
            (name, entry.handle, entry.stamp), ""
        )
        if known or self._sides[name].traits.cheap_reads:
            return known
        return entry.sha256 or self._ledger.digest(name, entry)

    def _digest(self, side: Side, entry: Entry) -> str:
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        with side.read(entry) as data:
            while chunk := data.read(CHUNK):
                sha256.update(chunk)
                md5.update(chunk)
        digest = sha256.hexdigest()
        self._by_md5[entry.size, md5.hexdigest()] = digest
        self._read[side.name, entry.handle, entry.stamp] = digest
        return digest
