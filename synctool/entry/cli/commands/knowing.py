"""Declares the commands that say how things stand, and take a decision: status, conflicts, resolve, log, explain."""
# ruff: noqa: PLC0415

import click

from synctool.entry.cli.commands.root import JSON, PROFILES, cli
from synctool.entry.cli.session import Session


@cli.command()
@PROFILES
@JSON
@click.pass_obj
def status(session: Session, profiles: tuple[str, ...], *, as_json: bool) -> int:
    """Show how profiles stood when they last ran, without looking."""
    from synctool.entry.cli import asking

    return asking.status(session, profiles, as_json=as_json)


@cli.command()
@PROFILES
@JSON
@click.pass_obj
def conflicts(session: Session, profiles: tuple[str, ...], *, as_json: bool) -> int:
    """Show the conflicts that are open, and what to type to settle them."""
    from synctool.entry.cli import asking

    return asking.conflicts(session, profiles, as_json=as_json)


@cli.command()
@click.argument("profile")
@click.argument("path")
@click.option("--take", metavar="SIDE", help="The version of this side is the document.")
@click.option("--keep-both", is_flag=True, help="All versions stay, side by side.")
@click.option("--gone", is_flag=True, help="The document goes, and the copies beside it.")
@click.option("--yes", is_flag=True, help="Write the decision down; without it, it is only shown.")
@click.pass_obj
def resolve(
    session: Session, profile: str, path: str, take: str | None, *, keep_both: bool, gone: bool, yes: bool
) -> int:
    """Decide a conflict: PATH is the document, or a copy beside it.

    Shows what the next apply would do. With --yes the decision is written down, and the next apply does it.
    """
    from synctool.entry.cli import resolving

    choice = resolving.chosen_way(take, keep_both=keep_both, gone=gone)
    return resolving.resolve(session, profile, path, choice, yes=yes)


@cli.command()
@click.argument("profile")
@click.argument("path", required=False)
@click.pass_obj
def log(session: Session, profile: str, path: str | None) -> int:
    """Show the history of a profile, or of one document."""
    from synctool.entry.cli import asking

    return asking.log(session, profile, path)


@cli.command()
@click.argument("profile")
@click.argument("path")
@click.pass_obj
def explain(session: Session, profile: str, path: str) -> int:
    """Show why the plan says what it says of a document."""
    from synctool.entry.cli import asking

    return asking.explain(session, profile, path)
