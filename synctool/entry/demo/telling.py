"""Tells a story on a terminal: chapters, what the commands show, and what was checked."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from synctool.entry.show.paint import paint
from synctool.entry.show.visible import visible, wrapped
from synctool.errors import SyncError


class Teller:
    """Tells people a story; nothing in what it is given is markup."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def chapter(self, title: str, text: str) -> None:
        """A heading, and a few sentences below it."""
        self._say(f"\n{title}\n{'═' * len(title)}", "bold")
        self.lines(wrapped(text, ""))

    def paragraph(self, text: str) -> None:
        """An empty line, and a few sentences."""
        self.lines(["", *wrapped(text, "")])

    def command(self, line: str, result: Iterable[str]) -> None:
        """A command as people would type it, and what it shows."""
        self._say(f"\n$ {line}", "bold cyan")
        self.lines(result)

    def lines(self, lines: Iterable[str]) -> None:
        """Lines as they are, in the colours of a plan."""
        paint(lines, self._console)

    def check(self, claim: str, against: Iterable[str]) -> None:
        """Say what is so; raises SyncError when anything speaks against it."""
        differences = [visible(each) for each in against]
        if not differences:
            self._say("\n".join(wrapped(f"✓ {visible(claim)}")), "green")
            return
        self._say(
            "\n".join([*wrapped(f"✗ {visible(claim)}"), *(f"    {each}" for each in differences)]), "bold red"
        )
        raise SyncError(f"the demo's check failed: {claim}", hint=differences[0])

    def _say(self, text: str, style: str) -> None:
        self._console.print(Text(text, style=style), soft_wrap=True, highlight=False)
