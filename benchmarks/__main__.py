"""Runs synctool beside its peers on the same trees, in turns, and keeps what each run took."""

import argparse
import signal
import sys
from pathlib import Path

from benchmarks import page
from benchmarks.cases import CASES
from benchmarks.contest import hold, say
from benchmarks.ground import ground
from benchmarks.results import keep, kept


def main() -> int:
    """Measure what is asked for, or what has no result yet; one line for each run."""
    words = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    words.add_argument(
        "cases",
        nargs="*",
        metavar="CASE",
        help=f"one or more of {', '.join(CASES)}; none: those without a result",
    )
    words.add_argument(
        "--folder", type=Path, help="where trees are made and removed again, instead of the temporary folder"
    )
    asked = words.parse_args()
    wanted = asked.cases or [name for name in CASES if not kept(name)]
    if unknown := set(wanted) - set(CASES):
        words.error(f"there is no case {', '.join(sorted(unknown))}")
    with ground(asked.folder) as here:
        for name in wanted:
            say(f"{name}: {CASES[name].title}")
            keep(CASES[name], hold(CASES[name], here))
            page.main()
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers end and trees go
    sys.exit(main())
