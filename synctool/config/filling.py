"""Fills what a document leaves open: ``${NAME}`` from the environment, ``{project}`` and ``{name}`` in places."""

import re
from collections.abc import Collection, Mapping

import yaml

from synctool.config.document import Mistake, Place, mistake, rewritten
from synctool.config.schema import meant
from synctool.config.secrets import FIELDS, filled
from synctool.errors import Misuse

PLACED = {"s3": "prefix", "drive": "root"}
"""Which field of a kind of side may hold ``{project}`` and ``{name}``."""

_PLACEHOLDER = re.compile(r"(?<!\$)\{(\w*)\}")


def fill(
    top: yaml.Node, environ: Mapping[str, str], words: Mapping[str, str], used: Collection[str]
) -> tuple[yaml.Node, list[Mistake]]:
    """The document without open places, secrets left out, and the mistakes found.

    words: what placeholders stand for. used: the sides whose variables must be set.
    """
    mistakes: list[Mistake] = []

    def placed(place: Place, text: str) -> str:
        unknown = [name for name in _PLACEHOLDER.findall(text) if name not in words]
        mistakes.extend(
            mistake(top, place, f"{{{name}}} stands for nothing here{meant(name, words)}") for name in unknown
        )
        return _PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), text)

    def replace(place: Place, text: str) -> str:
        match place:
            case ("sides", _, "auth", field) if field in FIELDS:
                return text
            case ("notices", "to", _):
                return text
            case ("sides", _, field) if field in PLACED.values():
                text = placed(place, text)
        try:
            return filled(text, environ)
        except Misuse as error:
            if place[0] != "sides" or set(place[1:2]) <= set(used):
                mistakes.append(mistake(top, place, str(error)))
            return text

    return rewritten(top, replace), mistakes
