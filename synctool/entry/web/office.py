"""Holds what every page needs: who there is, what they work with, and how a page is drawn."""

from collections.abc import Mapping
from dataclasses import replace
from threading import Lock
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from synctool.engine.tools import SILENT, Progress, Tools
from synctool.engine.watching.loop import Watched
from synctool.entry.cli.choosing import secrets
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.roster import Roster
from synctool.entry.cli.session import Session
from synctool.entry.web.desk import Act, Desk, Job
from synctool.entry.web.drawing import Drawing
from synctool.errors import Misuse
from synctool.store.lease import whoami


class Office:
    """One installation. may_act: whether buttons do what they say, or only tell the command to type."""

    def __init__(self, session: Session, names: tuple[str, ...], desk: Desk, *, may_act: bool) -> None:
        self.session = session
        self.desk = desk
        self._roster = Roster(session, names)
        self._one_by_one = Lock()
        self._draw = Drawing(may_act=may_act)
        self._may_act = may_act

    def present(self) -> dict[str, Watched]:
        """Every profile that can be shown, by name."""
        with self._one_by_one:
            return dict(self._roster())

    @property
    def mistakes(self) -> list[str]:
        """What is wrong with profiles that cannot be shown as they are."""
        return self._roster.mistakes

    def of(self, request: Request) -> Watched:
        """The profile that a request is about. Raises Misuse where there is none."""
        name = request.path_params["name"]
        with self._one_by_one:
            found = self._roster.find(name)
        if found is None:
            raise Misuse(f"no profile is called {name!r}")
        return found

    def tools(self, progress: Progress = SILENT) -> Tools:
        """What jobs work with; they end when the page does."""
        return replace(tools_of(self.session, progress), stopped=self.desk.stopped)

    def must_act(self) -> None:
        """Raises Misuse where the page only shows."""
        if not self._may_act:
            raise Misuse("this page only shows", hint="type the command, or start it with --allow-apply")

    def actor(self) -> str:
        """Who asks, for the record."""
        return f"{whoami()}, on the page"

    def begin(self, watched: Watched, kind: str, act: Act) -> Response:
        """Begin what takes time; the answer leads to where it is waited for."""
        profile = watched.profile
        self.desk.begin((profile.name, kind), act, secrets(profile))
        return RedirectResponse(f"/p/{profile.name}/jobs/{kind}", 303)

    def waiting(self, watched: Watched, job: Job, what: str, back: str) -> Response:
        """What is shown until a job has ended, or because it failed."""
        seconds = (self.session.clock.now_ns() - job.began_ns) // 10**9
        facts = {
            "what": what,
            "seconds": seconds,
            "lines": job.lines,
            "far": job.meter.lines,
            "here": back,
            "profile": watched.profile,
        }
        return self.page("waiting.html", facts, 502 if job.lines else 200)

    def page(self, template: str, facts: Mapping[str, Any], status: int = 200) -> Response:
        """A page of these facts."""
        return HTMLResponse(self._draw(template, **facts), status)
