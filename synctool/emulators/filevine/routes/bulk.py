"""Moves and copies several documents and folders at once, also across projects."""

from collections.abc import Callable
from typing import Any

from synctool.emulators.filevine.binding import Call, identifier, listed, native, required
from synctool.emulators.filevine.records import Refusal
from synctool.emulators.filevine.reply import Reply

MULTI = 207


def move(call: Call) -> Reply:
    """POST /Documents/move."""
    org = call.org

    def document(number: int, into: int) -> None:
        org.documents.move(call.seen(number).id, into)

    def folder(number: int, into: int) -> None:
        org.change_folder(number, parent=into)

    return _each(call, document, folder, 200)


def copy(call: Call) -> Reply:
    """POST /Documents/copy."""
    org = call.org

    def document(number: int, into: int) -> int:
        return org.documents.copy(call.seen(number).id, into).id

    def folder(number: int, into: int) -> int:
        return org.copy_folder(number, into).id

    return _each(call, document, folder, 201)


Act = Callable[[int, int], int | None]


def _each(call: Call, document: Act, folder: Act, done: int) -> Reply:
    into = required(identifier(call.org, "folder", call.body, "DestinationFolderId"))
    project = identifier(call.org, "project", call.body, "DestinationProjectId")
    if project not in {None, call.org.cabinet.folder(into).project}:
        raise Refusal(400, "The destination folder belongs to another project.")
    work = [("Document", document, id_) for id_ in listed(call.body, "DocumentIds")]
    work += [("Folder", folder, id_) for id_ in listed(call.body, "FolderIds")]
    if not work:
        raise Refusal(400, "DocumentIds or FolderIds are required.")
    results = [_one(call, kind, act, (id_, into), done) for kind, act, id_ in work]
    failed = sum(result["error"] is not None for result in results)
    message = f"{len(results) - failed} of {len(results)} items done."
    return Reply(MULTI if failed else done, {"message": message, "results": results, "links": {}})


def _one(call: Call, kind: str, act: Act, ids: tuple[Any, int], done: int) -> dict[str, Any]:
    if not isinstance(ids[0], dict):
        raise Refusal(400, f"{kind}Ids are Identifiers.")
    number = required(native(call.org, kind.lower(), ids[0]))
    result = {"id": str(number), "type": kind, "status": done, "newId": None, "error": None}
    try:
        new = act(number, ids[1])
    except Refusal as refusal:
        return {**result, "status": refusal.status, "error": refusal.message}
    return {**result, "newId": None if new is None else str(new)}
