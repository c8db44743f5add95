"""Reads Filevine's JSON into values, and says what its ids are called as handles.

The parsers take JSON whose keys are lower case (``wire.parse``) and raise KeyError, TypeError, ValueError or
OverflowError when its shape is not what the vendor's API description (version 2.0.0) says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from synctool.core.model import DIGITS, Entry, Handle, Kind, document_handle, folder_handle, instant
from synctool.errors import Missing

T = TypeVar("T")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Document(NamedTuple):
    """A document as every list and every write answers it; folder None: the project's root."""

    id: int
    project: int | None
    folder: int | None
    name: str
    size: int  # bytes
    version: str
    uploaded: str  # exactly as the server spells it; "" when it does not say
    uploader: str

    @property
    def stamp(self) -> str:
        """Equal stamps, equal bytes: a new revision changes at least one of the three."""
        return f"{self.version}:{self.size}:{self.uploaded}"


class Folder(NamedTuple):
    """A folder; parent None: it lies in the project's root, or is it."""

    id: int
    project: int | None
    parent: int | None
    name: str
    archived: bool
    protected: bool


@dataclass(frozen=True, slots=True)
class Upload:
    """Where the bytes of a pending document go."""

    id: int
    url: str = field(repr=False)  # signed
    content_type: str


@dataclass(frozen=True, slots=True)
class Locator:
    """Where the bytes of a document are, "" when nowhere yet; and the virus found in them, "" for none."""

    url: str = field(repr=False)  # signed
    threat: str


class Page(NamedTuple):
    """One page of a list, whether more follow, None when the server does not say."""

    items: list[Any]
    more: bool | None


def number(handle: Handle) -> int:
    """Filevine's id of a document or folder, by its handle. Raises Missing for what is no handle."""
    if handle[:1] not in ("d", "f") or not handle[1:].isdecimal():
        raise Missing(f"'{handle}' is no document or folder of Filevine")
    return int(handle[1:])


def folded(name: str) -> str:
    """What the server compares names by."""
    return name.strip().casefold()


def parse_document(data: Any) -> Document:
    """The vendor's ``Document``."""
    return Document(
        id=_id(data["documentid"]),
        project=_optional(_id, data.get("projectid")),
        folder=_optional(_id, data.get("folderid")),
        name=_text(data["filename"]),
        size=_size(data.get("size") or 0),
        version=_text(str(data.get("currentversion") or "")),
        uploaded=_text(str(data.get("uploaddate") or "")),
        uploader=_text(data.get("uploaderfullname") or ""),
    )


def parse_folder(data: Any) -> Folder:
    """The vendor's ``Folder``."""
    return Folder(
        id=_id(data["folderid"]),
        project=_optional(_id, data.get("projectid")),
        parent=_optional(_id, data.get("parentid")),
        name=_text(data["name"]),
        archived=bool(data.get("isarchived")),
        protected=bool(data.get("isprotected")),
    )


def parse_upload(data: Any) -> Upload:
    """The vendor's ``DocumentUploadLocator``."""
    return Upload(
        _id(data["documentid"]),
        _text(data["url"]),
        _text(data.get("contenttype") or "application/octet-stream"),
    )


def parse_locator(data: Any) -> Locator:
    """The vendor's ``DocumentFileLocator``; only the first finding is named."""
    found = [scan for scan in data.get("antivirusscanresult") or () if scan.get("threatdetected")]
    return Locator(
        _text(data.get("url") or ""), _text(found[0].get("virusname") or "a threat")[:80] if found else ""
    )


def parse_page(data: Any) -> Page:
    """The vendor's ``ItemListOf…``."""
    more = data.get("hasmore")
    return Page(list(data["items"]), None if more is None else bool(more))


def parse_root(data: Any) -> int | None:
    """The root folder of the vendor's ``Project``; None when it does not say."""
    data["projectid"]  # an answer without it is no project
    return _optional(_id, data.get("rootdocfolderid"))


def parse_identifier(data: Any) -> int:
    """The number in the vendor's ``Identifier``."""
    return _id(data)


def document_entry(document: Document, root: int | None) -> Entry:
    """A document as the rest of synctool sees it."""
    return Entry(
        kind=Kind.FILE,
        handle=document_handle(document.id),
        parent=parent_handle(document.folder, root),
        name=document.name,
        stamp=document.stamp,
        size=document.size,
        mtime_ns=_nanoseconds(document.uploaded),
        version=document.version,
        author=document.uploader,
    )


def folder_entry(folder: Folder, root: int | None) -> Entry:
    """A folder as the rest of synctool sees it."""
    handle, parent = folder_handle(folder.id), parent_handle(folder.parent, root)
    return Entry(kind=Kind.FOLDER, handle=handle, parent=parent, name=folder.name, stamp="folder")


def parent_handle(folder: int | None, root: int | None) -> Handle:
    """The handle of the folder something lies in; the root's is ""."""
    return "" if folder in (None, root) else folder_handle(folder)


def _id(identifier: Any) -> int:
    """The number of an ``Identifier``, which some calls answer bare."""
    found = int(identifier["native"] if isinstance(identifier, dict) else identifier)
    if not 0 < found < 10**DIGITS:
        raise ValueError(found)
    return found


def _size(data: Any) -> int:
    """Bytes, as many as any disk can hold."""
    found = int(data)
    if not 0 <= found < 2**63:
        raise ValueError(found)
    return found


def _optional(parse: Callable[[Any], T], data: Any) -> T | None:
    empty = data is None or (isinstance(data, dict) and data.get("native") is None)
    return None if empty else parse(data)


def _text(data: Any) -> str:
    """Text that UTF-8 can hold: JSON can spell half a surrogate pair."""
    if not isinstance(data, str):
        raise TypeError(data)
    return data.encode("utf-8", "replace").decode()


def _nanoseconds(uploaded: str) -> int:
    """The time of an upload since the epoch; 0 when there is none, or none that can be read."""
    try:
        moment = datetime.fromisoformat(uploaded)
        since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH
    except (ValueError, OverflowError):
        return 0
    return instant(since // timedelta(microseconds=1) * 1000)
