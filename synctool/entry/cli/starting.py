"""Writes a first profile: asks where a case lies, tries each place, and proposes what belongs together."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import click

from synctool.config import load
from synctool.config.drafting import draft
from synctool.config.schema import published
from synctool.engine import founding
from synctool.engine.founding import Pairs
from synctool.engine.tools import Tools
from synctool.entry.cli import keeping
from synctool.entry.cli.places import Places
from synctool.entry.cli.questions import Questions
from synctool.entry.cli.session import Session
from synctool.entry.cli.words import typed
from synctool.entry.show.visible import visible
from synctool.errors import Misuse

SCHEMA = "schemas/profile.schema.json"
PAIR = "Shall these folders be one"


def init(session: Session, said: Mapping[str, str | None], *, pair: bool | None) -> int:
    """Write a profile; nothing is written before all is answered and every place has been reached.

    said: the answers that options give; pair: whether folders of like names are mapped, None: to be asked.
    """
    questions = Questions(said)
    with TemporaryDirectory() as scratch:
        places = Places(questions, session, said, Tools(Path(scratch), session.clock))
        places.ask_project()
        project = places.project.id if places.project else None
        free = partial(_free, session.profiles)
        file = questions.answer("name", "Name of the profile", free, f"case-{project}" if project else None)
        places.ask_others(file.stem)
        timezone = questions.answer("timezone", "Time zone", _zone, "UTC")
        pairs = _paired(questions, founding.pairs(places.tops), pair=pair)
        text = draft(file.stem, places.title, project, timezone, places.said, pairs)
        keeping.check(file, text, places.variables, Path(scratch))
    for line in (*_remembered(file, places, questions), *_written(file, text, session)):
        click.echo(visible(line))
    return 0


def _remembered(file: Path, places: Places, questions: Questions) -> list[str]:
    """Keep what secrets were typed, if a person agrees; what is to be said of it."""
    if not places.typed:
        return []
    where = file.parent / ".env"
    if questions.agrees(f"Keep {', '.join(places.typed)} in {where}, which only you may read"):
        return keeping.remember(file.parent, places.typed)
    return [f"not kept: set {', '.join(places.typed)} before the next command"]


def _written(file: Path, text: str, session: Session) -> Iterator[str]:
    keeping.write(file, text)
    yield f"wrote {file}: it only plans, until its mode is sync"
    schema = file.parent.parent / SCHEMA
    if not schema.exists():
        keeping.write(schema, json.dumps(published("profile"), indent=2) + "\n")
        yield f"wrote {schema}: by it an editor helps while you type"
    yield ""
    yield f"Next: {typed(session, load(file, sides=()), ['plan'])}"


def _free(folder: Path, name: str) -> Path:
    """The file of a profile that is not there yet. Raises Misuse for one that is."""
    file = folder / f"{name}.yaml"
    if Path(name).name != name or not name or name.startswith(("_", ".")):
        raise Misuse(f"{name!r} is no name for a profile", hint="letters, digits, '.', '_' and '-'")
    if file.exists():
        raise Misuse(f"{file} is there already", hint="nothing is overwritten; say another --name")
    return file


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Misuse(f"{name!r} is no time zone", hint="such as America/Denver") from error
    return name


def _paired(questions: Questions, likely: Pairs, *, pair: bool | None) -> Pairs:
    """The folders that are mapped."""
    for each in likely:
        others = ", ".join(f"{name} ({side})" for side, name in each.items() if side != "at")
        questions.tell(f"  {each['at']} = {others}")
    if not likely or pair is False:
        return []
    if pair is None and not questions.asks:
        raise Misuse("these folders may be one, and nobody can be asked here", hint="say --pair or --no-pair")
    return likely if pair or questions.agrees(PAIR) else []
