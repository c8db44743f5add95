"""Runs synctool as ``python -m synctool.entry.cli``."""

from synctool.entry.cli import main

main()
