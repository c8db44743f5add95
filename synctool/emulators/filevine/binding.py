"""Reads ids, numbers, texts and flags out of paths, queries and bodies, as forgivingly as the vendor's framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synctool.emulators.filevine.org import Org
from synctool.emulators.filevine.partners import UNREGISTERED
from synctool.emulators.filevine.records import Document, Refusal
from synctool.emulators.filevine.switches import Switches

Fields = Mapping[str, Any]
"""A query or a body; names are lower-case at every depth."""

FLAGS = {True: True, False: False, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Call:
    """One API request, bound: path parameters, query and body, and the world it acts on."""

    org: Org
    switches: Switches
    url: str  # of this server, for links
    path: Mapping[str, str]
    query: Fields
    body: Fields

    def document(self) -> int:
        """The document number in the path."""
        return required(native(self.org, "document", self.path["documentid"]))

    def folder(self) -> int:
        """The folder number in the path."""
        return required(native(self.org, "folder", self.path["folderid"]))

    def seen(self, number: int) -> Document:
        """The document, if the account may see it; raises Refusal(403)."""
        document = self.org.documents.get(number)
        if document.folder in self.hidden():
            raise Refusal(403, "Access to the document is denied.")
        return document

    def hidden(self) -> set[int]:
        """The folders that the account may not see."""
        return self.org.hidden() if self.switches.hide_protected else set()


def lowered(value: Any) -> Any:
    """The same JSON with all keys in lower case."""
    if isinstance(value, dict):
        return {key.lower(): lowered(inner) for key, inner in value.items()}
    return [lowered(inner) for inner in value] if isinstance(value, list) else value


def whole(fields: Fields, name: str) -> int | None:
    """A whole number, also written as text; None when left out."""
    value = fields.get(name.lower())
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.removeprefix("-").isascii() and value.removeprefix("-").isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Refusal(400, f"{name} is not a whole number.")


def text(fields: Fields, name: str) -> str | None:
    """A text; None when left out."""
    value = fields.get(name.lower())
    if value is not None and not isinstance(value, str):
        raise Refusal(400, f"{name} is not a text.")
    return value


def flag(fields: Fields, name: str, *, default: bool | None = None) -> bool | None:
    """A truth value, also written as text."""
    value = fields.get(name.lower())
    value = value.lower() if isinstance(value, str) else value
    if value is None:
        return default
    if isinstance(value, bool | str) and value in FLAGS:
        return FLAGS[value]
    raise Refusal(400, f"{name} is neither true nor false.")


def listed(fields: Fields, name: str) -> list[Any]:
    """A list; empty when left out."""
    value = fields.get(name.lower())
    if value is not None and not isinstance(value, list):
        raise Refusal(400, f"{name} is not a list.")
    return value or []


def native(org: Org, scope: str, value: Any) -> int | None:
    """The number meant by ``123``, ``@partner`` or an Identifier; None when nothing is said."""
    if isinstance(value, dict):
        partner, number = text(value, "partner"), whole(value, "native")
        return number or (org.partners.number(scope, partner) if partner else None)
    if isinstance(value, str) and value.startswith("@") and len(value) > 1:
        return org.partners.number(scope, value[1:])
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    raise Refusal(400, f"The {scope} id is not in a valid format.")


def identifier(org: Org, scope: str, fields: Fields, name: str) -> int | None:
    """The number of an Identifier in a body, or of an id in a query."""
    return native(org, scope, fields.get(name.lower()))


def required(number: int | None) -> int:
    """The number; raises Refusal(400) when there is none."""
    if number is None:
        raise Refusal(400, "An id is missing.")
    return number


def registered(number: int) -> int:
    """The number; raises Refusal(400) when it came from a partner id that nobody has."""
    if number == UNREGISTERED:
        raise Refusal(400, "The partner key is not registered.")
    return number
