"""Reaches places that no profile speaks of yet, and says which of their folders are likely to be one."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from synctool.config.profile import FilevineSettings, Settings
from synctool.core.model import Entry, Kind, SideName
from synctool.core.names import fold
from synctool.engine.accounts import client_of
from synctool.engine.connect import make_side, pacing
from synctool.engine.tools import Tools
from synctool.sides.filevine import projects
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.projects import Project

Pairs = list[dict[str, str]]
"""Folders as profiles map them: ``at`` is the name on the first side that has one, the others are named by side."""


def folders(name: SideName, settings: Settings, tools: Tools) -> frozenset[str]:
    """The folders right at the top of a place. Raises SideError when it cannot be reached or listed."""
    with pacing(tools) as pacer, closing(make_side(name, settings, tools, pacer, read_only=True)) as side:
        side.open()
        rows = list(side.list([""]))
    return frozenset(row.name for row in rows if isinstance(row, Entry) and row.kind is Kind.FOLDER)


def sign_in(settings: FilevineSettings, tools: Tools) -> None:
    """Prove that an account is let in. Raises SideError when it is not."""
    with _client(settings, tools) as client:
        projects.called(client, "")


def found(settings: FilevineSettings, text: str, tools: Tools) -> list[Project]:
    """The projects that a number or a name may mean. Raises SideError when the number is none for us."""
    with _client(settings, tools) as client:
        return [projects.numbered(client, int(text))] if text.isdecimal() else projects.called(client, text)


def pairs(tops: Mapping[SideName, frozenset[str]]) -> Pairs:
    """Folders that are likely to be one though they are called otherwise: ``Discovery`` and ``02 Discovery``.

    tops: the folders at the top of each side, in rank order. What is called the same, or is alike twice on one side, is
    left alone.
    """
    alike: dict[str, dict[SideName, list[str]]] = {}
    for side, names in tops.items():
        for name in sorted(names):
            alike.setdefault(_gist(name), {}).setdefault(side, []).append(name)
    return [pair for gist, held in alike.items() if gist for pair in _pair(held)]


def _pair(held: Mapping[SideName, list[str]]) -> Iterator[dict[str, str]]:
    names = {side: found[0] for side, found in held.items()}
    if all(len(found) == 1 for found in held.values()) and len({fold(name) for name in names.values()}) > 1:
        at = next(iter(names.values()))
        yield {"at": at, **{side: name for side, name in names.items() if name != at}}


def _gist(name: str) -> str:
    """What is left of a name without the number it begins with, signs, and the case of letters."""
    words = re.findall(r"\w+", fold(name).replace("&", " AND ").replace("_", " "))
    return " ".join(words[1:] if words[1:] and words[0].isdecimal() else words)


@contextmanager
def _client(settings: FilevineSettings, tools: Tools) -> Iterator[FilevineClient]:
    with pacing(tools) as pacer, closing(client_of(settings, tools, pacer)) as client:
        yield client
