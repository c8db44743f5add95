"""Packs the files of a profile's state into one object, and proves of an object that it is whole."""

import gzip
import hashlib
import io
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

from synctool.errors import StateError
from synctool.store import private
from synctool.store.db import border

MAGIC = b"synctool state 1 "
ENDS = (".db", ".audit.jsonl")
"""What the files of a profile are called after its name."""


def packed(folder: Path, name: str) -> bytes | None:
    """The state of a profile as one object; None where there is no database. Raises StateError.

    The log is read after the database, so that it is never behind: a log that is ahead is in step again after one look.
    """
    if not (folder / f"{name}.db").exists():
        return None
    return sealed({".db": _database(folder, name), ".audit.jsonl": _log(folder / f"{name}.audit.jsonl")})


def sealed(files: dict[str, bytes]) -> bytes:
    """These files as one object: a line with the SHA-256 of what follows it, and a compressed tar."""
    made = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=made, mode="wb", compresslevel=1, mtime=0) as pressed,
        tarfile.open(fileobj=pressed, mode="w") as tar,
    ):
        for end, data in files.items():
            member = tarfile.TarInfo(f"state{end}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return MAGIC + hashlib.sha256(made.getvalue()).hexdigest().encode() + b"\n" + made.getvalue()


def is_whole(data: bytes) -> bool:
    """Whether an object is one of ours, and as it was put."""
    head, _, body = data.partition(b"\n")
    return head == MAGIC + hashlib.sha256(body).hexdigest().encode()


def unpack(data: bytes, folder: Path, name: str) -> None:
    """Lay the files of an object that is whole into a folder."""
    body = data.partition(b"\n")[2]
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as tar:
        for end in ENDS:
            member = tar.extractfile(f"state{end}")
            with private.opened(folder / f"{name}{end}", "wb") as file:
                file.write(member.read() if member else b"")


def _database(folder: Path, name: str) -> bytes:
    """One moment of a database that may be written meanwhile."""
    copy = folder / f"{name}.db.copy"
    with (
        border(folder / f"{name}.db"),
        closing(sqlite3.connect(folder / f"{name}.db")) as source,
        closing(sqlite3.connect(copy)) as twin,
    ):
        source.backup(twin)
    with private.border(copy):
        data = copy.read_bytes()
        copy.unlink()
    return data


def _log(file: Path) -> bytes:
    """The whole records of a log that may be written meanwhile."""
    with private.border(file):
        data = file.read_bytes() if file.exists() else b""
    return data[: data.rfind(b"\n") + 1]


def version_of(database: Path) -> int:
    """Which version of synctool's schema a database has. Raises StateError."""
    with border(database), closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def torn(where: str) -> StateError:
    """That an object is not what was put there."""
    hint = (
        "restore an earlier version of it; or synctool doctor --rebuild puts it aside and begins a new state"
    )
    return StateError(f"{where} is torn, or no state of synctool", hint=hint)
