"""Follows what a queue says of profiles, until it is told to stop."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import click

from synctool.core.pacing import EVERYWHERE, Places
from synctool.engine.watching.board import Turn
from synctool.engine.watching.loop import Watched
from synctool.engine.working import work
from synctool.entry.cli.ending import complain
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.noticing import Notifier, sending
from synctool.entry.cli.roster import Roster
from synctool.entry.cli.session import Session
from synctool.entry.cli.watching import Rounds, stopping
from synctool.errors import Misuse
from synctool.store.queue import Note, Queue

WORKERS = 4  # profiles that one process works at side by side


def worker(session: Session, url: str, names: Collection[str], *, as_json: bool) -> int:
    """Follow a queue until a signal says stop; 0. Raises Misuse where there is no profile that it could speak of."""
    roster = Roster(session, names)
    if not (roster() or roster.homes()):
        raise Misuse(
            f"there is no profile to work at in {session.profiles}",
            hint="name a profile, or say where: --profiles",
        )
    tools, notifier = tools_of(session), Notifier(session)
    with (
        closing(Queue(url)) as queue,
        stopping(tools.stopped),
        sending(notifier, dict),
        ThreadPoolExecutor(WORKERS, "worker") as pool,
    ):
        follower = Follower(roster, Rounds(session, tools, notifier, as_json=as_json), queue)
        click.echo("working; Ctrl-C ends it, after what goes on", err=True)
        for hand in [pool.submit(work, queue, follower, tools.stopped) for _ in range(WORKERS)]:
            hand.result()
    return 0


class Follower:
    """Makes the round that a note asks for, and puts into the queue what it leads to."""

    def __init__(self, roster: Roster, rounds: Rounds, queue: Queue) -> None:
        self._roster = roster
        self._rounds = rounds
        self._queue = queue

    def __call__(self, note: Note) -> int:
        """The exit code of the round."""
        watched = self._roster.find(note.profile)
        if watched is None:
            complain(f"the queue speaks of {note.profile!r}, which is no profile here")
            return Misuse.exit_code
        told = self._rounds.attempt(watched, Turn(note.profile, places(note, watched)))
        self._rounds.show(told)
        if again := told.ended.again:
            self._queue.send([Note(note.profile, tuple((side, EVERYWHERE) for side in sorted(again)))])
        return told.exit_code


def places(note: Note, watched: Watched) -> Places | None:
    """Where a round looks that follows a note: None is everywhere. Sides that do not take part here say nothing."""
    if not note.hints:
        return None
    told = {side: {handle for name, handle in note.hints if name == side} for side, _ in note.hints}
    return {side: frozenset(handles) for side, handles in told.items() if side in watched.profile.sides}
