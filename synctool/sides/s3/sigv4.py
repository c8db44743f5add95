"""Signs one S3 request with AWS Signature Version 4.

After "Authenticating Requests: Using the Authorization Header" in the Amazon S3 API reference: the path is encoded
once and never normalised, and the digest of the body is part of what is signed.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs: an access key, its secret, and the session token of temporary keys."""

    access: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


class Request(NamedTuple):
    """What is signed: path is percent-encoded, headers hold at least ``host``."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    digest: str  # hex SHA-256 of the body


def sign(request: Request, keys: Keys, region: str, at: float) -> dict[str, str]:
    """The request's headers with date, digest, token and Authorization added; at: seconds since the epoch."""
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    headers = {**request.headers, "x-amz-content-sha256": request.digest, "x-amz-date": stamp}
    if keys.token:
        headers["x-amz-security-token"] = keys.token
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    names = ";".join(name for name, _ in lines)
    canonical = "\n".join(
        [
            *(request.method, request.path, encode(request.query)),
            *(f"{name}:{value}" for name, value in lines),
            *("", names, request.digest),
        ]
    )
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_signing_key(keys.secret, scope), text.encode(), "sha256").hex()
    credential = f"Credential={keys.access}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "authorization": f"AWS4-HMAC-SHA256 {credential}"}


def encode(query: Mapping[str, str]) -> str:
    """A query in the one spelling that is both sent and signed."""
    return "&".join(
        sorted(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items())
    )


@lru_cache(maxsize=8)
def _signing_key(secret: str, scope: str) -> bytes:
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
