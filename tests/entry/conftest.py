from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import pytest

from synctool.entry.cli import main
from tests.entry.profiles import TWO_DRIVES, write


class Run(NamedTuple):
    code: int
    out: str
    err: str


class Firm:
    """A working folder with profiles of two drives each, and a way to run commands in it."""

    def __init__(self, folder, capsys):
        self.folder = folder
        self._capsys = capsys

    def profile(self, name, more=""):
        """A profile ``name`` whose drives are ``name/left`` and ``name/right``."""
        sides = {side: self.folder / name / side for side in ("left", "right")}
        for root in sides.values():
            root.mkdir(parents=True)
        return write(self.folder / "profiles" / f"{name}.yaml", TWO_DRIVES.format(**sides) + more)

    def write(self, path, text):
        return write(self.folder / path, text)

    def read(self, path):
        return (self.folder / path).read_text()

    def run(self, *args):
        self._capsys.readouterr()
        with chdir(self.folder):
            code = main([str(arg) for arg in args])
        return Run(code, *self._capsys.readouterr())


@pytest.fixture
def firm(tmp_path, capsys, monkeypatch):
    for name in ("SYNCTOOL_STATE", "SYNCTOOL_SIDES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (Path(tmp_path) / "profiles").mkdir()
    return Firm(tmp_path, capsys)
