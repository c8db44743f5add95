"""Serves S3 at next to no cost, to see what clients cost: one bucket, in memory, believing every signature.

``python -m benchmarks.thin`` says its address and serves until nobody holds its stdin. It stores and lists what clients put, keeps
conditions, and counts requests; it knows no versions and no uploads in parts. ``/-/hold`` takes a tree as if it had been
put, ``/-/requests`` tells how many requests there were.
"""

import asyncio
import hashlib
import os
import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, quote, unquote
from xml.sax.saxutils import escape

HEAD_END = b"\r\n\r\n"
SINCE = "2026-01-01T00:00:00.000Z"  # when everything was stored, as far as listings tell
DATE = formatdate(1767225600, usegmt=True)
NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
NO = {404: "NoSuchKey", 412: "PreconditionFailed", 501: "NotImplemented"}
PHRASES = {200: "OK", 204: "No Content", 206: "Partial Content", **NO}


class Object(NamedTuple):
    """What lies under a key: its bytes, or the file that has them; etag is their MD5; kept: headers to give back."""

    size: int
    etag: str
    body: bytes | Path
    kept: Mapping[str, str]


class Asked(NamedTuple):
    """A request; header names are lower-case."""

    method: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    """An answer; length: that of the body, where the body itself is not sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}
    length: int | None = None


class Bucket:
    """Objects by key, and pages of their list, which are kept until something changes."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self._order: list[str] = []
        self._pages: dict[tuple[str, ...], bytes] = {}

    def put(self, key: str, held: Object | None) -> None:
        """Store, or with None forget, an object."""
        if held is None:
            self.objects.pop(key, None)
        else:
            self.objects[key] = held
        self._order, self._pages = [], {}

    def page(self, query: Mapping[str, str]) -> bytes:
        """One page of a list, of either version of that request."""
        told = (
            "prefix",
            "delimiter",
            "continuation-token",
            "start-after",
            "marker",
            "encoding-type",
            "max-keys",
        )
        wanted = tuple(query.get(name, "") for name in told)
        if wanted not in self._pages:
            self._pages[wanted] = self._listed(*wanted)
        return self._pages[wanted]

    def _listed(
        self, prefix: str, delimiter: str, token: str, after: str, marker: str, encoding: str, most: str
    ) -> bytes:
        if not self._order:
            self._order = sorted(self.objects, key=str.encode)
        begin = token or after or marker
        spell = quote if encoding == "url" else escape
        lines: list[str] = []
        shared: dict[str, None] = {}
        last, more = "", False
        for key in self._from(prefix, begin):
            if len(lines) + len(shared) >= min(int(most or 1000), 1000):
                more = True
                break
            rest = key[len(prefix) :]
            if delimiter and delimiter in rest:
                shared[prefix + rest.split(delimiter, 1)[0] + delimiter] = None
            else:
                lines.append(self._line(key, spell(key)))
            last = key
        onward = f"<NextContinuationToken>{quote(last)}</NextContinuationToken><NextMarker>{spell(last)}</NextMarker>"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult {NAMESPACE}><Name>measured</Name>'
            f"<Prefix>{spell(prefix)}</Prefix><MaxKeys>1000</MaxKeys><KeyCount>{len(lines) + len(shared)}</KeyCount>"
            f"<EncodingType>{encoding}</EncodingType>".replace("<EncodingType></EncodingType>", "")
            + f"<IsTruncated>{str(more).lower()}</IsTruncated>{onward if more else ''}{''.join(lines)}"
            + "".join(f"<CommonPrefixes><Prefix>{spell(each)}</Prefix></CommonPrefixes>" for each in shared)
            + "</ListBucketResult>"
        ).encode()

    def _from(self, prefix: str, begin: str) -> Iterator[str]:
        """The keys below a prefix and behind a key; whoever stops at a folder goes on behind it."""
        order = self._order
        at = bisect_left(order, prefix.encode(), key=str.encode)
        if begin:
            at = max(at, bisect_right(order, unquote(begin).encode(), key=str.encode))
        while at < len(order) and order[at].startswith(prefix):
            yield order[at]
            at += 1

    def _line(self, key: str, spelled: str) -> str:
        held = self.objects[key]
        return (
            f"<Contents><Key>{spelled}</Key><LastModified>{SINCE}</LastModified><ETag>&quot;{held.etag}&quot;</ETag>"
            f"<Size>{held.size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        )


class Shop:
    """Answers requests about one bucket, and about itself."""

    def __init__(self) -> None:
        self.bucket = Bucket()
        self.requests = 0

    def answer(self, asked: Asked) -> Answer:
        """What S3 would answer, as far as it is needed here."""
        if asked.key.startswith("-/"):
            return self._about_itself(asked)
        self.requests += 1
        _, _, key = asked.key.partition("/")
        if not key:
            return self._about_bucket(asked)
        acts = {"PUT": self._put, "HEAD": self._head, "GET": self._get, "DELETE": self._delete}
        return acts[asked.method](key, asked) if asked.method in acts else _refusal(501)

    def _about_itself(self, asked: Asked) -> Answer:
        if asked.key == "-/hold":
            root, prefix = Path(asked.query["tree"]), asked.query["prefix"]
            for folder, _, names in os.walk(root):
                if mark := asked.query.get("mark"):
                    key = (Path(folder).relative_to(root) / mark).as_posix()
                    self.bucket.put(asked.query["prefix"] + key, Object(0, _md5(b""), b"", {}))
                for path in (Path(folder, name) for name in names):
                    data = path.read_bytes()
                    key = prefix + path.relative_to(root).as_posix()
                    self.bucket.put(key, Object(len(data), _md5(data), path, {}))
        return Answer(200, str(self.requests).encode())

    def _about_bucket(self, asked: Asked) -> Answer:
        if asked.method != "GET":
            return Answer(200)
        for name, element in (
            ("versioning", "VersioningConfiguration"),
            ("uploads", "ListMultipartUploadsResult"),
            ("location", "LocationConstraint"),
        ):
            if name in asked.query:
                return _xml(f"<{element} {NAMESPACE}></{element}>".encode())
        return _xml(self.bucket.page(asked.query))

    def _put(self, key: str, asked: Asked) -> Answer:
        there = self.bucket.objects.get(key)
        if not _fits(there, asked.headers):
            return _refusal(412)
        kept = {name: value for name, value in asked.headers.items() if name.startswith("x-amz-meta-")}
        kept |= {
            name: asked.headers[name]
            for name in ("content-type", "x-amz-checksum-sha256")
            if name in asked.headers
        }
        if source := asked.headers.get("x-amz-copy-source"):
            former = self.bucket.objects.get(unquote(source.lstrip("/").partition("?")[0]).partition("/")[2])
            if former is None:
                return _refusal(404)
            self.bucket.put(key, former._replace(kept=kept or former.kept))
            told = f"<ETag>&quot;{former.etag}&quot;</ETag><LastModified>{SINCE}</LastModified>"
            return _xml(f"<CopyObjectResult {NAMESPACE}>{told}</CopyObjectResult>".encode())
        held = Object(len(asked.body), _md5(asked.body), asked.body, kept)
        self.bucket.put(key, held)
        return Answer(200, headers=_facts(held))

    def _head(self, key: str, _: Asked) -> Answer:
        held = self.bucket.objects.get(key)
        return Answer(404) if held is None else Answer(200, headers=_facts(held), length=held.size)

    def _get(self, key: str, asked: Asked) -> Answer:
        held = self.bucket.objects.get(key)
        if held is None:
            return _refusal(404)
        data = held.body if isinstance(held.body, bytes) else held.body.read_bytes()
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("range", ""))
        if not span:
            return Answer(200, data, _facts(held))
        first, last = int(span[1]), min(int(span[2] or held.size), held.size - 1)
        return Answer(
            206,
            data[first : last + 1],
            {**_facts(held), "content-range": f"bytes {first}-{last}/{held.size}"},
        )

    def _delete(self, key: str, _: Asked) -> Answer:
        self.bucket.put(key, None)
        return Answer(204)


class Connection(asyncio.Protocol):
    """Takes requests from one connection, one after the other."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._read = bytearray()
        self._head: tuple[str, dict[str, str], int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while self._step():
            pass

    def _step(self) -> bool:
        """Take a head, or a whole body; whether there may be more to take."""
        if self._head is None:
            end = self._read.find(HEAD_END)
            if end < 0:
                return False
            first, *lines = self._read[:end].decode("latin-1").split("\r\n")
            del self._read[: end + len(HEAD_END)]
            pairs = (line.partition(":") for line in lines)
            headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
            if headers.get("expect"):
                self._out.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._head = first, headers, int(headers.get("content-length", 0))
        first, headers, length = self._head
        if len(self._read) < length:
            return False
        body = bytes(self._read[:length])
        del self._read[:length]
        self._head = None
        method, target, _ = first.split(" ")
        path, _, query = target.partition("?")
        said = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        plain = _unchunked(body) if "x-amz-decoded-content-length" in headers else body
        self._out.write(
            _spelled(self._shop.answer(Asked(method, unquote(path[1:]), said, headers, plain)), method)
        )
        return bool(self._read)


def _spelled(answer: Answer, method: str) -> bytes:
    length = len(answer.body) if answer.length is None else answer.length
    lines = [
        f"HTTP/1.1 {answer.status} {PHRASES[answer.status]}",
        f"date: {DATE}",
        f"content-length: {length}",
    ]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\r\n".join((*lines, "", "")).encode() + (b"" if method == "HEAD" else answer.body)


def _unchunked(body: bytes) -> bytes:
    """What was sent in AWS's own chunks, each with its size (and maybe a signature) before it."""
    found, at = bytearray(), 0
    while size := int(body[at : (end := body.index(b"\r\n", at))].partition(b";")[0], 16):
        at = end + 2
        found += body[at : at + size]
        at += size + 2
    return bytes(found)


def _facts(held: Object) -> dict[str, str]:
    return {"etag": f'"{held.etag}"', "last-modified": DATE, "accept-ranges": "bytes", **held.kept}


def _fits(there: Object | None, headers: Mapping[str, str]) -> bool:
    """Whether the conditions of a request hold."""
    if headers.get("if-none-match") == "*" and there:
        return False
    wanted = headers.get("if-match")
    return wanted is None or (there is not None and wanted.strip('"') == there.etag)


def _xml(body: bytes) -> Answer:
    return Answer(200, body, {"content-type": "application/xml"})


def _refusal(status: int) -> Answer:
    return Answer(status, f"<Error><Code>{NO[status]}</Code><Message>no</Message></Error>".encode())


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


async def main() -> None:
    """Serve as long as somebody holds our stdin."""
    shop = Shop()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(shop), "127.0.0.1", 0, backlog=512
    )
    sys.stdout.write("http://{}:{}\n".format(*server.sockets[0].getsockname()))
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
