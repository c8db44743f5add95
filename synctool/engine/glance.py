"""Looks only around what was hinted at on one side, and follows from there what moved.

Where a path is all there is, the folders are listed in which the hinted handles lie; what is missed in them may lie where
nobody looked. Where refs last, each hinted document or folder is asked after by itself.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from synctool.core import names
from synctool.core.model import PLACEHOLDER, Entry, Handle, Kind, SideName, Traits
from synctool.core.policy import Policy
from synctool.engine.folders import Mapping, carried, path_handle
from synctool.engine.look import Differences, Line, Paths, entries_of, merge, show_mapped
from synctool.engine.sieve import DigestOf
from synctool.errors import Denied, Missing, SideError
from synctool.sides.base import Side, folder_of
from synctool.store.remembered import Remembered

TWINS = 20  # folders with a document of the bytes that a new one has, that one wave of listings looks into

Progress = Callable[[SideName, int], None]


def glance(
    side: Side,
    remembered: Remembered,
    policy: Policy,
    handles: Collection[Handle],
    digest_of: DigestOf,
    progress: Progress,
) -> Differences:
    """What a side shows, around these handles, that its rows do not say. Raises what the side raises."""
    mapping = Mapping(side.name, policy, side.traits)
    this = _Glance(side, remembered, policy, mapping, frozenset(handles), progress)
    if not side.traits.lasting_refs:
        this.look_into(digest_of)
    else:
        this.ask_after()
        if mapping:
            show_mapped(this.found, remembered, side, mapping)
    return this.found


@dataclass(slots=True)
class _Glance:
    """One side, what was hinted at there, and what was found so far."""

    side: Side
    remembered: Remembered
    policy: Policy
    mapping: Mapping
    handles: frozenset[Handle]
    progress: Progress
    found: Differences = field(default_factory=lambda: Differences(whole=False))

    def look_into(self, digest_of: DigestOf) -> None:
        """List the folders of what was hinted at, and then those that the listings lead to."""
        due, looked = {folder for handle in self.handles for folder in self._around(handle)}, set[Handle]()
        while due:
            looked |= due
            entries = list(self._entries_in(due))
            merge(self.found, entries, partial(self._rows, due))
            barren = due - {_above(entry.handle, self.side.traits) for entry in entries}
            due = {_above(folder, self.side.traits) for folder in barren if folder}
            due |= self._gone_folders() | self._new_folders(entries) | self._twins(entries, digest_of)
            due -= looked

    def ask_after(self) -> None:
        """Ask after each of what was hinted at, and after the folders it lies in that no row knows."""
        due, asked = set(self.handles), set[Handle]()
        while due:
            asked |= due
            for handle in sorted(due):
                self._ask(handle)
            fresh = {e.handle for e in self._unknown() if e.kind is Kind.FOLDER and e.handle in due}
            for entry in self._entries_in(fresh) if fresh else ():
                self._note(entry)
            due = {e.handle for e in self._unknown() if e.kind is Kind.FOLDER}
            due |= {e.parent for e in self.found.seen.values() if not self._is_held(e.parent)}
            due -= asked
        while adrift := [h for h, e in self.found.seen.items() if not self._is_held(e.parent)]:
            for handle in adrift:  # it lies in what is not there, in trash, or not ours to see
                del self.found.seen[handle]

    def _is_held(self, folder: Handle) -> bool:
        return not folder or folder in self.found.seen or self._is_known(folder)

    def _ask(self, handle: Handle) -> None:
        """Ask after one document or folder; nothing is said about one that nobody can tell of."""
        item = self.remembered.at_handle(self.side.name, handle)
        held = self.remembered.held_by(self.side.name, item) if item is not None else None
        kind = Kind.FOLDER if handle.startswith("f") else Kind.FILE
        try:
            now = self.side.stat(held or Entry(kind, handle, "", "", ""))
        except SideError as error:
            if held or not isinstance(error, Missing | Denied):
                self.found.unlisted[handle] = str(error)
                self.found.unread.add(handle)
            return
        if now is not None:
            self._note(now)
        elif held is not None and item is not None and held.kind is Kind.FILE:
            self.found.missing[handle] = item
        else:
            self.found.gone = self.found.gone or held is not None

    def _note(self, entry: Entry) -> None:
        item = self.remembered.at_handle(self.side.name, entry.handle)
        held = self.remembered.held_by(self.side.name, item) if item is not None else None
        if held is None or (held.stamp, held.parent, held.name) != (entry.stamp, entry.parent, entry.name):
            self.found.seen[entry.handle] = entry

    def _around(self, handle: Handle) -> Iterator[Handle]:
        """The folder to list for a handle, the nearest above it that a row knows; and itself, if it is one."""
        traits = self.side.traits
        own = handle + PLACEHOLDER if traits.implied_folders and handle.endswith("/") else handle
        if _is_folder(own, traits) and self._is_known(own):
            yield own
        above = _above(own, traits)
        while above and not (_is_folder(above, traits) and self._is_known(above)):
            above = _above(above, traits)
        yield above

    def _entries_in(self, folders: Collection[Handle]) -> Iterator[Entry]:
        listing = entries_of(self.side.list(folders), self.mapping, self.found, self.progress)
        return (each for each in listing if isinstance(each, Entry))

    def _rows(self, folders: Collection[Handle], after: Handle) -> Iterator[Line]:
        """What lay in these folders, wherever the profile maps it to, after a handle and in the order of handles."""
        lines = [line for folder in folders for line in self.remembered.inside(self.side.name, folder)]
        lines += (
            line
            for handle in self.mapping.by_handle
            for line in self.remembered.under(self.side.name, handle)
        )
        inside = {line for line in lines if _above(line[0], self.side.traits) in folders}
        return iter(sorted(line for line in inside if line[0] > after))

    def _gone_folders(self) -> set[Handle]:
        return {handle for handle in self.found.missing if _is_folder(handle, self.side.traits)}

    def _new_folders(self, entries: Iterable[Entry]) -> set[Handle]:
        """Folders that no row knows, and that travel or lead to what was hinted at."""
        paths = Paths(self.side.name, self.remembered, self.found.seen, self.mapping)

        def travels(folder: Entry) -> bool:
            path = paths.of(folder)
            noise = path is None or any(names.is_noise(part) for part in path.split("/"))
            return not noise and carried(path or "", self.policy, folder=True)

        return {
            entry.handle
            for entry in entries
            if entry.kind is Kind.FOLDER
            and not self._is_known(entry.handle)
            and (travels(entry) or self._leads_on(entry.handle))
        }

    def _leads_on(self, folder: Handle) -> bool:
        below = folder.removesuffix(PLACEHOLDER)
        return any(handle.startswith(below) for handle in self.handles)

    def _twins(self, entries: Iterable[Entry], digest_of: DigestOf) -> set[Handle]:
        """The folders of documents whose bytes a new one has: it may be the other half of a move."""
        fresh = [e for e in entries if e.kind is Kind.FILE and e.size and not self._is_known(e.handle)]
        if not fresh or not self.side.traits.cheap_reads:
            return set()
        known: dict[int, set[tuple[str, Handle]]] = {}
        for size, sha256, handle in self.remembered.sized(self.side.name, {entry.size for entry in fresh}):
            known.setdefault(size, set()).add((sha256, handle))
        found: set[Handle] = set()
        for entry in fresh:
            try:
                digest = digest_of(entry) if entry.size in known else ""
            except SideError:
                continue  # it is told when it is read for the look
            found |= {_above(h, self.side.traits) for sha, h in known.get(entry.size, ()) if sha == digest}
        return set(sorted(found)[:TWINS])

    def _unknown(self) -> list[Entry]:
        """What was seen that no row knows."""
        return [entry for handle, entry in self.found.seen.items() if not self._is_known(handle)]

    def _is_known(self, handle: Handle) -> bool:
        return self.remembered.at_handle(self.side.name, handle) is not None


def _is_folder(handle: Handle, traits: Traits) -> bool:
    """Whether a path is that of a folder."""
    return handle.endswith(f"/{PLACEHOLDER}" if traits.implied_folders else "/")


def _above(handle: Handle, traits: Traits) -> Handle:
    """The folder in which a path really lies, wherever the profile maps it to."""
    path = handle.removesuffix(PLACEHOLDER) if traits.implied_folders else handle
    return path_handle(folder_of(path).rstrip("/"), traits)
