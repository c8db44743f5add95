"""Spells what people read, so that no name can lie and no list runs away."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from textwrap import wrap
from typing import TypeVar

from rich.cells import cell_len

WIDTH = 80
FOLD = 20
"""So many lines of a group are shown; the rest is counted."""

INDENT = " " * 6
_T = TypeVar("_T")


def visible(text: str) -> str:
    r"""The text with every control, bidirectional or otherwise unprintable character spelled out, as ``\x1b``."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def counted(number: int, noun: str) -> str:
    """``1 step``, ``1,200 steps``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def sized(size: float) -> str:
    """A number of bytes for people: ``830 B``, ``4.2 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.95:  # noqa: PLR2004 - what would be rounded to 1000.0
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"


def moment(at_ns: int, zone: tzinfo = UTC) -> str:
    """A time for people, in their own zone: ``2026-11-22 15:04 MST``. at_ns: since the epoch."""
    return datetime.fromtimestamp(at_ns // 10**9, zone).strftime("%Y-%m-%d %H:%M %Z")


def ago(then_ns: int | None, now_ns: int) -> str:
    """``3 minutes ago``; "never" for nothing."""
    if then_ns is None:
        return "never"
    seconds = max(0, now_ns - then_ns) // 10**9
    for size, noun in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{counted(seconds // size, noun)} ago"
    return "just now"


def iso(at_ns: int) -> str:
    """A time for programs: ISO 8601, UTC, whole seconds. at_ns: since the epoch."""
    return datetime.fromtimestamp(at_ns // 10**9, UTC).isoformat()


def wrapped(text: str, indent: str = "  ") -> list[str]:
    """A sentence in lines of at most 80 columns; words are never broken."""
    return wrap(
        visible(text), WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def columns(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Both halves of each row side by side where they fit into 80 columns, else the right one below."""
    rows = [(visible(left), visible(right)) for left, right in rows]
    room = max((cell_len(left) for left, right in rows if cell_len(left + right) + 3 <= WIDTH), default=0)
    lines: list[str] = []
    for left, right in rows:
        line = f"{left}{' ' * (room - cell_len(left))}   {right}"
        lines += [line] if cell_len(line) <= WIDTH else [left, *wrapped(INDENT + right, INDENT)]
    return lines


def folded(rows: Sequence[_T]) -> tuple[Sequence[_T], list[str]]:
    """The first rows of a group, and the line that counts the others."""
    more = len(rows) - FOLD
    return rows[:FOLD], [f"... and {more:,} more (--json shows all)"] if more > 0 else []
