"""Does to objects what S3 can do to them, each operation conditional on an ETag."""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from html import unescape
from typing import BinaryIO, NamedTuple

from synctool.core.model import Meta
from synctool.errors import Rejected, SideError, Stale, Unavailable
from synctool.sides.s3.faults import Reply
from synctool.sides.s3.labels import COPIED, DIGEST, tagging
from synctool.sides.s3.listing import (
    Found,
    Upload,
    Version,
    epoch,
    nanoseconds,
    parse,
    parse_uploads,
    parse_versions,
)
from synctool.sides.s3.uploads import Begun, Uploads, checksum
from synctool.sides.s3.wire import Wire

PAGE = 1000  # keys
PART = 16 << 20  # bytes; what is not larger goes in one request
PARTS = 10_000
COPY_LIMIT = 5 << 30  # bytes that one CopyObject takes
COPY_PART = 1 << 30  # bytes
"""S3's own limits are in "Amazon S3 multipart upload limits"; 10,000 copied parts of 1 GiB pass its largest object."""

NEW = {"if-none-match": "*"}

_SIZE = re.compile(r"[0-9]{1,18}")  # bytes

Parts = Callable[[Mapping[str, str]], Iterator[str]]
"""Sends the parts of the upload that the query names, and yields the XML that lists each."""


class Changed(Unavailable):
    """The bytes to store are not the promised ones."""


class Held(NamedTuple):
    """What the bucket holds under a path."""

    found: Found
    version: str = ""
    sha256: str = ""  # hex; verified by S3
    claim: str = ""  # hex; what the writer said
    copied: str = ""  # the ETag it was copied from, where that is noted


def same(etag: str) -> dict[str, str]:
    """The condition that a path still holds the object of this ETag."""
    return {"if-match": f'"{etag}"'}


class Objects:
    """The objects below the prefix of one bucket.

    stored: headers for every object written, such as its encryption. Raises Stale when a condition fails, and the
    other SideErrors as S3 says.
    """

    def __init__(self, wire: Wire, stored: Mapping[str, str]) -> None:
        self._wire = wire
        self._stored = stored
        self._uploads = Uploads(wire)

    def pages(self, after: str = "", below: str = "") -> Iterator[list[Found]]:
        """All objects whose paths start with below, from the first greater than after, in pages."""
        query = {"start-after": self._wire.key(after)} if after else {}
        seen: set[str] = set()
        while True:
            found, token = self._page(below, PAGE, query)
            yield found
            if not token:
                return
            if token in seen:
                raise self._wire.failure(Unavailable, "a listing that goes in circles", "")
            seen.add(token)
            query = {"continuation-token": token}

    def versions(self) -> Iterator[list[Version]]:
        """All versions that the bucket keeps, current ones too, in pages; of one object, the newest comes first."""
        query: Mapping[str, str] = {}
        own = {"versions": "", "encoding-type": "url", "max-keys": str(PAGE), "prefix": self._wire.key("")}
        seen: list[Mapping[str, str]] = []
        while True:
            reply = self._wire.call("GET", None, query={**own, **query})
            try:
                found, query = parse_versions(reply.body, self._wire.key(""))
            except ValueError as error:
                raise self._wire.failure(Unavailable, f"not a listing of S3's: {error}", "") from None
            yield found
            if not query:
                return
            if query in seen:
                raise self._wire.failure(Unavailable, "a listing that goes in circles", "")
            seen.append(query)

    def first(self, below: str, count: int) -> list[Found]:
        """The first few objects whose paths start with below."""
        return self._page(below, count, {})[0]

    def uploads(self) -> list[Upload]:
        """The first uploads below the prefix, up to a page of them, that are not completed."""
        query = {"uploads": "", "max-uploads": str(PAGE), "prefix": self._wire.key("")}
        reply = self._wire.call("GET", None, query=query)
        try:
            return parse_uploads(reply.body, self._wire.key(""))
        except (ValueError, KeyError) as error:
            raise self._wire.failure(Unavailable, f"not a list of S3's: {error}", "") from None

    def abort(self, upload: Upload) -> None:
        """Give an upload up, with all its parts."""
        self._wire.call("DELETE", upload.path, query={"uploadId": upload.number})

    def about(self, what: str) -> str:
        """What the bucket's subresource ``versioning`` or ``encryption`` says, as XML."""
        return self._wire.call("GET", None, query={what: ""}).body.decode("utf-8", "replace")

    def head(self, path: str) -> Held | None:
        """What is held at a path; None: positively nothing."""
        try:
            reply = self._wire.call("HEAD", path, {"x-amz-checksum-mode": "ENABLED"})
        except Stale:
            return None
        return self._held(path, reply)

    def get(
        self, path: str, condition: Mapping[str, str], version: str = "", start: int = 0
    ) -> tuple[int, BinaryIO]:
        """The whole size of an object, or of a former version of it, and its bytes from start on."""
        asked = {"range": f"bytes={start}-"} if start else {}
        headers, body = self._wire.stream(path, {**condition, **asked}, _of(version))
        begins = re.match(rf"bytes {start}-\d{{1,15}}/(\d{{1,15}})$", headers.get("content-range", ""))
        if begins:
            return int(begins[1]), body
        passed_over(body, start)  # a server may send the whole
        length = headers.get("content-length", "")
        return int(length) if _SIZE.fullmatch(length) else -1, body

    def put(self, path: str, body: bytes | bytearray, headers: Mapping[str, str]) -> Held:
        """Store a small object in one request; the server checks the digest."""
        digest = hashlib.sha256(body).digest()
        own = {"x-amz-checksum-sha256": b64encode(digest).decode(), **self._stored, **headers}
        held = self._held(path, self._wire.call("PUT", path, own, body=body), size=len(body))
        return held._replace(sha256=digest.hex())

    def put_parts(
        self, path: str, data: BinaryIO, meta: Meta, headers: Mapping[str, str], condition: Mapping[str, str]
    ) -> Held:
        """Store a large object part by part; the server checks the digest of each, and their list at the end.

        What breaks off is gone on with at the next attempt: parts that have arrived are not sent again. Memory is one
        part: PART bytes up to 156 GiB, above that size / 10,000.
        """
        own = {**self._stored, "x-amz-checksum-algorithm": "SHA256", **headers}
        upload = self._uploads.begin(path, own, meta.size)
        try:
            held = self._complete(
                path, upload.query, self._sent(path, data, meta, upload), meta.size, condition
            )
        except (Stale, Rejected, Changed):
            self._uploads.abort(path, upload.query)
            raise
        self._uploads.finished(path)
        return held

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
                etag = self._held(path, reply, len(body)).found.etag
            del body  # or two parts would be held while the next is read
            yield f"<ETag>&quot;{etag}&quot;</ETag><ChecksumSHA256>{digest}</ChecksumSHA256>"
        if data.read(1) or meta.sha256 not in ("", whole.hexdigest()):
            raise self.changed(path)

    def copy(
        self, source: Found, path: str, condition: Mapping[str, str], headers: Mapping[str, str] | None
    ) -> Held:
        """Copy inside the bucket, if the source is still what was found; headers, if any, replace its labels."""
        of = {"x-amz-copy-source": self._wire.source(source.path, source.version)}
        of["x-amz-copy-source-if-match"] = f'"{source.etag}"'
        if source.size > COPY_LIMIT:
            return self._copy_parts(source, path, of, condition, headers)
        own = {**of, **self._stored, **condition}
        if headers is not None:
            own |= {"x-amz-metadata-directive": "REPLACE", "x-amz-tagging-directive": "REPLACE", **headers}
        return self._held(path, self._wire.call("PUT", path, own), size=source.size)

    def delete(self, path: str, etag: str) -> None:
        """Take away what is there, if it is this; where it is gone already, nothing happens."""
        held = self.head(path)
        if held is None:
            return
        if held.found.etag != etag:
            raise self._wire.failure(Stale, "it is not what it was", path)
        # The look before serves the servers that would overlook the condition.
        self._wire.call("DELETE", path, same(etag))

    def labels(self, found: Found) -> dict[str, str]:
        """The headers that give another object the type, metadata and tags of this one."""
        path, of = found.path, _of(found.version)
        headers = self._wire.call("HEAD", path, query=of).headers
        kept = {name.lower(): value for name, value in headers.items() if value.isascii()}
        text = self._wire.call("GET", path, query={"tagging": "", **of}).body.decode("utf-8", "replace")
        tags = re.findall(r"<Key>([^<]*)</Key>\s*<Value>([^<]*)<", text)
        return {
            **{name: kept[name] for name in kept if name.startswith("x-amz-meta-") or name == "content-type"},
            **tagging({unescape(name): unescape(value) for name, value in tags}),
        }

    def _page(self, below: str, count: int, query: Mapping[str, str]) -> tuple[list[Found], str]:
        own = {"list-type": "2", "encoding-type": "url", "max-keys": str(count)}
        own["prefix"] = self._wire.key(below)
        reply = self._wire.call("GET", None, query={**own, **query})
        try:
            return parse(reply.body, self._wire.key(""))
        except ValueError as error:
            raise self._wire.failure(Unavailable, f"not a listing of S3's: {error}", below) from None

    def _copy_parts(
        self,
        source: Found,
        path: str,
        of: Mapping[str, str],
        condition: Mapping[str, str],
        headers: Mapping[str, str] | None,
    ) -> Held:
        def send(upload: Mapping[str, str]) -> Iterator[str]:
            for number, start in enumerate(range(0, source.size, COPY_PART), 1):
                end = min(start + COPY_PART, source.size) - 1
                query = {**upload, "partNumber": str(number)}
                own = {**of, "x-amz-copy-source-range": f"bytes={start}-{end}"}
                reply = self._wire.call("PUT", path, own, query=query)
                yield f"<ETag>&quot;{self._held(path, reply, size=0).found.etag}&quot;</ETag>"

        kept = self.labels(source) if headers is None else headers
        return self._assemble(path, send, source.size, kept, condition)

    def _assemble(
        self, path: str, send: Parts, size: int, headers: Mapping[str, str], condition: Mapping[str, str]
    ) -> Held:
        started = self._wire.call("POST", path, {**self._stored, **headers}, query={"uploads": ""})
        upload = {"uploadId": _field(started, "UploadId")}
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
        return self._held(path, self._wire.call("POST", path, own, query=upload, body=xml), size=size)

    def changed(self, path: str) -> Changed:
        """The failure that the bytes to store are not the promised ones."""
        return self._wire.failure(Changed, "the bytes changed while they were read", path)

    def _held(self, path: str, reply: Reply, size: int | None = None) -> Held:
        """What a reply says is held; the ETag of a copy or a completed upload stands in the body."""
        headers = reply.headers
        etag = (headers.get("etag") or _field(reply, "ETag")).strip('"')
        length = headers.get("content-length", "") if size is None else str(size)
        if not etag or not _SIZE.fullmatch(length):
            raise self._wire.failure(Unavailable, "not an answer of S3's: no ETag or size", path)
        sha256 = headers.get("x-amz-checksum-sha256", "")
        version = headers.get("x-amz-version-id", "")
        try:
            return Held(
                Found(path, etag, int(length), _time(reply)),
                "" if version == "null" else version,
                ""
                if "-" in sha256
                else b64decode(sha256).hex(),  # that of a multipart upload is of its parts
                headers.get(DIGEST, ""),
                headers.get(COPIED, ""),
            )
        except (ValueError, OverflowError):
            raise self._wire.failure(Unavailable, "not an answer of S3's: its date or digest", path) from None


def passed_over(data: BinaryIO, size: int) -> None:
    """Read so many bytes for nothing."""
    while size and (piece := data.read(min(size, 1 << 17))):
        size -= len(piece)


def take(data: BinaryIO, size: int) -> bytearray | None:
    """The next so many bytes, however little each read gives; None when there are fewer."""
    body = bytearray(size)
    with memoryview(body) as view:
        filled = 0
        while filled < size and (piece := data.read(min(size - filled, 1 << 17))):
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
    return body if filled == size else None


def _of(version: str) -> dict[str, str]:
    return {"versionId": version} if version else {}


def _field(reply: Reply, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)<", reply.body.decode("utf-8", "replace"))
    return unescape(found[1]) if found else ""


def _time(reply: Reply) -> int:
    """When this version came to be, in nanoseconds; after a PUT the server's own clock is the nearest it tells."""
    told = reply.headers.get("last-modified") or reply.headers.get("date")
    iso = _field(reply, "LastModified")
    if iso:
        return nanoseconds(iso)
    if not told:
        return 0
    moment = parsedate_to_datetime(told)
    return epoch(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
