"""Runs a case's ``apply`` under strace: to read its calls, to be killed at one, or to be refused one."""

import re
import shutil
from typing import NamedTuple

from tests.reliability.two_drives import LARGE

CHANGING = (
    "write", "pwrite64", "fsync", "fdatasync", "linkat", "renameat", "unlinkat", "unlink", "mkdirat", "mkdir",
    "renameat2", "utimensat", "fchmodat", "ftruncate",
)  # fmt: skip
_LINE = re.compile(rb"\d+ +(\w+)\((.*)\) += (-?\d+)")
_QUOTED = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')
_OPENED = re.compile(rb"<((?:\\x[0-9a-f]{2})*)>")


class Call(NamedTuple):
    """A system call. number: how many of its name there were so far; fds, texts: what its arguments stand for."""

    name: str
    number: int
    fds: tuple[str, ...]
    texts: tuple[bytes, ...]
    words: bytes
    result: int


def needs_strace(lacking):
    if not shutil.which("strace"):
        lacking("strace is not installed, to be killed at every call")


def calls(case, names=CHANGING):
    """Every call of these names that ``apply`` makes, in order; the case is carried out."""
    log = case.folder / "calls"
    strace = ("strace", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", str(LARGE), "-o", log)
    ended = case.command("apply", "--yes", under=(*strace, "-e", f"trace={','.join(names)}"))
    assert not ended.returncode, ended.stderr
    found, counts = [], {}
    for line in log.read_bytes().splitlines():
        name, words, result = _LINE.match(line).groups()
        name = name.decode()
        counts[name] = counts.get(name, 0) + 1
        fds = tuple(_plain(each).decode() for each in _OPENED.findall(words))
        texts = tuple(map(_plain, _QUOTED.findall(words)))
        found.append(Call(name, counts[name], fds, texts, words, int(result)))
    log.unlink()
    return found


def _plain(text):
    return bytes.fromhex(text.replace(b"\\x", b"").decode())


def site(call):
    """What a call is for: calls of one site differ only in the document they are made for."""
    spots = (*call.fds, *(text.decode() for text in call.texts if call.name not in ("write", "pwrite64")))
    return call.name, call.result < 0, *map(_role, spots)


def _role(spot):
    for part, role in ((".~synctool-", "temp"), ("/trash", "trash"), (".synctool", "own"), ("/state", spot)):
        if part in spot:
            return role
    return "document"


def struck(case, call, number, how, log="/dev/null"):
    """``apply``, in which the n-th call of this name meets with how: ``signal=SIGKILL``, ``error=ENOSPC``."""
    inject = ("-e", f"trace={call}", "-e", f"inject={call}:{how}:when={number}")
    strace = ("strace", "-f", "-qq", "-y", "-xx", "-o", log)
    return case.command("apply", "--yes", under=(*strace, *inject))


def refused(log):
    """What was open in each call that was refused, as the log of ``struck`` tells."""
    lines = (line for line in log.read_bytes().splitlines() if line.endswith(b"(INJECTED)"))
    return [tuple(_plain(each).decode() for each in _OPENED.findall(line)) for line in lines]
