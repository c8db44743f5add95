"""Asks a server what time it is, as every answer of one says."""

from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from synctool.sides.patience import POOLS

PATIENCE = urllib3.Timeout(connect=5, read=10)  # seconds


def told(url: str) -> int | None:
    """The seconds since the epoch by the clock of a server; None when it does not say, or does not answer.

    It is not signed in to: whatever it answers has a date.
    """
    parts = urlsplit(url)
    try:
        with POOLS[parts.scheme](parts.hostname or "", parts.port, timeout=PATIENCE) as pool:
            answer = pool.urlopen(
                "HEAD", "/", headers={"user-agent": "synctool"}, retries=False, redirect=False
            )
        return int(parsedate_to_datetime(answer.headers.get("date", "")).timestamp())
    except (HTTPError, OSError, ValueError, TypeError, KeyError, OverflowError):
        return None
