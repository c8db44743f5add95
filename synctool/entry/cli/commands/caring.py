"""Declares the commands that examine, prove and end: doctor, audit, detach."""
# ruff: noqa: PLC0415

from pathlib import Path

import click

from synctool.entry.cli.commands.root import PROFILE, PROFILES, cli
from synctool.entry.cli.session import Session
from synctool.errors import Misuse


@cli.command()
@PROFILES
@click.option("--rebuild", is_flag=True, help="Put the state aside, under another name, and begin a new one.")
@click.option("--migrate", is_flag=True, help="Bring a shared state to this version; a copy is put aside.")
@click.option(
    "--notice", is_flag=True, help="Send a notice to whom profiles tell, to see whether it arrives."
)
@click.pass_obj
def doctor(session: Session, profiles: tuple[str, ...], *, rebuild: bool, migrate: bool, notice: bool) -> int:
    """Examine everything that profiles rest on: state, lock, audit log, sides; no document is touched.

    With --rebuild, a state that cannot be used is put aside: what is equal is adopted, and nothing is deleted anywhere.
    """
    from synctool.entry.cli import doctoring

    if rebuild + migrate + notice > 1:
        raise Misuse("--rebuild, --migrate and --notice are different things", hint="choose one")
    if notice:
        return doctoring.notice(session, profiles)
    if migrate:
        return doctoring.migrate(session, profiles)
    return doctoring.rebuild(session, profiles) if rebuild else doctoring.examine(session, profiles)


@cli.group()
def audit() -> None:
    """Prove the audit log, or list what is agreed."""


@audit.command()
@PROFILES
@click.pass_obj
def verify(session: Session, profiles: tuple[str, ...]) -> int:
    """Prove that no record was changed, removed or lost; 7 if any was."""
    from synctool.entry.cli import doctoring

    return doctoring.verify(session, profiles)


@audit.command()
@PROFILE
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it to a file."
)
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.pass_obj
def export(session: Session, profile: str, out: Path | None, form: str) -> int:
    """List every document that is agreed now: path, SHA-256, size, where it lies, who changed it last."""
    from synctool.entry.cli import doctoring

    return doctoring.export(session, profile, out, form)


@cli.command()
@PROFILE
@click.option("--yes", is_flag=True, help="Do it; without it, it is only shown what would be done.")
@click.pass_obj
def detach(session: Session, profile: str, *, yes: bool) -> int:
    """Take a profile out of service: every document stays where it is, and another installation may take over.

    synctool's marks are taken away, and the state is put aside; the audit log and trash stay.
    """
    from synctool.entry.cli import detaching

    return detaching.detach(session, profile, yes=yes)
