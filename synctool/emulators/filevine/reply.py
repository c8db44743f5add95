"""Holds an answer that is not simply 200 with JSON."""

from typing import Any, NamedTuple


class Reply(NamedTuple):
    """A status and a JSON value; None: no body."""

    status: int
    value: Any = None
