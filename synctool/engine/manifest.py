"""Lists what is agreed now of every document, as a manifest that can be attached to a file."""

from collections.abc import Iterator
from typing import NamedTuple

from synctool.config.profile import FilevineSettings, Profile
from synctool.core.item import Row
from synctool.core.model import Kind, SideName
from synctool.core.world import path_of
from synctool.engine.record import at_hand, remembering
from synctool.engine.tools import Tools
from synctool.errors import Misuse
from synctool.store.audit import Head, entries
from synctool.store.ledger import Ledger


class Document(NamedTuple):
    """One document. sha256: "" while nobody has read it; sides: those that hold it as agreed.

    filevine: its number there; changed_ns, author: of this version, as the sides tell; synced: when synctool last changed
    it anywhere, in ISO 8601, and by whom.
    """

    path: str
    size: int
    sha256: str
    sides: tuple[SideName, ...]
    filevine: str
    changed_ns: int
    author: str
    synced: str
    synced_by: str


class Manifest(NamedTuple):
    """The documents of a profile, by path; the end of its audit log; when it was made, in ns since the epoch."""

    profile: str
    made_ns: int
    head: Head
    documents: tuple[Document, ...]


def manifest(profile: Profile, tools: Tools) -> Manifest:
    """What is agreed of every document. Raises Misuse for a profile that has never run."""
    with at_hand(profile, tools) as here:
        if not here.database(profile.name).exists():
            raise Misuse(f"{profile.name} has never run here", hint="synctool apply makes it agree first")
        path = here.audit(profile.name)
        head, told = Head(), {}
        for entry in entries(path) if path.exists() else ():
            head = Head(entry["seq"], entry["hash"])
            if "outcome" not in entry:  # else nobody knows whether it was done
                told[entry.get("item")] = entry
        with remembering(profile, here) as ledger:
            documents = tuple(sorted(_documents(profile, ledger, told)))
    return Manifest(profile.name, tools.clock.now_ns(), head, documents)


def _documents(profile: Profile, ledger: Ledger, told: dict[object, dict[str, str]]) -> Iterator[Document]:
    known = ledger.remembered()
    filevine = {name for name, side in profile.sides.items() if isinstance(side, FilevineSettings)}
    for item in known.everything():
        agreed = known.item(item)
        content = agreed.value.content
        if agreed.kind is not Kind.FILE or not agreed.value.exists or content is None:
            continue
        ranked = {side: known.rows(item)[side] for side in profile.policy.ranks if side in known.rows(item)}
        holding = {side: row for side, row in ranked.items() if row.held and row.versions == agreed.versions}
        last = told.get(item, {})
        yield Document(
            path=path_of(item, lambda i: known.item(i).value),
            size=content.size,
            sha256=content.digest if content.read else "",
            sides=tuple(holding),
            filevine=next((_number(row) for side, row in holding.items() if side in filevine), ""),
            changed_ns=max((row.held.mtime_ns for row in holding.values() if row.held), default=0),
            author=next((row.held.author for row in holding.values() if row.held and row.held.author), ""),
            synced=last.get("at", ""),
            synced_by=last.get("actor", ""),
        )


def _number(row: Row) -> str:
    return row.held.handle.lstrip("d0") if row.held else ""
