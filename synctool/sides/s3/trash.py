"""Keeps former bytes: as versions where the bucket has them, else as copies below ``.synctool/trash``."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain

from synctool.core.model import PLACEHOLDER, RESERVED, TRASH, Entry, Kept
from synctool.errors import Rejected
from synctool.sides.s3.listing import Found, Version, file_entry, nanoseconds, odd, reserved
from synctool.sides.s3.objects import Objects
from synctool.sides.s3.wire import LONGEST_KEY, Where

_VERSIONS = f"{RESERVED}/versions/"
_MOMENT = "%Y%m%dT%H%M%S.%fZ"
_DIGEST = re.compile("[0-9a-f]{64}")


class Trash:
    """What is kept in one bucket below one prefix.

    A document in trash lies at ``.synctool/trash/20261122T213501.000000Z/<path>``; when that makes too long a key, under
    a digest of its path, which then is not known any more. A former version has the handle ``.synctool/versions/<version>/<path>``, which is no key.
    versioned: the bucket keeps versions; md5: whether plain ETags are MD5 digests here; clock: seconds since the epoch.
    """

    def __init__(
        self, objects: Objects, where: Where, clock: Callable[[], float], *, versioned: bool, md5: bool
    ) -> None:
        self._objects = objects
        self._where = where
        self._clock = clock
        self.versioned = versioned
        self._md5 = md5

    def keep(self, found: Found) -> None:
        """Copy an object into the trash, where the bucket keeps no versions."""
        if self.versioned:
            return
        when = datetime.fromtimestamp(self._clock(), UTC).strftime(_MOMENT)
        path = f"{TRASH}/{when}/{found.path}"
        if len(f"{self._where.prefix}{path}".encode()) > LONGEST_KEY:
            path = f"{TRASH}/{when}/{hashlib.sha256(found.path.encode()).hexdigest()}"
        self._objects.copy(found, path, {}, None)

    def kept(self) -> Iterator[Kept]:
        """All that is kept of documents.

        AWS lists the versions of an object side by side, the newest first; of other servers that is not sure.
        """
        if not self.versioned:
            for page in self._objects.pages(below=f"{TRASH}/"):
                yield from (kept for each in page if (kept := self._in_trash(each)))
            return
        listed = chain.from_iterable(self._objects.versions())
        versions = sorted(listed, key=_newest_first) if self._where.endpoint_url else listed
        newer: Found | None = None
        for version in versions:
            found = version.found
            at_ns = newer.mtime_ns if newer and newer.path == found.path else found.mtime_ns
            newer = found
            kept = (
                self._in_trash(found._replace(version="")) if version.latest else self._former(found, at_ns)
            )
            if kept and not version.deleted:
                yield kept

    def purge(self, kept: Kept) -> None:
        """Destroy a document in trash. Raises Stale for another one, Rejected for what is not in trash."""
        path = kept.entry.handle
        if kept.version or _put_away(path) is None:
            raise Rejected("only what is in trash can be destroyed", side=self._where.side, path=path)
        self._objects.delete(path, seen(kept.entry).etag)

    def _in_trash(self, found: Found) -> Kept | None:
        at_ns = _put_away(found.path)
        if at_ns is None:
            return None
        was = found.path.removeprefix(f"{TRASH}/").partition("/")[2]
        return Kept(file_entry(found, md5=self._md5), "" if _DIGEST.fullmatch(was) else was, at_ns)

    def _former(self, found: Found, at_ns: int) -> Kept | None:
        """A former version, if it was one of a document."""
        folder = found.path.endswith(f"/{PLACEHOLDER}") and not found.size
        if folder or reserved(found.path) or odd(found.path):
            return None
        entry = file_entry(found, md5=self._md5, version=found.version)
        handle = f"{_VERSIONS}{found.version}/{found.path}"
        return Kept(entry._replace(handle=handle, parent=_VERSIONS), found.path, at_ns, version=True)


def seen(entry: Entry) -> Found:
    """The object, or former version, that an entry tells of."""
    path, version, etag = entry.handle, "", entry.stamp.rpartition("/")[0]
    if path.startswith(_VERSIONS):
        version, path = entry.version, path.removeprefix(f"{_VERSIONS}{entry.version}/")
    return Found(path, etag, entry.size, entry.mtime_ns, version)


def _put_away(path: str) -> int | None:
    """When an object was put in trash, in nanoseconds since the epoch; None: it does not lie there."""
    when, _, was = path.removeprefix(f"{TRASH}/").partition("/")
    if path.startswith(f"{TRASH}/") and was:
        with suppress(ValueError):
            return nanoseconds(datetime.strptime(when, _MOMENT).replace(tzinfo=UTC).isoformat())
    return None


def _newest_first(version: Version) -> tuple[str, bool, int]:
    return version.found.path, not version.latest, -version.found.mtime_ns
