"""Declares the commands that others talk to: serve, webhooks."""
# ruff: noqa: PLC0415

import click

from synctool.entry.cli.commands.root import PROFILES, cli
from synctool.entry.cli.session import Session
from synctool.errors import Misuse


@cli.command()
@PROFILES
@click.option(
    "--page", default="127.0.0.1:8484", show_default=True, metavar="HOST:PORT", help="Where the page is."
)
@click.option("--allow-apply", is_flag=True, help="Let the page carry out plans and write decisions down.")
@click.option("--webhook", metavar="HOST:PORT", help="Also receive Filevine's webhooks, at this address.")
@click.option(
    "--tls-cert",
    default="",
    metavar="FILE",
    help="Receive by HTTPS with this certificate, a chain in PEM form.",
)
@click.option(
    "--tls-key", default="", metavar="FILE", help="The certificate's key, where it is in another file."
)
@click.pass_obj
def serve(
    session: Session,
    profiles: tuple[str, ...],
    page: str,
    webhook: str | None,
    tls_cert: str,
    tls_key: str,
    *,
    allow_apply: bool,
) -> int:
    """Show profiles, plans, conflicts and runs on a web page of this machine, until it is stopped.

    The address that is printed holds a token; whoever has it may look. With --webhook, Filevine's webhooks are received
    too, and watch follows them.
    """
    from synctool.entry.cli import serving
    from synctool.entry.webhook.opening import Where

    if (tls_cert or tls_key) and webhook is None:
        raise Misuse("--tls-cert and --tls-key are for --webhook")
    where = Where(webhook, tls_cert, tls_key) if webhook is not None else None
    return serving.serve(session, profiles, page, where, may_act=allow_apply)


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
