"""Takes new documents and new revisions: ask for a link, store the bytes, commit."""

from typing import Any

from synctool.emulators.filevine import shapes
from synctool.emulators.filevine.binding import (
    Call,
    Fields,
    identifier,
    listed,
    native,
    required,
    text,
    whole,
)
from synctool.emulators.filevine.records import ACCOUNT, Document, Refusal
from synctool.emulators.filevine.storage import content_type

UPLOAD_SECONDS = 5 * 3600
BATCH_MINUTES = 12 * 60


def create(call: Call) -> dict[str, Any]:
    """POST /Documents: a pending document and a link to PUT its bytes to."""
    pending = _begin(call, call.body, "Filename", "Size")
    partner = text(call.body.get("documentid") or {}, "partner")
    if partner:
        call.org.partners.register("document", pending.id, partner)
    return {
        "documentId": shapes.named(call.org, "document", pending.id),
        "contentType": content_type(pending.filename),
        "url": _link(call, pending, UPLOAD_SECONDS),
        "links": {},
    }


def commit(call: Call) -> dict[str, Any]:
    """POST /Projects/{projectId}/Documents/{documentId}: without it a document stays pending."""
    project = required(native(call.org, "project", call.path["projectid"]))
    folder = identifier(call.org, "folder", call.query, "folderId") or 0
    call.org.cabinet.project(project)
    document = call.org.documents.commit(call.document(), project, folder, call.switches.duplicates)
    return shapes.document(call.org, document)


def revise(call: Call) -> dict[str, Any]:
    """POST /Documents/{documentId}/Revisions: the pending document's bytes become the next version."""
    revision = native(call.org, "document", dict(call.body))
    if revision is None:
        raise Refusal(400, "The revision's identifier is empty.")
    original = call.org.documents.find(call.document())
    if original is not None and original.folder in call.hidden():
        raise Refusal(403, "Access to the document is denied.")
    return shapes.document(call.org, call.org.documents.revise(call.document(), revision))


def batch(call: Call) -> list[dict[str, Any]]:
    """POST /Documents/batch/upload; never in parts. A file that cannot be taken has an error and no number."""
    minutes = whole(call.body, "UploadUrlTimeToLive") or BATCH_MINUTES
    return [_batched(call, fields, minutes * 60) for fields in listed(call.body, "Files")]


def confirm(call: Call) -> bool:
    """POST /Documents/batch/upload/confirm."""
    for number in listed(call.body, "DocumentIds"):
        pending = call.org.documents.find(required(whole({"id": number}, "id")))
        if pending is None:
            raise Refusal(403, "Access to the document is denied.")
        call.org.documents.commit(pending.id, pending.project, pending.folder, call.switches.duplicates)
    return True


def _batched(call: Call, fields: Any, seconds: int) -> dict[str, Any]:
    answer = {
        "fileName": fields.get("filename") if isinstance(fields, dict) else None,
        "isMultipartUpload": False,
        "documentUploadParts": None,
        "multiPartUploadId": None,
    }
    try:
        pending = _begin(call, fields if isinstance(fields, dict) else {}, "FileName", "SizeInBytes")
    except Refusal as refusal:
        return {
            **answer,
            "documentId": 0,
            "contentType": None,
            "uploadUrl": None,
            "errorDetails": refusal.message,
        }
    return {
        **answer,
        "documentId": pending.id,
        "contentType": content_type(pending.filename),
        "uploadUrl": _link(call, pending, seconds),
        "errorDetails": None,
    }


def _begin(call: Call, fields: Fields, name: str, size: str) -> Document:
    project, folder, uploader = (_place(call, fields, scope) for scope in ("project", "folder", "uploader"))
    length = whole(fields, size)
    if length is None or length < 0:
        raise Refusal(400, f"{size} is required.")
    if folder and not project:
        raise Refusal(400, "FolderId needs a ProjectId.")
    if project and project not in call.org.cabinet.projects:
        raise Refusal(422, "Project Id could not be found.")
    if folder and folder not in call.org.cabinet.folders:
        raise Refusal(422, "Folder Id could not be found.")
    if folder and call.org.cabinet.folder(folder).project != project:
        raise Refusal(422, "The folder belongs to another project.")
    return call.org.documents.begin(text(fields, name) or "", length, project, folder, uploader or ACCOUNT)


def _place(call: Call, fields: Fields, scope: str) -> int:
    """The number of an Identifier, or the bare number that batches use; 0 when unsaid."""
    value = fields.get(f"{scope}id")
    bare = isinstance(value, int) and not isinstance(value, bool)
    return (value if bare else native(call.org, scope, value)) or 0


def _link(call: Call, pending: Document, seconds: int) -> str:
    return call.url + call.org.storage.link("PUT", pending.key, seconds, content_type(pending.filename))
