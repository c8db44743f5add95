"""Spells commands as people can type them."""

import re
from collections.abc import Iterable, Sequence

from synctool.config.profile import Profile
from synctool.entry.cli.session import Session


def command(session: Session, words: Iterable[str]) -> str:
    """A command line that means the same places as this one, as it can be typed."""
    return " ".join(["synctool", *map(_quoted, (*session.options, *words))])


def typed(session: Session, profile: Profile, words: Sequence[str]) -> str:
    """The command line of a command for one profile: its name goes before what else is said."""
    name, *rest = words
    return command(session, [name, given(profile, session), *rest])


def given(profile: Profile, session: Session) -> str:
    """How a profile is called on the command line: by name where that finds it."""
    inside = profile.file.parent == session.profiles
    return profile.name if inside else str(profile.file)


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w./:\\-]+", word) else f'"{word}"'
