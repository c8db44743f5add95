"""Tells people what needs one: remembers what is wrong with profiles after their runs, and sends messages about it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from synctool.config.profile import Notices, Profile
from synctool.config.secrets import environment, resolve
from synctool.core.attention import MINUTE_NS, Trouble, due, noted, told
from synctool.core.model import SideName
from synctool.engine import inquire
from synctool.engine.outcome import Outcome, Planned
from synctool.engine.tools import Tools
from synctool.engine.troubles import aged, broken, troubles
from synctool.entry.cli.choosing import Act
from synctool.entry.cli.ending import complain
from synctool.entry.cli.session import Session
from synctool.entry.show.notices import message
from synctool.errors import Misuse, SyncError
from synctool.store.attention import Told

PAUSE_NS = 15 * MINUTE_NS
"""Between two messages to the same people, whatever happens meanwhile."""

BEAT = 60.0
"""Seconds between two looks at what is to be told, in a watch."""


class Notifier:
    """Remembers for all profiles of a state, and writes to those that each profile names."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._profiles: dict[str, Profile] = {}

    def note(self, profile: Profile, found: Sequence[Trouble], *, whole: bool) -> None:
        """Remember what is wrong after a run. whole: it looked everywhere, so that all else is well."""
        self._profiles[profile.name] = profile
        if not profile.notices.to:
            return
        with _complaining(), Told(self._session.state) as book:
            before = book.memory(profile.name)
            after = noted(before, found, self._session.clock.now_ns(), whole=whole)
            if after != before:
                book.remember(profile.name, after)

    def age(self, agreed: Mapping[str, int | None]) -> None:
        """Note whose sides have not agreed for too long, whether their runs come to an end or not."""
        for name, agreed_ns in agreed.items():
            if profile := self._profiles.get(name):
                self.note(profile, aged(profile, agreed_ns, self._session.clock.now_ns()), whole=False)

    def send(self) -> None:
        """Write to everybody whom something is to be said to, unless they were written to just now."""
        groups: dict[Notices, list[Profile]] = defaultdict(list)
        for profile in self._profiles.values():
            groups[profile.notices].append(profile)
        for notices, profiles in groups.items():
            if notices.to:
                with _complaining(), Told(self._session.state) as book:
                    self._send(book, notices, profiles)

    def _send(self, book: Told, notices: Notices, profiles: Sequence[Profile]) -> None:
        now_ns, whom = self._session.clock.now_ns(), " ".join(notices.to)
        last_ns = book.last(whom)
        if last_ns is not None and now_ns - last_ns < PAUSE_NS:
            return
        memories = {profile.name: book.memory(profile.name) for profile in profiles}
        found = {name: troubles for name, memory in memories.items() if (troubles := due(memory, now_ns))}
        if found:
            book.sent(whom, now_ns)
            deliver(profiles[0], *message(found, names=notices.names))
            for name, troubles in found.items():
                book.remember(name, told(memories[name], troubles, now_ns))


@contextmanager
def sending(notifier: Notifier, agreed: Callable[[], Mapping[str, int | None]]) -> Iterator[None]:
    """Write each minute while the block runs, and once more when it ends. agreed: when the sides of each profile last did."""
    ended = Event()

    def go_on() -> None:
        while not ended.wait(BEAT):
            notifier.age(agreed())
            notifier.send()

    thread = Thread(target=go_on, name="noticing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        notifier.send()


def minding(notifier: Notifier, act: Act) -> Act:
    """The same act; when it breaks off, that is noted."""

    def minded(profile: Profile, left_out: frozenset[SideName]) -> int:
        try:
            return act(profile, left_out)
        except SyncError as error:
            notifier.note(profile, broken(error.exit_code, str(error)), whole=False)
            raise

    return minded


def wrong(profile: Profile, what: Outcome | Planned, tools: Tools) -> list[Trouble]:
    """What is wrong after a run that looked everywhere and came to an end."""
    agreed_ns = inquire.status(profile, tools).agreed_ns if profile.notices.to else None
    return [*troubles(what), *aged(profile, agreed_ns, tools.clock.now_ns())]


def deliver(profile: Profile, subject: str, text: str) -> None:
    """Write to everybody whom a profile names. Raises Misuse, naming references and no address, if anybody was not reached."""
    try:
        import apprise  # noqa: PLC0415 - it costs an import only where something is to be told
    except ImportError as error:
        raise Misuse(
            "notices cannot be sent: the library apprise is not installed",
            hint="pip install 'synctool[notices]'",
        ) from error
    variables = environment(profile.file.parent)
    for reference in profile.notices.to:
        post = apprise.Apprise()
        if not post.add(resolve(reference, variables, profile.file.parent).reveal()):
            raise Misuse(
                f"notices: {reference} is no address", hint="https://appriseit.com lists how they are written"
            )
        if not post.notify(body=text, title=subject, body_format=apprise.NotifyFormat.TEXT):
            raise Misuse(
                f"notices: {reference} could not be reached, or refused", hint="the next run tries again"
            )


@contextmanager
def _complaining() -> Iterator[None]:
    """What goes wrong with notices is said, and no run ends for it."""
    try:
        yield
    except SyncError as error:
        complain(str(error))
