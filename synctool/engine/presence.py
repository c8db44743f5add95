"""Asks a side that failed whether it is still there, so that the rest of its steps need not find out one by one."""

from synctool.core.model import SideName
from synctool.engine.acts import Run
from synctool.errors import Denied, SideError, Unavailable
from synctool.sides.base import Side


def ask_after(run: Run, error: SideError) -> None:
    """After a failure that may be the whole side's: note the side as away if it cannot be listed, or not be written."""
    side = run.sides.get(error.side)
    if side is None or not isinstance(error, Unavailable | Denied) or side.name in {*run.away, *run.asking}:
        return
    run.asking.add(side.name)  # no lock: who fails meanwhile need not wait, and to ask twice does no harm
    try:
        _touch(side)
    except SideError as gone:
        run.away[side.name] = gone
    finally:
        run.asking.discard(side.name)


def left(run: Run, side: SideName) -> SideError | None:
    """Why nothing more is tried on a side in this run; None while it is there."""
    gone = run.away.get(side)
    return gone and SideError(gone.what, side=side, hint=gone.hint)


def _touch(side: Side) -> None:
    next(side.list(), None)
    marker = side.marker()
    if marker is not None:
        side.mark(marker)  # the same again: what is read-only is away for every step
