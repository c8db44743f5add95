"""Lists, makes, changes and deletes folders."""

from collections.abc import Iterable
from typing import Any

from synctool.emulators.filevine import shapes
from synctool.emulators.filevine.binding import Call, flag, identifier, required, text
from synctool.emulators.filevine.names import folded
from synctool.emulators.filevine.records import Folder, Refusal
from synctool.emulators.filevine.reply import Reply


def every(call: Call) -> dict[str, Any]:
    """GET /Folders, of one project or one parent."""
    project = identifier(call.org, "project", call.query, "projectId")
    parent = identifier(call.org, "folder", call.query, "parentId")
    found = [
        folder
        for folder in call.org.cabinet.folders.values()
        if project in {None, folder.project} and parent in {None, folder.parent}
    ]
    return _page(call, found, 50)


def tree(call: Call) -> dict[str, Any]:
    """GET /Folders/list: all folders of a project but its root."""
    number = required(identifier(call.org, "project", call.query, "projectId"))
    project = call.org.cabinet.project(number)
    archived = flag(call.query, "includeArchivedFolders", default=False)
    found = [
        folder
        for folder in call.org.cabinet.beneath(project.root)
        if folder.id not in call.switches.omit_folders and (archived or not folder.archived)
    ]
    return _page(call, found, shapes.MOST)


def children(call: Call) -> dict[str, Any]:
    """GET /Folders/{folderId}/children: the folders directly inside."""
    return _page(call, call.org.cabinet.children(_visible(call).id), shapes.MOST)


def get(call: Call) -> dict[str, Any]:
    """GET /Folders/{folderId}."""
    return shapes.wanted(call, shapes.folder(call.org, _visible(call)))


def create(call: Call) -> dict[str, Any]:
    """POST /Folders; without a parent it goes into the root."""
    project = identifier(call.org, "project", call.body, "ProjectId")
    parent = identifier(call.org, "folder", call.body, "ParentId")
    if project is None:
        project = call.org.cabinet.folder(required(parent)).project
    if parent is None:
        parent = call.org.cabinet.project(project).root
    name = text(call.body, "Name") or ""
    return shapes.folder(
        call.org, call.org.add_folder(project, parent, name, clash=call.switches.folder_clash)
    )


def update(call: Call) -> dict[str, Any]:
    """PATCH /Folders/{folderId}: rename, move within the project, archive."""
    folder = _visible(call)
    parent = identifier(call.org, "folder", call.body, "ParentId")
    if parent is not None and call.org.cabinet.folder(parent).project != folder.project:
        raise Refusal(400, "The parent folder belongs to another project.")
    changed = call.org.change_folder(
        folder.id, name=text(call.body, "Name"), parent=parent, archived=flag(call.body, "IsArchived")
    )
    return shapes.folder(call.org, changed)


def delete(call: Call) -> Reply:
    """DELETE /Folders/{folderId}, with everything in it."""
    call.org.delete_folder(_visible(call).id)
    return Reply(200)


def _visible(call: Call) -> Folder:
    folder = call.org.cabinet.folder(call.folder())
    if folder.id in call.hidden():
        raise Refusal(403, "Access to the folder is denied.")
    return folder


def _page(call: Call, folders: Iterable[Folder], default: int) -> dict[str, Any]:
    hidden = call.hidden()
    shown = [folder for folder in folders if folder.parent is not None and folder.id not in hidden]
    by_name = flag(call.query, "sortByName", default=False)
    ascending = flag(call.query, "ascendingOrder", default=True)
    shown.sort(key=lambda folder: (folded(folder.name) if by_name else "", folder.id), reverse=not ascending)
    return shapes.page(call, shown, lambda folder: shapes.folder(call.org, folder), default)
