"""Declares what all commands share: the global options, and the arguments that several take."""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Any

import click

from synctool.engine.clock import SYSTEM
from synctool.entry.cli.ending import ends
from synctool.entry.cli.session import Session, desk, is_shared

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
