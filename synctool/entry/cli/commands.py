"""Declares every command and option; what they need is imported when one of them runs, so that ``--help`` is quick."""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Any

import click

from synctool.engine.clock import SYSTEM
from synctool.entry.cli.ending import ends
from synctool.entry.cli.session import Session, desk, is_shared
from synctool.errors import Misuse

PROFILES = click.argument("profiles", nargs=-1, metavar="[PROFILE]...")
ONLY = click.option(
    "--only", multiple=True, metavar="GLOB", help="Take only the steps on paths that match; may be repeated."
)
WITHOUT = click.option(
    "--without", multiple=True, metavar="SIDE", help="Leave this side out of the run; may be repeated."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of text.")


class Ending(click.Group):
    """A group of commands whose failures end in one place."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; its exit code."""
        return ends(lambda: super(Ending, self).invoke(ctx), str(desk(ctx.params["state"])))


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("synctool")
    except PackageNotFoundError:
        number = "(not installed)"
    click.echo(f"synctool {number}")
    ctx.exit()


@click.group(cls=Ending, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--profiles",
    type=click.Path(file_okay=False, path_type=Path),
    default=Session.PROFILES,
    show_default=True,
    help="The folder of the profiles.",
)
@click.option(
    "--state",
    envvar="SYNCTOOL_STATE",
    show_envvar=True,
    default=Session.STATE,
    show_default=True,
    metavar="FOLDER|s3://BUCKET/PREFIX",
    help="Where what is remembered lies: a folder here, or a bucket that several machines share.",
)
@click.option(
    "--rate-share",
    envvar="SYNCTOOL_RATE_SHARE",
    show_envvar=True,
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    metavar="SHARE",
    help="How much of each Filevine rate this machine may use, where several share it.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the log on stderr is written: warnings as text, or everything as JSON lines.",
)
@click.option("--no-color", is_flag=True, help="Print no colours; so does the variable NO_COLOR.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version.",
)
@click.pass_context
def cli(
    ctx: click.Context, profiles: Path, state: str, rate_share: float, log_format: str, *, no_color: bool
) -> None:
    """Keep one set of documents the same in several places, and lose nothing.

    Without a PROFILE, a command means every enabled profile in the folder.

    \b
    Exit codes:
      0  done, or nothing to do              5  not everything could be done
      1  a failure that nobody foresaw       6  a brake withheld something, or
      2  command line or profile is wrong       a saved plan is refused
      3  plan --exit-code: there is work     7  the state cannot be used
      4  something waits for a person        8  another run holds this profile
    """  # noqa: D301 - \b is click's sign for lines to leave alone
    from synctool.entry.cli.logs import log_to_stderr

    log_to_stderr(log_format)
    clock = ctx.obj or SYSTEM
    shelf = None
    if is_shared(state):
        from synctool.entry.cli.sharing import shared

        shelf = ctx.with_resource(shared(state, profiles, clock))
    ctx.obj = Session(profiles, desk(state), no_color, rate_share, clock, shelf=shelf)


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
@PROFILES
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the plan, for apply; with several profiles a folder.",
)
@JSON
@click.option(
    "--exit-code", "by_exit_code", is_flag=True, help="Return 3 if there is work, and 4 to 6 as apply would."
)
@ONLY
@WITHOUT
@click.pass_obj
def plan(
    session: Session,
    profiles: tuple[str, ...],
    out: Path | None,
    only: tuple[str, ...],
    without: tuple[str, ...],
    *,
    as_json: bool,
    by_exit_code: bool,
) -> int:
    """Show what would happen. Nothing is changed."""
    from synctool.entry.cli import running

    ask = running.asked(only, without)
    return running.plan(session, profiles, ask, out, as_json=as_json, by_exit_code=by_exit_code)


@cli.command()
@click.argument("profiles", nargs=-1, metavar="[PROFILE]...|[PLAN.json]")
@click.option("--yes", is_flag=True, help="Do not ask first; for schedules.")
@JSON
@click.option(
    "--accept",
    multiple=True,
    metavar="CODE",
    help="Override the brake that showed this code; may be repeated.",
)
@ONLY
@WITHOUT
@click.pass_obj
def apply(
    session: Session,
    profiles: tuple[str, ...],
    accept: tuple[str, ...],
    only: tuple[str, ...],
    without: tuple[str, ...],
    *,
    yes: bool,
    as_json: bool,
) -> int:
    """Make the sides agree, or do what a saved plan says.

    On a terminal the plan is shown and you are asked first.
    """
    from synctool.entry.cli import running

    ask = running.asked(only, without, accept)
    return running.apply(session, profiles, ask, as_json=as_json, yes=yes)


@cli.command()
@PROFILES
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Answer /healthz, /metrics and /status at this address, on this machine alone.",
)
@click.option(
    "--webhook",
    metavar="HOST:PORT",
    help="Receive Filevine's webhooks here too, in plain HTTP behind a proxy.",
)
@JSON
@click.pass_obj
def watch(
    session: Session, profiles: tuple[str, ...], listen: str | None, webhook: str | None, *, as_json: bool
) -> int:
    """Keep the sides the same as soon as something changes, until it is stopped.

    It acts without asking, as apply --yes does; a profile in mode observe is only looked at.
    """
    from synctool.entry.cli import watching

    return watching.watch(session, profiles, listen, webhook, as_json=as_json)


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
@PROFILES
@click.option("--queue", required=True, metavar="URL", help="The queue of AWS (SQS) to follow.")
@JSON
@click.pass_obj
def worker(session: Session, profiles: tuple[str, ...], queue: str, *, as_json: bool) -> int:
    """Follow a queue: make the rounds that its messages ask for, until a signal says stop.

    Any number of workers may follow one queue; each profile is worked at by one of them at a time.
    """
    from synctool.entry.cli import working

    return working.worker(session, queue, profiles, as_json=as_json)


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


@cli.command()
@click.argument("profile")
@click.argument("what", required=False, default="", metavar="[RUN|PATH]")
@click.option("--yes", is_flag=True, help="Bring it back; otherwise the plan is only shown.")
@JSON
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan, for apply.")
@click.pass_obj
def undo(session: Session, profile: str, what: str, out: Path | None, *, yes: bool, as_json: bool) -> int:
    """Bring back what a run, or the last change of a document or folder, replaced or removed.

    Without RUN or PATH, the last run that took anything away is meant. The log shows the numbers of runs.
    """
    from synctool.core.names import identity
    from synctool.engine.former import Undo
    from synctool.entry.cli import running

    meant = Undo(path=identity(what.strip("/")))
    return running.undo(session, profile, meant, out, as_json=as_json, yes=yes)


@cli.command()
@PROFILES
@click.option("--rebuild", is_flag=True, help="Put the state aside, under another name, and begin a new one.")
@click.option("--migrate", is_flag=True, help="Bring a shared state to this version; a copy is put aside.")
@click.pass_obj
def doctor(session: Session, profiles: tuple[str, ...], *, rebuild: bool, migrate: bool) -> int:
    """Examine everything that profiles rest on: state, lock, audit log, sides. Nothing is changed.

    With --rebuild, a state that cannot be used is put aside: what is equal is adopted, and nothing is deleted anywhere.
    """
    from synctool.entry.cli import doctoring

    if rebuild and migrate:
        raise Misuse("--rebuild and --migrate are two ways", hint="choose one")
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
@click.argument("profile")
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
