"""Remembers in the bucket itself which uploads are under way, so that the next run sends only what is missing."""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from html import unescape
from typing import NamedTuple

from synctool.core.model import RESERVED
from synctool.errors import SideError, Stale
from synctool.sides.s3.wire import Wire

NOTES = f"{RESERVED}/uploads/"


class Part(NamedTuple):
    """What the server holds of an upload under one number; checksum: SHA-256 in Base64, "" where it tells none."""

    size: int
    etag: str
    checksum: str

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
        reply = self._wire.call("POST", path, headers, query={"uploads": ""}).body.decode("utf-8", "replace")
        query = {"uploadId": unescape(_field(reply, "UploadId"))}
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

    def _noted(self, path: str) -> tuple[str, str]:
        try:
            purpose, _, upload = self._wire.call("GET", _note(path)).body.decode("ascii").partition(" ")
        except Stale:
            return "", ""
        return purpose, upload

    def _parts(self, path: str, upload: str) -> dict[int, Part]:
        """The parts of an upload that have arrived. Raises Stale when there is no such upload any more."""
        parts: dict[int, Part] = {}
        marker = "0"
        while marker:
            query = {"uploadId": upload, "part-number-marker": marker}
            text = self._wire.call("GET", path, query=query).body.decode("utf-8", "replace")
            found = dict(_part(each) for each in re.findall(r"<Part>(.*?)</Part>", text, re.DOTALL))
            parts |= found
            marker = str(max(found)) if found and _field(text, "IsTruncated") == "true" else ""
        return parts


def checksum(body: bytes | bytearray) -> str:
    """The SHA-256 of a part in Base64, as S3 spells it."""
    return b64encode(hashlib.sha256(body).digest()).decode()


def _note(path: str) -> str:
    return NOTES + hashlib.sha256(path.encode()).hexdigest()


def _part(text: str) -> tuple[int, Part]:
    etag = unescape(_field(text, "ETag")).strip('"')
    return int(_field(text, "PartNumber")), Part(
        int(_field(text, "Size")), etag, _field(text, "ChecksumSHA256")
    )


def _field(text: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)<", text)
    return found[1] if found else ""
