"""Finds places that overlap: of two folders, two sides, two profiles."""

from collections.abc import Iterable, Iterator
from posixpath import normpath
from typing import TypeVar
from unicodedata import normalize

from synctool.config.profile import TEMPLATE, DriveSettings, FilevineSettings, Profile, S3Settings, Settings
from synctool.core.model import SideName

Parts = tuple[str, ...]
"""A place as its names from the outside in: what begins with another's parts lies inside it."""

_T = TypeVar("_T")


def parts(path: str) -> Parts:
    """The names a path is made of, however its slashes, letter case and Unicode composition are."""
    return tuple(filter(None, normalize("NFC", path).casefold().replace("\\", "/").split("/")))


def place(settings: Settings) -> Parts:
    """Where a side keeps its documents."""
    match settings:
        case FilevineSettings():
            org = (str(settings.org),) if settings.org else ()
            return "filevine", settings.api_url.casefold(), str(settings.project or TEMPLATE), *org
        case S3Settings():
            return "s3", settings.endpoint_url or "", settings.bucket, *settings.prefix.split("/")[:-1]
        case DriveSettings():
            return "drive", *parts(_plain(settings.root))


def _plain(path: str) -> str:
    """A path with slashes of one kind and no detours."""
    return normpath(path.replace("\\", "/"))


def _places(side: SideName, settings: Settings) -> Iterator[tuple[Parts, str]]:
    """Where a side keeps its documents, and trash that lies elsewhere, each with its name in the profile."""
    where = place(settings)
    yield where, f"sides.{side}"
    if isinstance(settings, DriveSettings) and _is_absolute(trash := _plain(settings.trash)):
        apart = "drive", *parts(trash)
        if apart[: len(where)] != where:
            yield apart, f"sides.{side}.trash"


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or path[1:2] == ":"


def overlapping(places: Iterable[tuple[Parts, _T]]) -> Iterator[tuple[_T, _T]]:
    """Each that is equal to or inside another, after the nearest such other."""
    around: list[tuple[Parts, _T]] = []
    for inner, who in sorted(places, key=lambda each: each[0]):
        while around and inner[: len(around[-1][0])] != around[-1][0]:
            around.pop()
        if around:
            yield around[-1][1], who
        around.append((inner, who))


def check_overlaps(profiles: Iterable[Profile]) -> list[str]:
    """What keeps these profiles from running side by side: one name, or one place, in two of them."""
    ordered = sorted(profiles, key=lambda profile: str(profile.file))
    names = overlapping(((profile.name.casefold(),), profile) for profile in ordered)
    found = [f"{inner.file}: name: {outer.file} has the name {inner.name!r} too" for outer, inner in names]
    kept = (
        (where, (profile, name))
        for profile in ordered
        for side, settings in profile.sides.items()
        for where, name in _places(side, settings)
    )
    found += [_said(outer, inner) for outer, inner in overlapping(kept) if outer[0] is not inner[0]]
    return found


def _said(outer: tuple[Profile, str], inner: tuple[Profile, str]) -> str:
    return f"{inner[0].file}: {inner[1]}: overlaps {outer[1]} of {outer[0].file}"
