"""Says what Filevine calls a document, and when a side that keeps those ids must be told anew."""

from synctool.core.item import ROOT, ItemId
from synctool.core.model import Entry, Gap, Handle, Kind, SideName
from synctool.core.spelling import extension_changes, spelled
from synctool.core.world import Case, World


def needs_label(world: World, case: Case, side: SideName) -> bool:
    """Whether a side keeps Filevine's ids of a document, holds it, and was told other ids than it now has."""
    if not (
        world.traits[side].labels and isinstance(case.entries[side], Entry) and case.before.kind is Kind.FILE
    ):
        return False
    return gets_new_ref(world, case.item) or is_mislabelled(world, case, side)


def is_mislabelled(world: World, case: Case, side: SideName) -> bool:
    """Whether a side was told other ids of a document than it now has."""
    ours = label_of(world, case.item)
    return bool(ours and ours != case.row(side).label)


def gets_new_ref(world: World, item: ItemId) -> bool:
    """Whether a side with lasting refs is about to make a document of a file: a new one, or one that replaces its old."""
    case = world.cases.get(item)
    if case is None or case.before.kind is Kind.FOLDER:
        return False
    for side, traits in world.traits.items():
        lacks, entry = case.lacking.get(side, frozenset()), case.entries[side]
        replaced = isinstance(entry, Entry) and extension_changes(
            world, side, entry, spelled(world, case, side)
        )
        new = "exists" in lacks or (lacks & {"folder", "name"} and replaced)
        comes = world.receives(side) and not world.refusal(side, item) and not world.is_left(side, case)
        if traits.lasting_refs and new and comes:
            return True
    return False


def label_of(world: World, item: ItemId) -> str:
    """The Filevine ids of an item as one text: document, folder, path of the folder; "" while it has none."""
    for side, traits in world.traits.items():
        entry = world.entry(item, side) if traits.lasting_refs else Gap.ABSENT
        if isinstance(entry, Entry):
            folder = world.agreed(item).value.folder
            parent = world.entry(folder, side)
            handle = parent.handle if isinstance(parent, Entry) else entry.parent
            return label_text(entry.handle, handle, world.path(folder) if folder != ROOT else "")
    return ""


def label_text(document: Handle, folder: Handle, path: str) -> str:
    """The Filevine ids of a document as one text."""
    return f"{document}|{folder}|{path}"
