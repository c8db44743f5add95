"""Carries signed requests to one bucket, below one prefix, over pooled connections."""

import hashlib
import io
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar, cast
from urllib.parse import quote, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from synctool.core.model import SideName
from synctool.errors import Rejected, SideError, Unavailable
from synctool.sides.patience import POOLS
from synctool.sides.s3.faults import Asked, Reply, fault
from synctool.sides.s3.sigv4 import Keys, Request, encode, sign

LONGEST_KEY = 1024  # bytes of UTF-8
CONNECTIONS = 32
PATIENCE = urllib3.Timeout(connect=10, read=120)  # seconds
ANSWER_LIMIT = 32 << 20  # bytes; a page of a thousand keys is no tenth of it


_TROUBLES = (HTTPError, OSError, UnicodeError)

Failure = TypeVar("Failure", bound=SideError)


class Where(NamedTuple):
    """Which bucket, below which prefix ("" or with a slash at the end), and where its server is."""

    side: SideName
    bucket: str
    prefix: str
    region: str
    endpoint_url: str | None = None  # None: AWS
    owner: str | None = None  # the AWS account that must own the bucket

    def base(self) -> tuple[str, str]:
        """The URL of the server, and the path of the bucket on it.

        AWS is addressed by virtual host, save for a bucket with dots, which no TLS certificate covers.
        """
        if self.endpoint_url:
            parts = urlsplit(self.endpoint_url)
            return f"{parts.scheme}://{parts.netloc}", f"{parts.path.rstrip('/')}/{self.bucket}"
        domain = f"s3.{self.region}.amazonaws.com" + (".cn" if self.region.startswith("cn-") else "")
        if "." in self.bucket:
            return f"https://{domain}", f"/{self.bucket}"
        return f"https://{self.bucket}.{domain}", ""


class Wire:
    """Sends one request at a time for whoever calls, from any thread; neither retries nor follows redirects.

    keys and clock (seconds since the epoch) are asked anew for every request. Every failure is a SideError.
    """

    def __init__(self, where: Where, keys: Callable[[], Keys], clock: Callable[[], float]) -> None:
        base, self._root = where.base()
        self._where = where
        self._host = urlsplit(base).netloc
        self._keys = keys
        self._clock = clock
        parts = urlsplit(base)
        self._pool = POOLS[parts.scheme](
            parts.hostname or "", parts.port, maxsize=CONNECTIONS, timeout=PATIENCE
        )

    def close(self) -> None:
        """Let go of all connections."""
        self._pool.close()

    def call(
        self,
        method: str,
        path: str | None,
        headers: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | bytearray = b"",
    ) -> Reply:
        """The answer to a request about the object at path below the prefix, or, with None, about the bucket."""
        try:
            reply = self._whole(self._send(method, path, headers or {}, query or {}, body), path)
        except _TROUBLES as error:
            raise self._unreached(error, path) from None
        # S3 may answer 200 before a long copy or completion has succeeded, and say in the body that it has not.
        if reply.status >= 300 or (method != "GET" and b"<Error>" in reply.body[:1000]):  # noqa: PLR2004
            raise self._fault(reply, method, path)
        return reply

    def stream(
        self, path: str, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> tuple[Mapping[str, str], io.BufferedReader]:
        """The headers and the bytes of an object, read as they are asked for. The caller closes them."""
        try:
            response = self._send("GET", path, headers, query, b"")
            if response.status >= 300:  # noqa: PLR2004
                raise self._fault(self._whole(response, path), "GET", path)
        except _TROUBLES as error:
            raise self._unreached(error, path) from None
        raw = _Body(response, lambda error: self._unreached(error, path))
        return response.headers, io.BufferedReader(raw, 1 << 16)

    def key(self, path: str) -> str:
        """The object's full key. Raises Rejected when S3 cannot hold it."""
        try:
            # No key that a listing names as a document or folder has such segments, and some servers resolve them.
            fits = len((self._where.prefix + path).encode()) <= LONGEST_KEY
            if fits and not {".", ".."} & set(path.split("/")):
                return self._where.prefix + path
        except UnicodeEncodeError:
            path = path.encode(errors="backslashreplace").decode()
        what = f"S3 cannot hold this name: not Unicode, a '.' or '..', or a key over {LONGEST_KEY} bytes"
        raise Rejected(what, side=self._where.side, path=path, hint="shorten or change it")

    def source(self, path: str, version: str) -> str:
        """The object, or this version of it, as ``x-amz-copy-source`` spells it."""
        spelled = quote(f"/{self._where.bucket}/{self.key(path)}", safe="/")
        return f"{spelled}?versionId={quote(version, safe='')}" if version else spelled

    def failure(self, kind: type[Failure], what: str, path: str) -> Failure:
        """A failure of this side."""
        return kind(what, side=self._where.side, path=path)

    def _send(
        self,
        method: str,
        path: str | None,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        body: bytes | bytearray,
    ) -> urllib3.BaseHTTPResponse:
        target = self._root + ("" if path is None else "/" + quote(self.key(path), safe="/")) or "/"
        own = {"host": self._host, "accept-encoding": "identity", "user-agent": "synctool"}
        if self._where.owner:
            own["x-amz-expected-bucket-owner"] = self._where.owner
        request = Request(method, target, query, {**own, **headers}, hashlib.sha256(body).hexdigest())
        response: urllib3.BaseHTTPResponse = self._pool.urlopen(
            method,
            f"{target}?{encode(query)}" if query else target,
            body=cast("bytes", body) or None if method in ("GET", "HEAD", "DELETE") else cast("bytes", body),
            headers=sign(request, self._keys(), self._where.region, self._clock()),
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        return response

    def _whole(self, response: urllib3.BaseHTTPResponse, path: str | None) -> Reply:
        """An answer with its body, its connection free again."""
        body = bytearray()
        while block := response.read(1 << 16):
            body += block
            if len(body) > ANSWER_LIMIT:
                response.close()
                what = f"an answer is longer than {ANSWER_LIMIT >> 20} MiB"
                raise self.failure(Unavailable, what, path or "")
        response.release_conn()
        return Reply(response.status, response.headers, bytes(body))

    def _fault(self, reply: Reply, method: str, path: str | None) -> SideError:
        asked = Asked(self._where.side, self._where.bucket, path or "")
        return fault(reply, asked, bodiless=method == "HEAD")

    def _unreached(self, error: Exception, path: str | None) -> Unavailable:
        return Unavailable(
            f"no complete answer from {self._host} ({type(error).__name__})",
            side=self._where.side,
            path=path or "",
            hint="check the connection and the endpoint",
        )


class _Body(io.RawIOBase):
    """The bytes of a response, with failures in synctool's words."""

    def __init__(
        self, response: urllib3.BaseHTTPResponse, failed: Callable[[Exception], Unavailable]
    ) -> None:
        self._response = response
        self._failed = failed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._response.read(len(buffer))
        except _TROUBLES as error:
            raise self._failed(error) from None
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._response.close()
        super().close()
