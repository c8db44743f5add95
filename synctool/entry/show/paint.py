"""Prints lines on a terminal in colours, and plainly everywhere else."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

STYLES = {"+": "green", "-": "red", "!": "red", "x": "red", "?": "yellow", "~": "cyan", ">": "blue"}
"""The colour of a line, by its symbol."""


def paint(lines: Iterable[str], console: Console) -> None:
    """Print lines as they are; nothing in them is markup."""
    for line in lines:
        style = STYLES.get(line[:1], "") if line[1:2] == " " else ""
        console.print(Text(line, style=style), soft_wrap=True, highlight=False)
