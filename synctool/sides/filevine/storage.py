"""Moves the bytes of documents to and from Filevine's storage, by the signed addresses the API hands out.

A signed address is a secret: no message holds more of it than the host, and our sign-in never goes there.
"""

import hashlib
import io
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import requests
import urllib3

from synctool.errors import Denied, Rejected, Unavailable
from synctool.sides.base import passed_over
from synctool.sides.filevine.wire import FAILED, MOVED, REFUSED, Wire, host, retry_after
from synctool.sides.quoting import quoted

AGAIN = (408, 429)
BLOCK = 2**20  # bytes
PLAIN = {"Accept-Encoding": "identity"}  # the bytes as they are stored


class Expired(Unavailable):
    """The address is not good any more, or never was; a new one may be."""


class WrongSize(Unavailable):
    """The storage holds another number of bytes than the document had when it was listed."""


class Storage:
    """Plain PUT and GET, safe to use from several threads.

    api: the address of the API; where it is encrypted, no byte of a document goes or comes over what is not.
    """

    def __init__(self, wire: Wire, api: str) -> None:
        self._wire = wire
        self._encrypted = urlsplit(api).scheme == "https"

    def put(self, url: str, content_type: str, data: BinaryIO, size: int) -> str:
        """Store exactly ``size`` bytes of ``data`` from its start; says their SHA-256 in hex.

        Raises Expired when the address is refused, Rejected when the bytes are. Storage says nothing when it has stored
        them: whatever speaks has stood in between.
        """
        headers = {"Content-Type": content_type}
        exactly = _Exactly(data, size)
        body = exactly if size else b""  # an empty stream would be sent in chunks
        with self._wire.persist(lambda: self._send("PUT", url, data=body, headers=headers)) as response:
            if response.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise Expired(f"{host(url)} refuses the upload address ({response.status_code})")
            if response.status_code >= REFUSED:
                raise Rejected(f"{host(url)} does not take the bytes ({response.status_code})")
            if response.status_code >= MOVED:
                raise Unavailable(f"{host(url)} answered {response.status_code} to an upload")
            if next(response.iter_content(1), b""):
                raise Unavailable(f"{host(url)} answered with a web page to an upload")
        return exactly.digest.hexdigest()

    def get(self, url: str, size: int, start: int = 0, *, side: str = "", path: str = "") -> BinaryIO:
        """The stored bytes, which must be ``size`` many, from ``start`` on; the caller closes it.

        side, path: for what it raises while it is read. Raises Expired or WrongSize at once, and Unavailable while it
        is read when the bytes end early. A server that ignores where to start sends the whole, which is passed over.
        """
        headers = {**PLAIN, "Range": f"bytes={start}-"} if start else PLAIN
        response = self._wire.persist(lambda: self._send("GET", url, headers=headers))
        told = response.headers.get("Content-Length", str(size))
        if response.status_code == HTTPStatus.PARTIAL_CONTENT:
            begins, _, told = response.headers.get("Content-Range", "").partition("/")
            if told == str(size) and begins.startswith(f"bytes {start}-"):
                return io.BufferedReader(_Download(response, size - start, side, path), BLOCK)
        elif response.status_code == HTTPStatus.OK and told == str(size):
            whole = io.BufferedReader(_Download(response, size, side, path), BLOCK)
            passed_over(whole, start)
            return whole
        response.close()
        if response.status_code in (
            HTTPStatus.OK,
            HTTPStatus.PARTIAL_CONTENT,
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
        ):
            raise WrongSize(f"{host(url)} holds {quoted(told)} bytes where {size} were listed")
        raise Expired(f"{host(url)} refuses the download address ({response.status_code})")

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        if self._encrypted and not url.lower().startswith("https:"):
            raise Denied("the API hands out an address that is not encrypted", hint="nothing was sent there")
        response = self._wire.send(method, url, **options)
        if response.status_code in AGAIN or response.status_code >= FAILED:
            response.close()
            what = f"{host(url)} answered {response.status_code} to a transfer"
            raise Unavailable(what, retry_after=retry_after(response.headers))
        return response


class _Exactly:
    """So many bytes of a file from its start, for a request that says beforehand how many it sends."""

    def __init__(self, data: BinaryIO, size: int) -> None:
        self._data = data
        self._size = size
        self.digest = hashlib.sha256()

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        self._data.seek(0)
        self.digest = hashlib.sha256()
        left = self._size
        while left:
            block = self._data.read(min(BLOCK, left))
            if not block:
                raise Unavailable(f"the bytes to upload end {left} early")
            left -= len(block)
            self.digest.update(block)
            yield block


class _Download(io.RawIOBase):
    """A body that is as long as it should be, or raises Unavailable."""

    def __init__(self, response: requests.Response, size: int, side: str, path: str) -> None:
        self._response = response
        self._side = side
        self._path = path
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._response.raw.read(len(buffer), decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError):
            block = b""
        if not block and self._left:
            raise Unavailable(
                f"the download ended {self._left} bytes early",
                side=self._side,
                path=self._path,
                hint="the next run tries again",
            )
        self._left -= len(block)
        if self._left < 0:
            raise Unavailable("the download is longer than the document", side=self._side, path=self._path)
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._response.close()
        super().close()
