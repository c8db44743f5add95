"""Declares the commands about profiles themselves: validate, profile, filter, schema; and the demonstration."""
# ruff: noqa: PLC0415

import click

from synctool.entry.cli.commands.root import PROFILES, cli
from synctool.entry.cli.session import Session


@cli.command()
@PROFILES
@click.option("--online", is_flag=True, help="Also ask every side whether it answers.")
@click.pass_obj
def validate(session: Session, profiles: tuple[str, ...], *, online: bool) -> int:
    """Check profiles: every mistake and its place, warnings, overlaps.

    Without a PROFILE, every profile in the folder is checked, disabled ones too.
    """
    from synctool.entry.cli import asking

    return asking.validate(session, profiles, online=online)


@cli.group()
def profile() -> None:
    """Show what profiles come to, and what a change means."""


@profile.command()
@click.argument("profile")
@click.option("--effective", is_flag=True, help="Also fill in places, and everything that it does not say.")
@click.pass_obj
def show(session: Session, profile: str, *, effective: bool) -> int:
    """Print a profile put together with what it extends; secrets stay references."""
    from synctool.entry.cli import profiling

    return profiling.show(session, profile, whole=effective)


@profile.command()
@PROFILES
@click.option(
    "--from",
    "before",
    default="HEAD",
    show_default=True,
    metavar="REVISION|FOLDER",
    help="What they were: a revision of git, or a folder with the former profiles.",
)
@click.option("--exit-code", "by_exit_code", is_flag=True, help="Return 3 if anything changed.")
@click.pass_obj
def diff(session: Session, profiles: tuple[str, ...], before: str, *, by_exit_code: bool) -> int:
    """Say what a change of profiles comes to, also where a fragment that they extend changed.

    Without a PROFILE, every profile in the folder is compared.
    """
    from synctool.entry.cli import profiling

    return profiling.diff(session, profiles, before, by_exit_code=by_exit_code)


@cli.group(name="filter")
def filter_group() -> None:
    """Ask which line of a profile decides."""


@filter_group.command(name="explain")
@click.argument("path")
@PROFILES
@click.pass_obj
def explain_filter(session: Session, path: str, profiles: tuple[str, ...]) -> int:
    """Say whether a path travels, which line decides that, and where it lies on each side; a folder ends with a slash."""
    from synctool.entry.cli import profiling

    return profiling.explain(session, path, profiles)


@cli.command()
@click.argument("name", type=click.Choice(["profile", "plan", "outcome"]), default="profile")
def schema(name: str) -> int:
    """Print a JSON Schema: of profiles, plans or outcomes."""
    import json

    from synctool.config.schema import published

    click.echo(json.dumps(published(name), indent=2))
    return 0


@cli.command()
@click.option("--serve", is_flag=True, help="Keep the servers of the demonstration running.")
@click.pass_obj
def demo(session: Session, *, serve: bool) -> int:
    """Try everything out on servers and folders made for it."""
    from importlib import import_module

    code: int = import_module("synctool.entry.demo").run(session.state, serve=serve)
    return code
