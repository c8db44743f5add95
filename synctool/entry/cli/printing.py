"""Prints results to stdout: text for people, or one JSON document for programs."""

import json
import sys
from collections.abc import Callable

import click
from rich.console import Console

from synctool.entry.cli.session import Session
from synctool.entry.show.documents import Document
from synctool.entry.show.paint import paint


class Results:
    """The results of one command.

    Text is printed as soon as it is there, with an empty line between two profiles. JSON is one document; of several
    profiles an array, whatever came of each.
    """

    def __init__(self, session: Session, *, as_json: bool, several: bool) -> None:
        self._console = console(session)
        self._as_json = as_json
        self._several = several
        self._documents: list[Document] = []
        self._begun = False

    def add(self, lines: Callable[[], list[str]], document: Callable[[], Document]) -> None:
        """The result of one profile in both forms, of which only one is made."""
        if self._as_json:
            self._documents.append(document())
        else:
            paint([""] * self._begun + lines(), self._console)
            self._begun = True

    def end(self) -> None:
        """Print what waited for the last."""
        waiting = [self._documents] if self._as_json and self._several else self._documents
        for result in waiting:
            click.echo(json.dumps(result, indent=2))


def console(session: Session, *, err: bool = False) -> Console:
    """A terminal, or what stands in for it; plain where colours are unwanted, and where there is no terminal."""
    return Console(file=sys.stderr if err else sys.stdout, no_color=session.no_color or None)
