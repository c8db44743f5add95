"""Takes a profile out of service, after showing what that does."""

from synctool.config.profile import Profile
from synctool.core.model import SideName
from synctool.engine.detaching import detach as taken_out
from synctool.engine.detaching import foreseen
from synctool.entry.cli.choosing import each, source
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.printing import console
from synctool.entry.cli.session import Session
from synctool.entry.cli.words import typed
from synctool.entry.show.detaching import detached_lines
from synctool.entry.show.paint import paint
from synctool.store.lease import whoami


def detach(session: Session, name: str, *, yes: bool) -> int:
    """Show what would become of a profile's places, or do it."""

    def one(profile: Profile, _: frozenset[SideName]) -> int:
        tools = tools_of(session)
        found = taken_out(profile, whoami(), tools) if yes else foreseen(profile, tools)
        then = "" if yes else typed(session, profile, ["detach", "--yes"])
        paint(detached_lines(profile.name, found, str(profile.file), then), console(session))
        return 0

    return each(session, [source(session, name)], one)
