"""Lets one thread run at a time, and a seed choose which: the same seed, the same order of everything."""

import faulthandler
import threading
from concurrent.futures import Executor

PATIENCE = 120
"""Seconds, of which a turn that is not lost takes thousandths."""


class Baton:
    """Whoever holds it runs. Others wait in ``ready`` until they are chosen; choose(n) gives a number below n."""

    def __init__(self, choose):
        self._choose = choose
        self._ready = []
        self.mine = Turn("main")

    def pass_on(self):
        """Let the seed choose who goes on, this thread among them."""
        if self._ready:
            turn = self.mine
            self._ready.append(turn)
            self._give(turn)

    def leave(self, turn=None):
        """Give the baton to somebody else; a turn that is given waits until it is chosen after joining again."""
        self._give(turn)

    def join(self, turn):
        """Wait for a turn, among those that are ready."""
        self._ready.append(turn)

    def _give(self, turn):
        chosen = self._ready.pop(self._choose(len(self._ready)))
        if chosen is turn:
            return
        self.mine = chosen
        chosen.go.release()
        if turn is not None:
            turn.wait()


class Turn:
    """One thread that takes turns."""

    def __init__(self, name):
        self.name = name
        self.go = threading.Semaphore(0)

    def wait(self):
        if not self.go.acquire(timeout=PATIENCE):
            faulthandler.dump_traceback()
            raise RuntimeError(f"{self.name}: the turn never came; who had it?")


class Lock:
    """A lock among threads that take turns: nobody passes the baton on while holding it, so it only is a moment."""

    def __init__(self, moment):
        self._moment = moment
        self._depth = 0

    def __enter__(self):
        if not self._depth:
            self._moment()
        self._depth += 1

    def __exit__(self, *_):
        self._depth -= 1


class Crew(Executor):
    """A pool of threads that take turns; abandon() says whether what has not begun is left when something failed."""

    def __init__(self, baton, workers, abandon):
        self._baton = baton
        self._workers = workers
        self._abandon = abandon

    def map(self, function, items):
        """The results in the order of the items, when all are there; raises what the first of them raised."""
        shift = Shift(function, list(enumerate(items)), self._baton.mine)
        turns = [Turn(f"worker {number}") for number in range(min(self._workers, len(shift.todo)))]
        threads = [threading.Thread(target=self._work, args=(turn, shift), daemon=True) for turn in turns]
        shift.at_work = len(turns)
        for turn, thread in zip(turns, threads, strict=True):
            self._baton.join(turn)
            thread.start()
        if turns:
            self._baton.leave(shift.owner)
        for thread in threads:
            thread.join()
        if shift.failures:
            raise shift.failures[min(shift.failures)]
        return iter([shift.results[number] for number in sorted(shift.results)])

    def _work(self, turn, shift):
        turn.wait()
        while shift.todo and not (shift.failures and self._abandon()):
            shift.take()
        shift.at_work -= 1
        if not shift.at_work:
            self._baton.join(shift.owner)
        self._baton.leave()


class Shift:
    """What one pool has to do, and what came of it; owner: the turn that waits until nobody is at work."""

    def __init__(self, function, todo, owner):
        self.function, self.todo, self.owner = function, todo, owner
        self.results, self.failures = {}, {}
        self.at_work = 0

    def take(self):
        number, item = self.todo.pop(0)
        try:
            self.results[number] = self.function(item)
        except BaseException as error:  # noqa: BLE001 - it is raised where the results are wanted
            self.failures[number] = error
