"""Holds the values an organisation is made of: projects, folders, documents, refusals."""

from dataclasses import dataclass
from enum import Enum

ACCOUNT = 990001
"""The user the API acts for."""

COLLEAGUE = 990002
"""The user the back door acts for: somebody else of the same firm."""

PEOPLE = {ACCOUNT: ("Sync", "Account"), COLLEAGUE: ("Casey", "Colleague")}


class Refusal(Exception):
    """A request that the server refuses: an HTTP status and a sentence for people."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Phase(Enum):
    """Where in its life a document is."""

    PENDING = "pending"  # an upload was asked for; invisible
    COMMITTED = "committed"
    DELETED = "deleted"  # out of sight; only a person can bring it back
    CLAIMED = "claimed"  # became a revision of another document


@dataclass(frozen=True, slots=True)
class Project:
    """A case."""

    id: int
    name: str
    root: int  # folder id
    created_ns: int  # since the epoch


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder; parent is None for a project's root."""

    id: int
    project: int
    parent: int | None
    name: str
    archived: bool = False
    protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document, or the upload that may become one."""

    id: int
    filename: str
    size: int  # bytes
    revisions: tuple[str, ...]  # storage keys, oldest first
    uploader: int
    uploaded_ns: int  # since the epoch
    project: int = 0
    folder: int = 0
    hashtags: tuple[str, ...] = ()
    phase: Phase = Phase.PENDING
    contract: bool = False  # made by the contract tool: takes no revisions

    @property
    def key(self) -> str:
        """Names the bytes of the current revision; what the API calls its version key."""
        return self.revisions[-1]
