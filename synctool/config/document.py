"""Reads YAML 1.2 into nodes that remember where they stand, and writes it."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml

from synctool.errors import ProfileError

MAX_NODES = 20_000  # aliases counted as often as they are used
MAX_DEPTH = 30
TOO_LARGE = f"more than {MAX_NODES} values, or nested deeper than {MAX_DEPTH}"
TEXT = "tag:yaml.org,2002:str"

Key = str | int
Place = tuple[Key, ...]
"""Where a value stands in a document: keys and list indices from the top."""


class Mistake(NamedTuple):
    """One mistake in a profile, and where: lines and columns count from 1."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text}"


class _Loader(yaml.SafeLoader):
    """PyYAML with the core schema of YAML 1.2, without tags, and of bounded size."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 -- PyYAML's own form
    seen = 0
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        self.seen, self.depth = self.seen + 1, self.depth + 1
        if self.seen > MAX_NODES or self.depth > MAX_DEPTH:
            raise _refusal(TOO_LARGE, event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise _refusal("tags have no place in a profile", event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        node = super().compose_scalar_node(anchor)
        if any("\ud800" <= char <= "\udfff" for char in node.value):
            raise _refusal("half a surrogate pair is no text", node.start_mark)
        return node


for _tag, _first, _form in (
    ("null", "~nN", r"~|null|Null|NULL|"),
    ("bool", "tTfF", r"true|True|TRUE|false|False|FALSE"),
    ("int", "-+0123456789", r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,18}"),
    ("float", "-+.0123456789", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_form})$"), [*_first, ""])


class _Dumper(yaml.SafeDumper):
    """PyYAML's own, which also puts in quotes what would be no text in YAML 1.2."""

    yaml_implicit_resolvers = {  # noqa: RUF012 -- PyYAML's own form
        first: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(first, ()),
            *_Loader.yaml_implicit_resolvers.get(first, ()),
        ]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *_Loader.yaml_implicit_resolvers}
    }

    def ignore_aliases(self, _: Any) -> bool:
        return True


def dump(value: Any, *, one_line: bool = False) -> str:
    """The YAML of plain values, in their order; one_line: without a line's end."""
    flow = True if one_line else None
    width = float("inf") if one_line else 100
    text = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=width
    )
    return text.removesuffix("\n").removesuffix("\n...") if one_line else str(text)


def _refusal(text: str, mark: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=text, problem_mark=mark)


def parse(data: bytes, file: str) -> tuple[yaml.MappingNode, list[Mistake]]:
    """The mapping that a document holds, and the mistakes that do not keep it from being read.

    file: what the document is called in messages. Raises ProfileError for what is no YAML, or no mapping.
    """
    try:
        loader = _Loader(data)
        loader.name = file
        node = loader.get_single_node()
        nodes = list(_bounded(node)) if node else []
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark
        raise ProfileError(str(_at(mark, str(error.problem)))) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # PyYAML lets out what chr() and int() raise
        raise ProfileError(
            f"{file}:1:1: not a text in UTF-8, or one with a character that cannot be"
        ) from error
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1 if node else 1
        raise ProfileError(f"{file}:{line}:1: a profile is a mapping of keys to values")
    return node, [
        mistake for each in nodes if isinstance(each, yaml.MappingNode) for mistake in _bad_keys(each)
    ]


def _bounded(top: yaml.Node) -> Iterator[yaml.Node]:
    """Every node, a repeated one as often as it is used; for a few aliases can stand for billions of nodes."""
    waiting = [(top, 0)]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            break
        if isinstance(node, yaml.MappingNode):
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise _refusal("a key is a plain word", key.start_mark)
        yield node
        waiting += [(child, depth + 1) for child in _children(node)]
    raise _refusal(TOO_LARGE, top.start_mark)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [value for _, value in node.value]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _bad_keys(node: yaml.MappingNode) -> Iterator[Mistake]:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        if key.value in seen:
            yield _at(key.start_mark, f"{key.value!r} stands here already, in line {seen[key.value]}")
        else:
            seen[key.value] = key.start_mark.line + 1


def _at(mark: yaml.Mark, text: str) -> Mistake:
    return Mistake(mark.name, mark.line + 1, mark.column + 1, text)


def plain(node: yaml.Node) -> Any:
    """The value of a node: dict, list, str, int, float, bool or None."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(each) for each in node.value]
    return _SCALARS[node.tag.rpartition(":")[2]](node.value)


_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": lambda text: int(text, 0 if text[:2] in {"0o", "0x"} else 10),
    "float": float,
}


def mistake(top: yaml.Node, place: Place, text: str, *, key: Key | None = None) -> Mistake:
    """A mistake in the value at a place, or in one key of it; it stands where the key stands, as far as there is one."""
    node, mark = top, top.start_mark
    for step in place if key is None else (*place, key):
        found = _entry(node, step)
        if found is None:
            break
        mark, node = found[0].start_mark, found[1]
    return _at(mark, ": ".join(filter(None, (".".join(map(str, place)), text))))


def _entry(node: yaml.Node, step: Key) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), None)
    return (node.value[int(step)],) * 2 if isinstance(node, yaml.SequenceNode) else None


def rewritten(node: yaml.Node, rewrite: Callable[[Place, str], str], place: Place = ()) -> yaml.Node:
    """The same document with every text replaced; positions stay. rewrite: from place and text to the new text."""
    if isinstance(node, yaml.ScalarNode):
        same = node.tag != TEXT
        return node if same else yaml.ScalarNode(TEXT, rewrite(place, node.value), node.start_mark)
    if isinstance(node, yaml.MappingNode):
        pairs = [(key, rewritten(value, rewrite, (*place, key.value))) for key, value in node.value]
        return yaml.MappingNode(node.tag, pairs, node.start_mark)
    items = [rewritten(each, rewrite, (*place, at)) for at, each in enumerate(node.value)]
    return yaml.SequenceNode(node.tag, items, node.start_mark)
