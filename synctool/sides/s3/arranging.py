"""Puts objects in the order of their keys, with the folders that are only implied, in stretches."""

from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush
from typing import NamedTuple
from zlib import crc32

from synctool.core.model import Entry, Handle, Stretch
from synctool.sides.base import PLACEHOLDER
from synctool.sides.s3.listing import (
    MARKED,
    Found,
    Odd,
    Page,
    file_entry,
    folder_entry,
    found_in,
    odd,
    path_in,
    reserved,
)
from synctool.sides.stretches import ROWS, digest_of


class Run(NamedTuple):
    """The objects that come after a path, or the stretch that they are known to be; digest: of what would be one."""

    after: str
    found: list[Found]
    digest: str = ""
    known: Stretch | None = None

    @property
    def last(self) -> str:
        """The path of its last object."""
        return self.known.last if self.known else self.found[-1].path if self.found else self.after


def runs(pages: Iterable[Page], known: Mapping[str, Stretch], average: int = ROWS) -> Iterator[Run]:
    """The objects of a listing, without synctool's own. Raises ValueError for what cannot be read.

    An object's own checksum says whether a run ends with it, so what comes and goes elsewhere moves no end. None ends
    with one of synctool's own, for its last path says which folders are still due; nor is the last run a stretch.
    """
    after, prefix, due = "", "", list[str]()
    for page in pages:
        prefix = page.prefix
        for each in page.unread():
            due.append(each)
            if not crc32(each.encode()) % average and not reserved(path_in(each, prefix)):
                run = _run(after, prefix, due, known)
                after, due = run.last, []
                yield run
    yield _run(after, prefix, due, known)._replace(digest="")


def _run(after: Handle, prefix: str, due: list[str], known: Mapping[str, Stretch]) -> Run:
    objects = "".join(f"<Contents>{each}" for each in due)
    digest = digest_of(after, prefix.encode(), objects.encode())
    if stretch := known.get(digest):
        return Run(after, [], digest, stretch)
    return Run(after, [each for each in found_in(objects, prefix) if not reserved(each.path)], digest)


def in_order(runs: Iterable[Run]) -> bool:
    """Whether objects come in the order of their keys, as AWS lists them; other servers need not."""
    before = ""
    for run in runs:
        for each in run.found:
            if each.path <= before:
                return False
            before = each.path
        before = run.last
    return True


def arrange(runs: Iterable[Run], *, md5: bool) -> Iterator[Entry | Odd | Stretch]:
    """Entries for objects in the order of their keys, with the folders that are only implied put in their places.

    A folder is due as soon as something in it is seen, and takes its place when the order reaches its placeholder,
    so no more folders wait than are nested. md5: whether plain ETags are MD5 digests here.
    Raises ValueError when the keys are not in order.
    """
    line = _Line(md5=md5)
    for run in runs:
        if run.known:
            line.leap(run.last)
            yield run.known
            continue
        entries = 0
        for entry in line.entries(run.found):
            entries += 1
            yield entry
        if run.digest:
            yield Stretch(run.after, run.last, run.digest, entries)
    yield from line.rest()


class _Line:
    """How far the order has come, and the folders that are due."""

    def __init__(self, *, md5: bool) -> None:
        self._md5 = md5
        self._before = ""
        self._due: list[Handle] = []

    def entries(self, found: Iterable[Found]) -> Iterator[Entry | Odd]:
        due = self._due
        for each in found:
            path = each.path
            if path <= self._before:
                raise ValueError("keys out of order")
            for folder in _entered(self._before, path):
                heappush(due, folder + PLACEHOLDER)
            while due and due[0] < path:
                yield folder_entry(heappop(due), "")
            self._before = path
            if due and due[0] == path:
                yield folder_entry(heappop(due), MARKED)
            elif (
                each.size or not path.endswith("/") or odd(path[:-1])
            ):  # else a marker, as the AWS console makes
                yield Odd(path) if odd(path) else file_entry(each, md5=self._md5)

    def leap(self, path: str) -> None:
        """Go on after a path; what it lies in is due, but for what has had its place."""
        self._before = path
        self._due = sorted(f + PLACEHOLDER for f in _entered("", path) if f + PLACEHOLDER > path)

    def rest(self) -> Iterator[Entry]:
        while self._due:
            yield folder_entry(heappop(self._due), "")


def _entered(before: str, path: str) -> list[str]:
    """The folders of path, slash at the end, that before did not lie in; none from an odd segment downwards."""
    if before.startswith(path[: path.rfind("/") + 1]):
        return []
    ends = [i for i, char in enumerate(path) if char == "/"]
    return [
        path[: i + 1] for i in ends if not before.startswith(path[: i + 1]) and not odd(path[: i + 1] + "x")
    ]
