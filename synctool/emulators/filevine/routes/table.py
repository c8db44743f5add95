"""Says which function answers which path."""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

from synctool.emulators.filevine.binding import Call
from synctool.emulators.filevine.routes import bulk, documents, folders, others, uploads, webhooks


class Route(NamedTuple):
    """A method and a path below the base path; parameters stand in braces."""

    method: str
    template: str
    answer: Callable[[Call], Any]
    old: bool = False  # also below /core, as the first version of the API had it
    scope: str = ""  # what a token must have been granted for it


ROUTES = (
    Route("POST", "/utils/GetUserOrgsWithToken", others.orgs),
    Route("GET", "/Users/Me", others.me),
    Route("GET", "/Projects", others.projects),
    Route("GET", "/Projects/{projectId}", others.project, old=True),
    Route("GET", "/Projects/{projectId}/Documents", documents.of_project),
    Route("POST", "/Projects/{projectId}/Documents/{documentId}", uploads.commit, old=True),
    Route("GET", "/Folders", folders.every, old=True),
    Route("POST", "/Folders", folders.create, old=True),
    Route("GET", "/Folders/list", folders.tree),
    Route("GET", "/Folders/{folderId}", folders.get, old=True),
    Route("PATCH", "/Folders/{folderId}", folders.update, old=True),
    Route("DELETE", "/Folders/{folderId}", folders.delete, old=True),
    Route("GET", "/Folders/{folderId}/children", folders.children, old=True),
    Route("GET", "/DocumentSeries", documents.series),
    Route("GET", "/DocumentSeries/Meta", documents.meta),
    Route("GET", "/DocumentSearch", documents.search),
    Route("GET", "/Documents", documents.every, old=True),
    Route("POST", "/Documents", uploads.create, old=True),
    Route("POST", "/Documents/move", bulk.move),
    Route("POST", "/Documents/copy", bulk.copy),
    Route("POST", "/Documents/batch/download", documents.batch_download),
    Route("POST", "/Documents/batch/upload", uploads.batch),
    Route("POST", "/Documents/batch/upload/confirm", uploads.confirm),
    Route("GET", "/Documents/{documentId}", documents.get, old=True),
    Route("PATCH", "/Documents/{documentId}", documents.update, old=True),
    Route("DELETE", "/Documents/{documentId}", documents.delete, old=True),
    Route("GET", "/Documents/{documentId}/locator", documents.locator, old=True),
    Route("POST", "/Documents/{documentId}/Revisions", uploads.revise, old=True),
    Route("POST", "/Documents/{documentId}/lock", documents.lock),
    Route("POST", "/Documents/{documentId}/unlock", documents.unlock),
    Route("GET", "/PartnerIdentifiers/{scope}/{id}", others.get_partner),
    Route("PUT", "/PartnerIdentifiers/{scope}/{id}", others.put_partner),
    Route("DELETE", "/PartnerIdentifiers/{scope}/{id}", others.delete_partner),
    Route("GET", "/webhooks/Events", webhooks.events, scope=webhooks.SCOPE),
    Route("GET", "/webhooks/subscriptions", webhooks.every, scope=webhooks.SCOPE),
    Route("POST", "/webhooks/subscription", webhooks.create, scope=webhooks.SCOPE),
    Route("GET", "/webhooks/subscription/{subscriptionId}", webhooks.get, scope=webhooks.SCOPE),
    Route("PUT", "/webhooks/subscription/{subscriptionId}", webhooks.update, scope=webhooks.SCOPE),
    Route("DELETE", "/webhooks/subscription/{subscriptionId}", webhooks.delete, scope=webhooks.SCOPE),
)


def find(method: str, path: str, *, old: bool = False) -> tuple[Route, dict[str, str]] | None:
    """The route for a path (case and a trailing slash do not count) and its parameters, names in lower case."""
    parts = path.strip("/").split("/")
    for route in ROUTES:
        if route.method == method and (route.old or not old):
            values = _match(route.template.lower().strip("/").split("/"), parts)
            if values is not None:
                return route, values
    return None


def _match(names: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(names) != len(parts):
        return None
    pairs = list(zip(names, map(unquote, parts), strict=True))
    if any(name[0] != "{" and name != part.lower() for name, part in pairs):
        return None
    return {name.strip("{}"): part for name, part in pairs if name[0] == "{"}
