"""Writes a new profile and the secrets that it refers to, and overwrites nothing."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from synctool.config import check_overlaps, find, load
from synctool.config.profile import Profile
from synctool.errors import Misuse, ProfileError
from synctool.store import private


def check(file: Path, text: str, variables: Mapping[str, str], scratch: Path) -> None:
    """Hold a profile that is not written yet against all that one must be. Raises Misuse with what is wrong."""
    trial = scratch / file.name
    trial.write_text(text, "utf-8")
    new = load(trial, environ=variables)
    overlaps = check_overlaps([*_others(file.parent, variables), new])
    if overlaps:
        raise Misuse("\n".join(line.replace(str(trial), str(file)) for line in overlaps))


def write(file: Path, text: str) -> None:
    """Write a file that is not there yet. Raises Misuse when it is, or cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except OSError as error:
        raise Misuse(f"{file}: cannot be written: {(error.strerror or str(error)).lower()}") from error


def remember(folder: Path, secrets: Mapping[str, str]) -> list[str]:
    """Add secrets to the ``.env`` of a folder, which only its owner may read and git does not see; what was written.

    Raises Misuse when it cannot be written.
    """
    file, written = folder / ".env", []
    lines = "".join(f"{name}={_spelled(value)}\n" for name, value in secrets.items())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not _ignored(file):
            ignoring = folder / ".gitignore"
            ignoring.write_text(_with(ignoring, ".env\n"), "utf-8")
            written.append(f"wrote {ignoring}: git does not see .env")
        private.write(file, _with(file, lines))
    except OSError as error:
        raise Misuse(f"{file}: cannot be written: {(error.strerror or str(error)).lower()}") from error
    return [*written, f"wrote {file}: only you may read it"]


def _others(folder: Path, variables: Mapping[str, str]) -> Iterator[Profile]:
    """The profiles that are there and can be read here; what keeps the rest from it is told by ``validate``."""
    for file in find(folder):
        with suppress(ProfileError):
            yield load(file, environ=variables)


def _ignored(file: Path) -> bool:
    """Whether git is told already not to see a file; not where there is no git, as one may come."""
    try:
        asked = subprocess.run(  # noqa: S603 -- our own words
            ("git", "-C", str(file.parent), "check-ignore", "-q", "--", file.name),  # noqa: S607 -- wherever it is
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return asked.returncode == 0


def _with(file: Path, lines: str) -> str:
    former = file.read_text("utf-8") if file.exists() else ""
    return f"{former}{'' if former.endswith(chr(10)) or not former else chr(10)}{lines}"


def _spelled(value: str) -> str:
    """A value that is read back as it is: in quotes where it looks quoted."""
    return f'"{value}"' if value[:1] in "\"'" else value
