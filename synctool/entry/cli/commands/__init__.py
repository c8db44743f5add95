"""Declares every command and option; what they need is imported when one of them runs, so that ``--help`` is quick."""

from synctool.entry.cli.commands import caring, doing, knowing, serving, writing
from synctool.entry.cli.commands.root import cli

__all__ = ["caring", "cli", "doing", "knowing", "serving", "writing"]
