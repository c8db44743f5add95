"""Shows a conflict with its versions side by side, and takes what a person decides of it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from synctool.core.ruling import Word
from synctool.engine.conflicts import Contested
from synctool.engine.outcome import Planned
from synctool.engine.resolve import Choice
from synctool.engine.resolve import resolve as decide
from synctool.engine.tools import Ask
from synctool.engine.versions import conflict_at, read_versions, version_open
from synctool.entry.cli.choosing import secrets
from synctool.entry.show.visible import visible
from synctool.entry.web import views
from synctool.entry.web.desk import Job
from synctool.entry.web.meter import Meter
from synctool.entry.web.office import Office
from synctool.errors import Misuse

BYTES = "application/octet-stream"
CHUNK = 2**20  # bytes

FRESH_NS = 60 * 10**9
"""For how long what was read of a conflict is shown again without reading."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decision about a conflict does. way: how it is typed; recorded: whether it is written down."""

    planned: Planned
    one: Contested
    way: tuple[str, ...]
    recorded: bool


class Conflicts:
    """The pages of conflicts."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def conflict(self, request: Request) -> Response:
        """A conflict with its versions side by side."""
        watched, number = self._office.of(request), int(request.path_params["number"])
        profile = watched.profile
        name = (profile.name, f"conflict {number}")
        job = self._office.desk.find(name)
        if job is None or (job.ended and self._is_old(job)):
            conflict_at(profile, number, self._office.tools())
            ask = Ask(without=watched.left_out)

            def read(meter: Meter) -> views.Facts:
                return views.compared(
                    *read_versions(profile, number, ask, self._office.tools(meter)), profile
                )

            job = self._office.desk.begin(name, read, secrets(profile))
        if not job.ended or job.lines:
            return self._office.waiting(watched, job, "Reading the versions", str(request.url.path))
        return self._office.page("conflict.html", {"profile": profile, "one": job.result})

    def version(self, request: Request) -> Response:
        """One version of a conflict, to be saved and opened by other programs; never by the browser itself."""
        watched, number = self._office.of(request), int(request.path_params["number"])
        profile, ask = watched.profile, Ask(without=watched.left_out)
        with ExitStack() as stack:
            opening = version_open(
                profile, number, int(request.path_params["which"]), ask, self._office.tools()
            )
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
        self._office.must_act()
        return await self._choose(request, record=True)

    async def _choose(self, request: Request, *, record: bool) -> Response:
        watched, number, form = (
            self._office.of(request),
            int(request.path_params["number"]),
            await request.form(),
        )
        profile = watched.profile
        way = str(form.get("way", "")).split(" ")
        choice = _choice(way)
        one = conflict_at(profile, number, self._office.tools())
        ask = Ask(without=watched.left_out, actor=self._office.actor())

        def act(meter: Meter) -> Decision:
            planned = decide(profile, one.path, choice, ask, self._office.tools(meter), record=record)
            return Decision(planned, one, tuple(way), record)

        return self._office.begin(watched, "decision", act)

    def _is_old(self, job: Job) -> bool:
        return (job.ended_ns or 0) < self._office.session.clock.now_ns() - FRESH_NS


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
