"""Every failure synctool can report, and its exit code.

    SyncError                1  a failure nobody foresaw
    ├── Misuse               2  the command line or a profile is wrong
    │   └── ProfileError     2  … with file, line and column
    ├── SideError            5  a side could not do what was asked
    │   ├── Unavailable      5  no answer, or not now: tried again
    │   ├── Denied           5  the side refuses us: sign-in or rights
    │   ├── Missing          5  the place or the thing is not there
    │   ├── Stale            5  the world moved since we looked: decided anew next time
    │   ├── InUse            5  somebody works on it: put off
    │   ├── Full             5  no room for this: what is smaller may still fit
    │   └── Rejected         4  the side will never accept this: waits for a person
    ├── Braked               6  a brake refuses the plan, or a saved plan is refused
    ├── StateError           7  the state cannot be used
    └── Busy                 8  another run holds this profile

A message is one line in the form ``side: path: what happened; what to do next``. It never holds a secret.
"""

from typing import ClassVar


class SyncError(Exception):
    """A failure with a place and a next step.

    what: what happened, in words for people; side, path: where, when known; hint: what to do next.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, side: str = "", path: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.side = side
        self.path = path
        self.hint = hint

    def __str__(self) -> str:
        place = "".join(f"{part}: " for part in (self.side, self.path) if part)
        return place + self.what + (f"; {self.hint}" if self.hint else "")


class Misuse(SyncError):
    """The command line or a profile asks for something that makes no sense."""

    exit_code = 2


class ProfileError(Misuse):
    """A mistake in a profile; ``str()`` reads ``profiles/x.yaml:5:3: sides.zdrive: 'root' is required``.

    One error may carry several mistakes, each a line of its own, nearest first.
    """

    def __init__(self, *mistakes: str) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class SideError(SyncError):
    """A side could not do what was asked."""

    exit_code = 5


class Unavailable(SideError):
    """No answer, or an answer that says "not now". Worth trying again.

    retry_after: seconds the side asked us to wait, if it said so.
    """

    def __init__(
        self, what: str, *, side: str = "", path: str = "", hint: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(what, side=side, path=path, hint=hint)
        self.retry_after = retry_after


class Denied(SideError):
    """The side knows us and refuses, or does not know us: wrong credentials, missing rights."""


class Missing(SideError):
    """The root, bucket, project, folder or document is not there."""


class Stale(SideError):
    """What is there is not what the plan was made from. Nothing was changed."""


class InUse(SideError):
    """Somebody works on it: an open file, a lock by another person. Put off, not failed."""


class Full(SideError):
    """There is no room for this. Waiting does not help; what is smaller may still fit."""


class Rejected(SideError):
    """The side will never accept this: too large, zero bytes, a flagged virus. Waits for a person."""

    exit_code = 4


class Braked(SyncError):
    """A person should look first: a brake refuses the plan, or a saved plan no longer fits."""

    exit_code = 6


class StateError(SyncError):
    """The state database is damaged, newer than this program, or in a place it must not be."""

    exit_code = 7


class Busy(SyncError):
    """Another run holds this profile."""

    exit_code = 8


SEVERITY = (1, 2, 7, 6, 5, 8, 4, 3, 0)


def most_serious(codes: list[int]) -> int:
    """The exit code to return for several profiles, by the order of SEVERITY; 0 for none."""
    return min(codes, key=SEVERITY.index, default=0)
