"""Translates what S3 answers into synctool's own failures.

The codes are those of "Error responses" in the Amazon S3 API reference. A missing key and a failed condition are both
``Stale``, because servers differ in which of the two they say when a condition names an object that is gone.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from synctool.core.model import SideName
from synctool.errors import Denied, Missing, Rejected, SideError, Stale, Unavailable
from synctool.sides.quoting import quoted

LOGIN = "check the AWS access key, its secret and the time they are valid"
RIGHTS = "check what the bucket policy and the role allow"


class Reply(NamedTuple):
    """One answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")


class Asked(NamedTuple):
    """What was asked for, for messages."""

    side: SideName
    bucket: str
    path: str


FAULTS: Mapping[str, tuple[type[SideError], str]] = {
    **dict.fromkeys(("PreconditionFailed", "NoSuchKey", "NoSuchUpload"), (Stale, "")),
    "NoSuchBucket": (Missing, "check the bucket's name, and that it exists"),
    **dict.fromkeys(("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"), (Denied, LOGIN)),
    **dict.fromkeys(("InvalidToken", "TokenRefreshRequired", "InvalidSecurity"), (Denied, LOGIN)),
    "RequestTimeTooSkewed": (Denied, "set this computer's clock"),
    "InvalidObjectState": (Denied, "it is in an archive storage class; restore it first"),
    **dict.fromkeys(("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed"), (Denied, "")),
    **dict.fromkeys(("IllegalLocationConstraintException", "IncorrectEndpoint"), (Denied, "")),
    **dict.fromkeys(("BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest"), (Unavailable, "")),
    **dict.fromkeys(("IncompleteBody", "RequestTimeout", "InvalidPart"), (Unavailable, "")),
    **dict.fromkeys(("OperationAborted", "ConditionalRequestConflict", "SlowDown"), (Unavailable, "")),
    "NotImplemented": (Rejected, "this S3 server cannot do it"),
}
"""What a code means. Every other code is judged by the HTTP status."""


def fault(reply: Reply, asked: Asked, *, bodiless: bool = False) -> SideError:
    """The failure that a reply stands for; bodiless: it answers a HEAD, which never explains itself."""
    text = reply.text
    found = re.search(r"<Code>([A-Za-z0-9]{1,40})</Code>", text)
    code = found[1] if found else ""
    if not code and not bodiless and reply.status not in _SILENT:
        return _unavailable(f"answered {reply.status} with something that is not S3's", reply, asked)
    kind, hint = FAULTS.get(code) or _by_status(reply.status, bodiless=bodiless)
    if reply.status in _REDIRECTS or code == "AuthorizationHeaderMalformed":
        kind, hint = Denied, _region_hint(reply, text)
    if kind is Stale:
        return Stale(
            f"not as it was when we looked ({code or reply.status})", side=asked.side, path=asked.path
        )
    what = f"bucket '{asked.bucket}' answered {code or reply.status}{_message(text)}"
    if kind is Unavailable:
        return _unavailable(what, reply, asked)
    return kind(what, side=asked.side, path=asked.path, hint=hint)


_REDIRECTS = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.TEMPORARY_REDIRECT)
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
_SILENT = (*_REDIRECTS, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.TOO_MANY_REQUESTS)


def _by_status(status: int, *, bodiless: bool) -> tuple[type[SideError], str]:
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Denied, RIGHTS
    if status == HTTPStatus.PRECONDITION_FAILED or (status == HTTPStatus.NOT_FOUND and bodiless):
        return Stale, ""
    if status == HTTPStatus.NOT_FOUND:
        return Missing, ""
    ours = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _LATER
    return (Rejected if ours else Unavailable), ""


def _message(text: str) -> str:
    found = re.search(r"<Message>([^<]+)", text)
    return f" ({quoted(found[1])})" if found else ""


def _region_hint(reply: Reply, text: str) -> str:
    found = re.search(r"<Region>([a-z0-9-]{1,24})</Region>", text)
    region = quoted(reply.headers.get("x-amz-bucket-region", "")) or (found[1] if found else "")
    return (
        f"the bucket is in region {region}; set 'region: {region}'" if region else "set the bucket's region"
    )


def _unavailable(what: str, reply: Reply, asked: Asked) -> Unavailable:
    seconds = reply.headers.get("retry-after", "")
    retry_after = float(seconds) if re.fullmatch("[0-9]{1,9}", seconds) else None
    return Unavailable(what, side=asked.side, path=asked.path, retry_after=retry_after)
