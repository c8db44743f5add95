"""Names what synctool shall reach, each as a figure of a case and the most it may be."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.figures import Figures, figures
from benchmarks.standing import POLLED, UNPOLLED

PLAN, APPLY = "synctool plan", "synctool apply"
BISYNC, SYNC = "rclone bisync", "rclone sync"
IN_FILEVINE, ON_DRIVE = "synctool, plan alone", "synctool, apply alone"
MB = 1_000_000


class Goal(NamedTuple):
    """What shall hold: found gives the figure by time and, where the machine's other work would spoil it, by CPU; most: the limit."""

    text: str
    most: float
    unit: str
    found: Callable[[], tuple[float | None, float | None]]


def times(text: str, most: float, case: str, ours: str, theirs: str, beside: str = "") -> Goal:
    """A goal that is a ratio of two contestants of a case."""

    def found() -> tuple[float | None, float | None]:
        one, other = _of(case, ours), _of(beside or case, theirs)
        if one is None or other is None:
            return None, None
        return one.wall.middle / other.wall.middle, one.cpu / other.cpu

    return Goal(text, most, " x", found)


def seconds(text: str, most: float, case: str, ours: str) -> Goal:
    """A goal in seconds."""

    def found() -> tuple[float | None, float | None]:
        one = _of(case, ours)
        return (one.wall.middle, one.cpu) if one else (None, None)

    return Goal(text, most, " s", found)


def memory(text: str, most: float, case: str, ours: str) -> Goal:
    """A goal in MB."""

    def found() -> tuple[float | None, float | None]:
        one = _of(case, ours)
        return (one.memory / MB, None) if one else (None, None)

    return Goal(text, most, " MB", found)


def watching(text: str, most: float, case: str) -> Goal:
    """A goal in per cent of one core: what a watch takes that polls each case every 15 minutes, from what it takes otherwise."""

    def found() -> tuple[float | None, float | None]:
        quiet, polling = _of(case, UNPOLLED), _of(case, POLLED)
        if quiet is None or polling is None:
            return None, None
        least, more = (one.cpu / one.wall.middle for one in (quiet, polling))
        return 100 * (least + max(0.0, more - least) * 2 / 15), None

    return Goal(text, most, " %", found)


def _of(case: str, name: str) -> Figures | None:
    found = figures(case).get(name)
    return None if found is None or found.trouble else found


GOALS = (
    times(
        "unchanged, drive and S3, 100,000 files: of rclone bisync's time",
        0.45,
        "unchanged-s3:100k",
        APPLY,
        BISYNC,
    ),
    times("the same: of rclone sync's", 0.6, "unchanged-s3:100k", APPLY, SYNC),
    times("the same: of the bare floor's", 1.3, "unchanged-s3:100k", APPLY, "floor"),
    times(
        "unchanged, two drives, 100,000 files: of rclone bisync's",
        0.4,
        "unchanged-drives:100k",
        APPLY,
        BISYNC,
    ),
    times("the same: of Unison's", 1.3, "unchanged-drives:100k", APPLY, "unison"),
    times("unchanged, two drives, 1,000,000 files: of rsync's", 1.5, "unchanged-drives:1M", PLAN, "rsync"),
    times(
        "unchanged, drive and a thin S3 server, 1,000,000 files: of rclone sync's",
        0.5,
        "unchanged-thin:1M",
        APPLY,
        SYNC,
    ),
    times(
        "unchanged, three sides with Filevine, 100,000 documents: of the bare listings'",
        1.3,
        "unchanged-filevine:100k",
        PLAN,
        "floor",
    ),
    times(
        "100 of 100,000 changed: of an unchanged run's",
        1.2,
        "changed-s3:100k",
        APPLY,
        "synctool apply, nothing changed",
    ),
    times("first copy, drive to a thin S3 server: of s5cmd's", 1 / 1.5, "first-thin:10k", APPLY, "s5cmd cp"),
    times("first copy, drive to SeaweedFS: of s5cmd's", 1.0, "first-s3:10k", APPLY, "s5cmd cp"),
    times("one file of 2 GB, drive to SeaweedFS: of s5cmd's", 1.0, "first-large:2GB", APPLY, "s5cmd cp"),
    times(
        "growth, unchanged, drive and a thin S3 server, 1,000,000 files: of 100,000 files' time",
        11,
        "unchanged-thin:1M",
        PLAN,
        PLAN,
        beside="unchanged-thin:100k",
    ),
    memory("memory, unchanged, 100,000 files", 100, "unchanged-s3:100k", APPLY),
    memory("memory, unchanged, 1,000,000 files", 150, "unchanged-thin:1M", PLAN),
    memory("memory, first copy of 100,000 files", 200, "first-s3:100k", APPLY),
    seconds("a hint at one document of 100,000 on a drive, planned and applied", 0.3, "hint:100k", ON_DRIVE),
    seconds("a hint at one document of 100,000 in Filevine, planned", 0.3, "hint:100k", IN_FILEVINE),
    seconds("synctool --help", 0.15, "start", "synctool --help"),
    seconds("synctool plan of ten files", 0.6, "start", PLAN),
    watching("synctool watch over 500 idle cases, each polled every 15 minutes, of one core", 2, "watch:500"),
)
