"""Runs what tries to break synctool, and writes docs/reliability.md from what was tried and how often."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.reliability.tally import GROUPS, VARIABLE

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"
TRIALS = ("tests/reliability",)
INTRODUCTION = """\
# What was tried to break it

This page is written by `python dev.py docs --reliability` from a run of the tests that make things go wrong: {total:,} trials.
After each one a clean run had to end with all sides equal, with every content that anybody had still there, in its place,
as a version or in trash, and with no document doubled and nothing half-done left behind, as far as the trial can have any of it.
"""


def counted(path):
    """(group, what) → how often, from the lines of a tally."""
    counts = Counter()
    for line in path.read_text("utf-8").splitlines():
        fact = json.loads(line)
        counts[fact["group"], fact["what"]] += fact["times"]
    return counts


def page(counts):
    """The page as text: one table for each group, in the order of GROUPS."""
    parts = [INTRODUCTION.format(total=sum(counts.values()))]
    for group, heading in GROUPS.items():
        rows = [f"| {what} | {times:,} |" for (of, what), times in counts.items() if of == group]
        if rows:
            parts.append(
                "\n".join((f"## {heading}", "", "| what | times |", "|---|---:|", *sorted(rows))) + "\n"
            )
    return "\n".join(parts)


def main():
    with TemporaryDirectory() as folder:
        tally = Path(folder) / "tally"
        tally.touch()
        command = (sys.executable, "-m", "pytest", "-q", "-n", "2", *TRIALS)
        code = subprocess.run(
            command, cwd=ROOT, env={**os.environ, VARIABLE: str(tally)}, check=False
        ).returncode
        if not code:
            PAGE.write_text(page(counted(tally)), "utf-8")
        return code


if __name__ == "__main__":
    sys.exit(main())
