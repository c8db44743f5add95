"""Makes the trees that are synced, and changes them: the same arguments always give the same names, bytes and times."""

import os
import random
from pathlib import Path
from typing import NamedTuple

PARTIES = (
    "Adams v Becker",
    "Estate of Nowak",
    "Çelik GmbH",
    "Rivers & Daughters",
    "Owens' Farm",
    "Łukasz v Town",
)
KINDS = ("Pleadings", "Discovery", "Letters", "Exhibits", "Court orders", "Invoices", "Notes of hearings")
PAPERS = ("Motion", "Answer", "Letter to client", "Exhibit", "Invoice", "Brief", "Mémoire", "Transcript")
ENDINGS = (".docx", ".pdf", ".pdf", ".txt", ".eml", ".xlsx")
EPOCH, YEARS = 1_500_000_000, 250_000_000  # seconds: when documents were written
MEDIAN, SPREAD, LARGEST = 9.0, 1.0, 4 << 20  # papers: the logarithm of their bytes, how it varies, the most


class Tree(NamedTuple):
    """How a tree looks: so many files in so many folders, three to six deep; slips hold 16 to 63 bytes, papers 8 KB or so."""

    files: int
    folders: int
    papers: bool = False

    @property
    def name(self) -> str:
        """What the folder that holds it is called."""
        return f"{'papers' if self.papers else 'slips'}-{self.files}"


def make(root: Path, tree: Tree) -> None:
    """Make a tree below a folder that is not there yet."""
    draw = random.Random(tree.files)
    pool = draw.randbytes(16 << 20)
    folders = _folders(tree.folders, draw)
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for number in range(tree.files):
        folder = folders[number % len(folders) if number < len(folders) else draw.randrange(len(folders))]
        size = min(LARGEST, int(draw.lognormvariate(MEDIAN, SPREAD))) if tree.papers else number % 48
        start = draw.randrange(len(pool) - size)
        written = (EPOCH + draw.randrange(YEARS)) * 10**9 + draw.randrange(10**9)
        name = f"{draw.choice(PAPERS)} {number:07d}{draw.choice(ENDINGS)}"
        _write(f"{root}/{folder}/{name}", b"%016x" % number + pool[start : start + size], written)


def change(root: Path, number: int, count: int = 100) -> None:
    """Change some of a tree's files now: eight of ten are edited, one is new, one is deleted; other ones for each number."""
    draw = random.Random(number)
    files = [
        f"{folder}/{name}"
        for folder, _, names in os.walk(root)
        if ".synctool" not in folder
        for name in names
    ]
    chosen = draw.sample(sorted(files), count)
    for place, file in enumerate(chosen):
        match place % 10:
            case 0:
                Path(file).unlink()
            case 1:
                Path(file).with_name(f"New {number} {place}.txt").write_bytes(draw.randbytes(8192))
            case _:
                with Path(file).open("ab") as end:
                    end.write(b"edit %d\n" % number)


def _folders(count: int, draw: random.Random) -> list[str]:
    """So many different folders, some inside others."""
    found: dict[str, None] = {}
    case = 0
    while len(found) < count:
        case += 1
        above = f"{2008 + case % 17}/{case:05d} {PARTIES[case % len(PARTIES)]}"
        for _ in range(draw.randint(3, 9)):
            below = [f"{draw.choice(KINDS)} {draw.randint(1, 9)}" for _ in range(draw.randint(0, 3))]
            found["/".join((above, draw.choice(KINDS), *below))] = None
    return list(found)[:count]


def _write(path: str, data: bytes, mtime_ns: int) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    os.write(file, data)
    os.close(file)
    os.utime(path, ns=(mtime_ns, mtime_ns))
