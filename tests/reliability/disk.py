"""Models a disk that forgets at a power cut what it was not told to keep, as strictly as POSIX allows.

The bytes of a file are kept by ``fsync`` of the file; a name by ``fsync`` of the folder it is in. What is not kept may be
there, or not, or in part, whatever was written after it.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

_TIME = re.compile(rb"tv_sec=(\d+), tv_nsec=(\d+)")


class File:
    """A file; kept: its bytes as the last ``fsync`` left them."""

    def __init__(self, data=b"", mtime=0):
        self.data, self.kept, self.mtime = data, data, mtime

    def write(self, data, at):
        self.data = self.data[:at].ljust(at, b"\0") + data + self.data[at + len(data) :]

    def after_a_cut(self, random, loss):
        """The kept bytes, or all of them, or something in between."""
        if self.data == self.kept or loss == 1:
            return self.kept
        end = random.randint(0, max(len(self.data), len(self.kept)))
        return random.choice((self.kept, self.data, self.data[:end] + self.kept[end:]))


class Folder:
    """A folder; pending: the changes of names that no ``fsync`` has kept yet, oldest first."""

    def __init__(self):
        self.names, self.kept, self.pending = {}, {}, []


class Disk:
    """A tree, and how the calls of a program change it."""

    def __init__(self, top):
        self.top = top.resolve()
        self.root = self._read(self.top)

    def _read(self, path):
        if path.is_file():
            return File(path.read_bytes(), path.stat().st_mtime_ns)
        folder = Folder()
        folder.names = {below.name: self._read(below) for below in path.iterdir()}
        folder.kept = dict(folder.names)
        return folder

    def at(self, path):
        """The file or folder of a path; None outside this disk."""
        here = self.root
        if not path.is_relative_to(self.top):
            return None
        for name in path.relative_to(self.top).parts:
            here = here.names[name]
        return here

    def after(self, call):
        """Let a call, as strace tells of it, happen."""
        if call.result >= 0 and (act := getattr(self, f"_{call.name}", None)):
            act(call)

    def _spots(self, call):
        """(folder, name) of each path of a call: relative to an open folder, or whole."""
        for number, text in enumerate(call.texts):
            base = call.fds[number] if number < len(call.fds) else "/"
            place = Path(base, text.decode())
            folder = self.at(place.parent)
            yield (folder, place.name) if folder else None

    def _change(self, *changes):
        """Names that change together; a change is (folder, name, what is there now)."""
        for folder, name, new in changes:
            folder.names.pop(name, None) if new is None else folder.names.update({name: new})
        for folder in {id(folder): folder for folder, *_ in changes}.values():
            folder.pending.append(changes)

    def _openat(self, call):
        if b"O_CREAT" in call.words:
            for spot in filter(None, self._spots(call)):
                if spot[1] not in spot[0].names:
                    self._change((*spot, File()))

    def _mkdirat(self, call):
        ((folder, name),) = self._spots(call)
        self._change((folder, name, Folder()))

    def _linkat(self, call):
        (old, name), (new, other) = self._spots(call)
        self._change((new, other, old.names[name]))

    def _renameat(self, call):
        (old, name), (new, other) = self._spots(call)
        self._change((new, other, old.names[name]), (old, name, None))

    _renameat2 = _renameat

    def _unlinkat(self, call):
        for spot in self._spots(call):
            if spot:
                self._change((*spot, None))

    _unlink = _unlinkat

    def _write(self, call):
        with suppress(KeyError):  # removed since it was opened
            if isinstance(file := self.at(Path(call.fds[0])), File):
                file.write(call.texts[0], len(file.data))

    def _pwrite64(self, call):
        if file := self.at(Path(call.fds[0])):
            file.write(call.texts[0], int(call.words.split(b", ")[-1]))

    def _ftruncate(self, call):
        if file := self.at(Path(call.fds[0])):
            file.data = file.data[: int(call.words.split(b", ")[-1])]

    def _utimensat(self, call):
        path = Path(
            call.fds[0], *(text.decode() for text in call.texts)
        )  # without a name: the open file itself
        if isinstance(file := self.at(path), File):
            seconds, rest = map(int, _TIME.findall(call.words)[-1])
            file.mtime = seconds * 10**9 + rest

    def _fsync(self, call):
        spot = self.at(Path(call.fds[0]))
        if isinstance(spot, File):
            spot.kept = spot.data
        elif spot:
            self._keep(spot)

    _fdatasync = _fsync

    def _keep(self, folder):
        for change in folder.pending:
            for each, name, new in change:  # what changed together is kept together
                each.kept.pop(name, None) if new is None else each.kept.update({name: new})
                if each is not folder:
                    each.pending = [other for other in each.pending if other is not change]
        folder.pending = []

    def cut(self, random, loss):
        """The tree as a power cut may leave it: path → (bytes, time), or None for a folder.

        loss: how likely it is that a change of names that was not kept is gone; 1: so is all else that was not kept.
        """
        found, gone = {}, {}

        def survive(folder, path):
            names = dict(folder.kept)
            for change in folder.pending:
                if gone.setdefault(id(change), random.random() < loss):
                    continue
                for _, name, new in (each for each in change if each[0] is folder):
                    names.pop(name, None) if new is None else names.update({name: new})
            for name, there in names.items():
                if isinstance(there, File):
                    found[path + name] = there.after_a_cut(random, loss), there.mtime
                else:
                    found[path + name] = None
                    survive(there, f"{path}{name}/")

        survive(self.root, "")
        return found


def write_out(tree, folder):
    """Make a tree that was left by a power cut; a shared memory does not outlive one."""
    for path, there in sorted(tree.items()):
        place = folder / path
        if there is None:
            place.mkdir(parents=True, exist_ok=True)
        elif not path.endswith("-shm"):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(there[0])
            os.utime(place, ns=(there[1], there[1]))
