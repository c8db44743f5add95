"""Tries what an account may do below a prefix, on an object of synctool's own that is taken away again."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from synctool.errors import Denied
from synctool.sides.base import RESERVED, Remark
from synctool.sides.s3.faults import Reply
from synctool.sides.s3.wire import Wire

TRIAL = f"{RESERVED}/trial"
"""Where the object lies: always there, so that the next trial takes away what an interrupted one left."""

_TAGS = {"x-amz-tagging": "origin=trial"}
_NONE: Mapping[str, str] = {}


def tried(wire: Wire, stored: Mapping[str, str], *, versioned: bool) -> Iterator[Remark]:
    """What came of it; stored: headers for every object written. Raises SideError for anything but a refusal."""
    trial = _Trial(wire, stored)
    try:
        trial.write()
        trial.read(versioned=versioned)
    finally:
        trial.take_away()
    if trial.refused:
        keys = " (with a key of KMS, also kms:GenerateDataKey and kms:Decrypt)" * any(
            "kms" in h for h in stored
        )
        actions = ", ".join(trial.refused)
        text = f"AWS refuses {actions}: allow it below this prefix{keys}, or say role: source"
        yield Remark(text, warn=True, code=5)
    else:
        yield Remark("we may write, tag, read and delete below the prefix")
    if trial.left:
        yield Remark(f"an empty version of {TRIAL} stays until the bucket's rule ends old versions")


class _Trial:
    """One trial. refused: the actions of IAM that were; left: whether a version stays that we may not remove."""

    def __init__(self, wire: Wire, stored: Mapping[str, str]) -> None:
        self._wire = wire
        self._stored = dict(stored)
        self._versions: list[str] = []
        self._written = False
        self.refused: list[str] = []
        self.left = False

    def write(self) -> None:
        """Put an empty object there: with a tag, or else without, which tells the two rights apart."""
        if self._may("s3:PutObjectTagging", "PUT", self._stored | _TAGS) or self._may(
            "s3:PutObject", "PUT", self._stored
        ):
            self._written = True
        else:
            self.refused = ["s3:PutObject"]

    def read(self, *, versioned: bool) -> None:
        """Read it back in every way that a run does."""
        if not self._written:
            return
        self._may("s3:GetObject", "GET")
        self._may("s3:GetObjectTagging", "GET", query={"tagging": ""})
        if versioned and self._versions:
            self._may("s3:GetObjectVersion", "GET", query={"versionId": self._versions[0]})

    def take_away(self) -> None:
        """Delete it, and where the bucket keeps versions, those too if we may."""
        if not self._written:
            return
        self._may("s3:DeleteObject", "DELETE")
        for version in self._versions:
            try:
                self._wire.call("DELETE", TRIAL, query={"versionId": version})
            except Denied:
                self.left = True

    def _may(
        self, action: str, method: str, headers: Mapping[str, str] = _NONE, query: Mapping[str, str] = _NONE
    ) -> Reply | None:
        """The answer; None, and the action remembered, where it is refused."""
        with suppress(Denied):
            reply = self._wire.call(method, TRIAL, headers, query=query)
            version = reply.headers.get("x-amz-version-id", "")
            if method != "GET" and version not in ("", "null"):
                self._versions.append(version)
            return reply
        self.refused.append(action)
        return None
