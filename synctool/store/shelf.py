"""Names what a place must be able to do that several machines keep the states of profiles in."""

from typing import NamedTuple, Protocol


class Shelved(NamedTuple):
    """What lies on a shelf under one name. age: seconds since it was put there, both times by the shelf's own clock."""

    data: bytes
    etag: str
    age: float


class Shelf(Protocol):
    """A place for whole objects; each is put only where what it takes the place of is known. Raises SideError."""

    def where(self, name: str) -> str:
        """What a person calls the object of this name."""

    def etag(self, name: str) -> str:
        """The tag of what lies there; "" where nothing does."""

    def get(self, name: str) -> Shelved | None:
        """What lies there; None where nothing does."""

    def names(self) -> list[str]:
        """What everything that lies there is called."""

    def put(self, name: str, data: bytes, etag: str) -> str:
        """Put this in the place of what has that tag, "" for nothing; its own tag. Raises Stale where another lies there.

        Where this very thing lies there already it is done.
        """
