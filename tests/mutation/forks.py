"""Does things in processes of their own, which end when they have used too much."""

import os
import signal
from pathlib import Path

ROOT = Path(__file__).parents[2]
SURVIVED, DIED = 0, 1


def in_a_fork(work, seconds):
    """What work returns, in a process of its own that may use so much processor time; DIED if it needs more."""
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else DIED
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    may_use(seconds)
    code = DIED
    try:
        code = work()
    finally:
        os._exit(code)


def may_use(seconds):
    """End this process when it has used so much more processor time."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)
