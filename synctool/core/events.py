"""Reads what Filevine says has changed, and says which profiles look again, and where.

What a delivery looks like is known for few kinds of events, and for documents not at all, so it is read leniently: an event
that names nothing more stands for its whole project. It is a hint, obeyed and never believed.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from synctool.core.model import DIGITS, SideName, document_handle, folder_handle
from synctool.core.pacing import EVERYWHERE, Hint

Kind = Literal["document", "folder", "project", ""]

KINDS: Mapping[str, Kind] = {kind: kind for kind in ("document", "folder", "project")}

_WORD = re.compile(r"[a-z_]{1,40}")
_NUMBER = re.compile(r"[0-9]{1,12}")
_LATEST_MS = 2**63 // 10**6  # what nanoseconds in 64 bits can hold


class Event(NamedTuple):
    """One change in Filevine, as it was told; a message carries the same fields as JSON.

    org, project, number (of the document, folder or project): Filevine's, None when not said. kind: "" for anything else.
    what: one word in lower case, like ``created``, "" when not said. at_ns: by Filevine's clock, since the epoch, 0 when
    not said.
    """

    org: int | None
    project: int | None
    kind: Kind
    what: str
    number: int | None
    at_ns: int


class Home(NamedTuple):
    """The Filevine side of a profile. org: None when the profile does not say; project: None for a template."""

    profile: str
    side: SideName
    org: int | None
    project: int | None


class Aimed(NamedTuple):
    """A hint for a profile, and the project it concerns: a template stands for many."""

    profile: str
    project: int
    hint: Hint


def event_of(delivery: object) -> Event | None:
    """The event in the body of a delivery, as JSON; None when it is no JSON object."""
    if not isinstance(delivery, dict):
        return None
    told = _lowered(delivery)
    before, _, what = _word(told.get("event")).rpartition(".")
    said = KINDS.get(_word(told.get("object")) or before, "")
    named = {each: _named(each, said, told.get("objectid"), told) for each in KINDS}
    kind = said or ("document" if named["document"] else "")
    return Event(
        org=_number(told.get("orgid")),
        project=named["project"],
        kind=kind,
        what=what,
        number=named.get(kind),
        at_ns=_moment(told.get("timestamp")),
    )


def hints_of(event: Event, homes: Iterable[Home]) -> list[Aimed]:
    """Where to look again; a template is meant only when its organisation, and no other profile, has the project."""
    if event.project is None:
        return []
    here = [home for home in homes if None in (home.org, event.org) or home.org == event.org]
    own = [home for home in here if home.project == event.project]
    templates = [home for home in here if home.project is None and None not in (home.org, event.org)]
    handle = _handle(event)
    return [Aimed(home.profile, event.project, Hint(home.side, handle)) for home in own or templates]


def unclaimed(event: Event, homes: Iterable[Home]) -> bool:
    """Whether an event of an organisation that profiles work in concerns a project that none of them has."""
    listed = list(homes)
    known = event.org is not None and any(home.org == event.org for home in listed)
    return known and event.project is not None and not hints_of(event, listed)


def _handle(event: Event) -> str:
    if event.number is None:
        return EVERYWHERE
    if event.kind == "document":
        return document_handle(event.number)
    changed = event.kind == "folder" and event.what in ("created", "updated")
    return folder_handle(event.number) if changed else EVERYWHERE


def _named(wanted: str, kind: str, concerned: object, told: Mapping[str, Any]) -> int | None:
    """The number of a document, folder or project: of what is concerned, or by its name in any place."""
    inner, name = _lowered(concerned), f"{wanted}id"
    places = [told.get(name), inner.get(name), _lowered(told.get("other")).get(name)]
    if kind == wanted:
        places = [concerned, *places, inner.get("id")]
    return next((number for number in map(_number, places) if number), None)


def _number(value: object) -> int | None:
    """A number as it stands, as text, or as an Identifier with ``native``; None for whatever else."""
    value = _lowered(value).get("native") if isinstance(value, dict) else value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**DIGITS:
        return value
    return None


def _moment(value: object) -> int:
    """Nanoseconds since the epoch of a time in milliseconds, 0 for whatever else."""
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdecimal()
        and len(value) <= len(str(_LATEST_MS))
    ):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LATEST_MS:
        return value * 10**6
    return 0


def _word(value: object) -> str:
    """A word, or two with a dot between them, in lower case; "" for whatever else."""
    word = value.lower() if isinstance(value, str) else ""
    return word if all(_WORD.fullmatch(part) for part in word.split(".", 1)) else ""


def _lowered(value: object) -> dict[str, Any]:
    return {str(key).lower(): inner for key, inner in value.items()} if isinstance(value, dict) else {}
