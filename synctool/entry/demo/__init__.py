"""Shows people what synctool does, on servers and folders made for it."""

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from synctool.engine.clock import SYSTEM
from synctool.entry.demo.serving import attend, farewell
from synctool.entry.demo.stage import staged
from synctool.entry.demo.story import tell
from synctool.entry.demo.telling import Teller
from synctool.store.lease import held, whoami

__all__ = ["run"]


def run(state: Path, *, serve: bool) -> int:
    """Tell the story in ``state/demo``; the exit code. serve: leave everything running until interrupted.

    Raises SyncError when a check fails, Missing without an S3 server, Misuse when the folder is not the demo's, Busy
    when another demo runs in it.
    """
    teller = Teller(Console())
    since = datetime.fromtimestamp(SYSTEM.now_ns() // 10**9, UTC).isoformat()
    folder = state.resolve() / "demo"
    with held(folder.with_suffix(".lock"), whoami(), since), staged(folder, teller) as stage:
        tell(stage, teller)
        attend(stage, teller) if serve else farewell(stage, teller)
    return 0
