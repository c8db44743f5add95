"""Keeps bytes behind signed links, as S3 does for Filevine."""

import hashlib
import hmac
import mimetypes
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from synctool.emulators.filevine.records import Refusal


def content_type(filename: str) -> str:
    """The type a link is signed for, guessed from the extension."""
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"


class Storage:
    """Bytes by key. Links are paths below the server; they end, and serve one method and content type."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.blobs: dict[str, bytes] = {}
        self._clock = clock
        self._secret = secrets.token_bytes(32)

    def new_key(self) -> str:
        """A key nobody can guess."""
        return secrets.token_urlsafe(18)

    def link(self, method: str, key: str, seconds: int, kind: str = "") -> str:
        """A path that allows ``method`` on ``key``; kind is the content type a PUT must have."""
        date = str(self._clock() // 10**9)
        query = {
            "X-Amz-Date": date,
            "X-Amz-Expires": str(seconds),
            "X-Amz-Signature": self._sign(method, key, date, str(seconds), kind),
        }
        return f"/s3/{key}?{urlencode(query)}"

    def check(self, method: str, key: str, query: Mapping[str, str], kind: str = "") -> None:
        """Raise Refusal(403) unless the link allows this and has not ended; query has lower-case names."""
        date, seconds, signature = (
            query.get(f"x-amz-{name}", "") for name in ("date", "expires", "signature")
        )
        if not hmac.compare_digest(self._sign(method, key, date, seconds, kind), signature):
            raise Refusal(403, "SignatureDoesNotMatch")
        if self._clock() >= (int(date) + int(seconds)) * 10**9:
            raise Refusal(403, "AccessDenied")

    def _sign(self, *parts: str) -> str:
        return hmac.new(self._secret, "\n".join(parts).encode(), hashlib.sha256).hexdigest()
