"""Does the least that an unchanged run can: lists a drive and a bucket, and merges both, in order, with a manifest.

``python -m benchmarks.floor [--note] MANIFEST DRIVE [ENDPOINT BUCKET PREFIX | DRIVE]`` notes what is there, or tells how
much differs. No tool is around it: no folders, no names to check, no decision. Each side is a process of its own.
"""

import os
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from html import unescape
from http.client import HTTPConnection
from urllib.parse import unquote_plus, urlsplit

from synctool.sides.s3.sigv4 import Keys, Request, encode, sign

Line = tuple[str, int, str]  # path, bytes, stamp
OBJECT = re.compile(r"<Key>([^<]*)</Key>.*?<ETag>([^<]*)</ETag>.*?<Size>(\d+)<", re.DOTALL)
ONWARD = re.compile(r"<NextContinuationToken>([^<]*)<")
END: Line = ("\U0010ffff", 0, "")


def drive(root: str, below: str = "") -> Iterator[Line]:
    """Every file below a folder in the order of whole paths: a folder stands where its name with a slash would."""
    with os.scandir(f"{root}/{below}") as entries:
        found = sorted(
            (f"{below}{e.name}/", None) if e.is_dir(follow_symlinks=False) else (below + e.name, e)
            for e in entries
        )
    for path, entry in found:
        if entry is None:
            yield from drive(root, path)
        else:
            facts = entry.stat(follow_symlinks=False)
            yield path, facts.st_size, f"{facts.st_mtime_ns}:{facts.st_ino}"


def bucket(endpoint: str, name: str, prefix: str) -> Iterator[Line]:
    """Every object below a prefix. Only AWS is known to list in the order of keys, so it is sorted."""
    yield from sorted(_objects(endpoint, name, prefix))


def _objects(endpoint: str, name: str, prefix: str) -> Iterator[Line]:
    host = urlsplit(endpoint).netloc
    line = HTTPConnection(host)
    keys = Keys(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    onward: dict[str, str] = {}
    while True:
        query = {"list-type": "2", "encoding-type": "url", "prefix": prefix, **onward}
        asked = Request(
            "GET",
            f"/{name}",
            query,
            {"host": host},
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        )
        line.request("GET", f"/{name}?{encode(query)}", headers=sign(asked, keys, "us-east-1", time.time()))
        page = line.getresponse().read().decode()
        for key, etag, size in OBJECT.findall(page):
            yield unquote_plus(key)[len(prefix) :], int(size), etag
        token = ONWARD.search(page)
        if not token:
            return
        onward = {"continuation-token": unescape(token[1])}


def merge(seen: Iterator[Line], known: Iterator[Line]) -> int:
    """How many lines of two ordered streams differ."""
    differing, one, other = 0, next(seen, END), next(known, END)
    while one is not END or other is not END:
        if one == other:
            one, other = next(seen, END), next(known, END)
            continue
        differing += 1
        if one[0] <= other[0]:
            one = next(seen, END)
        else:
            other = next(known, END)
    return differing


def note(manifest: str, sides: Iterable[Callable[[], Iterator[Line]]]) -> None:
    """Write down what every side holds."""
    with sqlite3.connect(manifest) as db:
        for number, lines in enumerate(sides):
            db.execute(
                f"create table side{number} (path text primary key, size int, stamp text) without rowid"
            )
            db.executemany(f"insert into side{number} values (?, ?, ?)", lines())


def compare(manifest: str, number: int, lines: Iterator[Line]) -> int:
    """How many lines of one side differ from what is written down."""
    with sqlite3.connect(f"file:{manifest}?mode=ro", uri=True) as db:
        return merge(lines, iter(db.execute(f"select path, size, stamp from side{number} order by path")))


def main(words: list[str]) -> int:
    """Note, or compare; 1 when anything differs."""
    manifest, root, *other = [word for word in words if word != "--note"]
    sides = (partial(drive, root), partial(bucket, *other) if len(other) > 1 else partial(drive, *other))
    if "--note" in words:
        note(manifest, sides)
        return 0
    child = os.fork()
    if not child:
        os._exit(bool(compare(manifest, 1, sides[1]())))
    differs = compare(manifest, 0, sides[0]())
    _, status = os.waitpid(child, 0)
    return int(bool(differs or status))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
