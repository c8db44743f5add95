"""Shows what happened to documents, and why one is as it is."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from synctool.engine import inquire
from synctool.engine.explain import Explanation, explain
from synctool.engine.tools import Ask
from synctool.entry.cli.choosing import secrets
from synctool.entry.web import views
from synctool.entry.web.meter import Meter
from synctool.entry.web.office import Office

EVENTS = 1000
"""So many steps of a history are shown."""


class Documents:
    """The pages of documents."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def history(self, request: Request) -> Response:
        """The history of one document, or of all, the latest first."""
        return self._page(request)

    def ask_why(self, request: Request) -> Response:
        """Begin to look why a document is as it is, on every side."""
        watched, path = self._office.of(request), _path(request)
        profile, ask = watched.profile, Ask(without=watched.left_out)

        def look(meter: Meter) -> Explanation:
            return explain(profile, path, ask, self._office.tools(meter))

        self._office.desk.begin((profile.name, "why", path), look, secrets(profile))
        return RedirectResponse(f"/p/{profile.name}/why?{urlencode({'path': path})}", 303)

    def why(self, request: Request) -> Response:
        """Why a document is as it is, and its history."""
        watched, path = self._office.of(request), _path(request)
        query = urlencode({"path": path})
        job = self._office.desk.find((watched.profile.name, "why", path))
        if job is None:
            return RedirectResponse(f"/p/{watched.profile.name}/document?{query}", 303)
        if not job.ended or job.lines:
            return self._office.waiting(watched, job, "Looking at every side", f"{request.url.path}?{query}")
        return self._page(request, job.result)

    def _page(self, request: Request, why: Explanation | None = None) -> Response:
        profile, path = self._office.of(request).profile, _path(request)
        found = inquire.history(profile, self._office.tools(), path or None)
        facts = {
            "profile": profile,
            "path": path,
            "events": [views.event_view(each, profile) for each in found[: -EVENTS - 1 : -1]],
            "more": max(0, len(found) - EVENTS),
            "why": views.explained(why, profile) if why else None,
        }
        return self._office.page("document.html", facts)


def _path(request: Request) -> str:
    return request.query_params.get("path", "").strip("/")
