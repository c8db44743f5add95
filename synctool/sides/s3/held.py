"""Reads in an answer what S3 holds under a path."""

import re
from base64 import b64decode
from datetime import UTC
from email.utils import parsedate_to_datetime
from html import unescape
from typing import NamedTuple

from synctool.errors import Unavailable
from synctool.sides.s3.faults import Reply
from synctool.sides.s3.labels import COPIED, DIGEST
from synctool.sides.s3.listing import Found, epoch, nanoseconds
from synctool.sides.s3.wire import Wire

SIZE = re.compile(r"[0-9]{1,18}")  # bytes


class Held(NamedTuple):
    """What the bucket holds under a path."""

    found: Found
    version: str = ""
    sha256: str = ""  # hex; verified by S3
    claim: str = ""  # hex; what the writer said
    copied: str = ""  # the ETag it was copied from, where that is noted


def as_held(wire: Wire, path: str, reply: Reply, size: int | None = None) -> Held:
    """What a reply says is held; the ETag of a copy or a completed upload stands in the body.

    size: of what was sent, where the reply does not tell it. Raises Unavailable for what is no answer of S3's.
    """
    headers = reply.headers
    etag = (headers.get("etag") or field(reply, "ETag")).strip('"')
    length = headers.get("content-length", "") if size is None else str(size)
    if not etag or not SIZE.fullmatch(length):
        raise wire.failure(Unavailable, "not an answer of S3's: no ETag or size", path)
    sha256 = headers.get("x-amz-checksum-sha256", "")
    version = headers.get("x-amz-version-id", "")
    try:
        return Held(
            Found(path, etag, int(length), _time(reply)),
            "" if version == "null" else version,
            "" if "-" in sha256 else b64decode(sha256).hex(),  # that of a multipart upload is of its parts
            headers.get(DIGEST, ""),
            headers.get(COPIED, ""),
        )
    except (ValueError, OverflowError):
        raise wire.failure(Unavailable, "not an answer of S3's: its date or digest", path) from None


def field(reply: Reply, name: str) -> str:
    """The first element of this name in an answer; "" when there is none."""
    return element(reply.text, name)


def element(text: str, name: str) -> str:
    """What stands in the first element of this name; "" when there is none."""
    found = re.search(rf"<{name}>([^<]*)<", text)
    return unescape(found[1]) if found else ""


def _time(reply: Reply) -> int:
    """When this version came to be, in nanoseconds; after a PUT the server's own clock is the nearest it tells."""
    told = reply.headers.get("last-modified") or reply.headers.get("date")
    iso = field(reply, "LastModified")
    if iso:
        return nanoseconds(iso)
    if not told:
        return 0
    moment = parsedate_to_datetime(told)
    return epoch(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
