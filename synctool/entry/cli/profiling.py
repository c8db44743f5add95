"""Shows what profiles come to, what a change of them means, and which line decides about a path."""

import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from synctool.config import find
from synctool.config.document import dump
from synctool.config.effective import changes, composed, effective, places
from synctool.engine.filtering import judge
from synctool.entry.cli.choosing import chosen, named
from synctool.entry.cli.printing import console
from synctool.entry.cli.session import Session
from synctool.entry.show.filtering import verdict_lines
from synctool.entry.show.paint import paint
from synctool.entry.show.visible import visible
from synctool.errors import Misuse, ProfileError

CHANGED = 3
HEAD = "HEAD"
"""The last commit; before the first there is none, and every profile is new."""


def show(session: Session, name: str, *, whole: bool) -> int:
    """Print a profile with what it extends, as YAML; whole: and with all that it does not say."""
    file = named(session.profiles, name)
    click.echo(dump(effective(file) if whole else composed(file)), nl=False)
    return 0


def diff(session: Session, names: Collection[str], before: str, *, by_exit_code: bool) -> int:
    """Say what profiles come to now and did not before, a folder or a revision of git; 3 for a change, if that was asked."""
    with _former(session.profiles, before) as folder:
        former = {file.name: file for file in find(folder)}
        files = [named(session.profiles, name) for name in names] or find(session.profiles)
        lines: list[str] = []
        for file in files:
            lines += [f"{file}: {line}" for line in _compared(former.pop(file.name, None), file)]
        lines += [f"{session.profiles / name}: is no more" for name in sorted(former) if not names]
    paint([visible(line) for line in lines or ["nothing changed"]], console(session))
    return CHANGED if lines and by_exit_code else 0


def explain(session: Session, path: str, names: Collection[str]) -> int:
    """Say of a path which line of each profile decides whether it travels, and where it lies on each side."""
    for source in chosen(session, names):
        profile = source.read(())
        paint(verdict_lines(judge(profile, path), profile, places(source.file)), console(session))
    return 0


def _compared(before: Path | None, now: Path) -> Iterator[str]:
    if before is None:
        yield "is new"
        return
    try:
        old = effective(before)
    except ProfileError:
        yield "had mistakes"
        old = {}
    yield from changes(old, effective(now)) if old else ()


@contextmanager
def _former(profiles: Path, before: str) -> Iterator[Path]:
    """The folder of the profiles as they were. Raises Misuse where there is none."""
    if Path(before).is_dir():
        yield Path(before)
        return
    with TemporaryDirectory() as name:
        begun = before != HEAD or _git(profiles, "rev-list", "-n1", "--all").strip()
        listed = ("ls-tree", "--name-only", "-z", "--end-of-options", before)
        for file in _git(profiles, *listed).split("\0") if begun else ():
            if file.endswith((".yaml", ".yml")):
                (Path(name) / file).write_text(
                    _git(profiles, "show", "--end-of-options", f"{before}:./{file}"), "utf-8"
                )
        yield Path(name)


def _git(folder: Path, *words: str) -> str:
    try:
        ran = subprocess.run(  # noqa: S603 -- our own words; what a person says is no option
            (  # noqa: S607 -- wherever it is installed
                "git",
                "-C",
                str(folder),
                *words,
            ),
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
    except FileNotFoundError as error:
        raise Misuse(f"git is not installed, or {folder} is not there") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr.strip().splitlines() or ["it failed"])[-1]
        raise Misuse(f"git: {said}", hint="--from names a revision, or a folder") from error
    return ran.stdout
