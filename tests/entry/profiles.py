"""A checked profile, and the text of one with two drives."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from synctool.config import load

TWO_DRIVES = """\
version: 1
timezone: America/Denver
sides:
  left: {{kind: drive, root: '{left}', names: posix}}
  right: {{kind: drive, root: '{right}', names: windows}}
"""
LONG_AGO = 1_700_000_000  # seconds since the epoch: a file that old is not being written any more


def write(path, text):
    """Put a document that has been still for long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (LONG_AGO, LONG_AGO + len(text)))
    return path


def _profile():
    with TemporaryDirectory() as folder:
        file = Path(folder) / "case-1.yaml"
        file.write_text(TWO_DRIVES.format(left="/nowhere/l", right="/nowhere/r"))
        return load(file)


PROFILE = _profile()
