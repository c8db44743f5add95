"""Watches profiles until it is told to stop, and says what it does."""

import json
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from zoneinfo import ZoneInfo

import click

from synctool.engine import cycle
from synctool.engine.outcome import Outcome, Planned
from synctool.engine.tools import Ask, Tools
from synctool.engine.troubles import broken
from synctool.engine.watching.board import Turn
from synctool.engine.watching.loop import Told, Watch, Watched
from synctool.engine.watching.pulse import Pulse
from synctool.entry.cli.choosing import secrets
from synctool.entry.cli.ending import fate
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.listening import listening
from synctool.entry.cli.noticing import Notifier, sending, wrong
from synctool.entry.cli.printing import console
from synctool.entry.cli.roster import Roster
from synctool.entry.cli.running import plan_exit_code
from synctool.entry.cli.session import Session
from synctool.entry.cli.webhooks import believing
from synctool.entry.show.paint import paint
from synctool.entry.show.visible import counted, iso
from synctool.entry.show.watching import has_news, round_document, round_lines
from synctool.entry.webhook.opening import Where, receiving
from synctool.errors import Misuse
from synctool.store.lease import held, whoami


def watch(
    session: Session, names: Collection[str], listen: str | None, webhook: str | None, *, as_json: bool
) -> int:
    """Keep profiles the same until a signal says stop; 0. Raises Misuse without a profile, Busy beside another watch."""
    roster = Roster(session, names)
    if not ((present := roster()) or roster.homes()):
        raise Misuse(
            f"there is nothing to watch in {session.profiles}",
            hint="name a profile, or say where: --profiles",
        )
    tools = tools_of(session)
    notifier = Notifier(session)
    rounds = Rounds(session, tools, notifier, as_json=as_json)
    since = iso(session.clock.now_ns())
    with (
        held(session.state / "_watch.lock", whoami(), since, "another watch runs on this state"),
        stopping(tools.stopped),
    ):
        watching = Watch(tools, roster, rounds.attempt, rounds.show)
        click.echo(f"watching {counted(len(present), 'profile')}; Ctrl-C ends it", err=True)
        with (
            listening(listen, watching.pulse, session.clock),
            _receiving(session, names, webhook),
            sending(notifier, lambda: _ages(watching.pulse())),
        ):
            watching.run()
    return 0


def _ages(pulse: Pulse) -> dict[str, int | None]:
    """When the sides of each profile last agreed."""
    return {name: health.agreed_ns for name, health in pulse.profiles.items()}


@contextmanager
def _receiving(session: Session, names: Collection[str], webhook: str | None) -> Iterator[None]:
    """Receive Filevine's webhooks at HOST:PORT while the block runs, if anywhere."""
    if webhook is None:
        yield
        return
    profiles = believing(session, names)
    with receiving(profiles, Where(webhook), session.state, session.clock) as endpoint:
        click.echo(f"receiving Filevine's webhooks at {endpoint}", err=True)
        yield


class Rounds:
    """Makes rounds, and says what came of those that did something, or went otherwise than the one before."""

    def __init__(self, session: Session, tools: Tools, notifier: Notifier, *, as_json: bool) -> None:
        self._session = session
        self._notifier = notifier
        self._tools = tools
        self._as_json = as_json
        self._zones: dict[str, ZoneInfo] = {}
        self._last: dict[str, Told] = {}
        self._one_by_one = Lock()

    def attempt(self, watched: Watched, turn: Turn) -> Told:
        """One round of a profile, whatever becomes of it; one that only observes is only planned."""
        clock, profile, made = self._session.clock, watched.profile, list[Outcome | Planned]()
        self._zones[profile.name] = ZoneInfo(profile.policy.timezone)
        actor = f"{whoami()}, watching"
        ask = Ask(without=watched.left_out, actor=actor, hints=turn.places, still=turn.still)

        def act() -> int:
            if profile.mode != "sync":
                made.append(planned := cycle.plan(profile, ask, self._tools))
                return plan_exit_code(planned, watched.left_out, by_exit_code=True)
            outcome = cycle.apply(
                profile, ask, self._tools, confirm=lambda _: not self._tools.stopped.is_set()
            )
            made.append(outcome)
            return outcome.exit_code

        at_ns, started = clock.now_ns(), clock.monotonic()
        code, lines = fate(act, str(self._session.state), secrets(profile), clock)
        what = made[0] if made else None
        if what:
            self._notifier.note(profile, wrong(profile, what, self._tools), whole=turn.places is None)
        else:
            self._notifier.note(profile, broken(code, "; ".join(lines)), whole=False)
        return Told(profile.name, at_ns, clock.monotonic() - started, turn.places, code, what, tuple(lines))

    def show(self, told: Told) -> None:
        """Say what came of a round, if anything is new; every round to programs."""
        with self._one_by_one:
            before, self._last[told.profile] = self._last.get(told.profile), told
            if self._as_json:
                click.echo(json.dumps(round_document(told)))
            elif has_news(told, before):
                paint(round_lines(told, self._zones[told.profile]), console(self._session))


@contextmanager
def stopping(stopped: Event) -> Iterator[None]:
    """The first signal stops what goes on in good order, the second at once."""
    signals = [signal.SIGTERM, signal.SIGINT]

    def first(*_: object) -> None:
        stopped.set()
        for each in signals:
            signal.signal(each, signal.SIG_DFL)

    before = {each: signal.signal(each, first) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
