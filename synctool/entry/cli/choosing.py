"""Chooses the profiles and sides that a command means, and opens them."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import NamedTuple

from synctool.config import find, for_project, load
from synctool.config.profile import TEMPLATE, Profile
from synctool.config.schema import meant
from synctool.config.secrets import Secret, environment
from synctool.core.model import SideName
from synctool.entry.cli.ending import ends
from synctool.entry.cli.projects import Projects
from synctool.entry.cli.session import Session
from synctool.errors import Misuse, ProfileError, most_serious

SIDES = "SYNCTOOL_SIDES"

Act = Callable[[Profile, frozenset[SideName]], int]
"""Does something with one opened profile, without these sides of it; the exit code."""


class Source(NamedTuple):
    """Where a profile is written, and the project that is meant where it is a template."""

    file: Path
    project: int | None = None

    def read(self, sides: Collection[SideName] | None = None) -> Profile:
        """The profile, with the secrets of these sides, None for all. Raises ProfileError with its mistakes, Misuse."""
        profile = load(self.file, sides=sides)
        return profile if self.project is None else for_project(profile, self.project)


def chosen(session: Session, names: Collection[str]) -> list[Source]:
    """The named profiles, or every enabled one and every project with a state of an enabled template.

    Raises Misuse when there are none.
    """
    if names:
        return list(dict.fromkeys(source(session, name) for name in names))
    known = Projects(session)
    found = [each for file in find(session.profiles) for each in _unasked(file, known)]
    if not found:
        hint = "name one, or say where: --profiles"
        raise Misuse(f"there is no enabled profile in {session.profiles}", hint=hint)
    return found


def source(session: Session, name: str) -> Source:
    """One profile, given by its path or its name, or a project of a template: TEMPLATE-NUMBER. Raises Misuse."""
    template, _, project = name.rpartition("-")
    files = called(session.profiles) if project.isdecimal() and Path(name).suffix == "" else {}
    if name not in files and template in files and _is_template(files[template]):
        return Source(files[template], int(project))
    return Source(named(session.profiles, name))


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


def opened(source: Source, without: Collection[SideName] = ()) -> tuple[Profile, frozenset[SideName]]:
    """A profile with the sides that take part, and the names of those that do not.

    Raises ProfileError with its mistakes, Misuse for sides that it does not have.
    """
    asked = {each.strip() for each in environment(source.file.parent).get(SIDES, "").split(",")} - {""}
    if not (asked or without):
        return source.read(), frozenset()
    ranks = source.read(()).policy.ranks
    for side in sorted((asked | set(without)) - set(ranks)):
        raise Misuse(f"{source.file}: no side is called {side!r}{meant(side, ranks)}")
    used = (asked or set(ranks)) - set(without)
    return source.read(used), frozenset(ranks) - used


def each(session: Session, sources: Collection[Source], act: Act, without: Collection[SideName] = ()) -> int:
    """Do something with each profile, one by one, whatever happens to the others; the most serious exit code.

    without: sides that are left out; of several profiles each need not have all of them, and one must.
    """
    had = _sides(sources, without)

    def one(source: Source) -> int:
        profile, left_out = opened(source, had.get(source, without))
        return ends(lambda: act(profile, left_out), str(session.state), secrets(profile))

    return most_serious([ends(partial(one, source), str(session.state)) for source in sources])


def _sides(sources: Collection[Source], wanted: Collection[SideName]) -> dict[Source, set[SideName]]:
    """Which of these sides each of several profiles has; {} where that is to be told of each, as a side is nobody's."""
    found: dict[Source, set[SideName]] = {}
    for source in sources if wanted and len(sources) > 1 else ():
        with suppress(Misuse):  # its mistakes are told when it is its turn
            found[source] = set(wanted) & set(source.read(()).policy.ranks)
    return found if set().union(*found.values()) == set(wanted) else {}


def secrets(profile: Profile) -> list[str]:
    """The texts that must never be shown."""
    holders = [each for side in profile.sides.values() for each in (side, getattr(side, "auth", side))]
    values = [getattr(holder, field.name) for holder in holders for field in fields(holder)]
    return [value.reveal() for value in values if isinstance(value, Secret)]


def _unasked(file: Path, known: Projects) -> list[Source]:
    try:
        profile = load(file, sides=())
    except ProfileError:
        return [Source(file)]  # its mistakes are told when it is its turn
    if profile.project == TEMPLATE:
        return [Source(file, project) for project in known.of(profile.name) if profile.enabled]
    return [Source(file)] * profile.enabled


def _is_template(file: Path) -> bool:
    try:
        return load(file, sides=()).project == TEMPLATE
    except ProfileError:
        return False


def _called(file: Path) -> str | None:
    """The name of a profile; None when it cannot be read."""
    try:
        return load(file, sides=()).name
    except ProfileError:
        return None
