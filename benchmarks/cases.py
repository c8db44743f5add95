"""Names what is measured: which tools do which work on which tree."""

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks import changes, copies, standing, unchanged
from benchmarks.contest import Case, Setting
from benchmarks.ground import Ground
from benchmarks.trees import Tree

SIZES = {"1k": (1_000, 40), "10k": (10_000, 400), "100k": (100_000, 2_000), "1M": (1_000_000, 20_000)}
GB = 10**9


def sized(
    name: str,
    title: str,
    sizes: str,
    prepare: Callable[[Ground, Tree], Setting],
    *,
    papers: bool = False,
    **more: Any,
) -> list[Case]:
    """One case for each size; more: what else a Case may say."""
    trees = {size: Tree(*SIZES[size], papers=papers) for size in sizes.split()}
    return [
        Case(f"{name}:{size}", f"{title}, {tree.files:,} files", partial(_prepared, prepare, tree), **more)
        for size, tree in trees.items()
    ]


def _prepared(prepare: Callable[[Ground, Tree], Setting], tree: Tree, ground: Ground) -> Setting:
    return prepare(ground, tree)


HINT = (
    "A hint tells of one edited document: on the drive, planned and applied; in Filevine, planned. Measured from the hint on, in a "
    "process that runs already; the requests are those to S3, and twice as many greetings as one round has."
)
FADE = "Seconds are those it was watched for. Left to itself, a watch polls ever more seldom, down to every 15 minutes."
DRY = "rsync in a dry run, so that one copy of the tree serves both."
CASES = {
    case.name: case
    for case in (
        Case("start", "Start-up", standing.start, rounds=10),
        *sized("unchanged-drives", "Nothing changed, two drives", "10k 100k", unchanged.drives),
        *sized(
            "unchanged-thin", "Nothing changed, drive and S3 (a thin server)", "1k 10k 100k", unchanged.thin
        ),
        *sized("hint", "One hint", "100k", changes.hint, note=HINT),
        *sized(
            "unchanged-filevine", "Nothing changed, three sides with Filevine", "10k 100k", unchanged.three
        ),
        *sized(
            "first-filevine",
            "First copy, Filevine to S3 (a thin server) and a drive",
            "1k",
            copies.from_filevine,
            rounds=3,
        ),
        *sized(
            "first-thin",
            "First copy, drive to S3 (a thin server)",
            "10k",
            copies.to_thin,
            papers=True,
            rounds=3,
        ),
        *sized(
            "first-s3", "First copy, drive to S3 (SeaweedFS)", "10k", copies.to_weed, papers=True, rounds=3
        ),
        *sized("first-s3", "First copy, drive to S3 (SeaweedFS)", "100k", copies.to_weed_once, papers=True),
        *sized(
            "unchanged-s3",
            "Nothing changed, drive and S3 (SeaweedFS)",
            "10k 100k",
            unchanged.bucket,
            papers=True,
        ),
        *sized(
            "changed-s3",
            "A hundred changed, drive and S3 (SeaweedFS)",
            "100k",
            changes.hundred,
            papers=True,
            rounds=3,
        ),
        Case(
            "first-large:2GB",
            "First copy of one file of 2 GB, drive to S3 (SeaweedFS)",
            partial(copies.large, size=2 * GB),
            rounds=2,
        ),
        Case(
            "watch:500",
            "Watching 500 cases in which nothing happens",
            partial(standing.watch, profiles=500),
            note=FADE,
        ),
        *sized(
            "unchanged-thin",
            "Nothing changed, drive and S3 (a thin server)",
            "1M",
            unchanged.thin,
            rounds=3,
            limit=300.0,
        ),
        *sized(
            "unchanged-drives",
            "Nothing changed, two drives",
            "1M",
            unchanged.drives,
            rounds=3,
            limit=300.0,
            note=DRY,
        ),
    )
}
"""In the order in which they are measured: later ones go on from what earlier ones made."""
