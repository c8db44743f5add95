"""Lists, reads, changes and deletes documents."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from synctool.emulators.filevine import shapes
from synctool.emulators.filevine.binding import (
    Call,
    Fields,
    flag,
    identifier,
    listed,
    registered,
    required,
    text,
    whole,
)
from synctool.emulators.filevine.records import ACCOUNT, Document, Phase, Refusal
from synctool.emulators.filevine.reply import Reply
from synctool.emulators.filevine.storage import content_type

LOCATOR_SECONDS = 3600
TAG_LENGTH = 75


def every(call: Call) -> dict[str, Any]:
    """GET /Documents."""
    return shapes.page(call, _filtered(call, _by_time), _shape(call))


def of_project(call: Call) -> dict[str, Any]:
    """GET /Projects/{projectId}/Documents, which the vendor no longer wants used."""
    return every(_within(call))


def search(call: Call) -> dict[str, Any]:
    """GET /DocumentSearch, the latest first; the vendor sorts by what the caller opened last."""
    if not text(call.query, "searchTerm") or not text(call.query, "projectId"):
        raise Refusal(400, "searchTerm and projectId are required.")
    return shapes.page(call, reversed(list(_filtered(call, _by_day))), _shape(call))


def series(call: Call) -> dict[str, Any]:
    """GET /DocumentSeries."""
    return shapes.series(call, _filtered(call, _by_day, whole(call.query, "lastId") or 0), _shape(call))


def meta(call: Call) -> dict[str, Any]:
    """GET /DocumentSeries/Meta."""
    numbers = [document.id for document in _filtered(call, _by_day)]
    return {"count": len(numbers), "minDocId": min(numbers, default=0), "maxDocId": max(numbers, default=0)}


def get(call: Call) -> dict[str, Any]:
    """GET /Documents/{documentId}."""
    return shapes.wanted(call, shapes.document(call.org, call.seen(call.document())))


def update(call: Call) -> dict[str, Any]:
    """PATCH /Documents/{documentId}."""
    document, documents = call.seen(call.document()), call.org.documents
    name, folder = text(call.body, "Filename"), identifier(call.org, "folder", call.body, "FolderId")
    if folder is not None and folder != document.folder:
        target = call.org.cabinet.folders.get(folder)
        if target is None or target.project != document.project:
            raise Refusal(400, "The destination folder belongs to a different project.")
        document = documents.move(document.id, folder, name)
    elif name is not None:
        document = documents.rename(document.id, name)
    if call.body.get("hashtags") is not None:
        tags = (_tag(str(tag)) for tag in listed(call.body, "Hashtags"))
        document = documents.tag(document.id, tuple(dict.fromkeys(tags)))
    return shapes.document(call.org, document)


def delete(call: Call) -> Reply:
    """DELETE /Documents/{documentId}; a pending one stays as it is."""
    found = call.org.documents.find(call.document())
    if found is None or found.phase is not Phase.PENDING:
        call.org.documents.delete(call.seen(call.document()).id)
    return Reply(204)


def lock(call: Call) -> dict[str, Any]:
    """POST /Documents/{documentId}/lock."""
    number = call.seen(registered(call.document())).id
    return shapes.document(
        call.org, call.org.documents.lock(number, ACCOUNT, take_over=call.switches.takes_locks)
    )


def unlock(call: Call) -> dict[str, Any]:
    """POST /Documents/{documentId}/unlock."""
    number = call.seen(registered(call.document())).id
    return shapes.document(
        call.org, call.org.documents.unlock(number, ACCOUNT, take_over=call.switches.takes_locks)
    )


def locator(call: Call) -> dict[str, Any]:
    """GET /Documents/{documentId}/locator; without a url when the bytes are missing."""
    document = call.seen(call.document())
    return {
        "documentId": shapes.named(call.org, "document", document.id),
        "contentType": content_type(document.filename),
        "url": _download(call, document, LOCATOR_SECONDS),
        "versionKey": document.key,
        "antivirusScanResult": [],
        "links": {},
    }


def batch_download(call: Call) -> list[dict[str, Any]]:
    """POST /Documents/batch/download; the unit of the time to live is taken for minutes, as for uploads."""
    minutes = whole(call.body, "DownloadUrlTimeToLive") or LOCATOR_SECONDS // 60
    numbers = [required(whole({"id": number}, "id")) for number in listed(call.body, "DocumentIds")]
    return [
        {
            "documentId": document.id,
            "downloadLink": _download(call, document, minutes * 60),
            "versionKey": document.key,
            "antivirusScanResult": [],
        }
        for document in map(call.seen, numbers)
    ]


def _download(call: Call, document: Document, seconds: int) -> str:
    storage = call.org.storage
    missing = call.switches.locators_without_url or document.key not in storage.blobs
    return "" if missing else call.url + storage.link("GET", document.key, seconds)


def _shape(call: Call) -> Callable[[Document], dict[str, Any]]:
    full = shapes.full_names(call)
    return lambda document: shapes.document(call.org, document, full_name=full)


def _within(call: Call) -> Call:
    query = {**call.query, "projectid": call.path["projectid"]}
    return Call(call.org, call.switches, call.url, call.path, query, call.body)


def _filtered(call: Call, dates: Callable[[Fields], tuple[int, int]], last: int = 0) -> Iterator[Document]:
    org, query = call.org, call.query
    project, folder = (identifier(org, scope, query, f"{scope}Id") for scope in ("project", "folder"))
    if project is not None:
        org.cabinet.project(project)
    if folder is not None:
        org.cabinet.folder(folder)
    (first, until), hidden, term = dates(query), call.hidden(), text(query, "searchTerm") or ""
    return (
        document
        for document in org.documents.after(last)
        if project in {None, document.project}
        and folder in {None, document.folder}
        and document.folder not in hidden
        and first <= document.uploaded_ns < until
        and _matches(document, term)
        and not query.get("noteid")  # no document here hangs on a note
    )


def _matches(document: Document, term: str) -> bool:
    if term.startswith("#"):
        return _tag(term) in document.hashtags
    return term.lower() in document.filename.lower()


def _tag(raw: str) -> str:
    dashed = "-".join(raw.split())
    return "".join(sign for sign in dashed if sign.isalnum() or sign == "-")[:TAG_LENGTH]


def _by_day(query: Fields) -> tuple[int, int]:
    """First and last moment, ns, of MM/DD/YYYY dates; the end date counts whole."""
    return _span(
        query, lambda value: datetime.strptime(value, "%m/%d/%Y").replace(tzinfo=UTC), timedelta(days=1)
    )


def _by_time(query: Fields) -> tuple[int, int]:
    """First and last moment, ns, of ISO dates; whole days unless their times are asked for."""
    timed = {name: flag(query, f"filter{name}ByTime", default=False) for name in ("StartDate", "EndDate")}
    start, end = _span(query, datetime.fromisoformat, timedelta(microseconds=1))
    day = 86400 * 10**9
    return start if timed["StartDate"] else start // day * day, end if timed["EndDate"] else -(
        -end // day
    ) * day


def _span(query: Fields, parse: Callable[[str], datetime], more: timedelta) -> tuple[int, int]:
    start, end = text(query, "startDate"), text(query, "endDate")
    try:
        first = _ns(parse(start)) if start else 0
        return first, _ns(parse(end) + more) if end else 2**63
    except (ValueError, OverflowError) as error:
        raise Refusal(400, "A date is not in the expected format.") from error


def _ns(moment: datetime) -> int:
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1) * 1000
