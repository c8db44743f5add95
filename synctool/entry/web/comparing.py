"""Compares two texts line by line, for showing them side by side."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from synctool.entry.show.visible import counted

CONTEXT = 2
"""So many equal lines are shown around a change."""

MOST = 4000
"""Lines of each text that are compared; what follows is said to be left out."""


class Row(NamedTuple):
    """A line of each text. tone: same, changed or gap (equal lines that are left out; left says how many)."""

    tone: str
    left: str = ""
    right: str = ""


def rows(left: Sequence[str], right: Sequence[str]) -> Iterator[Row]:
    """The changed lines with a few equal ones around them; nothing for equal texts."""
    match = SequenceMatcher(None, left[:MOST], right[:MOST], autojunk=len(left) > 500)  # noqa: PLR2004 - quadratic above
    at = 0
    for group in match.get_grouped_opcodes(CONTEXT):
        if skipped := group[0][1] - at:
            yield Row("gap", counted(skipped, "equal line"))
        for tag, a, b, c, d in group:
            tone = "same" if tag == "equal" else "changed"
            yield from (
                Row(tone, one, other) for one, other in zip_longest(left[a:b], right[c:d], fillvalue="")
            )
        at = group[-1][2]
    if max(len(left), len(right)) > MOST:
        yield Row("gap", f"only the first {MOST:,} lines are compared")
