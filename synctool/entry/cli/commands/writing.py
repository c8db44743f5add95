"""Declares the commands about profiles themselves: validate, schema; and the demonstration."""
# ruff: noqa: PLC0415

import click

from synctool.entry.cli.commands.root import PROFILES, cli
from synctool.entry.cli.session import Session


@cli.command()
@PROFILES
@click.pass_obj
def validate(session: Session, profiles: tuple[str, ...]) -> int:
    """Check profiles: every mistake and its place, warnings, overlaps.

    Without a PROFILE, every profile in the folder is checked, disabled ones too.
    """
    from synctool.entry.cli import asking

    return asking.validate(session, profiles)


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
