"""Prints results to stdout: text for people, or one JSON document for programs."""

import json
import sys
from collections.abc import Callable
from typing import Protocol

import click
from rich.console import Console

from synctool.entry.cli.session import Session
from synctool.entry.show.documents import Document
from synctool.entry.show.paint import paint

Lines = Callable[[], list[str]]
Documents = Callable[[], Document]


class Printer(Protocol):
    """Where the results of one command go; each is given in both forms, and only one is made."""

    def add(self, lines: Lines, document: Documents) -> None:
        """The result of one profile."""

    def end(self) -> None:
        """No result is missing any more."""


class Text:
    """Text for people, as soon as it is there; an empty line between two profiles."""

    def __init__(self, session: Session) -> None:
        self._console = console(session)
        self._begun = False

    def add(self, lines: Lines, document: Documents) -> None:
        """Print the lines."""
        paint([""] * self._begun + lines(), self._console)
        self._begun = True

    def end(self) -> None:
        """Everything is printed."""


class Json:
    """One document; of several profiles an array, whatever came of each."""

    def __init__(self, *, several: bool) -> None:
        self._several = several
        self._documents: list[Document] = []

    def add(self, lines: Lines, document: Documents) -> None:
        """Keep the document."""
        self._documents.append(document())

    def end(self) -> None:
        """Print what there is."""
        for result in [self._documents] if self._several else self._documents:
            click.echo(json.dumps(result, indent=2))


def printer(session: Session, *, as_json: bool, several: bool) -> Printer:
    """What a command was asked to print with."""
    return Json(several=several) if as_json else Text(session)


def console(session: Session, *, err: bool = False) -> Console:
    """A terminal, or what stands in for it; plain where nobody asked for colours, and where there is none."""
    return Console(file=sys.stderr if err else sys.stdout, no_color=session.no_color or None)
