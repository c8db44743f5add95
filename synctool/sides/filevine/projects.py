"""Finds projects by number or by name."""

from typing import Any, NamedTuple

from synctool.sides.filevine.calls import Call
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.quoting import quoted

MOST = 20
"""So many projects are told of those that a name may mean."""


class Project(NamedTuple):
    """A project, and what it is called."""

    id: int
    name: str


def numbered(client: FilevineClient, number: int) -> Project:
    """The project of this number. Raises Missing or Denied when there is no such project for us."""
    return client.read(_parse, Call("GET", f"/Projects/{number}"))


def called(client: FilevineClient, name: str) -> list[Project]:
    """The projects whose names hold these words, by name; one that is called exactly so stands alone."""

    def parse(data: Any) -> list[Project]:
        return sorted((_parse(each) for each in data["items"]), key=lambda each: (each.name, each.id))

    query = {"searchTerm": name, "limit": MOST}
    found = client.read(parse, Call("GET", "/Projects", query))
    return [each for each in found if each.name.casefold() == name.casefold()] or found


def _parse(data: Any) -> Project:
    number = data["projectid"]
    name = data.get("projectname") or data.get("projectorclientname") or ""
    return Project(int(number["native"] if isinstance(number, dict) else number), quoted(str(name)))
