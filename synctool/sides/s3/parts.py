"""Stores and copies, part by part, what is too large for one request."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import BinaryIO

from synctool.core.model import Meta
from synctool.errors import Rejected, SideError, Stale, Unavailable
from synctool.sides.s3.held import Held, as_held, field
from synctool.sides.s3.listing import Found
from synctool.sides.s3.uploads import Begun, Uploads, checksum
from synctool.sides.s3.wire import Wire

PART = 16 << 20  # bytes; what is not larger goes in one request
PARTS = 10_000
COPY_PART = 1 << 30  # bytes
"""S3's own limits are in "Amazon S3 multipart upload limits"; 10,000 copied parts of 1 GiB pass its largest object."""

Send = Callable[[Mapping[str, str]], Iterator[str]]
"""Sends the parts of the upload that the query names, and yields the XML that lists each."""


class Changed(Unavailable):
    """The bytes to store are not the promised ones."""


class Parts:
    """Large objects below the prefix of one bucket; stored: headers for every object written."""

    def __init__(self, wire: Wire, uploads: Uploads, stored: Mapping[str, str]) -> None:
        self._wire = wire
        self._uploads = uploads
        self._stored = stored

    def put(
        self, path: str, data: BinaryIO, meta: Meta, headers: Mapping[str, str], condition: Mapping[str, str]
    ) -> Held:
        """Store a large object part by part; the server checks the digest of each, and their list at the end.

        What breaks off is gone on with at the next attempt: parts that have arrived are not sent again. Memory is one
        part: PART bytes up to 156 GiB, above that size / 10,000.
        """
        own = {**self._stored, "x-amz-checksum-algorithm": "SHA256", **headers}
        upload = self._uploads.begin(path, own, meta.size)
        try:
            parts = self._sent(path, data, meta, upload)
            made = self._complete(path, upload.query, parts, meta.size, condition)
        except (Stale, Rejected, Changed):
            self._uploads.abort(path, upload.query)
            raise
        self._uploads.finished(path)
        return made

    def _sent(self, path: str, data: BinaryIO, meta: Meta, upload: Begun) -> Iterator[str]:
        """Send the parts that are missing; the XML that lists each."""
        whole, length = hashlib.sha256(), max(PART, -(-meta.size // PARTS))
        for number, start in enumerate(range(0, meta.size, length), 1):
            body = take(data, min(length, meta.size - start))
            if body is None:
                raise self.changed(path)
            whole.update(body)
            digest, part = checksum(body), upload.parts.get(number)
            if part and part.is_made_of(body, digest):
                etag = part.etag
            else:
                query = {**upload.query, "partNumber": str(number)}
                reply = self._wire.call(
                    "PUT", path, {"x-amz-checksum-sha256": digest}, query=query, body=body
                )
                etag = as_held(self._wire, path, reply, len(body)).found.etag
            del body  # or two parts would be held while the next is read
            yield f"<ETag>&quot;{etag}&quot;</ETag><ChecksumSHA256>{digest}</ChecksumSHA256>"
        if data.read(1) or meta.sha256 not in ("", whole.hexdigest()):
            raise self.changed(path)

    def copy(
        self,
        source: Found,
        path: str,
        of: Mapping[str, str],
        condition: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> Held:
        """Copy inside the bucket; of: the headers that name the source, with a condition on it."""

        def send(upload: Mapping[str, str]) -> Iterator[str]:
            for number, start in enumerate(range(0, source.size, COPY_PART), 1):
                end = min(start + COPY_PART, source.size) - 1
                query = {**upload, "partNumber": str(number)}
                own = {**of, "x-amz-copy-source-range": f"bytes={start}-{end}"}
                reply = self._wire.call("PUT", path, own, query=query)
                yield f"<ETag>&quot;{as_held(self._wire, path, reply, size=0).found.etag}&quot;</ETag>"

        return self._assemble(path, send, source.size, headers, condition)

    def _assemble(
        self, path: str, send: Send, size: int, headers: Mapping[str, str], condition: Mapping[str, str]
    ) -> Held:
        started = self._wire.call("POST", path, {**self._stored, **headers}, query={"uploads": ""})
        upload = {"uploadId": field(started, "UploadId")}
        try:
            return self._complete(path, upload, send(upload), size, condition)
        except BaseException:
            with suppress(SideError):
                self._wire.call("DELETE", path, query=upload)
            raise

    def _complete(
        self,
        path: str,
        upload: Mapping[str, str],
        parts: Iterator[str],
        size: int,
        condition: Mapping[str, str],
    ) -> Held:
        listed = "".join(
            f"<Part><PartNumber>{number}</PartNumber>{part}</Part>" for number, part in enumerate(parts, 1)
        )
        xml = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        own = {**condition, "x-amz-mp-object-size": str(size)}
        return as_held(
            self._wire, path, self._wire.call("POST", path, own, query=upload, body=xml), size=size
        )

    def changed(self, path: str) -> Changed:
        """The failure that the bytes to store are not the promised ones."""
        return self._wire.failure(Changed, "the bytes changed while they were read", path)


def take(data: BinaryIO, size: int) -> bytearray | None:
    """The next so many bytes, however little each read gives; None when there are fewer."""
    body = bytearray(size)
    with memoryview(body) as view:
        filled = 0
        while filled < size and (piece := data.read(min(size - filled, 1 << 17))):
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
    return body if filled == size else None
