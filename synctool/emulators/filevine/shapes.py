"""Gives records the shape they have in answers: camelCase, Identifiers, ISO dates, pages."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from synctool.emulators.filevine.binding import Call, flag, text, whole
from synctool.emulators.filevine.org import Org
from synctool.emulators.filevine.records import ACCOUNT, PEOPLE, Document, Folder, Project, Refusal

MOST = 1000
"""No page is longer, whatever was asked."""

T = TypeVar("T")


def iso(ns: int) -> str:
    """Milliseconds, UTC, with a Z."""
    moment = datetime.fromtimestamp(ns // 10**9, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ns // 10**6 % 1000:03d}Z"


def named(org: Org, scope: str, number: int) -> dict[str, Any]:
    """An Identifier."""
    return {"native": number, "partner": org.partners.partner(scope, number)}


def document(org: Org, record: Document, *, full_name: bool = True) -> dict[str, Any]:
    """A Document."""
    return {
        "documentId": named(org, "document", record.id),
        "filename": record.filename,
        "folderName": org.cabinet.folder(record.folder).name,
        "size": record.size,
        "currentVersion": str(len(record.revisions)),
        "folderId": named(org, "folder", record.folder),
        "projectId": named(org, "project", record.project),
        "uploaderId": named(org, "user", record.uploader),
        "uploadDate": iso(record.uploaded_ns),
        "userLastViewedDate": None,
        "hashtags": list(record.hashtags),
        "uploaderFullname": " ".join(PEOPLE.get(record.uploader, ())) if full_name else "",
        "orgID": org.number,
        "links": {"self": f"/documents/{record.id}"},
    }


def folder(org: Org, record: Folder) -> dict[str, Any]:
    """A Folder; the root's parent is an Identifier without a number."""
    return {
        "folderId": named(org, "folder", record.id),
        "parentId": {"native": 0, "partner": None}
        if record.parent is None
        else named(org, "folder", record.parent),
        "projectId": named(org, "project", record.project),
        "name": record.name,
        "isArchived": record.archived,
        "isProtected": record.protected,
        "links": {},
    }


def project(org: Org, record: Project) -> dict[str, Any]:
    """A Project; document changes do not bump lastActivity, since nobody promises that they do."""
    return {
        "projectId": named(org, "project", record.id),
        "projectName": record.name,
        "projectOrClientName": record.name,
        "number": str(record.id),
        "rootDocFolderId": named(org, "folder", record.root),
        "isArchived": False,
        "createdDate": iso(record.created_ns),
        "lastActivity": iso(record.created_ns),
        "hashtags": [],
        "orgId": org.number,
        "links": {"self": f"/projects/{record.id}"},
    }


def user() -> dict[str, Any]:
    """The account's User."""
    first, last = PEOPLE[ACCOUNT]
    email = f"{first}.{last}@example.com".lower()
    return {
        "userId": {"native": ACCOUNT, "partner": None},
        "firstName": first,
        "lastName": last,
        "email": email,
        "username": email,
    }


def page(
    call: Call, records: Iterable[T], shape: Callable[[T], dict[str, Any]], default: int = 50
) -> dict[str, Any]:
    """One page by offset and limit. ``count`` is of this page; limits over ``page_size`` are cut in silence."""
    offset, limit = _bound(call, "offset", 0), min(call.switches.page_size, _bound(call, "limit", default))
    found = list(islice(records, offset, offset + limit + 1))
    return _envelope(
        call, [shape(record) for record in found[:limit]], limit, offset, more=len(found) > limit
    )


def series(call: Call, records: Iterable[T], shape: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """One page from the start; ``lastID`` is where the next one goes on."""
    limit = min(call.switches.page_size, _bound(call, "limit", 50))
    found = list(islice(records, limit + 1))
    items = [shape(record) for record in found[:limit]]
    last = items[-1]["documentId"]["native"] if items else whole(call.query, "lastId") or 0
    return {**_envelope(call, items, limit, 0, more=len(found) > limit), "lastID": last}


def wanted(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    """The item with the top-level fields of ``requestedFields`` alone."""
    names = {name.strip().lower() for name in (text(call.query, "requestedFields") or "*").split(",")}
    return item if "*" in names else {key: value for key, value in item.items() if key.lower() in names}


def full_names(call: Call) -> bool:
    """Whether uploaders' names are asked for."""
    return flag(call.query, "includeFullUserName", default=True) is True


def pascal(value: Any) -> Any:
    """The same JSON with all keys spelled as in the API description."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(inner) for key, inner in value.items()}
    return [pascal(inner) for inner in value] if isinstance(value, list) else value


def _bound(call: Call, name: str, default: int) -> int:
    number = whole(call.query, name)
    if number is not None and number < 0:
        raise Refusal(400, f"{name} must not be negative.")
    return default if number is None else number


def _envelope(
    call: Call, items: list[dict[str, Any]], limit: int, offset: int, *, more: bool
) -> dict[str, Any]:
    return {
        "links": {"self": None, "prev": None, "next": None},
        "count": len(items),
        "offset": offset,
        "limit": limit,
        "hasMore": more,
        "lastID": 0,
        "requestedFields": text(call.query, "requestedFields") or "*",
        "items": [wanted(call, item) for item in items],
    }
