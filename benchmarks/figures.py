"""Reads what was measured: medians, spreads and ratios."""

from statistics import median
from typing import Any, NamedTuple

from benchmarks.results import kept


class Spread(NamedTuple):
    """The median of several runs, the least and the most."""

    middle: float
    least: float
    most: float


class Figures(NamedTuple):
    """What one contestant took: seconds, seconds of CPU, bytes, requests if anybody counted; trouble: why it does not count."""

    wall: Spread
    cpu: float
    memory: float
    requests: int | None
    runs: int
    trouble: str


def figures(case: str) -> dict[str, Figures]:
    """What everybody took in a case, by name; nothing if it was not measured."""
    document = kept(case) or {"runs": {}}
    return {name: _figures(runs) for name, runs in document["runs"].items() if runs}


def fact(case: str, name: str, of: str) -> float | None:
    """The median of one more figure that a contestant's runs tell."""
    document = kept(case) or {"runs": {}}
    told = [run[of] for run in document["runs"].get(name, ()) if of in run]
    return median(told) if told else None


def _figures(runs: list[dict[str, Any]]) -> Figures:
    walls = [float(run["wall"]) for run in runs]
    trouble = next((str(run["trouble"]) for run in runs if "trouble" in run), "")
    return Figures(
        Spread(median(walls), min(walls), max(walls)),
        median(float(run["cpu"]) for run in runs),
        max(float(run["memory"]) for run in runs),
        runs[-1]["requests"],
        len(runs),
        trouble,
    )
