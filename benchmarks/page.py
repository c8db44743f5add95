"""Writes docs/performance.md and its picture from what was measured: ``python -m benchmarks.page``."""

from collections.abc import Iterable, Sequence

from benchmarks.cases import CASES
from benchmarks.figures import Figures, fact, figures
from benchmarks.goals import GOALS, Goal
from benchmarks.measuring import ROOT
from benchmarks.picture import draw
from benchmarks.results import kept

PAGE = ROOT / "docs/performance.md"
PICTURE = ROOT / "docs/pictures/performance.svg"
GROWTH = ("1k", "10k", "100k", "1M")
LOOK = "synctool, look alone"
INTRODUCTION = """\
# How fast it is

synctool beside rclone, Unison, rsync, s5cmd and aws-cli: the same trees, the same servers, in turns. This page is written by
`python -m benchmarks` from [what it measured](../benchmarks/README.md).

![Seconds of synctool and of its peers](pictures/performance.svg)
"""
READING = """\
All servers are on the same machine as the tools and everything is in memory, so what is seen is what the tools themselves cost,
and not a network. Seconds are medians, with the least and the most; memory is that of the largest process. *Floor* is no tool:
the least that can be done, listing the sides and merging them, in order, with a manifest. The *thin server* speaks S3 and costs
next to nothing; SeaweedFS is a real server, and for most of such a run the tools wait for it.

Peers do other work than synctool. rsync, rclone sync, s5cmd and aws-cli copy one way and remember nothing; rclone sync here
believes size and the server's time, rclone bisync believes size alone. Unison and rclone bisync go both ways. synctool
compares ETags, and on a drive size, time and inode, with what it remembers of each side.
"""


def main() -> None:
    """Write the page and the picture."""
    PAGE.write_text(written(), "utf-8")
    PICTURE.write_text(draw(), "utf-8")


def written() -> str:
    """The page, of what is kept now."""
    return "\n".join(_page())


def _page() -> Iterable[str]:
    yield INTRODUCTION
    yield _machine()
    yield READING
    yield "## What it shall reach\n"
    yield from _table(("", "at most", "measured", "by CPU", ""), map(_goal, GOALS))
    yield LIMITS
    for name, case in CASES.items():
        if found := figures(name):
            yield f"## {case.title}\n"
            yield from _table(
                ("", "seconds", "CPU s", "MB", "requests", "runs"), (_line(*each) for each in _sorted(found))
            )
            yield from _missing(name)
            yield from [f"{case.note}\n"] if case.note else []
    yield "## How it grows\n"
    yield GROWS
    heads = ("files", "list the drive", "list S3", "look", "decide", "plan", "µs a file", "MB", "state, MB")
    yield from _table(heads, (line for size in GROWTH if (line := _grown(size))))


LIMITS = """\
### What limits it

Where a goal is missed, it is the work of one Python process. Profiles of it say where it goes:

- **An unchanged run** reads every listing, and of what it knows by a digest it makes nothing: that leaves 1 µs of CPU for an object
  of S3 and 6 µs for a file on a drive, most of it the system's answer about the file. Two sides are looked at in two threads,
  which share the interpreter. A program that opens a state checks all of it first, 2 to 4 µs a document; a watch does that once. Half a
  second is start-up. Where stretches of a listing are not known, as on a first look, a key of S3 costs 12 µs, and its row 2 µs.
- **A first copy** takes 1.8 ms of CPU a document: two fifths of it the HTTP client, the rest what is written down. Before each step it is
  on disk that it begins, and that the one before was done, so that a power cut takes nothing from the record; sixteen threads share
  that record and the interpreter. Over a network with some milliseconds to the server, the sixteen hide its time; here there is none.
- **Memory** grows with what a server other than AWS lists and is not known, as only AWS is known to list in the order of keys: it is
  sorted first. A first copy holds its plan, some 8 kB a document.
- **Filevine** gives its listing page after page, each asked for with what the last one said; the bare listing waits as well, and
  parses less.
"""

GROWS = """\
Nothing changed, a drive and the thin S3 server. *Look* lists both sides and compares them with what is remembered, in order;
*decide* decides what was seen; *plan* is the whole command. Seconds, but for what a file costs.
"""


def _machine() -> str:
    """What it was measured on, when, and with which versions."""
    found = [document for name in CASES if (document := kept(name))]
    if not found:
        return "Nothing is measured yet.\n"
    whens = sorted(document["when"][:10] for document in found)
    versions: dict[str, str] = {}
    for document in found:
        versions |= document["versions"]
    one = found[0]["machine"]
    load = max(document["machine"]["load"] for document in found)
    tools = ", ".join(f"{tool} {version}" for tool, version in sorted(versions.items()))
    days = whens[0] if whens[0] == whens[-1] else f"{whens[0]} to {whens[-1]}"
    return (
        f"Measured on {days}: {one['cores']} cores, {one['memory'] / 2**30:.0f} GiB, {one['system']}, Python {one['python']}; "
        f"{tools}. Other work on the machine, as its load before: {load:g} at most.\n"
    )


def _goal(goal: Goal) -> Sequence[str]:
    wall, cpu = goal.found()
    found = (
        ("not measured", "", "")
        if wall is None
        else (_told(wall, goal), _told(cpu, goal), "yes" if wall <= goal.most else "**no**")
    )
    return goal.text, _told(goal.most, goal), *found


def _told(value: float | None, goal: Goal) -> str:
    """A figure as precisely as its limit makes sense of."""
    if value is None:
        return ""
    return f"{value:.{0 if goal.most > 10 else 2}f}{goal.unit}"


def _sorted(found: dict[str, Figures]) -> list[tuple[str, Figures]]:
    """Everybody, the quickest first; who came to no end last."""
    return sorted(
        ((name, one) for name, one in found.items() if name != LOOK),
        key=lambda each: (bool(each[1].trouble), each[1].wall.middle),
    )


def _line(name: str, one: Figures) -> Sequence[str]:
    shown = f"**{name}**" if name.startswith("synctool") else name
    if one.trouble:
        return shown, one.trouble, "", "", "", str(one.runs)
    spread = (
        f"{_short(one.wall.middle)} ({_short(one.wall.least)} to {_short(one.wall.most)})"
        if one.runs > 1
        else _short(one.wall.middle)
    )
    return (
        shown,
        spread,
        _short(one.cpu),
        f"{one.memory / 1e6:.0f}",
        f"{one.requests or '':,}" if one.requests else "",
        str(one.runs),
    )


def _short(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:.1f}"


def _missing(name: str) -> Iterable[str]:
    document = kept(name)
    if document and document["missing"]:
        yield f"Not installed: {', '.join(document['missing'])}.\n"


def _grown(size: str) -> Sequence[str]:
    case = f"unchanged-thin:{size}"
    whole = figures(case).get("synctool plan")
    if whole is None:
        return ()
    parts = [fact(case, LOOK, of) for of in ("list zdrive", "list s3", "look", "decide")]
    state = fact(case, LOOK, "state")
    files = int(CASES[case].title.rpartition(", ")[2].split()[0].replace(",", ""))
    return (
        f"{files:,}",
        *("" if part is None else f"{part:.3f}" for part in (*parts, whole.wall.middle)),
        f"{1e6 * whole.wall.middle / files:.0f}",
        f"{whole.memory / 1e6:.0f}",
        "" if state is None else f"{state / 1e6:.1f}",
    )


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> Iterable[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|---|{'---:|' * (len(heads) - 1)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"
    yield ""


if __name__ == "__main__":
    main()
