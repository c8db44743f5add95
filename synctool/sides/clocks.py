"""Asks a server what time it is, as every answer of one says."""

from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

KINDS = {"http": HTTPConnection, "https": HTTPSConnection}
PATIENCE = 10  # seconds


def told(url: str) -> int | None:
    """The seconds since the epoch by the clock of a server; None when it does not say, or does not answer.

    It is not signed in to: whatever it answers has a date.
    """
    try:
        parts = urlsplit(url)
        line = KINDS[parts.scheme](parts.hostname or "", parts.port, timeout=PATIENCE)
        try:
            line.request("HEAD", "/", headers={"User-Agent": "synctool"})
            date = line.getresponse().getheader("Date", "")
        finally:
            line.close()
        return int(parsedate_to_datetime(date).timestamp())
    except (HTTPException, OSError, ValueError, KeyError, OverflowError):
        return None
