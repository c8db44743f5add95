"""Parts what belongs to a profile from what does not, in the differences of one side."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from synctool.core import names
from synctool.core.item import ItemId, Value
from synctool.core.known import Look
from synctool.core.model import PLACEHOLDER, TEMPORARY, Entry, Handle, Kind
from synctool.core.policy import Policy
from synctool.core.world import path_of
from synctool.engine.folders import Mapping, carried, is_mapped
from synctool.engine.look import Differences, Paths
from synctool.engine.owner_files import OpenDocument, open_documents
from synctool.errors import InUse, SideError
from synctool.sides.base import Side, folder_of
from synctool.store.remembered import Remembered

CHUNK = 1 << 20  # bytes read at once
PUT_OFF = "; put off"
"""How it ends what is said of a document that somebody is at work on."""

DigestOf = Callable[[Entry], str]
"""The SHA-256 of an entry's bytes, read now if it is not known yet. Raises what reading raises."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A look, how many entries were listed for it, what is open, and what an interrupted run left half written.

    listed: None if only a part of the side was looked at; gone: a folder is gone, and what was in it is not looked for.
    """

    look: Look
    listed: int | None
    in_use: tuple[OpenDocument, ...] = ()
    leftovers: tuple[Entry, ...] = ()
    gone: bool = False


def sift(
    side: Side, remembered: Remembered, policy: Policy, found: Differences, digest_of: DigestOf
) -> Sighting:
    """The look that these differences make for this profile."""
    return _Sieve(side, remembered, policy, found, digest_of).sifted()


class _Sieve:
    """Parts what belongs to the profile from what does not, in one side's differences."""

    def __init__(
        self, side: Side, remembered: Remembered, policy: Policy, found: Differences, digest_of: DigestOf
    ) -> None:
        mapping = Mapping(side.name, policy, side.traits)
        self._side = side
        self._remembered = remembered
        self._policy = policy
        self._mapping = mapping
        self._found = found
        self._digest_of = digest_of
        self._paths = Paths(side.name, remembered, found.seen, mapping)
        self._left_out: dict[Handle, Entry] = {}
        self._occupied: set[Handle] = set()
        self._unread = set(found.unread)
        self._reported: list[tuple[str, str]] = []

    def sifted(self) -> Sighting:
        found = self._found
        excluded = {handle: why for handle, entry in found.seen.items() if (why := self._exclusion(entry))}
        for handle, why in excluded.items():  # only now: what lies in an excluded folder is found through it
            entry = self._left_out[handle] = found.seen.pop(handle)
            if why == "rule":
                self._occupied.add(entry.parent)
        for handle, reason in found.passed.items():
            self._occupied.add(folder_of(handle))
            self._reported.append((handle, f"{reason}; not carried"))
        self._keep_ways()
        halves = self._halves_of_moves()
        unseen = self._below_unlisted() | self._read()
        result = Look(
            side=self._side.name,
            seen=found.seen,
            missing={h: i for h, i in found.missing.items() if i not in unseen},
            unseen=frozenset(unseen),
            unlisted=found.unlisted,
            unread=frozenset(self._unread),
            occupied=frozenset(self._occupied),
            withdrawn=self._withdrawn(),
            reported=tuple(self._reported),
            partial=not (found.whole or self._side.traits.lasting_refs),
        )
        leftovers = tuple(e for e in self._left_out.values() if e.name.startswith(TEMPORARY))
        in_use = tuple(open_documents(self._side, self._left_out.values()))
        listed = found.listed if found.whole else None
        return Sighting(result, listed, in_use, leftovers + halves, found.gone)

    def _halves_of_moves(self) -> tuple[Entry, ...]:
        """What a move left at its new place that broke off before it cleared the old one: that item's, and no document."""
        found: list[Entry] = []
        moving = self._remembered.moving(self._side.name)
        for entry in list(self._found.seen.values()) if moving else ():
            item = moving.get(self._paths.of(entry) or "")
            held = self._remembered.held_by(self._side.name, item) if item is not None else None
            if held is None or held.handle == entry.handle or held.handle in self._found.missing:
                continue
            if self._is_copy(entry, held):
                found.append(self._found.seen.pop(entry.handle))
        return tuple(found)

    def _is_copy(self, entry: Entry, held: Entry) -> bool:
        """Whether two entries hold the same bytes, which are read if nothing less proves it."""
        if (entry.kind, entry.size) != (held.kind, held.size) or held.kind is Kind.FOLDER:
            return False
        if self._side.traits.stamps_are_content and entry.stamp == held.stamp:
            return True
        try:
            return self._digest_of(entry) == held.sha256
        except SideError:
            return False

    def _exclusion(self, entry: Entry) -> str:
        """Why an entry does not travel: noise, rule, or "" if it does."""
        path = self._paths.of(entry)
        if any(names.is_noise(part) for part in (path or entry.name).split("/")):
            return "noise"
        if entry.name == PLACEHOLDER and entry.kind is Kind.FILE:
            if entry.size:
                self._reported.append((path or entry.name, "has a reserved name, but holds something"))
            return "rule" if entry.size else "noise"
        if path is None or self._mapping.shadowed(entry):
            return "rule"
        return "" if carried(path, self._policy, folder=entry.kind is Kind.FOLDER) else "rule"

    def _keep_ways(self) -> None:
        """An excluded folder in which something included lies is there all the same."""
        for entry in list(self._found.seen.values()):
            parent = self._left_out.get(entry.parent)
            while parent is not None and parent.handle not in self._found.seen:
                self._found.seen[parent.handle] = parent
                parent = self._left_out.get(parent.parent)

    def _below_unlisted(self) -> set[ItemId]:
        """Items whose rows lie in, or are, folders that could not be listed; a vanished mapped folder is one."""
        side, unlisted = self._side.name, self._found.unlisted
        for handle, item in self._found.missing.items():
            if self._policy.folders and is_mapped(path := path_of(item, self._value), self._policy):
                unlisted[handle] = f"{path}: the mapped folder is not there"
        unlisted |= self._out_of_sight()
        dark = {*unlisted, *self._found.passed, *(f"{handle}/" for handle in self._found.passed)}
        if not dark:
            return set()
        hidden: dict[Handle, bool] = {"": "" in dark}

        def is_hidden(handle: Handle) -> bool:
            if handle not in hidden:
                hidden[handle] = handle in dark
                item = self._remembered.at_handle(side, handle)
                held = self._remembered.held_by(side, item) if item is not None else None
                hidden[handle] = hidden[handle] or (held is not None and is_hidden(held.parent))
            return hidden[handle]

        return {item for handle, item in self._found.missing.items() if is_hidden(handle)}

    def _out_of_sight(self) -> dict[Handle, str]:
        """Folders that are listed no more and cannot be told to be gone, and why; a lost permission looks like that."""
        found: dict[Handle, str] = {}
        missing = self._found.missing if self._side.traits.lasting_refs else {}
        for handle, item in missing.items():
            held = self._remembered.held_by(self._side.name, item)
            if held is None or held.kind is Kind.FILE or held.parent in missing:
                continue
            try:
                self._side.stat(held)
            except SideError as error:
                found[handle] = f"{path_of(item, self._value)}: {error.what}"
        return found

    def _value(self, item: ItemId) -> Value:
        return self._remembered.item(item).value

    def _read(self) -> set[ItemId]:
        """Hash what is near and may have changed or moved; what cannot be read is not seen this time."""
        if not self._side.traits.cheap_reads:
            return set()
        gone = self._gone()
        lost = {held.size for held in gone.values()}
        unread: set[ItemId] = set()
        for handle, entry in list(self._found.seen.items()):
            item = self._remembered.at_handle(self._side.name, handle)
            if entry.kind is Kind.FOLDER or (item is None and entry.size not in lost):
                continue
            try:
                self._found.seen[handle] = entry._replace(sha256=self._digest_of(entry))
            except SideError as error:
                waits = PUT_OFF * isinstance(error, InUse)
                self._found.unlisted[handle] = f"{self._paths.of(entry) or entry.name}: {error.what}{waits}"
                self._unread.add(handle)
                self._occupied.add(entry.parent)
                unread |= {i for i, held in gone.items() if held.size == entry.size}  # it may be one of them
        return unread

    def _gone(self) -> dict[ItemId, Entry]:
        """The files whose old places are empty."""
        held = ((i, self._remembered.held_by(self._side.name, i)) for i in self._found.missing.values())
        return {item: entry for item, entry in held if entry is not None and entry.kind is Kind.FILE}

    def _withdrawn(self) -> frozenset[ItemId]:
        """Items that were renamed to a name which the profile excludes: still there, so not deleted."""
        known = (self._remembered.at_handle(self._side.name, handle) for handle in self._left_out)
        withdrawn = {item for item in known if item is not None}
        by_size = {entry.size: entry for entry in self._left_out.values() if entry.size}
        for item, held in self._gone().items():
            entry = by_size.get(held.size)
            if entry is not None and self._same_bytes(entry, held):
                withdrawn.add(item)
                text = f"is now {self._paths.of(entry) or entry.name}, which is excluded"
                self._reported.append((path_of(item, self._value), text))
        missing = set(self._found.missing.values())
        folders = {self._value(item).folder for item in withdrawn} & missing
        while folders - withdrawn:
            withdrawn |= folders
            folders = {self._value(item).folder for item in folders} & missing
        return frozenset(withdrawn)

    def _same_bytes(self, entry: Entry, held: Entry) -> bool:
        if self._side.traits.stamps_are_content:
            return entry.stamp == held.stamp
        try:
            return self._side.traits.cheap_reads and self._digest_of(entry) == held.sha256
        except SideError:
            return False


def put_off(look: Look, entries: Iterable[Entry], why: str = "") -> Look:
    """The look in which nothing is said about some entries, because they are not to be had now.

    why: what is missing of this look; "" if it is said elsewhere.
    """
    entries = list(entries)
    handles = frozenset(entry.handle for entry in entries)
    return replace(
        look,
        unread=look.unread | handles,
        unlisted={**look.unlisted, **{h: f"{h}: {why}{PUT_OFF}" for h in sorted(handles) if why}},
        occupied=look.occupied | {entry.parent for entry in entries},
    )


def sha256_of(side: Side, entry: Entry) -> str:
    """The SHA-256 of an entry's bytes, read now."""
    digest = hashlib.sha256()
    with side.read(entry) as data:
        while chunk := data.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
