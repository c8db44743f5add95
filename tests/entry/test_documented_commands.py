"""Every command that a page shows is one, and those that can be run here are."""

import re
import shlex
from pathlib import Path

import click
import pytest

from synctool.entry.cli import cli

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"cases.md", "reference.md", "quickstart.md"}
"""Each command of one is a case, one is made from them, and all of one are run in their order by another test."""

DOCS = [page for page in sorted((ROOT / "docs").glob("*.md")) if page.name not in ELSEWHERE]
PAGES = [ROOT / "README.md", *DOCS, ROOT / "state/README.md", ROOT / "profiles/README.md"]
INLINE = re.compile(r"`(synctool [^`\n]+)`")
BLOCK = re.compile(r"^ *```(?:sh)?$(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^ *(?:\$ )?(synctool \S.*)$", re.MULTILINE)
LASTING = {"watch", "serve", "worker", "demo", "webhooks", "init"}
"""Run until they are stopped, or need Filevine; tests of their own run them."""

HERE = ("is no code", "git: ", "only a state that is shared", "names nobody to write to")
"""Why a command cannot do here what it says: there is no brake, no repository, no bucket, nobody to tell."""

STANDS_FOR = {
    "NAME": "case-4711",
    "PROFILE": "case-4711",
    "SIDE": "left",
    "RUN": "1",
    "PATH": "Pleadings/Answer.docx",
    "FILE": "out.json",
    "GLOB": "Pleadings/**",
    "REVISION": "profiles",
}


def shown():
    for page in PAGES:
        text = page.read_text("utf-8")
        found = INLINE.findall(text) + [line for block in BLOCK.findall(text) for line in LINE.findall(block)]
        yield from (re.sub(r"\s+#.*|[;|].*", "", each) for each in found if "COMMAND" not in each)


COMMANDS = list(dict.fromkeys(shown()))


def parsed(words):
    """The path of the command that these words mean. Raises what click raises for what is no command line."""
    options, rest = [], list(words)
    while rest and rest[0].startswith("-"):
        options += [rest.pop(0), *([rest.pop(0)] if rest and not rest[0].startswith("-") else [])]
    command, path = cli, []
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        path.append(rest.pop(0))
        command = command.get_command(click.Context(command), path[-1])
        assert command, " ".join(path)
    if rest:
        command.make_context(
            path[-1], [STANDS_FOR.get(word, word) for word in rest], resilient_parsing="--help" in rest
        )
    return path


def test_pages_show_commands():
    assert len(COMMANDS) > 30


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_that_is_shown_is_one(text):
    parsed(shlex.split(text)[1:])


@pytest.fixture
def case(firm):
    firm.profile("case-4711")
    firm.write(
        "profiles/cases.yaml",
        "version: 1\nproject: '*'\nsides:\n"
        + "".join(
            f"  {side}: {{kind: drive, root: '{firm.folder}/{side}/{{project}}'}}\n"
            for side in ("left", "right")
        ),
    )
    for side in ("left", "right"):
        firm.write(f"{side}/4712/Answer.docx", "answer")
    firm.write("case-4711/left/Pleadings/Answer.docx", "answer")
    firm.write("case-4711/left/Discovery/Exhibit 1.pdf", "exhibit")
    assert firm.run("apply", "--yes").code == 0
    firm.write("case-4711/left/Pleadings/Answer.docx", "another answer")
    assert firm.run("apply", "--yes").code == 0
    return firm


RUN = [text for text in COMMANDS if not LASTING & {*shlex.split(text)} and len(shlex.split(text)) > 2]


@pytest.mark.slow
@pytest.mark.parametrize("text", RUN)
def test_a_command_that_is_shown_does_what_it_says(case, text):
    words = [STANDS_FOR.get(word, word) for word in shlex.split(text)[1:]]
    words = [re.sub(r"^case-\d+$|^demo$", "case-4711", word) for word in words]
    if words[0] == "apply" and "--yes" not in words:
        words.append("--yes")
    ran = case.run(*words)
    assert ran.code != 1, ran.err
    if ran.code == 2:
        assert any(reason in ran.err for reason in HERE), ran.err
