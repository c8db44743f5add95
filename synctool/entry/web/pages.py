"""Answers every address of the web page."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from threading import Lock
from typing import Any, BinaryIO
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from synctool.core.ruling import Word
from synctool.engine import cycle, inquire
from synctool.engine.conflicts import Contested
from synctool.engine.former import Undo
from synctool.engine.narrow import SavedPlan
from synctool.engine.outcome import Outcome, Planned
from synctool.engine.resolve import Choice
from synctool.engine.resolve import resolve as decide
from synctool.engine.tools import SILENT, Ask, Progress, Tools
from synctool.engine.versions import conflict_at, read_versions, version_open
from synctool.engine.watching import pulse
from synctool.engine.watching.loop import Watched
from synctool.entry.cli.choosing import secrets
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.roster import Roster
from synctool.entry.cli.session import Session
from synctool.entry.cli.words import typed
from synctool.entry.show.inquiry import history_lines
from synctool.entry.show.outcome import outcome_lines
from synctool.entry.show.visible import visible
from synctool.entry.web import views
from synctool.entry.web.desk import Act, Desk, Job
from synctool.entry.web.drawing import HERE, Drawing
from synctool.entry.web.meter import Meter
from synctool.errors import Misuse, SyncError
from synctool.store.lease import whoami

RUNS = 60
"""So many runs are shown."""

RUN = re.compile("[0-9]{1,18}")
"""How the number of a run is written."""

BYTES = "application/octet-stream"
CHUNK = 2**20  # bytes

FRESH_NS = 60 * 10**9
"""For how long what was read of a conflict is shown again without reading."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan that a person looks at, and what was asked for it."""

    planned: Planned
    ask: Ask


class Pages:
    """Every page of one installation. may_act: whether buttons do what they say, or only tell the command to type."""

    def __init__(self, session: Session, names: tuple[str, ...], desk: Desk, *, may_act: bool) -> None:
        self._session = session
        self._roster = Roster(session, names)
        self._one_by_one = Lock()
        self._desk = desk
        self._draw = Drawing(may_act=may_act)
        self._may_act = may_act

    def app(self) -> Starlette:
        """What answers requests; nobody guards it yet."""
        routes = [
            Route("/", self.index),
            Route("/p/{name}", self.profile),
            Route("/p/{name}/plan", self.make_plan, methods=["POST"]),
            Route("/p/{name}/undo", self.make_undo, methods=["POST"]),
            Route("/p/{name}/apply", self.apply, methods=["POST"]),
            Route("/p/{name}/conflicts/{number:int}", self.conflict),
            Route("/p/{name}/conflicts/{number:int}", self.try_choice, methods=["POST"]),
            Route("/p/{name}/conflicts/{number:int}/decide", self.decide, methods=["POST"]),
            Route("/p/{name}/conflicts/{number:int}/versions/{which:int}", self.version),
            Route("/p/{name}/document", self.document),
            Route("/p/{name}/runs", self.runs),
            Route("/p/{name}/jobs/{kind}", self.job),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]
        return Starlette(routes=routes, exception_handlers={SyncError: self._failed, 404: self._missing})

    def index(self, _: Request) -> Response:
        """All profiles, the worst first."""
        now_ns, beat = self._session.clock.now_ns(), pulse.read(self._session.state)
        found = [self._overview(each, beat, now_ns) for each in self._present().values()]
        found.sort(key=lambda facts: (facts["rank"], facts["name"]))
        wrong = [*self._roster.mistakes, *(pulse.ailing(beat, now_ns) if beat else [])]
        return self._page("index.html", {"profiles": found, "watched": beat is not None, "wrong": wrong})

    def profile(self, request: Request) -> Response:
        """How a profile stood at its last run, and what can be done."""
        watched, now_ns = self._of(request), self._session.clock.now_ns()
        profile, tools = watched.profile, self._tools()
        found = inquire.conflicts(profile, tools)
        facts = {
            "profile": profile,
            "status": views.standing(inquire.status(profile, tools), profile, now_ns),
            "conflicts": [views.conflict_view(one, profile) for one in found],
            "job": self._desk.find((profile.name, "plan")),
            "sides": [
                (side, views.place([side], profile), profile.policy.role(side).value)
                for side in profile.sides
            ],
        }
        return self._page("profile.html", facts)

    async def make_plan(self, request: Request) -> Response:
        """Begin to make a plan; codes that are accepted are part of it, so that their effect is seen first."""
        watched, form = self._of(request), await request.form()
        accepted = frozenset(str(code) for code in form.getlist("accept"))
        ask = Ask(without=watched.left_out, accepted=accepted, actor=self._actor())
        return self._plan(watched, ask)

    def make_undo(self, request: Request) -> Response:
        """Begin to make the plan that brings back what a run, or the last change at a path, took away."""
        watched, run = self._of(request), request.query_params.get("run", "")
        path = request.query_params.get("path", "").strip("/")
        undo = Undo(run=int(run) if RUN.fullmatch(run) else 0, path=path)
        return self._plan(watched, Ask(without=watched.left_out, undo=undo, actor=self._actor()))

    async def apply(self, request: Request) -> Response:
        """Begin to carry out the plan that was looked at, and nothing else."""
        self._must_act()
        watched, form = self._of(request), await request.form()
        profile, job = watched.profile, self._desk.find((watched.profile.name, "plan"))
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
        return self._begin(
            watched, "apply", lambda meter: cycle.apply(profile, again, self._tools(meter), saved)
        )

    def conflict(self, request: Request) -> Response:
        """A conflict with its versions side by side."""
        watched, number = self._of(request), int(request.path_params["number"])
        profile = watched.profile
        name = (profile.name, f"conflict {number}")
        job = self._desk.find(name)
        if job is None or (job.ended and self._is_old(job)):
            conflict_at(profile, number, self._tools())
            ask = Ask(without=watched.left_out)

            def read(meter: Meter) -> views.Facts:
                return views.compared(*read_versions(profile, number, ask, self._tools(meter)), profile)

            job = self._desk.begin(name, read, secrets(profile))
        if not job.ended or job.lines:
            return self._waiting(watched, job, "Reading the versions", str(request.url.path))
        return self._page("conflict.html", {"profile": profile, "one": job.result})

    def version(self, request: Request) -> Response:
        """One version of a conflict, to be saved and opened by other programs; never by the browser itself."""
        watched, number = self._of(request), int(request.path_params["number"])
        profile, ask = watched.profile, Ask(without=watched.left_out)
        with ExitStack() as stack:
            opening = version_open(profile, number, int(request.path_params["which"]), ask, self._tools())
            one, path, held, data = stack.enter_context(opening)
            first, opened = data.read(CHUNK), stack.pop_all()
        called = PurePosixPath(path or one.path)
        name = f"{called.stem} ({views.place(held, profile)}){called.suffix}"
        said = f"attachment; filename*=UTF-8''{quote(visible(name), safe='')}"
        headers = {"Content-Disposition": said}
        return StreamingResponse(_chunks(opened, first, data), media_type=BYTES, headers=headers)

    async def try_choice(self, request: Request) -> Response:
        """Begin to work out what a decision would do."""
        return await self._choose(request, record=False)

    async def decide(self, request: Request) -> Response:
        """Begin to write a decision down."""
        self._must_act()
        return await self._choose(request, record=True)

    def document(self, request: Request) -> Response:
        """The history of one document, or of all."""
        profile = self._of(request).profile
        path = request.query_params.get("path", "").strip("/")
        events = inquire.history(profile, self._tools(), path or None)
        lines = history_lines(events[-1000:], profile)
        facts = {"profile": profile, "path": path, "lines": lines, "more": max(0, len(events) - 1000)}
        return self._page("document.html", facts)

    def runs(self, request: Request) -> Response:
        """What the last runs did."""
        profile = self._of(request).profile
        ran = inquire.runs(profile, self._tools(), RUNS)
        shown = [views.run_view(each, profile) for each in reversed(ran)]
        facts = {"profile": profile, "runs": shown, "charts": views.charts(ran, profile)}
        return self._page("runs.html", facts)

    def job(self, request: Request) -> Response:
        """What was asked for, and what came of it."""
        watched, kind = self._of(request), request.path_params["kind"]
        profile = watched.profile
        job = self._desk.find((profile.name, kind))
        if job is None:
            return RedirectResponse(f"/p/{profile.name}", 303)
        if not job.ended or job.lines:
            return self._waiting(watched, job, WORDS.get(kind, "Working"), str(request.url.path))
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
                    "then": typed(self._session, profile, words),
                    "made": planned.made_ns,
                }
                return self._page("plan.html", {**facts, "plan": views.planned_view(planned, profile)})
            case Outcome() as outcome:
                return self._page(
                    "done.html", {**facts, "lines": outcome_lines(outcome), "code": outcome.exit_code}
                )
            case Decision(planned, one, way, recorded):
                facts |= {"then": typed(self._session, profile, ["resolve", one.path, *way, "--yes"])}
                facts |= {"number": one.dispute.conflict, "way": " ".join(way), "recorded": recorded}
                return self._page("decision.html", {**facts, "plan": views.planned_view(planned, profile)})
            case _:
                raise Misuse("there is nothing to show")

    async def _choose(self, request: Request, *, record: bool) -> Response:
        watched, number, form = self._of(request), int(request.path_params["number"]), await request.form()
        profile = watched.profile
        way = str(form.get("way", "")).split(" ")
        choice = _choice(way)
        one = conflict_at(profile, number, self._tools())
        ask = Ask(without=watched.left_out, actor=self._actor())

        def act(meter: Meter) -> Decision:
            planned = decide(profile, one.path, choice, ask, self._tools(meter), record=record)
            return Decision(planned, one, tuple(way), record)

        return self._begin(watched, "decision", act)

    def _plan(self, watched: Watched, ask: Ask) -> Response:
        def act(meter: Meter) -> Shown:
            return Shown(cycle.plan(watched.profile, ask, self._tools(meter)), ask)

        return self._begin(watched, "plan", act)

    def _tools(self, progress: Progress = SILENT) -> Tools:
        """What jobs work with; they end when the page does."""
        return replace(tools_of(self._session, progress), stopped=self._desk.stopped)

    def _begin(self, watched: Watched, kind: str, act: Act) -> Response:
        profile = watched.profile
        self._desk.begin((profile.name, kind), act, secrets(profile))
        return RedirectResponse(f"/p/{profile.name}/jobs/{kind}", 303)

    def _waiting(self, watched: Watched, job: Job, what: str, back: str) -> Response:
        seconds = (self._session.clock.now_ns() - job.began_ns) // 10**9
        facts = {
            "what": what,
            "seconds": seconds,
            "lines": job.lines,
            "far": job.meter.lines,
            "here": back,
            "profile": watched.profile,
        }
        return self._page("waiting.html", facts, 502 if job.lines else 200)

    def _overview(self, watched: Watched, beat: pulse.Pulse | None, now_ns: int) -> views.Facts:
        profile = watched.profile
        try:
            status = inquire.status(profile, self._tools())
        except SyncError as error:
            return {"name": profile.name, "rank": 0, "state": str(error), "tone": "alarm", "broken": True}
        return views.overview(status, profile, beat, now_ns)

    def _present(self) -> dict[str, Watched]:
        with self._one_by_one:
            return dict(self._roster())

    def _of(self, request: Request) -> Watched:
        name = request.path_params["name"]
        with self._one_by_one:
            found = self._roster.find(name)
        if found is None:
            raise Misuse(f"no profile is called {name!r}")
        return found

    def _must_act(self) -> None:
        if not self._may_act:
            raise Misuse("this page only shows", hint="type the command, or start it with --allow-apply")

    def _actor(self) -> str:
        return f"{whoami()}, on the page"

    def _is_old(self, job: Job) -> bool:
        return (job.ended_ns or 0) < self._session.clock.now_ns() - FRESH_NS

    def _page(self, template: str, facts: Mapping[str, Any], status: int = 200) -> Response:
        return HTMLResponse(self._draw(template, **facts), status)

    def _failed(self, _: Request, error: Exception) -> Response:
        return self._page(
            "failed.html", {"lines": str(error).splitlines()}, 404 if isinstance(error, Misuse) else 502
        )

    def _missing(self, _: Request, __: Exception) -> Response:
        return self._page("failed.html", {"lines": ["there is no such page"]}, 404)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decision about a conflict does. way: how it is typed; recorded: whether it is written down."""

    planned: Planned
    one: Contested
    way: tuple[str, ...]
    recorded: bool


WORDS = {
    "plan": "Looking at every side",
    "apply": "Carrying out the plan",
    "decision": "Working out what this does",
}


def _chunks(opened: ExitStack, first: bytes, rest: BinaryIO) -> Iterator[bytes]:
    """The bytes of a version, piece by piece; then it is closed."""
    with opened:
        yield first
        while piece := rest.read(CHUNK):
            yield piece


def _choice(way: list[str]) -> Choice:
    """What a button says: ``--take SIDE``, ``--keep-both`` or ``--gone``. Raises Misuse for anything else."""
    match way:
        case ["--take", side]:
            return Choice(Word.TAKE, side)
        case ["--keep-both"]:
            return Choice(Word.KEEP_BOTH)
        case ["--gone"]:
            return Choice(Word.GONE)
        case _:
            raise Misuse("say what is to become of it", hint="take one version, keep both, or remove it")
