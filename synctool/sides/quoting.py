"""Quotes what a server says, without what may be a secret that it says back to us."""

import re

LONGEST_WORD = 24  # characters; keys, tokens and signed addresses are longer
LONGEST = 200  # characters
_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")


def quoted(said: str) -> str:
    """One short line; a word that is too long to be one is left out."""
    return " ".join(_WORD.sub("…", said).split())[:LONGEST]
