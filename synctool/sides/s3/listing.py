"""Reads what S3 writes of objects, versions and uploads, page by page, and says which entries they are."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote_plus

from synctool.core.model import DEEPEST, Entry, Handle, Kind, instant
from synctool.sides.base import PLACEHOLDER, RESERVED

MARKED = "placeholder"
"""The stamp of a folder that has its placeholder; one that is only implied has ""."""

_ODD = re.compile(rf"(^|/)\.{{0,2}}(/|$)|(^|/){re.escape(PLACEHOLDER)}/|[\x00-\x1f\x7f]")
_SIGNS = ("/.", "//", f"/{PLACEHOLDER}/")
"""Without one of these, and of printable characters alone, a path is not odd: that is told quicker than why one is."""

_OBJECT = re.compile(
    r"<Contents>\s*<Key>([^<]*)</Key>\s*<LastModified>([^<]*)</LastModified>\s*<ETag>([^<]*)</ETag>\s*"
    r"(?:<Checksum\w+>[^<]*</Checksum\w+>\s*)*<Size>([^<]*)</Size>"
)
"""An object as AWS and its likes write it; any other order of the fields is read as well, at twice the cost."""
_FIELD = re.compile(r"<(Key|LastModified|ETag|Size|VersionId|IsLatest|UploadId|Initiated)>([^<]*)<")
_PREFIX = re.compile(r"<CommonPrefixes>\s*<Prefix>([^<]+)</Prefix>")
_COMMON = ("1970-01-01", "", "0")
_NEXT = re.compile(r"<NextContinuationToken>([^<]+)<")
_VERSION = re.compile(r"<(Version|DeleteMarker)>")
_ETAG = re.compile(r"[!#-~]{0,1024}")
_MARKERS = {"NextKeyMarker": "key-marker", "NextVersionIdMarker": "version-id-marker"}


class Found(NamedTuple):
    """One object of a listing; path is its key without the prefix, version names a version that is not the current."""

    path: str
    etag: str
    size: int  # bytes
    mtime_ns: int
    version: str = ""


class Version(NamedTuple):
    """One line of a list of versions: bytes, or (deleted) that there were none from then on."""

    found: Found
    latest: bool
    deleted: bool


class Upload(NamedTuple):
    """An upload in parts that is not completed; S3 keeps, and charges for, its parts until it is aborted."""

    path: str
    number: str
    began_ns: int  # since the epoch


class Odd(NamedTuple):
    """A key that cannot be a path: empty, ``.`` or ``..`` segments, control characters, a reserved folder name."""

    key: str


class Page(NamedTuple):
    """One ListObjectsV2 page; its objects are read when somebody asks for them."""

    prefix: str
    objects: str
    around: str
    token: str  # of the next page, or ""

    @property
    def last(self) -> str:
        """The path of its last object; "" where there is none, or none that can be read."""
        return path_in(self.objects.rpartition("<Contents>")[2], self.prefix)

    def unread(self) -> Iterator[str]:
        """What it says of each object, as far as anything is made of it. Raises ValueError for what was not asked for."""
        if _PREFIX.search(self.around):
            raise ValueError("folders instead of what is in them")
        return (each.partition("</Contents>")[0] for each in self.objects.split("<Contents>")[1:])

    def found(self) -> list[Found]:
        """Its objects; a common prefix is shown as an object without bytes or ETag. Raises ValueError for what cannot be."""
        common = [_found(self.prefix, key, *_COMMON) for key in _PREFIX.findall(self.around)]
        return found_in(self.objects, self.prefix) + common


def path_in(text: str, prefix: str) -> str:
    """The path of an object by what a page says of it, roughly; "" if it cannot be read."""
    return unquote_plus(unescape(text.partition("<Key>")[2].partition("<")[0])).removeprefix(prefix)


def found_in(objects: str, prefix: str) -> list[Found]:
    """What a page says of objects, each after a ``<Contents>``. Raises ValueError for what cannot be."""
    found = _OBJECT.findall(objects)
    if len(found) != objects.count("<Contents>"):
        found = [_facts(_fields(each, "Contents")) for each in objects.split("<Contents>")[1:]]
    return [_found(prefix, *facts) for facts in found]


def parse(page: bytes, prefix: str) -> Page:
    """A ListObjectsV2 page asked for with ``encoding-type=url``. Raises ValueError for what is not one whole page."""
    text = page.decode()
    if "<ListBucketResult" not in text[:500] or not text.rstrip().endswith("</ListBucketResult>"):
        raise ValueError("not a listing")
    start, end = text.find("<Contents>"), text.rfind("</Contents>")
    start, end = (start, end) if 0 <= start < end else (0, 0)
    around = text[:start] + text[end:]
    if "<Contents>" in around:
        raise ValueError("an object without an end")
    token = _NEXT.search(around)
    if (token is None) == ("<IsTruncated>true<" in around):
        raise ValueError("a listing that does not say where it goes on")
    return Page(prefix, text[start:end], around, unescape(token[1]) if token else "")


def parse_versions(page: bytes, prefix: str) -> tuple[list[Version], dict[str, str]]:
    """The versions on one ListObjectVersions page asked for with ``encoding-type=url``, and the query of the next, or {}.

    Raises ValueError for anything that is not one whole page.
    """
    text = page.decode()
    if "<ListVersionsResult" not in text[:500] or not text.rstrip().endswith("</ListVersionsResult>"):
        raise ValueError("not a list of versions")
    parts = _VERSION.split(text)[1:]
    found = [
        _version(kind, _fields(each, kind), prefix)
        for kind, each in zip(parts[::2], parts[1::2], strict=True)
    ]
    said = dict(re.findall(rf"<({'|'.join(_MARKERS)})>([^<]*)<", text))
    onward = {_MARKERS[name]: unescape(value) for name, value in said.items() if value}
    if "<IsTruncated>true<" not in text:
        return found, {}
    if "key-marker" not in onward:
        raise ValueError("a list of versions that does not say where it goes on")
    return found, {**onward, "key-marker": unquote_plus(onward["key-marker"], errors="strict")}


def parse_uploads(page: bytes, prefix: str) -> list[Upload]:
    """The uploads on one ListMultipartUploads page. Raises ValueError for anything that is not one whole page."""
    text = page.decode()
    if "<ListMultipartUploadsResult" not in text[:500]:
        raise ValueError("not a list of uploads")
    uploads = []
    for fields in (_fields(each, "Upload") for each in text.split("<Upload>")[1:]):
        if not fields.keys() >= {"Key", "UploadId", "Initiated"}:
            raise ValueError("an upload without a key, a number or a date")
        if (key := unescape(fields["Key"])).startswith(prefix):
            began_ns = nanoseconds(fields["Initiated"])
            uploads.append(Upload(key.removeprefix(prefix), unescape(fields["UploadId"]), began_ns))
    return uploads


def odd(path: str) -> bool:
    """Whether a key cannot be a path, or one that is too deep."""
    if path.isprintable() and not any(sign in f"/{path}/" for sign in _SIGNS):
        return path.count("/") > DEEPEST
    return _ODD.search(path) is not None or path.count("/") > DEEPEST


def reserved(path: str) -> bool:
    """Whether a key is synctool's own, or stands for the root itself."""
    return path in ("", PLACEHOLDER, RESERVED) or path.startswith(RESERVED + "/")


def file_entry(found: Found, *, md5: bool, sha256: str = "", version: str = "") -> Entry:
    """The entry of an object that is a document."""
    folder, _, name = found.path.rpartition("/")
    return Entry(
        Kind.FILE,
        found.path,
        f"{folder}/{PLACEHOLDER}" if folder else "",
        name,
        f"{found.etag}/{found.size}",
        found.size,
        found.mtime_ns,
        sha256,
        found.etag if md5 and is_md5(found.etag) else "",
        version,
    )


def folder_entry(handle: Handle, stamp: str) -> Entry:
    """The entry of a folder, by the handle of its placeholder."""
    parent, _, name = handle.removesuffix("/" + PLACEHOLDER).rpartition("/")
    return Entry(Kind.FOLDER, handle, f"{parent}/{PLACEHOLDER}" if parent else "", name, stamp)


def is_md5(etag: str) -> bool:
    """Whether an ETag can be the MD5 of the bytes; that of a multipart upload ends in its number of parts."""
    return len(etag) == 32 and "-" not in etag  # noqa: PLR2004 -- hex digits of an MD5


@lru_cache(maxsize=1000)
def nanoseconds(iso: str) -> int:
    """An ISO 8601 time as nanoseconds since the epoch, in whole seconds, which is all that a HEAD tells.

    Raises ValueError.
    """
    moment = datetime.fromisoformat(iso)
    return epoch(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def epoch(moment: datetime) -> int:
    """A time with its zone as nanoseconds since the epoch, in whole seconds."""
    return instant(int(moment.timestamp()) * 1_000_000_000)


def _found(prefix: str, key: str, modified: str, etag: str, size: str, version: str = "") -> Found:
    path = unquote_plus(unescape(key), errors="strict")
    quoted = etag.replace("&quot;", '"')  # unescape takes four times as long for it
    tag = unescape(quoted).strip('"')
    count = int(size)
    if not 0 <= count < 2**63 or not _ETAG.fullmatch(tag):
        raise ValueError("an object that cannot be")
    if not path.startswith(prefix):
        raise ValueError("a key outside the prefix")
    return Found(path[len(prefix) :], tag, count, nanoseconds(modified), version)


def _facts(fields: Mapping[str, str]) -> tuple[str, str, str, str]:
    try:
        return fields["Key"], fields["LastModified"], fields["ETag"], fields["Size"]
    except KeyError as error:
        raise ValueError(f"an object without {error}") from None


def _fields(text: str, tag: str) -> dict[str, str]:
    """The fields up to the end of a tag."""
    return dict(_FIELD.findall(text.partition(f"</{tag}>")[0]))


def _version(kind: str, fields: dict[str, str], prefix: str) -> Version:
    deleted = kind == "DeleteMarker"
    facts = _facts({"ETag": "", "Size": "0", **fields} if deleted else fields)
    found = _found(prefix, *facts, unescape(fields.get("VersionId", "")))
    return Version(found, fields.get("IsLatest") == "true", deleted)
