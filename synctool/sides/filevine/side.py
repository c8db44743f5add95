"""Makes one project of Filevine a side."""

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import BinaryIO, Literal

from synctool.core.model import (
    Entry,
    Handle,
    Ids,
    Kept,
    Kind,
    Meta,
    Place,
    Stretch,
    Traits,
    Unlisted,
    folder_handle,
)
from synctool.core.names import split_extension
from synctool.errors import Denied, Missing, Rejected, SideError, Stale
from synctool.sides.base import PLACEHOLDER, RESERVED, Remark, in_order
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.folders import Folders
from synctool.sides.filevine.records import (
    Document,
    Folder,
    document_entry,
    folder_entry,
    number,
    parent_handle,
)
from synctool.sides.filevine.relisting import relisted
from synctool.sides.filevine.storage import WrongSize
from synctool.sides.filevine.transfer import Transfer
from synctool.sides.filevine.trash import Trash, in_trash
from synctool.sides.filevine.tree import HIDDEN, LISTED, PROTECTED, TRASH, Protected, Tree

MAX_SIZE = 5 * 2**30  # bytes; the most that storage takes in one PUT
TRAITS = Traits(
    lasting_refs=True,
    unique_names=False,
    fixed_extension=True,
    requests_per_read=2,  # where it is, and the bytes
    moves_folders=True,
    names="filevine",
    max_size=MAX_SIZE,
    jobs=3,
)


class FilevineSide:
    """The documents and folders of one project; see ``sides.base.Side`` for what each verb promises.

    project: its number. clock: nanoseconds since the epoch. trash: ``folder`` puts what is removed into a folder at the
    root, ``delete`` deletes documents. protected: whether folders limited to some people are left out.

    A rename or move is one request, so only its answer tells that the document has changed: then it is put back. A
    read is a locator and a download, so only another size tells that; other bytes of the same size are taken for
    those of this stamp until the next look, which sees another stamp and reads again.
    """

    def __init__(
        self,
        name: str,
        *,
        client: FilevineClient,
        project: int,
        clock: Callable[[], int],
        trash: Literal["folder", "delete"] = "folder",
        protected: Protected = "exclude",
    ) -> None:
        self.name = name
        self.traits = TRAITS
        self._client = client
        self._transfer = Transfer(client, project, name)
        self._folders = Folders(client, project, clock)
        self._trash = Trash(client, project, self._tree, clock)
        self._project = project
        self._deletes = trash == "delete"
        self._protected: Protected = protected

    def open(self) -> None:
        with self._naming(f"project {self._project}"):
            self._folders.open()

    def close(self) -> None:
        self._client.close()

    def list(self, folders: Collection[Handle] | None = None) -> Iterator[Entry | Unlisted]:
        if folders is None:
            yield from (each for each in self.relist({}) if not isinstance(each, Stretch))
            return
        with self._naming():
            self._folders.make_sure()
            yield from in_order(row for each in folders for row in self._inside(each))

    def relist(self, known: Mapping[str, Stretch]) -> Iterator[Entry | Unlisted | Stretch]:
        with self._naming():
            self._folders.make_sure()
            tree = self._tree(self._client.folders(self._project))
            self._folders.remember(tree)
            yield from relisted(self._client, self._project, tree, self._shown, known)
            yield from tree.entries()

    def stat(self, entry: Entry) -> Entry | None:
        with self._naming(entry.name):
            self._folders.make_sure()
            if entry.kind is Kind.FOLDER:
                return self._stat_folder(entry)
            document = self._find(entry)
            if document is not None:
                seen = not entry.stamp or self._in_sight(document.folder, entry.parent)
                return next(self._shown([document]), None) if seen else None
            self._look_into(entry.parent)
            return None

    def read(self, entry: Entry, start: int = 0) -> BinaryIO:
        with self._naming(entry.name):
            try:
                return self._transfer.download(number(entry.handle), entry.size, entry.name, start)
            except (WrongSize, Denied, Missing):
                self._expect(entry)
                raise

    def write(self, at: Entry | Place, data: BinaryIO, meta: Meta) -> Entry:
        with self._naming(at.name):
            if meta.size > MAX_SIZE:
                raise Rejected("it is larger than the 5 GiB that Filevine takes")
            if isinstance(at, Entry):
                return self._entry(self._replace(at, data, meta))
            _refuse_reserved(at)
            folder = number(at.folder) if at.folder else self._folders.root
            return self._entry(self._transfer.add(folder, at.name, data, meta))

    def make_folder(self, at: Place) -> Entry:
        with self._naming(at.name):
            _refuse_reserved(at)
            return self._folder_entry(self._folders.make(at.folder, at.name))

    def move(self, entry: Entry, to: Place, meta: Meta | None = None) -> Entry:
        del meta
        with self._naming(entry.name):
            _refuse_reserved(to)
            if entry.kind is Kind.FOLDER:
                parent = self._folders.number(to.folder)
                return self._folder_entry(self._folders.place(entry.handle, parent, to.name))
            if in_trash(entry):
                entry = self._trash.taken(entry, self._folders.number(to.folder), to, self._folders.root)
            if _extension(entry.name) != _extension(to.name):
                raise Rejected(f"Filevine never changes an extension, so it cannot become '{to.name}'")
            changes: dict[str, object] = {}
            if to.name != entry.name:
                changes["Filename"] = to.name
            if to.folder != entry.parent:
                changes["FolderId"] = {"Native": self._folders.number(to.folder)}
            return self._entry(self._change(entry, changes)) if changes else entry

    def remove(self, entry: Entry) -> None:
        with self._naming(entry.name):
            if entry.kind is Kind.FOLDER:
                self._folders.remove(entry)
            elif (document := self._find(entry)) is not None:
                self._remove_document(entry, document)

    def kept(self) -> Iterator[Kept]:
        with self._naming():
            yield from self._trash.kept()

    def purge(self, kept: Kept) -> None:
        with self._naming(kept.entry.name):
            self._trash.purge(kept)

    def sweep(self, before_ns: int) -> None:
        """There is nothing that a listing does not show, or that would be kept."""

    def label(self, entry: Entry, meta: Meta) -> Entry:
        del meta
        return entry

    def marker(self) -> bytes | None:
        return None

    def remarks(self) -> Iterator[Remark]:
        yield Remark(
            "what we may change is not tried, as it would show: the account needs Full on the project"
        )

    def mark(self, data: bytes | None) -> None:
        del data

    def ids(self, entry: Entry, folder_path: str) -> Ids:
        """What Filevine calls a document, for the metadata of its mirror; folder_path without outer slashes."""
        folder = str(self._folders.number(entry.parent))
        return Ids(str(self._project), str(number(entry.handle)), folder, folder_path)

    def _inside(self, handle: Handle) -> Iterator[Entry | Unlisted]:
        """What lies directly in a folder; nothing if it is gone, or in trash."""
        try:
            folder = self._folders.number(handle)
            children = self._client.children(folder)
        except Missing:
            return
        except Denied as error:
            yield Unlisted(handle, error.what)
            return
        tree = self._tree(children)
        sight = tree.sight(folder)
        if sight == LISTED:
            documents = self._client.documents(self._project, folder)
            yield from (entry for entry in self._shown(documents) if entry.parent == handle)
            own = {folder_handle(child) for child in children}
            yield from (
                e for e in tree.entries() if (e.folder if isinstance(e, Unlisted) else e.handle) in own
            )
        elif sight != HIDDEN:
            yield Unlisted(handle, sight, passed_over=sight == PROTECTED)

    def _shown(self, documents: Iterable[Document]) -> Iterator[Entry]:
        """The entries of documents in sight, but for what stands for a folder elsewhere."""
        for entry in map(self._entry, documents):
            if entry.size or not _reserved(entry.parent, entry.name):
                yield entry

    def _entry(self, document: Document) -> Entry:
        return document_entry(document, self._folders.root)

    def _folder_entry(self, folder: Folder) -> Entry:
        return folder_entry(folder, self._folders.root)

    def _tree(self, folders: Mapping[int, Folder]) -> Tree:
        return Tree(folders, self._project, self._folders.root, self._client.folder, self._protected)

    def _find(self, entry: Entry) -> Document | None:
        return self._client.document(self._project, number(entry.handle))

    def _expect(self, entry: Entry) -> Document:
        """The document, which must be the one we know. Raises Stale."""
        document = self._find(entry)
        if document is None:
            raise Stale("it is gone")
        if document.stamp != entry.stamp:
            raise Stale("it changed since we looked")
        return document

    def _replace(self, entry: Entry, data: BinaryIO, meta: Meta) -> Document:
        def same(document: Document | None) -> bool:
            if document is None or parent_handle(document.folder, self._folders.root) != entry.parent:
                raise Stale("it was moved or removed since we looked")
            return document.stamp == entry.stamp

        at = self._folders.number(entry.parent) if entry.parent else self._folders.root, entry.name
        return self._transfer.revise(number(entry.handle), at, same, data, meta)

    def _stat_folder(self, entry: Entry) -> Entry | None:
        try:
            folder = self._client.folder(number(entry.handle))
        except Missing:
            return None
        if folder.project not in (None, self._project):
            return None
        self._refuse_protected(folder)
        now = self._folder_entry(folder)
        if not now.parent and now.name in (TRASH, RESERVED):
            return None
        return now if not entry.stamp or self._in_sight(folder.parent, entry.parent) else None

    def _in_sight(self, folder: int | None, known: Handle) -> bool:
        """Whether what lies in a folder counts as there, known being one that does. Raises Denied when unknown."""
        if parent_handle(folder, self._folders.root) == known:
            return True
        sight = self._tree({}).sight(folder)
        if sight not in (LISTED, HIDDEN):
            raise Denied(f"it lies in a folder that cannot be listed: {sight}")
        return sight == LISTED

    def _look_into(self, parent: Handle) -> None:
        """Make sure that what a list of this folder misses is gone. Raises when that cannot be said."""
        if not parent:
            self._client.root(self._project)
            return
        with contextlib.suppress(Missing):  # gone, and with it all that was in it
            self._refuse_protected(self._client.folder(number(parent)))

    def _refuse_protected(self, folder: Folder) -> None:
        if folder.protected and self._protected == "exclude":
            raise Denied(f"the folder '{folder.name}' is protected")

    def _change(self, entry: Entry, changes: Mapping[str, object]) -> Document:
        try:
            document = self._client.change_document(number(entry.handle), changes)
        except (Denied, Missing):
            self._expect(entry)
            raise
        if document.stamp != entry.stamp:
            before = {"Filename": entry.name, "FolderId": {"Native": self._folders.number(entry.parent)}}
            with contextlib.suppress(SideError):
                self._client.change_document(document.id, {field: before[field] for field in changes})
            raise Stale("it changed since we looked")
        return document

    def _remove_document(self, entry: Entry, document: Document) -> None:
        now = self._entry(document)
        if (now.parent, now.name, now.stamp) != (entry.parent, entry.name, entry.stamp):
            if self._tree({}).sight(document.folder) == HIDDEN:
                return
            raise Stale("it changed since we looked")
        if self._deletes:
            self._trash.delete(entry)
        else:
            self._change(entry, {"FolderId": {"Native": self._folders.trash()}})

    @contextlib.contextmanager
    def _naming(self, path: str = "") -> Iterator[None]:
        """Say in every failure which side it was, and about what."""
        try:
            yield
        except SideError as error:
            error.side = error.side or self.name
            error.path = error.path or path
            raise


def _reserved(parent: Handle, name: str) -> bool:
    """Whether the name is synctool's own."""
    return name == PLACEHOLDER or (not parent and name in (TRASH, RESERVED))


def _refuse_reserved(at: Place) -> None:
    if _reserved(at.folder, at.name):
        raise Rejected("the name is reserved for synctool")


def _extension(name: str) -> str:
    return split_extension(name)[1].casefold()
