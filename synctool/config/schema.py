"""Holds a document against the published JSON Schema of profiles."""

import json
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from synctool.config.document import Mistake, mistake, plain

_PACKAGE = Path(__file__).parents[1]
_TYPES = {
    "object": "a mapping", "array": "a list", "string": "text (numbers go in quotes)", "integer": "a whole number",
    "number": "a number", "boolean": "true or false", "null": "null",
}  # fmt: skip
_LIMITS = {
    "const": "must be {}",
    "exclusiveMinimum": "must be more than {}",
    "maximum": "must be at most {}",
    "maxProperties": "must not have more entries than {}",
    "minimum": "must be at least {}",
    "minLength": "must have at least {} characters",
    "minProperties": "must have at least {} entries",
    "uniqueItems": "must not name anything twice",
}


@cache
def published(name: str) -> dict[str, Any]:
    """The JSON Schema ``schemas/<name>.schema.json``, from the installed package or from a checkout."""
    schema: dict[str, Any] = json.loads(shipped(f"schemas/{name}.schema.json").read_bytes())
    return schema


def shipped(file: str) -> Path:
    """A file of the project that is installed with the package, there or in a checkout."""
    places = (_PACKAGE / file, _PACKAGE.parent / file)
    return next((place for place in places if place.is_file()), places[0])


def check(top: yaml.Node) -> tuple[list[Mistake], set[str]]:
    """What the schema has against a document, and the top-level keys that cannot be trusted for it."""
    mistakes: list[Mistake] = []
    broken: set[str] = set()
    for error in Draft202012Validator(published("profile")).iter_errors(plain(top)):
        place = tuple(error.absolute_path)
        for key, text in _told(error):
            mistakes.append(mistake(top, place, text, key=key))
            broken.add(str(place[0] if place else key or text.split("'")[1]))
    return mistakes, broken


def meant(word: object, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` when a known word is near, else "".

    A word in another letter case is near, too.
    """
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(str(word).lower(), by_lower, 1)
    return f"; did you mean {by_lower[near[0]]!r}?" if near else ""


def _told(error: ValidationError) -> Iterator[tuple[str | None, str]]:
    """What is wrong in words, and the key that it is about; only what cannot be a secret is repeated."""
    given: Any = error.instance
    rule: Any = error.schema
    limit: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            known = rule["properties"]
            for key in given.keys() - known.keys():
                yield key, f"{key!r} is not known{meant(key, known)}"
        case "enum":
            yield None, f"{given!r} is not one of {', '.join(limit)}{meant(given, limit)}"
        case "pattern":
            name = given if "propertyNames" in error.absolute_schema_path else None
            yield name, rule["patternErrorMessage"]
        case "required":
            yield None, f"{error.message.split()[0]} is required"
        case "type":
            types = [limit] if isinstance(limit, str) else limit
            yield None, "must be " + " or ".join(_TYPES[each] for each in types)
        case validator:
            yield None, _LIMITS[str(validator)].format(limit)
