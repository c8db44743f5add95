"""Saves plans and reads them back."""

import json
from contextlib import suppress
from pathlib import Path

from synctool.engine.former import Undo
from synctool.engine.narrow import SavedPlan
from synctool.entry.show import documents
from synctool.entry.show.documents import Document
from synctool.errors import Braked, Misuse
from synctool.store import private


def target(out: Path | None, several: int) -> Path | None:
    """Where plans are saved, ready to be written to: a file, or a folder for several profiles, and how many they are."""
    if out is None or several == 1:
        return out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misuse(f"{out}: cannot be a folder: {error.strerror}", hint="several plans need one") from error
    return out


def save(document: Document, out: Path) -> Path:
    """Write a plan to a file, or into a folder under its profile's name; the file. Raises Misuse."""
    return write(json.dumps(document, indent=1) + "\n", out, f"{document['profile']}.plan.json")


def write(text: str, out: Path, name: str) -> Path:
    """Write a text to a file, or into a folder under a name; the file. Raises Misuse."""
    file = out / name if out.is_dir() else out
    try:
        private.write(file, text)
    except OSError as error:
        raise Misuse(f"{file}: cannot be written: {error.strerror}") from error
    return file


def _undo(document: Document) -> Undo | None:
    """What a saved plan undoes, if it does. Raises ValueError for what the record cannot have."""
    match document.get("undo"):
        case None:
            return None
        case {"run": int(run), "path": str(path)} if 0 <= run < 2**63:
            path.encode()  # half a surrogate pair
            return Undo(run, path)
        case _:
            raise ValueError


def read(file: Path) -> SavedPlan:
    """A saved plan. Raises Misuse for what is none, Braked for one of another version."""
    try:
        document = json.loads(file.read_bytes())
    except OSError as error:
        raise Misuse(f"{file}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        document = None
    match document:
        case {
            "format": documents.PLAN_FORMAT,
            "profile": str(profile),
            "digest": str(digest),
            "state": str(state),
            "steps": [*steps],
        } if all(isinstance(step, dict) and isinstance(step.get("id"), str) for step in steps):
            ids = frozenset(step["id"] for step in steps)
            with suppress(ValueError):
                return SavedPlan(profile, digest, state, ids, _undo(document))
        case {"format": str(found)} if found != documents.PLAN_FORMAT:
            raise Braked(f"{file}: is {found!r} and not {documents.PLAN_FORMAT!r}", hint="make a new plan")
    raise Misuse(f"{file}: is no saved plan", hint="synctool plan --out makes one")
