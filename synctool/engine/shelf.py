"""Keeps whole objects in an S3 bucket, each put only where what it takes the place of is known."""

import hashlib
import random
from base64 import b64encode
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import cached_property, partial
from typing import TypeVar
from urllib.parse import urlsplit

from synctool.engine.clock import Clock
from synctool.errors import Misuse, Stale, Unavailable
from synctool.sides.s3.credentials import ordinary
from synctool.sides.s3.objects import NEW, Objects, same
from synctool.sides.s3.parts import Parts
from synctool.sides.s3.sigv4 import Keys
from synctool.sides.s3.uploads import Uploads
from synctool.sides.s3.wire import Where, Wire
from synctool.store.shelf import Shelved

SIDE = "state"
ATTEMPTS = 4

T = TypeVar("T")


class BucketShelf:
    """A ``Shelf``: the objects below ``s3://bucket/prefix``.

    variables: the environment, for region and endpoint; keys: an access key and its secret, used instead of what the AWS
    tools' chain finds. Raises Misuse for another URL; nothing is asked of anybody before it is used.
    """

    def __init__(
        self, url: str, variables: Mapping[str, str], keys: tuple[str, str] | None, clock: Clock
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            hint = "give a folder on a disk of this machine, or s3://bucket/prefix"
            raise Misuse(f"--state {url}: is no folder", hint=hint)
        self._url = url.rstrip("/")
        prefix = parts.path.strip("/")
        region = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or "us-east-1"
        endpoint = variables.get("AWS_ENDPOINT_URL_S3") or variables.get("AWS_ENDPOINT_URL")
        self._at = Where(SIDE, parts.netloc, f"{prefix}/" if prefix else "", region, endpoint or None)
        self._own = keys
        self._clock = clock

    @cached_property
    def _wire(self) -> Wire:
        keys = partial(Keys, *self._own) if self._own else ordinary(SIDE, self._at.region, None)
        return Wire(self._at, keys, lambda: self._clock.now_ns() / 1e9)

    def where(self, name: str) -> str:
        """The URL of an object."""
        return f"{self._url}/{name}"

    def etag(self, name: str) -> str:
        """The tag of what lies there; "" where nothing does."""
        try:
            headers = self._again(lambda: self._wire.call("HEAD", name)).headers
        except Stale:
            return ""
        return headers.get("etag", "").strip('"')

    def get(self, name: str) -> Shelved | None:
        """What lies there; None where nothing does."""

        def once() -> Shelved:
            headers, body = self._wire.stream(name, {}, {})
            with body:
                data = body.read()
            return Shelved(data, headers.get("etag", "").strip('"'), _age(headers))

        try:
            return self._again(once)
        except Stale:
            return None

    def names(self) -> list[str]:
        """What everything that lies there is called; a request for each thousand."""
        objects = Objects(self._wire, Parts(self._wire, Uploads(self._wire), {}), {})
        return [found.path for page in self._again(lambda: list(objects.pages(deep=False))) for found in page]

    def put(self, name: str, data: bytes, etag: str) -> str:
        """Put this in the place of what has that tag, "" for nothing; its own tag. Raises Stale where another lies there."""
        checksum = b64encode(hashlib.sha256(data).digest()).decode()
        headers = {"x-amz-checksum-sha256": checksum, **(same(etag) if etag else NEW)}
        try:
            reply = self._again(lambda: self._wire.call("PUT", name, headers, body=data))
        except Stale:
            found = self.get(name)  # an answer may have been lost, and this be what we put
            if found is None or found.data != data:
                raise
            return found.etag
        return reply.headers.get("etag", "").strip('"')

    def close(self) -> None:
        """Let go of all connections."""
        if "_wire" in self.__dict__:
            self._wire.close()

    def _again(self, operation: Callable[[], T]) -> T:
        for failures in range(1, ATTEMPTS):
            try:
                return operation()
            except Unavailable as error:
                wait = error.retry_after or 2 ** (failures - 1) * (0.5 + random.random() / 2)  # noqa: S311 - scatters
                self._clock.sleep(min(wait, 2**ATTEMPTS))
        return operation()


def _age(headers: Mapping[str, str]) -> float:
    """Seconds since an object was put, by the clock of the server alone. Raises Unavailable where it does not tell."""
    try:
        put, now = (parsedate_to_datetime(headers[name]) for name in ("last-modified", "date"))
        return (now - put).total_seconds()
    except (KeyError, ValueError, TypeError):
        raise Unavailable("an answer without its times, or with wrong ones", side=SIDE) from None
