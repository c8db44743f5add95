"""Declares the commands that make sides agree: plan, apply, watch, worker, undo."""
# ruff: noqa: PLC0415

from pathlib import Path

import click

from synctool.entry.cli.commands.root import JSON, ONLY, PROFILES, WITHOUT, cli
from synctool.entry.cli.session import Session


@cli.command()
@PROFILES
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the plan, for apply; with several profiles a folder.",
)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write it as one page, to mail or to print; with several profiles a folder.",
)
@JSON
@click.option(
    "--exit-code", "by_exit_code", is_flag=True, help="Return 3 if there is work, and 4 to 6 as apply would."
)
@ONLY
@WITHOUT
@click.pass_obj
def plan(  # noqa: PLR0913 - one for each option
    session: Session,
    profiles: tuple[str, ...],
    out: Path | None,
    page: Path | None,
    only: tuple[str, ...],
    without: tuple[str, ...],
    *,
    as_json: bool,
    by_exit_code: bool,
) -> int:
    """Show what would happen. Nothing is changed."""
    from synctool.entry.cli import running

    ask = running.asked(only, without)
    return running.plan(session, profiles, ask, out, page, as_json=as_json, by_exit_code=by_exit_code)


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
