"""Writes the log to stderr: warnings as text for people, or everything as JSON lines for machines."""

import json
import logging
import sys

from synctool.entry.show.visible import iso, visible


class TextLine(logging.Formatter):
    """``warning: what happened``, on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return visible(f"{record.levelname.lower()}: {record.getMessage()}")


class JsonLine(logging.Formatter):
    """One JSON object a line: at (ISO 8601, UTC), level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        facts = {
            "at": iso(int(record.created * 1e9)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(facts)


def log_to_stderr(form: str) -> None:
    """Send synctool's log to stderr, and that of no library: theirs may hold signed addresses. form: text or json.

    Their warnings are for developers (watchdog says so when it is asked for more while it ends), and are no text for users.
    """
    logging.captureWarnings(True)
    logging.getLogger().addHandler(logging.NullHandler())  # or Python itself would show their warnings
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if form == "json" else TextLine())
    logger = logging.getLogger("synctool")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO if form == "json" else logging.WARNING)
