"""Asks a person what no option says, again until the answer serves."""

import sys
from collections.abc import Callable, Mapping
from typing import TypeVar

import click

from synctool.entry.cli.ending import complain
from synctool.entry.show.visible import visible
from synctool.errors import Misuse, SyncError

T = TypeVar("T")


class Questions:
    """The questions of one command. said: the answers that its options give, by option; None is none."""

    def __init__(self, said: Mapping[str, str | None]) -> None:
        self._said = {option: text for option, text in said.items() if text is not None}
        self.asks = sys.stdin.isatty()

    def answer(self, option: str, question: str, serves: Callable[[str], T], default: str | None = None) -> T:
        """What serves makes of the answer; what it raises is told to a person, and raised where nobody can be asked.

        Raises Misuse, naming the option, where there is neither an answer nor anybody to ask.
        """
        while True:
            text = self._said.get(option)
            try:
                return serves(self._asked(option, question, default) if text is None else text)
            except SyncError as error:
                if text is not None or not self.asks:
                    raise
                complain(str(error))

    def secret(self, variable: str, where: str) -> str:
        """A secret that is typed and not shown. Raises Misuse, naming the variable, where nobody can be asked."""
        if not self.asks:
            raise Misuse(f"{variable} is not set", hint=f"set it, or put it into {where}")
        text: str = click.prompt(f"{variable} (not shown)", hide_input=True, err=True)
        return text.strip()

    def agrees(self, question: str) -> bool:
        """Whether a person says yes; only where one can be asked."""
        return click.confirm(visible(question), default=True, err=True)

    def tell(self, text: str) -> None:
        """Say something on the way."""
        click.echo(visible(text), err=True)

    def _asked(self, option: str, question: str, default: str | None) -> str:
        if self.asks:
            text: str = click.prompt(question, default=default, show_default=bool(default), err=True)
            return text.strip()
        if default:
            return default
        raise Misuse(f"{question}? Nobody can be asked here", hint=f"say --{option}")
