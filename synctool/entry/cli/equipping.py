"""Gives a command what its runs work with."""

from synctool.engine.tools import SILENT, Progress, Tools
from synctool.entry.cli.session import Session


def tools_of(session: Session, progress: Progress = SILENT) -> Tools:
    """What runs work with, as the global options say."""
    return Tools(
        session.state,
        session.clock,
        progress,
        rate_share=session.rate_share,
        accounts=session.accounts,
        shelf=session.shelf,
    )
