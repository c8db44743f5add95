"""Finds what the schema cannot see: sides nobody knows, roles that make no sense, patterns that never match."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from synctool.config.document import Place
from synctool.config.filling import PLACED
from synctool.config.places import overlapping, parts
from synctool.config.profile import TEMPLATE
from synctool.config.schema import meant
from synctool.core.patterns import Pattern
from synctool.errors import Misuse

Said = Mapping[str, Any]
"""What a document says, as plain values."""

Remark = tuple[Place, str]
"""Something about the value at a place."""

_ALL = re.compile(r"/\*\*+|(\*\*+/)*\*+")  # matches whatever there is
_MANY = re.compile(r"[*?\[\\]|/$")  # in patterns that match more than one path


def check(said: Said, broken: Iterable[str] = ()) -> Iterator[Remark]:
    """The mistakes in what a document says. broken: the top-level keys that the schema refuses; they are not read."""
    for judge, keys in _JUDGES.items():
        if not keys & set(broken):
            yield from judge(said)


def warnings(said: Said) -> Iterator[Remark]:
    """The patterns that can never match anything, or nothing that an earlier one leaves."""
    for key in ("rules", "conflicts"):
        earlier: list[Pattern] = []
        for place, text in _patterns(said, key):
            pattern = Pattern(text)
            over = next((each for each in earlier if _covers(each, pattern)), None)
            if over:
                yield place, f"{text!r} never decides, for {over.text!r} matches all of it before"
            elif not _sound(text):
                yield place, f"{text!r} never matches, for no path has such a name"
            earlier.append(pattern)


def _covers(earlier: Pattern, later: Pattern) -> bool:
    if _ALL.fullmatch(earlier.text) or earlier.text.casefold() == later.text.casefold():
        return True
    one_path = later.text.startswith("/") and not _MANY.search(later.text)
    return one_path and all(earlier.matches(later.text[1:], folder=folder) for folder in (False, True))


def _sound(text: str) -> bool:
    return not {"", ".", ".."} & set(text.removeprefix("/").removesuffix("/").split("/"))


def _patterns(said: Said, key: str) -> Iterator[tuple[Place, str]]:
    for at, line in enumerate(said.get(key, ())):
        if isinstance(line, str):
            yield (key, at), line
            continue
        field = next(each for each in ("include", "exclude", "match") if each in line)
        yield (key, at, field), line[field]


def _bad_patterns(said: Said) -> Iterator[Remark]:
    for key in ("rules", "conflicts", "holds"):
        for place, text in _patterns(said, key):
            try:
                Pattern(text)
            except Misuse as error:
                yield place, str(error)


def _roles(said: Said) -> Iterator[Remark]:
    roles = {side.get("role", "peer") for side in said["sides"].values()}
    if not roles & {"peer", "source"}:
        yield ("sides",), "no side votes: one at least must be a peer or a source"
    if roles == {"source"}:
        yield ("sides",), "no side receives: one at least must be a peer, a mirror or an archive"


def _projects(said: Said) -> Iterator[Remark]:
    shared = said.get("project")
    for name, side in said["sides"].items():
        own = side.get("project", shared)
        if side["kind"] == "filevine" and own is None:
            yield ("sides", name), "'project' is required, here or at the top"
        elif shared is not None and str(own) != str(shared):
            yield ("sides", name, "project"), f"differs from the project at the top, {shared}"
        place = PLACED.get(side["kind"], "")
        if place and shared == TEMPLATE and "{project}" not in side.get(place, ""):
            yield ("sides", name), f"the {place!r} of a template must hold {{project}}"


def _unknown(said: Said, place: Place, side: str) -> Iterator[Remark]:
    if side not in said["sides"]:
        yield place, f"no side is called {side!r}{meant(side, said['sides'])}"


def _conflicts(said: Said) -> Iterator[Remark]:
    for at, line in enumerate(said.get("conflicts", ())):
        if "side" not in line:
            continue
        if line["policy"] != "prefer":
            yield ("conflicts", at, "side"), f"only 'prefer' takes a side, not {line['policy']!r}"
        yield from _unknown(said, ("conflicts", at, "side"), line["side"])


def _deletes(said: Said) -> Iterator[Remark]:
    for at, side in enumerate(said.get("deletes", {}).get("from", ())):
        yield from _unknown(said, ("deletes", "from", at), side)


def _folders(said: Said) -> Iterator[Remark]:
    """What is wrong with the folders themselves, and where two share a place in plans (``at``) or on a side."""
    folders = said.get("folders", ())
    for at, folder in enumerate(folders):
        for key, path in folder.items():
            if key != "at":
                yield from _unknown(said, ("folders", at, key), key)
            if path is not None and ("\\" in path or not _sound(path)):
                yield ("folders", at, key), f"{path!r} is no path of a folder; folders are divided by /"
    told = set()
    for axis in ("at", *said["sides"]):
        held = [(at, folder.get(axis, folder["at"])) for at, folder in enumerate(folders)]
        for outer, inner in overlapping((parts(path), at) for at, path in held if path is not None):
            if (outer, inner) not in told:
                key = axis if axis in folders[inner] else "at"
                yield ("folders", inner, key), f"overlaps folders.{outer}" + f" on {axis}" * (axis != "at")
            told.add((outer, inner))


def _timezone(said: Said) -> Iterator[Remark]:
    name = said.get("timezone", "UTC")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        if "${" not in name:  # a variable that is not set is told elsewhere
            yield ("timezone",), f"{name!r} is not known{meant(name, available_timezones())}"


_JUDGES: Mapping[Callable[[Said], Iterator[Remark]], set[str]] = {
    _roles: {"sides"},
    _projects: {"sides", "project"},
    _folders: {"sides", "folders"},
    _bad_patterns: {"rules", "conflicts", "holds"},
    _conflicts: {"sides", "conflicts"},
    _deletes: {"sides", "deletes"},
    _timezone: {"timezone"},
}
"""Each judge, and the top-level keys it reads."""
