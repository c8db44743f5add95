"""Puts a profile together from its file and the fragments it extends."""

from contextlib import suppress
from pathlib import Path

import yaml

from synctool.config.document import TEXT, Mistake, mistake, parse, plain
from synctool.errors import ProfileError

MAX_EXTENDS = 5
MAX_FILES = 100  # each counted as often as it is extended
MAX_BYTES = 1 << 20
ADDED_UP = ("rules", "holds")
NOT_INHERITED = ("extends", "name")


def read(path: Path) -> tuple[yaml.MappingNode, list[Mistake]]:
    """The whole document of a profile, each value standing where it was written, and the mistakes so far.

    Raises ProfileError when a file cannot be read at all.
    """
    whole, mistakes = _Reader(path.parent.resolve()).read(path, ())
    start = whole.start_mark
    said = {key.value: (key, value) for key, value in whole.value if key.value != "extends"}
    name = (yaml.ScalarNode(TEXT, "name", start), yaml.ScalarNode(TEXT, path.stem, start))
    return yaml.MappingNode(whole.tag, list(({"name": name} | said).values()), start), mistakes


class _Reader:
    """Reads the files of one profile, all in one folder, so many at most."""

    def __init__(self, room: Path) -> None:
        self._room = room
        self._left = MAX_FILES

    def read(self, path: Path, above: tuple[Path, ...]) -> tuple[yaml.MappingNode, list[Mistake]]:
        """A file and what it extends; above: those that extend it."""
        own, mistakes = parse(self._bytes(path), str(path))
        whole = own
        for name in _extended(own):
            fragment = path.parent / name
            refused = _refused(fragment, self._room, (*above, path))
            if refused:
                mistakes.append(mistake(own, ("extends",), f"{name[:200]!r} {refused}"))
                continue
            base, more = self.read(fragment, (*above, path))
            mistakes += more
            inherited = [pair for pair in base.value if pair[0].value not in NOT_INHERITED]
            whole = _merged(yaml.MappingNode(base.tag, inherited, own.start_mark), whole)
        return whole, mistakes

    def _bytes(self, path: Path) -> bytes:
        self._left -= 1
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise ProfileError(f"{path}:1:1: cannot be read: {error.strerror}") from error
        if self._left < 0 or len(data) > MAX_BYTES:
            raise ProfileError(
                f"{path}:1:1: a profile has {MAX_FILES} files of {MAX_BYTES >> 20} MiB at most"
            )
        return data


def _extended(own: yaml.MappingNode) -> list[str]:
    """The names under ``extends``, the last first."""
    names = plain(own).get("extends", [])
    return [str(name) for name in reversed(names if isinstance(names, list) else [names])]


def _refused(fragment: Path, room: Path, above: tuple[Path, ...]) -> str:
    """Why a fragment is not read, or ""."""
    with suppress(OSError):  # a name that is too long, on some systems
        if not fragment.is_file():
            return "is not there"
    if not fragment.resolve().is_relative_to(room):
        return "lies outside the profile's own folder"
    if fragment.resolve() in {each.resolve() for each in above}:
        return "extends itself in the end"
    return f"is more than {MAX_EXTENDS} files deep" if len(above) > MAX_EXTENDS else ""


def _merged(base: yaml.MappingNode, own: yaml.MappingNode) -> yaml.MappingNode:
    """Both mappings as one; own wins, and what only own has comes after what base has."""
    pairs = {key.value: (key, value) for key, value in base.value}
    for key, value in own.value:
        former = pairs.get(key.value)
        pairs[key.value] = (key, _joined(key.value, former[1], value)) if former else (key, value)
    return yaml.MappingNode(own.tag, list(pairs.values()), own.start_mark)


def _joined(key: str, base: yaml.Node, own: yaml.Node) -> yaml.Node:
    if isinstance(base, yaml.MappingNode) and isinstance(own, yaml.MappingNode):
        return _merged(base, own)
    if key in ADDED_UP and isinstance(base, yaml.SequenceNode) and isinstance(own, yaml.SequenceNode):
        return yaml.SequenceNode(own.tag, [*own.value, *base.value], own.start_mark)
    return own
