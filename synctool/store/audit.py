"""Keeps the append-only, hash-chained record of every operation: who or what, which side, which bytes."""

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

START = "0" * 64


class Audit:
    """One JSON object a line; ``hash`` is SHA-256 over the line before's hash and this record without it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._seq, self._head = _end(path)

    def record(self, facts: Mapping[str, Any]) -> None:
        """Append one operation; safe from a power cut after the next ``sync``."""
        with self._lock:
            entry = {"seq": self._seq + 1, **facts, "prev": self._head}
            entry["hash"] = link(entry)
            with self._path.open("ab") as file:
                file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            self._seq, self._head = self._seq + 1, entry["hash"]

    def sync(self) -> None:
        """Wait until everything recorded is on disk."""
        with self._lock, self._path.open("ab") as file:
            os.fsync(file.fileno())


def link(entry: Mapping[str, Any]) -> str:
    """The hash of a record: SHA-256 of its canonical JSON without ``hash`` (``prev`` is in it)."""
    facts = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def verify(path: Path) -> int:
    """The number of records of a sound chain. Raises ValueError naming the first line that does not fit."""
    head, count = START, 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            entry = json.loads(line)
            if entry["prev"] != head or entry["hash"] != link(entry) or entry["seq"] != number:
                raise ValueError(f"line {number} does not fit the chain")
            head, count = entry["hash"], number
    return count


def _end(path: Path) -> tuple[int, str]:
    """The last whole record's number and hash; a torn last line (a crash while writing) is cut off."""
    if not path.exists():
        return 0, START
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        tail = b""
        while size and tail.count(b"\n") < 2:  # noqa: PLR2004 - the end of the last line and of the one before
            step = min(65536, size)
            size -= step
            file.seek(size)
            tail = file.read(step) + tail
        whole = tail[: tail.rfind(b"\n") + 1]
        if len(whole) != len(tail):
            file.truncate(size + len(whole))
        lines = whole.splitlines()
    if not lines:
        return 0, START
    last = json.loads(lines[-1])
    return last["seq"], last["hash"]
