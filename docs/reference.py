"""Writes docs/reference.md from the code: every command with its options, and every key of a profile.

Started by ``python dev.py docs``; a test holds the page against the code.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from synctool.config.schema import published
from synctool.entry.cli import cli

PAGE = Path(__file__).with_name("reference.md")
HEADS = "| key | what it says | for example |\n|---|---|---|"
BELOW = {
    "A side: `kind: filevine`": "filevine",
    "`auth` with `mode: token`": "token",
    "`auth` with `mode: key`": "key",
    "A side: `kind: s3`": "s3",
    "A side: `kind: drive`": "drive",
    "A line of `folders`": "folder",
    "A line of `rules`": "rule",
    "A line of `conflicts`": "conflict",
}
HEAD = """# Reference

Every command and option, and every key of a profile. Made from the code by `python dev.py docs`.

"""


def page() -> str:
    """The whole page."""
    commands = "\n".join(_command("synctool", cli, ()))
    keys = "\n".join(_tables(published("profile")))
    return f"{HEAD}## Commands\n\n{commands}\n## Keys of a profile\n\n{keys.rstrip()}\n"


def _command(name: str, command: click.Command, above: tuple[click.Context, ...]) -> Iterator[str]:
    context = click.Context(
        command, info_name=name, parent=above[-1] if above else None, **command.context_settings
    )
    yield f"### {context.command_path}\n"
    yield f"{_paragraphs(command.help or '')}\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```\n{context.command_path} {usage}\n```\n"
    found = (option.get_help_record(context) for option in command.get_params(context))
    rows = [row for row in found if row and row[1] and "--help" not in row[0]]  # every command has that
    if rows:
        yield "| option | what it does |\n|---|---|"
        yield from (f"| `{_cell(option)}` | {_cell(text)} |" for option, text in rows)
        yield ""
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            inner = command.get_command(context, each)
            if inner and not inner.hidden:
                yield from _command(each, inner, (*above, context))


def _paragraphs(text: str) -> str:
    """The help of a command; what click is told to leave alone is a block."""
    parts = [part.strip("\n") for part in text.split("\n\n")]
    shown = [
        f"```\n{part.partition(BLOCK)[2].strip()}\n```" if BLOCK in part else " ".join(part.split())
        for part in parts
    ]
    return "\n\n".join(shown)


BLOCK = "\b"
"""How click is told to leave a paragraph alone."""


def _tables(schema: dict[str, Any]) -> Iterator[str]:
    """The keys at the top, and those of what stands below some of them."""
    yield from ("### At the top", "", HEADS, *_keys("", schema, schema), "")
    for heading, name in BELOW.items():
        yield from (f"### {heading}", "", HEADS, *_keys("", schema["$defs"][name], schema), "")


def _keys(above: str, part: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    for name, said in part.get("properties", {}).items():
        meant = {**schema["$defs"].get(said.get("$ref", "").rpartition("/")[2], {}), **said}
        key, examples = f"{above}{name}", meant.get("examples")
        example = f"`{_cell(json.dumps(examples[0], ensure_ascii=False))}`" if examples else ""
        yield f"| `{key}` | {_cell(meant.get('description', ''))} | {example} |"
        if "properties" in said:
            yield from _keys(f"{key}.", said, schema)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write it."""
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
