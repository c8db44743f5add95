"""Remembers in the bucket itself which uploads are under way, so that the next run sends only what is missing."""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from synctool.core.model import RESERVED
from synctool.errors import SideError, Stale, Unavailable
from synctool.sides.s3.held import element, field
from synctool.sides.s3.listing import Upload, nanoseconds, parse_uploads
from synctool.sides.s3.wire import Wire

PAGE = 1000  # uploads, or parts of one
NOTES = f"{RESERVED}/uploads/"


class Part(NamedTuple):
    """What the server holds of an upload under one number; checksum: SHA-256 in Base64, "" where it tells none."""

    size: int
    etag: str
    checksum: str
    at_ns: int  # when it came, since the epoch

    def is_made_of(self, body: bytes | bytearray, checksum: str) -> bool:
        """Whether it is these very bytes; an ETag proves it where it is their MD5."""
        proof = self.checksum or self.etag
        told = checksum if self.checksum else hashlib.md5(body, usedforsecurity=False).hexdigest()
        return self.size == len(body) and proof == told


class Begun(NamedTuple):
    """An upload that is open, and the parts of it that have arrived."""

    query: Mapping[str, str]
    parts: Mapping[int, Part]


class Uploads:
    """The uploads of large documents. A note names the upload to a path, and what it would become."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def begin(self, path: str, headers: Mapping[str, str], size: int) -> Begun:
        """Go on with the upload that broke off, if it was to become the same object; else begin anew."""
        purpose = hashlib.sha256(json.dumps([path, size, sorted(headers.items())]).encode()).hexdigest()
        told, earlier = self._noted(path)
        if told == purpose:
            with suppress(Stale):
                return Begun({"uploadId": earlier}, self._parts(path, earlier))
        elif earlier:
            self.abort(path, {"uploadId": earlier})
        query = {"uploadId": field(self._wire.call("POST", path, headers, query={"uploads": ""}), "UploadId")}
        self._wire.call("PUT", _note(path), body=f"{purpose} {query['uploadId']}".encode())
        return Begun(query, {})

    def finished(self, path: str) -> None:
        """Forget the upload to a path, so that no version of the note stays either."""
        with suppress(Stale):
            version = self._wire.call("HEAD", _note(path)).headers.get("x-amz-version-id")
            self._wire.call("DELETE", _note(path), query={"versionId": version} if version else {})

    def abort(self, path: str, query: Mapping[str, str]) -> None:
        """Give up an upload, with the parts that have arrived."""
        with suppress(SideError):
            self._wire.call("DELETE", path, query=query)
            self.finished(path)

    def sweep(self, before_ns: int) -> None:
        """Give up, with their notes, the uploads that nothing has come to since then."""
        for upload in self._open():
            if upload.began_ns >= before_ns or self._came_since(upload, before_ns):
                continue
            with suppress(Stale):
                self._wire.call("DELETE", upload.path, query={"uploadId": upload.number})
            if self._noted(upload.path)[1] == upload.number:
                self.finished(upload.path)

    def _open(self) -> list[Upload]:
        """The first uploads below the prefix, up to a page of them, that are not completed."""
        query = {"uploads": "", "max-uploads": str(PAGE), "prefix": self._wire.key("")}
        reply = self._wire.call("GET", None, query=query)
        try:
            return parse_uploads(reply.body, self._wire.key(""))
        except (ValueError, KeyError) as error:
            raise self._wire.failure(Unavailable, f"not a list of S3's: {error}", "") from None

    def _came_since(self, upload: Upload, before_ns: int) -> bool:
        """Whether a part of an upload has arrived since then."""
        with suppress(Stale):
            return any(part.at_ns >= before_ns for part in self._parts(upload.path, upload.number).values())
        return False

    def _noted(self, path: str) -> tuple[str, str]:
        """What the upload to a path shall become, and its number; "" for none."""
        try:
            purpose, _, upload = self._wire.call("GET", _note(path)).text.partition(" ")
        except Stale:
            return "", ""
        return purpose, upload

    def _parts(self, path: str, upload: str) -> dict[int, Part]:
        """The parts of an upload that have arrived. Raises Stale when there is no such upload any more."""
        parts: dict[int, Part] = {}
        marker, onward = -1, 0
        while marker < onward:
            marker = onward
            query = {"uploadId": upload, "part-number-marker": str(marker), "max-parts": str(PAGE)}
            reply = self._wire.call("GET", path, query=query)
            try:
                found = dict(map(_part, re.findall(r"<Part>(.*?)</Part>", reply.text, re.DOTALL)))
            except ValueError:
                raise self._wire.failure(Unavailable, "not a list of S3's: a part", path) from None
            parts |= found
            onward = max(found, default=0) if field(reply, "IsTruncated") == "true" else 0
        return parts


def checksum(body: bytes | bytearray) -> str:
    """The SHA-256 of a part in Base64, as S3 spells it."""
    return b64encode(hashlib.sha256(body).digest()).decode()


def _note(path: str) -> str:
    return NOTES + hashlib.sha256(path.encode()).hexdigest()


def _part(text: str) -> tuple[int, Part]:
    """A part of a list by its number. Raises ValueError for what is none."""
    size, etag, came = (
        int(element(text, "Size")),
        element(text, "ETag").strip('"'),
        element(text, "LastModified"),
    )
    return int(element(text, "PartNumber")), Part(
        size, etag, element(text, "ChecksumSHA256"), nanoseconds(came)
    )
