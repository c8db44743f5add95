"""Follows the notes of a queue: each profile's together, kept to ourselves while we work, let go of when it is done."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from synctool.errors import SideError
from synctool.store.queue import Message, Note, Queue, gathered

log = logging.getLogger(__name__)

OURS = 120
"""Seconds that messages are kept to ourselves at a time; somebody else has them so long after we died."""

FOLLOWED = frozenset((0, 3, 4, 6))
"""Exit codes of a run after which a note has served: what waits, waits in the state."""

PAUSE, LONGEST_PAUSE = 30, 900
"""Seconds until a note that could not be followed is tried again: at first, and at most."""

BUSY = 8

Act = Callable[[Note], int]
"""Runs a profile at the places that a note names; the exit code. Raises nothing."""


def work(queue: Queue, act: Act, stopped: Event) -> None:
    """Follow what the queue gives until we are stopped; what goes wrong with the queue is logged, and tried again."""
    while not stopped.is_set():
        try:
            messages = queue.receive()
            follow(queue, messages, act, stopped)
        except SideError as error:
            log.warning("%s", error)
            stopped.wait(PAUSE)


def follow(queue: Queue, messages: Sequence[Message], act: Act, stopped: Event) -> None:
    """Follow these messages, profile by profile; what is not begun when we are stopped goes back at once."""
    left = list(messages)
    with _kept(queue, left):
        for note, group in gathered(messages):
            code = BUSY if stopped.is_set() else act(note)
            for message in group:
                left.remove(message)
            if code in FOLLOWED:
                queue.done(group)
            else:
                queue.keep(group, 0 if stopped.is_set() else _pause(group))


def _pause(group: Sequence[Message]) -> int:
    times = max(message.times for message in group)
    return min(LONGEST_PAUSE, PAUSE << min(times - 1, 10))


@contextmanager
def _kept(queue: Queue, messages: list[Message]) -> Iterator[None]:
    """Keep to ourselves what is left of these messages, for as long as it takes."""
    over = Event()

    def beat() -> None:
        while not over.wait(OURS / 3):
            try:
                if ours := list(messages):
                    queue.keep(ours, OURS)
            except SideError as error:  # the next beat comes before they are lost
                log.warning("%s", error)

    heart = Thread(target=beat, name="queue", daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()
