"""Answers every address of the web page."""

import re
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from synctool.engine import cycle, inquire
from synctool.engine.former import Undo
from synctool.engine.narrow import SavedPlan
from synctool.engine.outcome import Outcome, Planned
from synctool.engine.tools import Ask
from synctool.engine.watching import pulse
from synctool.engine.watching.loop import Watched
from synctool.entry.cli.words import typed
from synctool.entry.show.outcome import outcome_lines
from synctool.entry.web import views
from synctool.entry.web.contests import Conflicts, Decision
from synctool.entry.web.documents import Documents
from synctool.entry.web.drawing import HERE
from synctool.entry.web.meter import Meter
from synctool.entry.web.office import Office
from synctool.errors import Misuse, SyncError

RUNS = 60
"""So many runs are shown."""

RUN = re.compile("[0-9]{1,18}")
"""How the number of a run is written."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan that a person looks at, and what was asked for it."""

    planned: Planned
    ask: Ask


class Pages:
    """Every page of one installation."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def app(self) -> Starlette:
        """What answers requests; nobody guards it yet."""
        conflicts, documents = Conflicts(self._office), Documents(self._office)
        routes = [
            Route("/", self.index),
            Route("/p/{name}", self.profile),
            Route("/p/{name}/plan", self.make_plan, methods=["POST"]),
            Route("/p/{name}/undo", self.make_undo, methods=["POST"]),
            Route("/p/{name}/apply", self.apply, methods=["POST"]),
            Route("/p/{name}/conflicts/{number:int}", conflicts.conflict),
            Route("/p/{name}/conflicts/{number:int}", conflicts.try_choice, methods=["POST"]),
            Route("/p/{name}/conflicts/{number:int}/decide", conflicts.decide, methods=["POST"]),
            Route("/p/{name}/conflicts/{number:int}/versions/{which:int}", conflicts.version),
            Route("/p/{name}/document", documents.history),
            Route("/p/{name}/why", documents.ask_why, methods=["POST"]),
            Route("/p/{name}/why", documents.why),
            Route("/p/{name}/runs", self.runs),
            Route("/p/{name}/jobs/{kind}", self.job),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]
        return Starlette(routes=routes, exception_handlers={SyncError: self._failed, 404: self._missing})

    def index(self, request: Request) -> Response:
        """All profiles, the worst first; only the list of them for who has the page already."""
        now_ns, beat = self._office.session.clock.now_ns(), pulse.read(self._office.session.state)
        found = [self._overview(each, beat, now_ns) for each in self._office.present().values()]
        found.sort(key=lambda facts: (facts["rank"], facts["name"]))
        wrong = [*self._office.mistakes, *(pulse.ailing(beat, now_ns) if beat else [])]
        template = "profiles.html" if "hx-request" in request.headers else "index.html"
        return self._office.page(template, {"profiles": found, "watched": beat is not None, "wrong": wrong})

    def profile(self, request: Request) -> Response:
        """How a profile stood at its last run, and what can be done."""
        watched, now_ns = self._office.of(request), self._office.session.clock.now_ns()
        profile, tools = watched.profile, self._office.tools()
        found = inquire.conflicts(profile, tools)
        facts = {
            "profile": profile,
            "status": views.standing(inquire.status(profile, tools), profile, now_ns),
            "conflicts": [views.conflict_view(one, profile) for one in found],
            "job": self._office.desk.find((profile.name, "plan")),
            "sides": [
                (side, views.place([side], profile), profile.policy.role(side).value)
                for side in profile.sides
            ],
        }
        return self._office.page("profile.html", facts)

    async def make_plan(self, request: Request) -> Response:
        """Begin to make a plan; codes that are accepted are part of it, so that their effect is seen first."""
        watched, form = self._office.of(request), await request.form()
        accepted = frozenset(str(code) for code in form.getlist("accept"))
        ask = Ask(without=watched.left_out, accepted=accepted, actor=self._office.actor())
        return self._plan(watched, ask)

    def make_undo(self, request: Request) -> Response:
        """Begin to make the plan that brings back what a run, or the last change at a path, took away."""
        watched, run = self._office.of(request), request.query_params.get("run", "")
        path = request.query_params.get("path", "").strip("/")
        undo = Undo(run=int(run) if RUN.fullmatch(run) else 0, path=path)
        return self._plan(watched, Ask(without=watched.left_out, undo=undo, actor=self._office.actor()))

    async def apply(self, request: Request) -> Response:
        """Begin to carry out the plan that was looked at, and nothing else."""
        self._office.must_act()
        watched, form = self._office.of(request), await request.form()
        profile, job = watched.profile, self._office.desk.find((watched.profile.name, "plan"))
        if (
            job is None
            or not isinstance(job.result, Shown)
            or form.get("made") != str(job.result.planned.made_ns)
        ):
            raise Misuse("this plan is not the last one any more", hint="make a new one")
        planned, ask = job.result.planned, job.result.ask
        steps = frozenset(step.id for step in planned.plan.steps)
        saved = SavedPlan(planned.profile, planned.digest, planned.state, steps, planned.undo)
        again = Ask(without=ask.without, accepted=ask.accepted, actor=ask.actor, undo=planned.undo)
        return self._office.begin(
            watched, "apply", lambda meter: cycle.apply(profile, again, self._office.tools(meter), saved)
        )

    def runs(self, request: Request) -> Response:
        """What the last runs did."""
        profile = self._office.of(request).profile
        ran = inquire.runs(profile, self._office.tools(), RUNS)
        shown = [views.run_view(each, profile) for each in reversed(ran)]
        facts = {"profile": profile, "runs": shown, "charts": views.charts(ran, profile)}
        return self._office.page("runs.html", facts)

    def job(self, request: Request) -> Response:
        """What was asked for, and what came of it."""
        watched, kind = self._office.of(request), request.path_params["kind"]
        profile = watched.profile
        job = self._office.desk.find((profile.name, kind))
        if job is None:
            return RedirectResponse(f"/p/{profile.name}", 303)
        if not job.ended or job.lines:
            return self._office.waiting(watched, job, WORDS.get(kind, "Working"), str(request.url.path))
        return self._result(watched, job.result)

    def _result(self, watched: Watched, result: Any) -> Response:
        profile = watched.profile
        facts: views.Facts = {"profile": profile}
        match result:
            case Shown(planned, ask):
                words = (
                    ["undo", planned.undo.path or str(planned.undo.run), "--yes"]
                    if planned.undo
                    else ["apply"]
                )
                words += [word for code in sorted(ask.accepted) for word in ("--accept", code)]
                facts |= {
                    "undo": planned.undo,
                    "then": typed(self._office.session, profile, words),
                    "made": planned.made_ns,
                }
                return self._office.page("plan.html", {**facts, "plan": views.planned_view(planned, profile)})
            case Outcome() as outcome:
                return self._office.page(
                    "done.html", {**facts, "lines": outcome_lines(outcome), "code": outcome.exit_code}
                )
            case Decision(planned, one, way, recorded):
                facts |= {"then": typed(self._office.session, profile, ["resolve", one.path, *way, "--yes"])}
                facts |= {"number": one.dispute.conflict, "way": " ".join(way), "recorded": recorded}
                return self._office.page(
                    "decision.html", {**facts, "plan": views.planned_view(planned, profile)}
                )
            case _:
                raise Misuse("there is nothing to show")

    def _plan(self, watched: Watched, ask: Ask) -> Response:
        def act(meter: Meter) -> Shown:
            return Shown(cycle.plan(watched.profile, ask, self._office.tools(meter)), ask)

        return self._office.begin(watched, "plan", act)

    def _overview(self, watched: Watched, beat: pulse.Pulse | None, now_ns: int) -> views.Facts:
        profile = watched.profile
        try:
            status = inquire.status(profile, self._office.tools())
        except SyncError as error:
            return {"name": profile.name, "rank": 0, "state": str(error), "tone": "alarm", "broken": True}
        return views.overview(status, profile, beat, now_ns)

    def _failed(self, _: Request, error: Exception) -> Response:
        return self._office.page(
            "failed.html", {"lines": str(error).splitlines()}, 404 if isinstance(error, Misuse) else 502
        )

    def _missing(self, _: Request, __: Exception) -> Response:
        return self._office.page("failed.html", {"lines": ["there is no such page"]}, 404)


WORDS = {
    "plan": "Looking at every side",
    "apply": "Carrying out the plan",
    "decision": "Working out what this does",
}
