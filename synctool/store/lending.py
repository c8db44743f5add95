"""Lets one of several machines act for a profile, by an object on their shelf that must be renewed to count."""

import json
import secrets
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol, Self

from synctool.errors import Busy, SideError, Stale, Unavailable
from synctool.store.shelf import Shelf, Shelved

LIFE = 60.0
"""Seconds after which a lease that was not renewed may be taken over."""
GRACE = 5.0  # seconds by which the clocks of one shelf's servers may differ


class Times(Protocol):
    """What is needed of a clock."""

    def now_ns(self) -> int:
        """Nanoseconds since the epoch."""

    def monotonic(self) -> float:
        """Seconds that never go back."""


class Loan:
    """The right to act for a profile, from entering the context until it is left.

    It is renewed in a thread of its own, three times in its life. Whoever finds it reads its age off the shelf's clock; the
    holder counts by two of its own, as one of them stands still while a machine sleeps. So no clocks are compared.
    """

    def __init__(self, shelf: Shelf, name: str, who: str, since: str, clock: Times) -> None:
        self._shelf, self._clock = shelf, clock
        self._name = f"{name}.lease"
        self._life = LIFE
        self._said = {"who": who, "since": since, "life": LIFE, "token": secrets.token_hex(8)}
        self._turn = 0
        self._etag = ""
        self._since = self._now()
        self._trouble: Busy | SideError | None = None
        self._over = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        """Take the right. Raises Busy, naming who has it; SideError where the shelf cannot be reached."""
        found = self._shelf.get(self._name)
        if holder := _holder(found):
            raise _busy(holder)
        self._etag = found.etag if found else ""
        try:
            self._put(self._said)
        except Stale:
            raise _busy(_holder(self._shelf.get(self._name)) or "it has just ended") from None
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._heart.join()
        with suppress(SideError):  # then it ends with its life
            self._put({})

    def check(self) -> None:
        """Raise Busy when somebody else may have the right by now; Unavailable when it could not be renewed in time."""
        trouble = self._trouble
        if isinstance(trouble, Busy):
            raise trouble
        if max(now - then for now, then in zip(self._now(), self._since, strict=True)) < self._life:
            return
        if trouble:
            raise Unavailable(
                f"the profile's lease could not be renewed in time ({trouble.what})",
                side=trouble.side,
                path=trouble.path,
                hint="check the connection; the next run goes on from here",
            )
        raise _lost("it was stopped for too long")

    def _beat(self) -> None:
        while not self._over.wait(self._life / 3):
            try:
                self._put(self._said)
            except Stale:
                self._trouble = _lost("another has taken it over")
                return
            except SideError as error:
                self._trouble = error
            else:
                self._trouble = None

    def _put(self, said: dict[str, Any]) -> None:
        """Write the lease anew; never twice the same, so that every renewal has a tag of its own."""
        began = self._now()
        self._turn += 1
        data = json.dumps({**said, "turn": self._turn}).encode()
        self._etag = self._shelf.put(self._name, data, self._etag)
        self._since = began

    def _now(self) -> tuple[float, float]:
        return self._clock.monotonic(), self._clock.now_ns() / 1e9


def holder(shelf: Shelf, name: str) -> str | None:
    """Who has the right to act for a profile, and since when; None when nobody has."""
    return _holder(shelf.get(f"{name}.lease"))


def _holder(found: Shelved | None) -> str | None:
    if found is None:
        return None
    try:
        said = json.loads(found.data)
        if not said.get("who"):
            return None
        who, life = f"{said['who']}, since {said['since']}", float(said["life"])
    except (ValueError, KeyError, TypeError, AttributeError):
        who, life = "it does not say who", LIFE
    return who if found.age <= life + GRACE else None


def _busy(who: str) -> Busy:
    hint = f"wait for it to end; if it died, {LIFE + GRACE:.0f} seconds after its last sign another may begin"
    return Busy(f"another run holds this profile: {who}", hint=hint)


def _lost(why: str) -> Busy:
    return Busy(
        f"this run has lost the profile's lease: {why}",
        hint="it stops here; look at synctool status, then run again",
    )
