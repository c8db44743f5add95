"""Stores documents as objects, and copies them, so that a repetition finds its work done."""

import hashlib
from functools import partial
from typing import BinaryIO

from synctool.core.model import Entry, Meta, Place, SideName
from synctool.errors import Stale
from synctool.sides.s3.held import Held
from synctool.sides.s3.labels import COPIED, labels
from synctool.sides.s3.listing import is_md5
from synctool.sides.s3.objects import NEW, Objects, same
from synctool.sides.s3.parts import PART, Parts, take
from synctool.sides.s3.trash import Trash, seen


class Writing:
    """The ways in which an object comes to be; md5: whether plain ETags are MD5 digests here."""

    def __init__(self, objects: Objects, parts: Parts, trash: Trash, side: SideName, *, md5: bool) -> None:
        self._objects = objects
        self._parts = parts
        self._trash = trash
        self._side = side
        self._md5 = md5

    def store(self, path: str, at: Entry | Place, data: BinaryIO, meta: Meta) -> Held:
        """Store a document, keeping the bytes it had. Raises Stale unless what is there by then has these very bytes."""
        store = self._store_whole if meta.size <= PART else self._store_parts
        try:
            return store(path, at, data, meta)
        except Stale:
            held = self._ours(path, data, meta)
            if held is None:
                raise
            return held

    def copy(self, entry: Entry, path: str, meta: Meta | None) -> Held:
        """Copy server-side, unless the copy is there already."""
        found = seen(entry)
        headers = labels(meta, path) if meta else None
        if not entry.md5:  # the copy may get another ETag, so it says which one it came from
            headers = self._labels(entry) if headers is None else headers
            headers |= {COPIED: found.etag}
        condition = same(found.etag) if path == entry.handle else NEW
        try:
            return self._objects.copy(found, path, condition, headers)
        except Stale:
            held = self._objects.head(path)
            proof = held and (held.found.etag if entry.md5 else held.copied)
            if held is None or held.found.size != entry.size or proof != found.etag:
                raise
            return held

    def _store_whole(self, path: str, at: Entry | Place, data: BinaryIO, meta: Meta) -> Held:
        body = take(data, meta.size)
        digest = hashlib.sha256(body or b"").hexdigest()
        if body is None or data.read(1) or meta.sha256 not in ("", digest):
            raise self._parts.changed(path)
        self._keep_former(at)
        headers = labels(meta._replace(sha256=digest), path) | _condition(at)
        return self._objects.put(path, body, headers)

    def _store_parts(self, path: str, at: Entry | Place, data: BinaryIO, meta: Meta) -> Held:
        held = self._objects.head(path)  # nobody wants to learn after hours of upload that the place is taken
        if (held.found.etag if held else "") != (seen(at).etag if isinstance(at, Entry) else ""):
            raise Stale("it is not what it was", side=self._side, path=path)
        self._keep_former(at)
        return self._parts.put(path, data, meta, labels(meta, path), _condition(at))

    def _keep_former(self, at: Entry | Place) -> None:
        if isinstance(at, Entry):
            self._trash.keep(seen(at))

    def _ours(self, path: str, data: BinaryIO, meta: Meta) -> Held | None:
        """What is held at a path, if it is these very bytes."""
        held = self._objects.head(path)
        if held is None or held.found.size != meta.size:
            return None
        if held.sha256:
            return held if held.sha256 == meta.sha256 else None
        if self._md5 and is_md5(held.found.etag):
            return held if _md5(data) == held.found.etag else None
        return held if held.claim and held.claim == meta.sha256 else None

    def _labels(self, entry: Entry) -> dict[str, str]:
        try:
            return self._objects.labels(seen(entry))
        except Stale:
            return {}  # the source is gone: whether for having been copied, the copy will show


def _condition(at: Entry | Place) -> dict[str, str]:
    return same(seen(at).etag) if isinstance(at, Entry) else NEW


def _md5(data: BinaryIO) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    data.seek(0)
    for block in iter(partial(data.read, 1 << 20), b""):
        digest.update(block)
    return digest.hexdigest()
