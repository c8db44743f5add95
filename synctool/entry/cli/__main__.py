"""Runs synctool as ``python -m synctool.entry.cli``."""

import sys

from synctool.entry.cli import main

sys.exit(main())
