"""Brings the bytes of one project's documents to Filevine and back."""

import contextlib
import hashlib
from collections.abc import Callable
from typing import BinaryIO

from synctool.core.model import Meta
from synctool.errors import Denied, Missing, Rejected, SideError, Stale, Unavailable
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.records import Document, Upload, folded
from synctool.sides.filevine.storage import BLOCK, Expired


class Transfer:
    """The three ways bytes go; safe to use from several threads. side: for what is raised in the middle of a stream."""

    def __init__(self, client: FilevineClient, project: int, side: str) -> None:
        self._client = client
        self._project = project
        self._side = side

    def download(self, document: int, size: int, path: str, start: int = 0) -> BinaryIO:
        """The bytes of a document from ``start`` on, from a second address when the first is refused.

        Raises WrongSize when there are not ``size`` of them in all, Rejected when there is a virus in them.
        """
        with contextlib.suppress(Expired):
            return self._fetch(document, size, path, start)
        return self._fetch(document, size, path, start)

    def _fetch(self, document: int, size: int, path: str, start: int) -> BinaryIO:
        found = self._client.locator(document)
        if found.threat:
            raise Rejected(f"Filevine's virus scan found {found.threat}")
        if not found.url:
            raise Unavailable("it has no bytes yet")
        return self._client.storage.get(found.url, size, start, side=self._side, path=path)

    def add(self, folder: int | None, name: str, data: BinaryIO, meta: Meta) -> Document:
        """Create, send, commit. The partner id finds the document that an interrupted run may have made."""
        try:
            upload = self._client.create(self._project, folder, name, meta.size, meta.key)
        except (Rejected, Stale):
            earlier = self._client.partner(meta.key) if meta.key else None
            if earlier is None:
                raise
            if (document := self._client.document(self._project, earlier)) is not None:
                return self.already(document, meta)
            self._client.free(meta.key)  # it was never committed, and nobody knows whether it has its bytes
            try:
                upload = self._client.create(self._project, folder, name, meta.size, meta.key)
            except (
                Rejected
            ):  # as when its answer was lost: the next try finds the key in use, or the true reason
                raise Unavailable("an earlier upload of it is in the way") from None
        self._store(upload, data, meta)
        try:
            return self._client.commit(self._project, upload.id, folder)
        except Stale:  # a server that lets a folder have a name only once
            twin = self._twin(folder, name)
            if twin is None:
                raise
            return self.already(twin, meta)

    def revise(
        self,
        document: int,
        at: tuple[int | None, str],
        same: Callable[[Document | None], bool],
        data: BinaryIO,
        meta: Meta,
    ) -> Document:
        """Lock, create, send, look, revise, unlock: the same document, its former bytes an older version.

        at: its folder and name; same: whether a document is what was expected, or raises Stale. Nobody has to heed a
        lock, and the versions before the last cannot be had again: so the look is the last thing before.
        """
        try:
            self._client.lock(document)
        except Denied:  # so it answers, too, for what is gone
            same(self._client.document(self._project, document))
            raise
        try:
            upload = self._client.create(self._project, *at, meta.size)
            self._store(upload, data, meta)
            now = self._client.document(self._project, document)
            return self._client.revise(document, upload.id) if same(now) else self.already(now, meta)
        except Missing:  # what a revision answers that is done already
            return self.already(self._client.document(self._project, document), meta)
        finally:
            with contextlib.suppress(SideError):  # a lock ends by itself
                self._client.unlock(document)

    def already(self, document: Document | None, meta: Meta) -> Document:
        """The document, when it holds these very bytes. Raises Stale when it does not."""
        if document is None:
            raise Stale("it is gone")
        if document.size == meta.size and self._digest(document) == meta.sha256:
            return document
        raise Stale("other bytes are there by now")

    def _store(self, upload: Upload, data: BinaryIO, meta: Meta) -> None:
        sent = self._client.storage.put(upload.url, upload.content_type, data, meta.size)
        if sent != meta.sha256:
            raise Unavailable(
                "the bytes are not the promised ones", hint="did they change while they were read?"
            )

    def _twin(self, folder: int | None, name: str) -> Document | None:
        documents = self._client.documents(self._project, folder)
        return next((document for document in documents if folded(document.name) == folded(name)), None)

    def _digest(self, document: Document) -> str:
        digest = hashlib.sha256()
        with self.download(document.id, document.size, document.name) as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
        return digest.hexdigest()
