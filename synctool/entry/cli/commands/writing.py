"""Declares the commands about profiles themselves: init, validate, profile, filter, schema; completion, and the demonstration."""
# ruff: noqa: PLC0415

import click

from synctool.entry.cli import completing
from synctool.entry.cli.commands.root import PROFILE, PROFILES, cli
from synctool.entry.cli.session import Session
from synctool.errors import Misuse


@cli.command()
@click.option("--project", metavar="NUMBER|NAME", help='The project in Filevine; "" for none.')
@click.option("--drive", metavar="FOLDER", help='The folder on the drive or share; "" for none.')
@click.option("--bucket", metavar="NAME", help='The bucket in S3; "" for none.')
@click.option("--prefix", help="What keys in the bucket begin with.  [default: cases/{project}/]")
@click.option("--region", help="The region of the bucket.  [default: us-east-1]")
@click.option("--name", help="What the profile is called.  [default: case-NUMBER]")
@click.option("--timezone", help="Of the dates in names of conflict copies.  [default: UTC]")
@click.option(
    "--pair/--no-pair",
    default=None,
    help="Whether folders of like names, 02 Discovery and Discovery, are one.",
)
@click.option("--api-url", metavar="URL", help="Filevine's API, if not the one of the US.")
@click.option("--identity-url", metavar="URL", help="Where to sign in to Filevine, if not in the US.")
@click.option(
    "--session-url",
    metavar="URL",
    help="Sign in by a key, the older way, at this address; otherwise a token is used.",
)
@click.option(
    "--base-path", metavar="PATH", help="What paths of the API begin with.  [default: /core by a key]"
)
@click.option("--org", metavar="NUMBER", help="The organisation, if the account sees more than one.")
@click.option("--endpoint-url", metavar="URL", help="The server of the bucket, if it is not AWS.")
@click.pass_obj
def init(session: Session, /, *, pair: bool | None, **said: str | None) -> int:
    """Write a first profile: asks where a case lies, tries every place, and proposes folders that are one.

    What an option says is not asked. Nothing is written before all is known, and no file is ever overwritten. Secrets
    are read from the environment or profiles/.env, or typed.
    """
    from synctool.entry.cli import starting

    return starting.init(session, said, pair=pair)


@cli.command()
@PROFILES
@click.option("--online", is_flag=True, help="Also ask every side whether it answers.")
@click.option(
    "--no-secrets",
    is_flag=True,
    help="Need no variables, as in a commit hook; overlaps of places are not seen.",
)
@click.pass_obj
def validate(session: Session, profiles: tuple[str, ...], *, online: bool, no_secrets: bool) -> int:
    """Check profiles: every mistake and its place, warnings, overlaps.

    Without a PROFILE, every profile in the folder is checked, disabled ones too.
    """
    from synctool.entry.cli import asking

    if online and no_secrets:
        raise Misuse("no side answers without secrets", hint="choose --online or --no-secrets")
    return asking.validate(session, profiles, online=online, secrets=not no_secrets)


@cli.group()
def profile() -> None:
    """Show what profiles come to, and what a change means."""


@profile.command()
@PROFILE
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
@click.argument("shell", type=click.Choice(completing.SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print what a shell runs at its start to complete commands, options and names of profiles by Tab.

    \b
      bash        eval "$(synctool completion bash)"                              in ~/.bashrc
      zsh         eval "$(synctool completion zsh)"                               in ~/.zshrc
      fish        synctool completion fish | source                               in config.fish
      powershell  synctool completion powershell | Out-String | Invoke-Expression   in $PROFILE
    """  # noqa: D301 - \b is click's sign for lines to leave alone
    click.echo(completing.script(ctx.find_root().command, shell), nl=False)
    return 0


@cli.command()
@click.option("--serve", is_flag=True, help="Keep the servers of the demonstration running.")
@click.pass_obj
def demo(session: Session, *, serve: bool) -> int:
    """Try everything out on servers and folders made for it."""
    from importlib import import_module

    code: int = import_module("synctool.entry.demo").run(session.state, serve=serve)
    return code
