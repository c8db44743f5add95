"""Does to objects what S3 can do to them, each operation conditional on an ETag."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import unescape
from typing import BinaryIO

from synctool.errors import SideError, Stale, Unavailable
from synctool.sides.base import passed_over
from synctool.sides.s3.held import SIZE, Held, as_held
from synctool.sides.s3.labels import tagging
from synctool.sides.s3.listing import Found, Page, Version, parse, parse_versions
from synctool.sides.s3.parts import Parts
from synctool.sides.s3.wire import Wire

PAGE = 1000  # keys
COPY_LIMIT = 5 << 30  # bytes that one CopyObject takes

NEW = {"if-none-match": "*"}


def same(etag: str) -> dict[str, str]:
    """The condition that a path still holds the object of this ETag."""
    return {"if-match": f'"{etag}"'}


class Objects:
    """The objects below the prefix of one bucket.

    stored: headers for every object written, such as its encryption. Raises Stale when a condition fails, and the
    other SideErrors as S3 says.
    """

    def __init__(self, wire: Wire, parts: Parts, stored: Mapping[str, str]) -> None:
        self._wire = wire
        self._stored = stored
        self._parts = parts

    def pages(self, below: str = "", *, deep: bool = True) -> Iterator[list[Found]]:
        """All objects whose paths start with below, in pages.

        deep: or else only those without a further slash, and what comes up to that slash once, as an object of no bytes.
        """
        return (self._read(page, below) for page in self.unread(below=below, deep=deep))

    def unread(self, after: str = "", below: str = "", *, deep: bool = True) -> Iterator[Page]:
        """The same, from the first greater than after, in pages that may not be readable."""
        query = {"start-after": self._wire.key(after)} if after else {}
        own = {} if deep else {"delimiter": "/"}
        seen: set[str] = set()
        while True:
            page = self._page(below, PAGE, {**own, **query})
            yield page
            if not page.token:
                return
            if page.token in seen:
                raise self._wire.failure(Unavailable, "a listing that goes in circles", "")
            seen.add(page.token)
            query = {"continuation-token": page.token}

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
        return self._read(self._page(below, count, {}), below)

    def about(self, what: str) -> str:
        """What the bucket's subresource ``versioning`` or ``encryption`` says, as XML."""
        return self._wire.call("GET", None, query={what: ""}).text

    def head(self, path: str) -> Held | None:
        """What is held at a path; None: positively nothing."""
        try:
            reply = self._wire.call("HEAD", path, {"x-amz-checksum-mode": "ENABLED"})
        except Stale:
            return None
        return as_held(self._wire, path, reply)

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
        return int(length) if SIZE.fullmatch(length) else -1, body

    def put(self, path: str, body: bytes | bytearray, headers: Mapping[str, str]) -> Held:
        """Store a small object in one request; the server checks the digest."""
        digest = hashlib.sha256(body).digest()
        own = {"x-amz-checksum-sha256": b64encode(digest).decode(), **self._stored, **headers}
        made = as_held(self._wire, path, self._wire.call("PUT", path, own, body=body), size=len(body))
        return made._replace(sha256=digest.hex())

    def copy(
        self, source: Found, path: str, condition: Mapping[str, str], headers: Mapping[str, str] | None
    ) -> Held:
        """Copy inside the bucket, if the source is still what was found; headers, if any, replace its labels."""
        of = {"x-amz-copy-source": self._wire.source(source.path, source.version)}
        of["x-amz-copy-source-if-match"] = f'"{source.etag}"'
        if source.size > COPY_LIMIT:
            kept = self.labels(source) if headers is None else headers
            return self._parts.copy(source, path, of, condition, kept)
        own = {**of, **self._stored, **condition}
        if headers is not None:
            own |= {"x-amz-metadata-directive": "REPLACE", "x-amz-tagging-directive": "REPLACE", **headers}
        return as_held(self._wire, path, self._wire.call("PUT", path, own), size=source.size)

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
        text = self._wire.call("GET", path, query={"tagging": "", **of}).text
        tags = re.findall(r"<Key>([^<]*)</Key>\s*<Value>([^<]*)<", text)
        return {
            **{name: kept[name] for name in kept if name.startswith("x-amz-meta-") or name == "content-type"},
            **tagging({unescape(name): unescape(value) for name, value in tags}),
        }

    def _page(self, below: str, count: int, query: Mapping[str, str]) -> Page:
        own = {"list-type": "2", "encoding-type": "url", "max-keys": str(count)}
        own["prefix"] = self._wire.key(below)
        reply = self._wire.call("GET", None, query={**own, **query})
        try:
            return parse(reply.body, self._wire.key(""))
        except ValueError as error:
            raise self._unlike(error, below) from None

    def _read(self, page: Page, below: str) -> list[Found]:
        try:
            return page.found()
        except ValueError as error:
            raise self._unlike(error, below) from None

    def _unlike(self, error: ValueError, path: str) -> SideError:
        return self._wire.failure(Unavailable, f"not a listing of S3's: {error}", path)


def _of(version: str) -> dict[str, str]:
    return {"versionId": version} if version else {}
