"""Examines profiles, begins a new state, proves the audit log, and exports a manifest."""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path

import click

from synctool.config.profile import Profile
from synctool.core.model import SideName
from synctool.engine import doctor, renewing
from synctool.engine.doctor import Check
from synctool.engine.manifest import manifest
from synctool.entry.cli.choosing import Source, chosen, each, source
from synctool.entry.cli.ending import ends
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.noticing import deliver
from synctool.entry.cli.printing import console
from synctool.entry.cli.session import Session
from synctool.entry.cli.words import typed
from synctool.entry.show.doctor import check_lines, manifest_text, migrated_lines, rebuilt_lines
from synctool.entry.show.paint import paint
from synctool.entry.show.visible import counted
from synctool.errors import Misuse, most_serious
from synctool.store import private
from synctool.store.lease import whoami


def examine(session: Session, names: Collection[str]) -> int:
    """Say what is well and what is not; 7 for the state or its log, 5 for a side."""

    def one(profile: Profile, _: frozenset[SideName]) -> int:
        return _told(session, profile.name, doctor.examine(profile, tools_of(session)))

    return each(session, chosen(session, names), one)


def rebuild(session: Session, names: Collection[str]) -> int:
    """Put the state of these profiles aside and begin new ones. Raises Misuse when none is named."""
    if not names:
        raise Misuse("say whose state shall be rebuilt", hint="synctool doctor PROFILE --rebuild")

    def one(source: Source) -> int:
        profile = source.read(())
        aside = renewing.rebuild(profile, whoami(), tools_of(session))
        paint(rebuilt_lines(profile.name, aside, typed(session, profile, ["plan"])), console(session))
        return 0

    return _by_file(session, names, one)


def migrate(session: Session, names: Collection[str]) -> int:
    """Bring the shared states of these profiles to this program's version. Raises Misuse when none is named."""
    if not names:
        raise Misuse("say whose state shall be migrated", hint="synctool doctor PROFILE --migrate")

    def one(source: Source) -> int:
        profile = source.read(())
        aside = renewing.migrate(profile, whoami(), tools_of(session))
        paint(migrated_lines(profile.name, aside), console(session))
        return 0

    return _by_file(session, names, one)


def notice(session: Session, names: Collection[str]) -> int:
    """Write to whom each of these profiles tells what needs a person; 2 where nobody is named, or was reached."""

    def one(source: Source) -> int:
        profile = source.read(())
        if not profile.notices.to:
            raise Misuse(f"{source.file}: names nobody to write to", hint="say whom: notices: {to: [...]}")
        deliver(profile, f"synctool: {profile.name} can reach you", "This is a trial. Nothing is wrong.")
        paint([f"{profile.name}: sent to {counted(len(profile.notices.to), 'reader')}"], console(session))
        return 0

    return _by_file(session, names, one)


def verify(session: Session, names: Collection[str]) -> int:
    """Prove the audit logs; 7 when one does not hold."""

    def one(source: Source) -> int:
        profile = source.read(())
        return _told(session, profile.name, doctor.audited(profile, tools_of(session)))

    return _by_file(session, names, one)


def export(session: Session, name: str, out: Path | None, form: str) -> int:
    """Print a manifest of what is agreed, or write it to a file."""
    profile = source(session, name).read(())
    text = manifest_text(manifest(profile, tools_of(session)), form)
    if out is None:
        click.echo(text, nl=False)
        return 0
    try:
        private.write(out, text)
    except OSError as error:
        raise Misuse(f"{out}: cannot be written: {error.strerror}") from error
    return 0


def _told(session: Session, profile: str, checks: Iterable[Check]) -> int:
    found = list(checks)
    paint(check_lines(profile, found), console(session))
    return most_serious([check.code for check in found])


def _by_file(session: Session, names: Collection[str], act: Callable[[Source], int]) -> int:
    sources = chosen(session, names)
    return most_serious([ends(partial(act, each), str(session.state)) for each in sources])
