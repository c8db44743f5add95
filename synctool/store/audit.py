"""Keeps the append-only, hash-chained record of every operation: who or what, which side, which bytes."""

import contextlib
import hashlib
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from synctool.errors import StateError
from synctool.store import private

START = "0" * 64


class Head(NamedTuple):
    """The end of a chain: the number of the last record, and its hash."""

    seq: int = 0
    hash: str = START


class Audit:
    """One JSON object a line; ``hash`` is SHA-256 over the line before's hash and this record without it.

    The end of the chain is looked for in the file at every record, so that two that write never fork it. torn: how many
    bytes of a record that a crash left unfinished were cut off when it was opened. Every method raises StateError when
    the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._size = self._kept = 0
        self.head = Head()
        private.folder(path.parent)
        with self._opened() as file:
            self.torn = self._catch_up(file)

    def record(self, facts: Mapping[str, Any]) -> None:
        """Append one operation; safe from a power cut after the next ``sync``."""
        with self._lock, self._opened() as file:
            self._catch_up(file)
            entry = {"seq": self.head.seq + 1, **facts, "prev": self.head.hash}
            entry["hash"] = link(entry)
            line = json.dumps(entry, ensure_ascii=False).encode(errors="backslashreplace") + b"\n"
            file.write(line)
            self._size += len(line)
            self.head = Head(self.head.seq + 1, entry["hash"])

    def sync(self) -> Head:
        """Wait until everything recorded, and the name of a new log, is on disk; the end of the chain."""
        with self._lock:
            if self._kept < self._size:
                with self._opened() as file:
                    os.fsync(file.fileno())
                if not self._kept:
                    private.keep_names(self._path.parent)
                self._kept = self._size
            return self.head

    @contextlib.contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        with private.opened(self._path, "a+b", buffering=0) as file, private.border(self._path):
            if sys.platform != "win32":
                import fcntl  # noqa: PLC0415 - not on Windows

                fcntl.flock(file, fcntl.LOCK_EX)
            yield file

    def _catch_up(self, file: IO[bytes]) -> int:
        """Find the end of the chain if it is not where it was; how many bytes were cut off behind it."""
        size = file.seek(0, os.SEEK_END)
        if size == self._size:
            return 0
        whole, last = _last_line(file, size)
        if whole < size:
            file.truncate(whole)
        try:
            record = _parsed(last)
            self.head = Head(record["seq"], record["hash"]) if last else Head()
        except KeyError as error:
            raise StateError(
                f"{self._path} does not end in a record",
                hint="keep it as it is under another name; the next run begins a new one",
            ) from error
        self._size = whole
        return size - whole


def link(entry: Mapping[str, Any]) -> str:
    """The hash of a record: SHA-256 of its canonical JSON without ``hash`` (``prev`` is in it)."""
    facts = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def records(path: Path) -> Iterator[dict[str, Any]]:
    """Every record of a sound chain, oldest first. Raises ValueError naming the first line that does not fit."""
    head = Head()
    with private.opened(path, "rb") as file:
        for number, line in enumerate(file, 1):
            entry = _parsed(line)
            known = (entry.get("seq"), entry.get("prev"), entry.get("hash"))
            if known != (number, head.hash, link(entry)):
                raise ValueError(f"line {number} does not fit the chain")
            head = Head(number, entry["hash"])
            yield entry


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """Every record that can be read, oldest first, whether or not it fits the chain."""
    with private.opened(path, "rb") as file:
        yield from filter(None, map(_parsed, file))


def verify(path: Path) -> int:
    """The number of records of a sound chain. Raises ValueError naming the first line that does not fit."""
    return sum(1 for _ in records(path))


def _parsed(line: bytes) -> dict[str, Any]:
    """The record in a line; an empty one for what is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    is_record = isinstance(found, dict) and type(found.get("seq")) is int and type(found.get("hash")) is str
    return found if is_record else {}


def _last_line(file: IO[bytes], size: int) -> tuple[int, bytes]:
    """Where the whole lines end, and the last of them."""
    tail, start = b"", size
    while start and tail.count(b"\n") < 2:  # noqa: PLR2004 - the end of the last line and of the one before
        step = min(65536, start)
        start -= step
        file.seek(start)
        tail = file.read(step) + tail
    whole = tail[: tail.rfind(b"\n") + 1]
    return start + len(whole), whole.splitlines()[-1] if whole else b""
