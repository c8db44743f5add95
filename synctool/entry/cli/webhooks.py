"""Says whose webhooks are believed, and which addresses Filevine tells of changes."""

import re
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import click

from synctool.config import find, load
from synctool.config.profile import FilevineSettings, KeyAuth, Profile
from synctool.engine.accounts import client_of
from synctool.engine.connect import pacing
from synctool.entry.cli.choosing import Source, named, opened
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.session import Session
from synctool.entry.show.visible import counted, visible
from synctool.errors import Missing, Misuse
from synctool.sides.filevine import webhooks
from synctool.sides.filevine.client import FilevineClient

LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))


def believing(session: Session, names: Collection[str]) -> list[Profile]:
    """The profiles whose Filevine is believed: those named, or every enabled one, templates too."""
    files = [named(session.profiles, name) for name in names] or [
        file for file in find(session.profiles) if load(file, sides=()).enabled
    ]
    return [opened(Source(file))[0] for file in files]


def subscribe(session: Session, url: str, name: str | None) -> int:
    """Have changes told to an address; one that is told already stays as it is."""
    parts = urlsplit(url)
    if not parts.hostname or (parts.scheme != "https" and parts.hostname not in LOOPBACK):
        raise Misuse(f"{url}: is no address that Filevine can tell safely", hint="it begins with https://")
    with _account(session, name) as client:
        made, new = webhooks.subscribe(client, url)
    told = f"{counted(len(made.events), 'event')} to {made.endpoint}"
    click.echo(visible(f"{'subscribed' if new else 'already subscribed'}: {told}, ID {made.id}"))
    return 0


def show(session: Session, name: str | None) -> int:
    """List every subscription of the organisation."""
    with _account(session, name) as client:
        found = webhooks.subscriptions(client)
    for each in found:
        click.echo(visible(f"{each.id}  {each.endpoint}  {counted(len(each.events), 'event')}  {each.name}"))
    if not found:
        click.echo("Filevine tells nobody of changes")
    return 0


def remove(session: Session, number: str, name: str | None) -> int:
    """End one subscription."""
    unknown = Misuse(f"{number}: no subscription has this ID", hint="synctool webhooks list shows them")
    if not re.fullmatch(r"[0-9A-Za-z-]+", number):
        raise unknown
    with _account(session, name) as client:
        try:
            webhooks.remove(client, number)
        except Missing:
            raise unknown from None
    click.echo(f"removed: {number}")
    return 0


@contextmanager
def _account(session: Session, name: str | None) -> Iterator[FilevineClient]:
    """The account of the profiles, with leave to change subscriptions. Raises Misuse when that is not one account."""
    profiles = [opened(Source(named(session.profiles, name)))[0]] if name else believing(session, ())
    settings = {
        (side.api_url, side.org, side.auth): side
        for profile in profiles
        for side in profile.sides.values()
        if isinstance(side, FilevineSettings)
    }
    if len(settings) != 1:
        what = "more than one account for Filevine" if settings else "no account for Filevine"
        raise Misuse(f"the profiles have {what}", hint="say whose: --profile NAME")
    [one] = settings.values()
    if isinstance(one.auth, KeyAuth):
        raise Misuse(
            "the older sign-in with a key cannot change subscriptions",
            hint="subscribe in Filevine's own settings, or use a personal access token",
        )
    tools = tools_of(session)
    with pacing(tools) as pacer, closing(client_of(one, tools, pacer, webhooks.WITH_WEBHOOKS)) as client:
        yield client
