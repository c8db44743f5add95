"""Chooses the profiles and sides that a command means, and opens them."""

from collections.abc import Callable, Collection
from dataclasses import fields
from functools import partial
from pathlib import Path

from synctool.config import find, load
from synctool.config.profile import TEMPLATE, Profile
from synctool.config.schema import meant
from synctool.config.secrets import Secret, environment
from synctool.core.model import SideName
from synctool.entry.cli.ending import ends
from synctool.entry.cli.session import Session
from synctool.errors import Misuse, ProfileError, most_serious

SIDES = "SYNCTOOL_SIDES"

Act = Callable[[Profile, frozenset[SideName]], int]
"""Does something with one opened profile, without these sides of it; the exit code."""


def chosen(folder: Path, names: Collection[str]) -> list[Path]:
    """The files of the named profiles, or of every enabled one. Raises Misuse when there are none."""
    if names:
        return list(dict.fromkeys(named(folder, name) for name in names))
    found = [file for file in find(folder) if _runs_unasked(file)]
    if not found:
        raise Misuse(f"there is no enabled profile in {folder}", hint="name one, or say where: --profiles")
    return found


def named(folder: Path, name: str) -> Path:
    """The file of one profile, given by its path or its name. Raises Misuse when there is none."""
    if Path(name).suffix in {".yaml", ".yml"}:
        return Path(name)
    file = folder / f"{name}.yaml"
    if file in find(folder) and _called(file) in {name, None}:
        return file
    files = called(folder)
    if name not in files:
        raise Misuse(f"no profile in {folder} is called {name!r}{meant(name, files)}")
    return files[name]


def called(folder: Path) -> dict[str, Path]:
    """The files of the profiles in a folder, by name; what has mistakes goes by that of its file."""
    return {_called(file) or file.stem: file for file in find(folder)}


def opened(file: Path, without: Collection[SideName] = ()) -> tuple[Profile, frozenset[SideName]]:
    """A profile with the sides that take part, and the names of those that do not.

    Raises ProfileError with its mistakes, Misuse for sides that it does not have.
    """
    asked = {each.strip() for each in environment(file.parent).get(SIDES, "").split(",")} - {""}
    if not (asked or without):
        return load(file), frozenset()
    ranks = load(file, sides=()).policy.ranks
    for side in sorted((asked | set(without)) - set(ranks)):
        raise Misuse(f"{file}: no side is called {side!r}{meant(side, ranks)}")
    used = (asked or set(ranks)) - set(without)
    return load(file, sides=used), frozenset(ranks) - used


def each(session: Session, files: Collection[Path], act: Act, without: Collection[SideName] = ()) -> int:
    """Do something with each profile, one by one, whatever happens to the others; the most serious exit code."""

    def one(file: Path) -> int:
        profile, left_out = opened(file, without)
        return ends(lambda: act(profile, left_out), str(session.state), secrets(profile))

    return most_serious([ends(partial(one, file), str(session.state)) for file in files])


def secrets(profile: Profile) -> list[str]:
    """The texts that must never be shown."""
    holders = [each for side in profile.sides.values() for each in (side, getattr(side, "auth", side))]
    values = [getattr(holder, field.name) for holder in holders for field in fields(holder)]
    return [value.reveal() for value in values if isinstance(value, Secret)]


def _runs_unasked(file: Path) -> bool:
    try:
        profile = load(file, sides=())
    except ProfileError:
        return True  # its mistakes are told when it is its turn
    return profile.enabled and profile.project != TEMPLATE


def _called(file: Path) -> str | None:
    """The name of a profile; None when it cannot be read."""
    try:
        return load(file, sides=()).name
    except ProfileError:
        return None
