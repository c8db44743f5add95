"""Puts a profile together from its file and the fragments it extends."""

from pathlib import Path

import yaml

from synctool.config.document import TEXT, Mistake, mistake, parse, plain
from synctool.errors import ProfileError

MAX_EXTENDS = 5
ADDED_UP = ("rules", "holds")
NOT_INHERITED = ("extends", "name")


def read(path: Path) -> tuple[yaml.MappingNode, list[Mistake]]:
    """The whole document of a profile, each value standing where it was written, and the mistakes so far.

    Raises ProfileError when a file cannot be read at all.
    """
    whole, mistakes = _read(path, path.parent.resolve(), ())
    start = whole.start_mark
    said = {key.value: (key, value) for key, value in whole.value if key.value != "extends"}
    name = (yaml.ScalarNode(TEXT, "name", start), yaml.ScalarNode(TEXT, path.stem, start))
    return yaml.MappingNode(whole.tag, list(({"name": name} | said).values()), start), mistakes


def _read(path: Path, room: Path, above: tuple[Path, ...]) -> tuple[yaml.MappingNode, list[Mistake]]:
    try:
        own, mistakes = parse(path.read_bytes(), str(path))
    except OSError as error:
        raise ProfileError(f"{path}:1:1: cannot be read: {error.strerror}") from error
    whole = own
    for name in _extended(own):
        fragment = path.parent / name
        refused = _refused(fragment, room, (*above, path))
        if refused:
            mistakes.append(mistake(own, ("extends",), f"{name!r} {refused}"))
            continue
        base, more = _read(fragment, room, (*above, path))
        mistakes += more
        inherited = [pair for pair in base.value if pair[0].value not in NOT_INHERITED]
        whole = _merged(yaml.MappingNode(base.tag, inherited, own.start_mark), whole)
    return whole, mistakes


def _extended(own: yaml.MappingNode) -> list[str]:
    """The names under ``extends``, the last first."""
    names = plain(own).get("extends", [])
    return [str(name) for name in reversed(names if isinstance(names, list) else [names])]


def _refused(fragment: Path, room: Path, above: tuple[Path, ...]) -> str:
    """Why a fragment is not read, or ""."""
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
