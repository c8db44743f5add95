"""Counts what the tests here tried, so that docs/reliability.md can say how often."""

import json
import os
from pathlib import Path

VARIABLE = "SYNCTOOL_TALLY"
"""The file that the counts go to; without it nothing is counted."""

GROUPS = {
    "world": "A simulated world",
    "faults": "A failure or a crash at the n-th call of a side, at every n-th statement, one after the other",
    "watch": "A watch that is told badly, and killed",
    "crashes": "Killed, out of space, read-only",
    "state": "The state is lost, damaged or held by another run",
    "hostile": "Hostile names, links and servers",
    "large": "Large documents",
    "busy": "Documents in use",
}


def tried(group, what, times=1):
    """Count what was tried, after its checks have passed; what: the same few words at every call, for one row of the page."""
    assert group in GROUPS
    if path := os.environ.get(VARIABLE):
        line = json.dumps({"group": group, "what": what, "times": times}) + "\n"
        with Path(path).open("ab", buffering=0) as file:  # one write a line: several processes count
            file.write(line.encode())
