"""Ends what fails: one line for people, an exit code for programs, and a crash file for what nobody foresaw."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from synctool.engine.clock import SYSTEM, Clock
from synctool.errors import StateError, SyncError
from synctool.store import private

_IN_TRANSIT = re.compile(r"""(?<=\?)[^\s'"<>]+|(?<=Bearer )\S+|(?<=://)[^\s/@'"]+(?=@)""")
"""What may be a secret wherever it stands: the query of a URL, a bearer token, a URL's user."""


def ends(action: Callable[[], int], state: str, secrets: Iterable[str] = (), clock: Clock = SYSTEM) -> int:
    """The exit code of an action, whatever becomes of it; what failed is said on stderr.

    state: where crash files go; secrets: texts that must not stand in one. Only a wrong command line, an interrupt and
    a closed pipe go on to the caller.
    """
    code, lines = fate(action, state, secrets, clock)
    for line in lines:
        complain(line)
    return code


def fate(
    action: Callable[[], int], state: str, secrets: Iterable[str] = (), clock: Clock = SYSTEM
) -> tuple[int, list[str]]:
    """The exit code of an action, and what is to be said of its failure, as ``ends``."""
    try:
        return action(), []
    except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
        raise
    except SyncError as error:
        return error.exit_code, str(error).splitlines()
    except Exception as error:  # noqa: BLE001 - the one place where what nobody foresaw ends
        report = _crash_file(error, state, secrets, clock)
        where = f"the details are in {report}" if report else "and the details could not be written anywhere"
        return 1, [f"{type(error).__name__}: a failure that nobody foresaw; {where}"]


def complain(line: str) -> None:
    """Say one line on stderr, in synctool's name."""
    from synctool.entry.show.visible import visible  # noqa: PLC0415 - it costs an import only where it is needed

    click.echo(f"synctool: {visible(line)}", err=True)


def _crash_file(error: Exception, state: str, secrets: Iterable[str], clock: Clock) -> Path | None:
    """Where the traceback was written: in the state's folder, else among temporary files; None if nowhere."""
    import tempfile  # noqa: PLC0415 - rarely needed
    import traceback  # noqa: PLC0415 - rarely needed

    text = "".join(traceback.format_exception(error))
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    text = _IN_TRANSIT.sub("***", text)
    moment = datetime.fromtimestamp(clock.now_ns() / 1e9, UTC)
    for folder in (state, tempfile.gettempdir()):
        file = Path(folder) / f"crash-{moment:%Y-%m-%dT%H%M%S.%f}.txt"
        try:
            private.folder(file.parent)
            private.write(file, text)
        except (OSError, StateError):
            continue
        return file
    return None
