"""Names what is measured: which tools do which work on which tree."""

from functools import partial

from benchmarks import unchanged
from benchmarks.contest import Case
from benchmarks.trees import Tree

SLIPS = {
    "1k": Tree(1_000, 40),
    "10k": Tree(10_000, 400),
    "100k": Tree(100_000, 2_000),
    "1M": Tree(1_000_000, 20_000),
}
PAPERS = {size: tree._replace(papers=True) for size, tree in SLIPS.items()}

_ALL = (
    *(
        Case(
            f"unchanged-drives:{size}",
            f"Nothing changed; two drives, {tree.files:,} files each",
            partial(unchanged.drives, tree=tree),
        )
        for size, tree in SLIPS.items()
        if size != "1k"
    ),
    *(
        Case(
            f"unchanged-s3:{size}",
            f"Nothing changed; a drive and S3 (SeaweedFS), {tree.files:,} files",
            partial(unchanged.bucket, tree=tree),
        )
        for size, tree in PAPERS.items()
        if size in ("10k", "100k")
    ),
    *(
        Case(
            f"unchanged-thin:{size}",
            f"Nothing changed; a drive and S3 (a thin server), {tree.files:,} files",
            partial(unchanged.thin, tree=tree),
        )
        for size, tree in SLIPS.items()
    ),
)
CASES = {case.name: case for case in _ALL}
