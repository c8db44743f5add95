"""Is the command line: ``synctool``."""

import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from synctool.engine.clock import SYSTEM, Clock
from synctool.entry.cli.commands import cli

__all__ = ["cli", "main"]


def main(args: Sequence[str] | None = None, clock: Clock = SYSTEM) -> int:
    """Run one command by this clock; the exit code. Failures end in ``ending``; what remains is a wrong command line or ^C."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # somebody's own stream cannot be told
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code: int = cli.main(args, prog_name="synctool", standalone_mode=False, obj=clock)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    return code
