"""Declares the commands that others talk to: serve, webhooks."""
# ruff: noqa: PLC0415

import click

from synctool.entry.cli.commands.root import PROFILES, cli
from synctool.entry.cli.session import Session


@cli.command()
@PROFILES
@click.option("--webhook", metavar="HOST:PORT", help="Receive Filevine's webhooks at this address.")
@click.option(
    "--tls-cert", default="", metavar="FILE", help="Speak HTTPS with this certificate, a chain in PEM form."
)
@click.option(
    "--tls-key", default="", metavar="FILE", help="The certificate's key, where it is in another file."
)
@click.pass_obj
def serve(
    session: Session, profiles: tuple[str, ...], webhook: str | None, tls_cert: str, tls_key: str
) -> int:
    """Receive Filevine's webhooks until it is stopped; watch follows them."""
    from synctool.entry.cli import webhooks

    return webhooks.serve(session, profiles, webhook, tls_cert, tls_key)


OF_PROFILE = click.option(
    "--profile", metavar="NAME", help="Whose account it is, where profiles have more than one."
)


@cli.group(name="webhooks")
def webhooks_group() -> None:
    """Say which addresses Filevine tells of changes."""


@webhooks_group.command()
@click.argument("url")
@OF_PROFILE
@click.pass_obj
def subscribe(session: Session, url: str, profile: str | None) -> int:
    """Have every change of documents and folders told to an address."""
    from synctool.entry.cli import webhooks

    return webhooks.subscribe(session, url, profile)


@webhooks_group.command(name="list")
@OF_PROFILE
@click.pass_obj
def list_subscriptions(session: Session, profile: str | None) -> int:
    """List who is told of what."""
    from synctool.entry.cli import webhooks

    return webhooks.show(session, profile)


@webhooks_group.command()
@click.argument("number", metavar="ID")
@OF_PROFILE
@click.pass_obj
def remove(session: Session, number: str, profile: str | None) -> int:
    """End a subscription; its ID is in the list."""
    from synctool.entry.cli import webhooks

    return webhooks.remove(session, number, profile)
