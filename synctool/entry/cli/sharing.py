"""Opens a state that several machines share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synctool.config.secrets import bucket_keys, environment
from synctool.engine.clock import Clock
from synctool.engine.shelf import BucketShelf
from synctool.entry.cli.session import desk
from synctool.store import private


@contextmanager
def shared(url: str, profiles: Path, clock: Clock) -> Iterator[BucketShelf]:
    """The shelf of a shared state, signed in to as the profiles' buckets are. Raises Misuse, StateError."""
    variables = environment(profiles)
    keys = bucket_keys(profiles, variables)
    own = (keys["access_key"].reveal(), keys["secret_key"].reveal()) if keys else None
    shelf = BucketShelf(url, variables, own, clock)
    private.own(desk(url))
    try:
        yield shelf
    finally:
        shelf.close()
