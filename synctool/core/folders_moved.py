"""Finds out where the folders of a side are now whose handles are paths: most of their children decide.

What an interrupted run let make room for another says so itself.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from synctool.core import names
from synctool.core.item import ItemId, Row
from synctool.core.known import Look
from synctool.core.model import PLACEHOLDER, Entry, Handle, Kind, Traits

Owners = dict[Handle, ItemId]
Evidence = Callable[[Entry], str]


@dataclass(slots=True)
class _Votes:
    """What the children of one missing folder say, by new folder: how many are there, and how many only by name."""

    size: int = 0
    there: Counter[Handle] = field(default_factory=Counter)
    edited: Counter[Handle] = field(default_factory=Counter)

    def most(self) -> Handle:
        """The new folder that holds most of them; "" if none does. Who is there with other bytes says neither yes nor no."""
        best = max(sorted(self.there), key=self.there.__getitem__, default="")
        return best if self.there[best] * 2 > self.size - self.edited[best] else ""


def evidence_of(traits: Traits) -> Evidence:
    """What proves equal bytes among a side's own files: its stamps where they are content, else the bytes as read."""
    if traits.stamps_are_content:
        return lambda entry: entry.stamp if entry.kind is Kind.FILE else ""
    return lambda entry: entry.sha256


def in_moved_folders(look: Look, rows: Mapping[ItemId, Row], homes: Owners, evidence: Evidence) -> Owners:
    """Where the entries of renamed folders are now: new handle → item. Most children decide; a tie is no move."""
    gone = {handle: held for handle, item in look.missing.items() if (held := rows[item].held)}
    fresh = {handle: entry for handle, entry in look.seen.items() if handle not in homes}
    aside = _aside(look, gone, fresh)
    moved = _moved_folders(gone, _votes(gone, fresh, evidence), fresh, aside)
    found = {new: look.missing[old] for old, new in moved.items()}
    for handle, held in gone.items():
        if held.parent in moved:
            new = _inside(moved[held.parent]) + handle.removeprefix(_inside(held.parent))
            if new in look.seen and new not in found:
                found[new] = look.missing[handle]
    return found


def _aside(look: Look, gone: Mapping[Handle, Entry], fresh: Mapping[Handle, Entry]) -> dict[Handle, Handle]:
    """Old handle → new handle of what makes room for another, by the number in its name."""
    former = {look.missing[handle]: held for handle, held in gone.items()}
    called = ((former.get(names.makes_room(entry.name)), entry) for entry in fresh.values())
    return {held.handle: entry.handle for held, entry in called if held and held.kind is entry.kind}


def _votes(
    gone: Mapping[Handle, Entry], fresh: Mapping[Handle, Entry], evidence: Evidence
) -> Mapping[Handle, _Votes]:
    """What the missing entries say about where their folders are."""
    marked: dict[tuple[str, str] | None, set[Handle]] = defaultdict(set)
    named: dict[tuple[str, Kind], set[Handle]] = defaultdict(set)
    for entry in fresh.values():
        if entry.parent in fresh:
            marked[_mark(entry, evidence)].add(entry.parent)
            named[entry.name, entry.kind].add(entry.parent)
    votes: dict[Handle, _Votes] = defaultdict(_Votes)
    for held in gone.values():
        mark, ballot = _mark(held, evidence), votes[held.parent]
        there = marked.get(mark, set()) if mark else set()
        ballot.size += 1
        ballot.there.update(there)
        ballot.edited.update(named.get((held.name, held.kind), set()) - there)
    return votes


def _moved_folders(
    gone: Mapping[Handle, Entry],
    votes: Mapping[Handle, _Votes],
    fresh: Mapping[Handle, Entry],
    aside: Mapping[Handle, Handle],
) -> dict[Handle, Handle]:
    """Old folder → new folder. A folder in a moved one is looked for inside it first; no two become one."""
    moved = dict(aside)
    for old in sorted(
        handle for handle, held in gone.items() if held.kind is Kind.FOLDER and handle not in moved
    ):
        parent = gone[old].parent
        inside = _inside(moved[parent]) + old.removeprefix(_inside(parent)) if parent in moved else ""
        new = inside if inside in fresh else votes[old].most() if old in votes else ""
        if new and new not in moved.values():
            moved[old] = new
    return moved


def _inside(folder: Handle) -> str:
    """What the path handles of everything in a folder begin with."""
    return folder.removesuffix(PLACEHOLDER)


def _mark(entry: Entry, evidence: Evidence) -> tuple[str, str] | None:
    """What must be equal for a child of a moved folder to be taken for the same child."""
    if entry.kind is Kind.FOLDER:
        return entry.name, "/"
    print_ = evidence(entry)
    return (entry.name, print_) if print_ else None
