"""Keeps one side's documents as objects below a prefix of an S3 bucket."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import BinaryIO

from synctool.core.model import (
    Entry,
    Handle,
    Ids,
    Kept,
    Kind,
    Meta,
    Place,
    SideName,
    Stretch,
    Traits,
    Unlisted,
)
from synctool.errors import Denied, Rejected, Stale, Unavailable
from synctool.sides.base import LONGEST_MARKER, PLACEHOLDER, RESERVED, Remark
from synctool.sides.s3.arranging import Run, arrange, in_order, runs
from synctool.sides.s3.credentials import ordinary
from synctool.sides.s3.folders import Folders
from synctool.sides.s3.held import Held
from synctool.sides.s3.listing import Found, Odd, Page, file_entry, folder_entry, odd, reserved
from synctool.sides.s3.objects import Objects, same
from synctool.sides.s3.parts import Parts
from synctool.sides.s3.sigv4 import Keys
from synctool.sides.s3.trash import Trash, seen
from synctool.sides.s3.trial import tried
from synctool.sides.s3.uploads import Uploads
from synctool.sides.s3.wire import Where, Wire
from synctool.sides.s3.writing import Writing

MARKER = f"{RESERVED}/marker.json"

MAX_SIZE = 5 << 40  # bytes


class S3Side:
    """A prefix of an S3 bucket as a side.

    Folders are zero-byte ``.placeholder`` objects. Conditions are on ETags, so nobody's change is overwritten. In a
    versioned bucket former bytes stay as versions; in any other they are first copied to ``.synctool/trash``.
    AWS lists in the order of keys, so a listing streams; other servers need not, so theirs is sorted in memory.

    encryption: "AES256" or "aws:kms"; without access_key and secret_key, the ordinary chain of the AWS tools is asked;
    expected_owner: the AWS account id the bucket must belong to; clock: seconds since the epoch.
    """

    traits = Traits(
        lasting_refs=False,
        stamps_are_content=True,
        moves_folders=False,
        implied_folders=True,
        labels=True,
        names="s3",
        max_size=MAX_SIZE,
        jobs=16,
    )
    _objects: Objects  # from open on
    _uploads: Uploads
    _trash: Trash
    _folders: Folders
    _writing: Writing

    def __init__(  # noqa: PLR0913 -- one keyword for each line of the profile
        self,
        name: SideName,
        *,
        bucket: str,
        prefix: str,
        clock: Callable[[], float],
        region: str = "us-east-1",
        endpoint_url: str | None = None,
        encryption: str | None = None,
        kms_key_id: str | None = None,
        role_arn: str | None = None,
        expected_owner: str | None = None,
        storage_class: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
    ) -> None:
        below = prefix.strip("/")
        self._where = Where(name, bucket, f"{below}/" if below else "", region, endpoint_url, expected_owner)
        self._login = (access_key, secret_key, role_arn)
        self._stored = {
            header: value
            for header, value in {
                "x-amz-server-side-encryption": encryption,
                "x-amz-server-side-encryption-aws-kms-key-id": kms_key_id,
                "x-amz-storage-class": storage_class,
            }.items()
            if value
        }
        self._clock = clock
        self._encryption = encryption or ""
        self._md5 = False
        self._wire: Wire | None = None

    @property
    def name(self) -> SideName:
        return self._where.side

    def open(self) -> None:
        access, secret, role_arn = self._login
        own = (access, secret) if access and secret else None
        keys = (
            partial(Keys, *own)
            if own and not role_arn
            else ordinary(self.name, self._where.region, role_arn, own)
        )
        self.close()
        self._wire = Wire(self._where, keys, self._clock)
        self._uploads = Uploads(self._wire)
        parts = Parts(self._wire, self._uploads, self._stored)
        self._objects = Objects(self._wire, parts, self._stored)
        self._md5 = "kms" not in self._encryption
        versioned = "<Status>Enabled<" in self._versioning()
        self._trash = Trash(self._objects, self._where, self._clock, versioned=versioned, md5=self._md5)
        self._folders = Folders(self._objects, self._trash, self.name)
        self._writing = Writing(self._objects, parts, self._trash, self.name, md5=self._md5)

    def close(self) -> None:
        if self._wire:
            self._wire.close()

    def list(self, folders: Collection[Handle] | None = None) -> Iterator[Entry | Unlisted]:
        listing = self.relist({}) if folders is None else self._told(self._inside(folders))
        return (each for each in listing if not isinstance(each, Stretch))

    def relist(self, known: Mapping[str, Stretch]) -> Iterator[Entry | Unlisted | Stretch]:
        return self._told(arrange(self._runs(known), md5=self._md5))

    def stat(self, entry: Entry) -> Entry | None:
        if entry.kind is Kind.FOLDER:
            return self._folders.stat(entry)
        held = self._objects.head(entry.handle)
        return self._entry(held) if held else None

    def read(self, entry: Entry, start: int = 0) -> BinaryIO:
        found = seen(entry)
        size, body = self._objects.get(found.path, same(found.etag), found.version, start)
        if size == entry.size:
            return body
        body.close()
        raise Stale("it is not what it was", side=self.name, path=entry.handle)

    def write(self, at: Entry | Place, data: BinaryIO, meta: Meta) -> Entry:
        path = at.handle if isinstance(at, Entry) else self._path(at)
        if meta.size > MAX_SIZE:
            raise Rejected("S3 holds no object larger than 5 TiB", side=self.name, path=path)
        return self._entry(self._writing.store(path, at, data, meta))

    def make_folder(self, at: Place) -> Entry:
        return self._folders.make(self._path(at))

    def move(self, entry: Entry, to: Place, meta: Meta | None = None) -> Entry:
        path = self._path(to)
        if entry.kind is Kind.FOLDER:
            return self._folders.move(entry, path)
        if path == entry.handle:
            return self.label(entry, meta) if meta else entry
        found = seen(entry)
        moved = self._entry(self._writing.copy(entry, path, meta))
        if not found.version:
            self._objects.delete(found.path, found.etag)
        return moved

    def kept(self) -> Iterator[Kept]:
        return self._trash.kept()

    def purge(self, kept: Kept) -> None:
        self._trash.purge(kept)

    def remove(self, entry: Entry) -> None:
        if entry.kind is Kind.FOLDER:
            self._folders.remove(entry)
            return
        found = seen(entry)
        try:
            self._trash.keep(found)
        except Stale:
            if self._objects.head(entry.handle):
                raise
            return
        self._objects.delete(found.path, found.etag)

    def sweep(self, before_ns: int) -> None:
        with suppress(Denied, Rejected):  # where we may not, a rule of the bucket's owner has to
            self._uploads.sweep(before_ns)

    def label(self, entry: Entry, meta: Meta) -> Entry:
        return self._entry(self._writing.copy(entry, entry.handle, meta))

    def ids(self, entry: Entry, folder_path: str) -> Ids | None:  # noqa: ARG002  its names do not last
        return None

    def marker(self) -> bytes | None:
        try:
            _, body = self._objects.get(MARKER, {})
        except Stale:
            return None
        with body:
            return body.read(LONGEST_MARKER)

    def remarks(self) -> Iterator[Remark]:
        if self._trash.versioned:
            yield Remark("the bucket keeps versions")
        else:
            yield Remark(
                "the bucket keeps no versions, so former bytes are copied into trash: turn them on", warn=True
            )
        if self._wire:
            yield from tried(self._wire, self._stored, versioned=self._trash.versioned)

    def mark(self, data: bytes | None) -> None:
        if data is not None:
            self._objects.put(MARKER, data, {})
        elif held := self._objects.head(MARKER):
            self._objects.delete(MARKER, held.found.etag)

    def _versioning(self) -> str:
        """What the bucket says of its versions; "" when we may not ask or it cannot say, though it may be listed."""
        try:
            said = self._objects.about("versioning")
        except (Denied, Rejected):
            self._objects.first("", 1)
            return ""
        if "Versioning" not in said:  # AWS says VersioningConfiguration, moto GetBucketVersioningResponse
            raise Unavailable(
                "answered with something that is not S3's; is endpoint_url right?", side=self.name
            )
        return said

    def _runs(self, known: Mapping[str, Stretch]) -> Iterator[Run]:
        """All objects; in memory, and sorted if need be, where a server may list them in another order than AWS."""
        found = runs(self._pages(), known)
        if not self._where.endpoint_url:
            yield from found
            return
        kept = list(found)
        if in_order(kept):
            yield from kept
            return
        if any(run.known for run in kept):
            kept = list(runs(self._pages(), {}))
        yield Run("", sorted(each for run in kept for each in run.found))

    def _pages(self) -> Iterator[Page]:
        """Every object, but for synctool's own trash, which is leapt over rather than paged through."""
        own = f"{RESERVED}/"
        for page in self._objects.unread():
            yield page
            if page.last.startswith(own):
                break
        else:
            return
        yield from self._objects.unread(after=f"{own}\U0010ffff")

    def _told(self, listing: Iterator[Entry | Odd | Stretch]) -> Iterator[Entry | Unlisted | Stretch]:
        try:
            for each in listing:
                yield (
                    Unlisted(repr(each.key), "cannot be a path", passed_over=True)
                    if isinstance(each, Odd)
                    else each
                )
        except ValueError as error:
            raise Unavailable(f"the bucket's listing cannot be used: {error}", side=self.name) from None

    def _inside(self, folders: Collection[Handle]) -> Iterator[Entry | Odd | Stretch]:
        """What lies directly in these folders."""
        found = Run("", sorted(self._found_in(folders)))
        listing = arrange([found], md5=self._md5)
        return (each for each in listing if not isinstance(each, Entry) or each.parent in folders)

    def _found_in(self, folders: Collection[Handle]) -> Iterator[Found]:
        """What lies directly in these folders, each path once."""
        found: dict[str, Found] = {}
        for folder in folders:
            below = folder.removesuffix(PLACEHOLDER)
            if folder and (not folder.endswith(f"/{PLACEHOLDER}") or odd(below[:-1]) or reserved(below)):
                continue
            for page in self._objects.pages(below=below, deep=False):
                shown = (self._shown(each) for each in page if each.path != below)
                found |= {each.path: each for each in shown if each and not reserved(each.path)}
        return iter(found.values())

    def _shown(self, found: Found) -> Found | None:
        """What stands for a folder in the listing of all: its placeholder, if it has one; some servers list the empty."""
        if not found.path.endswith("/") or odd(found.path[:-1]):
            return found
        folder = self._folders.stat(folder_entry(found.path + PLACEHOLDER, ""))
        return folder and (found._replace(path=folder.handle) if folder.stamp else found)

    def _path(self, to: Place) -> str:
        """The path of a place; raises Rejected for what would not be one entry in that folder."""
        path = to.folder.removesuffix(PLACEHOLDER) + to.name
        if to.folder and not to.folder.endswith(f"/{PLACEHOLDER}"):
            raise Rejected(f"{to.folder!r} is no folder", side=self.name, path=path)
        # Servers that keep keys as paths may take a backslash for a slash, and the document would lie elsewhere.
        slashes = "/\\" if self._where.endpoint_url else "/"
        if set(slashes) & set(to.name) or to.name == PLACEHOLDER or odd(path) or reserved(path):
            raise Rejected(f"{to.name!r} cannot be a name in S3", side=self.name, path=path)
        return path

    def _entry(self, held: Held) -> Entry:
        return file_entry(held.found, md5=self._md5, sha256=held.sha256, version=held.version)
