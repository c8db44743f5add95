"""Answers questions about profiles: whether they are right, and what is remembered of them."""

from collections.abc import Collection, Iterable
from functools import partial
from zoneinfo import ZoneInfo

from synctool.config import check_overlaps, find, load
from synctool.config.profile import Profile
from synctool.core.model import SideName
from synctool.engine import explain as why
from synctool.engine import inquire
from synctool.engine.connect import reached
from synctool.engine.tools import Ask
from synctool.engine.watching import pulse
from synctool.entry.cli.choosing import Source, chosen, each, named, opened, source
from synctool.entry.cli.ending import ends
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.printing import Results, console
from synctool.entry.cli.session import Session
from synctool.entry.cli.words import typed
from synctool.entry.show.conflicts import conflict_lines, conflicts_document
from synctool.entry.show.documents import status_document
from synctool.entry.show.explaining import explanation_lines
from synctool.entry.show.inquiry import history_lines, is_old, overview_lines, status_lines
from synctool.entry.show.paint import paint
from synctool.entry.show.visible import visible
from synctool.entry.show.watching import beat_lines, watch_document, watched_lines
from synctool.errors import Misuse, most_serious


def validate(session: Session, names: Collection[str], *, online: bool, secrets: bool = True) -> int:
    """Say of each profile whether it is right; 2 if any is not, 5 if one is but a side of it does not answer.

    Without names, every profile in the folder. online: whether sides are asked; secrets: whether variables must be set,
    without which places cannot be told apart.
    """
    files = [named(session.profiles, name) for name in names] or find(session.profiles)
    if not files:
        raise Misuse(f"there is no profile in {session.profiles}", hint="say where they are: --profiles")
    profiles: list[Profile] = []
    mistakes: list[str] = []
    silent = 0
    for file in files:
        try:
            profile, left_out = (
                opened(Source(file)) if secrets else (load(file, sides=()), frozenset[SideName]())
            )
        except Misuse as error:
            told = [
                line if line.startswith(str(file)) else f"{file}: {line}" for line in str(error).splitlines()
            ]
            mistakes += told
        else:
            profiles.append(profile)
            told = [f"{file}: ok{'' if profile.enabled else ' (disabled)'}", *_warned(profile)]
            answers = reached(profile, left_out, tools_of(session)) if online else {}
            told += [f"{file}: {error or side + ': answers'}" for side, error in answers.items()]
            silent = silent or 5 * any(answers.values())
        _print(session, told)
    overlaps = check_overlaps(profile for profile in profiles if profile.enabled or names)
    _print(session, overlaps)
    return 2 if mistakes or overlaps else silent


def status(session: Session, names: Collection[str], *, as_json: bool) -> int:
    """Show what is known of each profile without looking; of several, a line each."""
    sources = chosen(session, names)
    results = Results(session, as_json=as_json, several=len(sources) > 1)
    beat, now = pulse.read(session.state), session.clock.now_ns()
    told: list[tuple[inquire.Status, Profile]] = []

    def one(source: Source) -> int:
        profile = source.read(())  # what is remembered needs no secret
        found = inquire.status(profile, tools_of(session))
        told.append((found, profile))
        if len(sources) == 1 or as_json:
            zone, watch = ZoneInfo(profile.policy.timezone), beat and watch_document(beat, now)
            results.add(
                lambda: status_lines(found, profile, now) + watched_lines(beat, profile.name, now, zone),
                lambda: {**status_document(found, is_old=is_old(found, profile, now)), "watch": watch},
            )
        return 0

    code = most_serious([ends(partial(one, each), str(session.state)) for each in sources])
    if len(sources) > 1 and not as_json:
        _print(session, [*overview_lines(told, now), *beat_lines(beat, now)])
    results.end()
    return code


def conflicts(session: Session, names: Collection[str], *, as_json: bool) -> int:
    """Show the conflicts of each profile that are open, and how to settle them."""
    sources = chosen(session, names)
    results = Results(session, as_json=as_json, several=len(sources) > 1)

    def one(source: Source) -> int:
        profile = source.read(())
        found = inquire.conflicts(profile, tools_of(session))
        results.add(
            lambda: conflict_lines(found, profile, lambda words: typed(session, profile, words)),
            lambda: conflicts_document(found, profile),
        )
        return 0

    code = most_serious([ends(partial(one, each), str(session.state)) for each in sources])
    results.end()
    return code


def log(session: Session, name: str, path: str | None) -> int:
    """Show what happened to a profile's documents, or to one of them."""
    profile = source(session, name).read(())
    _print(session, history_lines(inquire.history(profile, tools_of(session), path), profile))
    return 0


def explain(session: Session, name: str, path: str) -> int:
    """Show what each side holds of a document, what was agreed, and what will happen."""

    def one(profile: Profile, left_out: frozenset[SideName]) -> int:
        found = why.explain(profile, path, Ask(without=left_out), tools_of(session))
        _print(session, explanation_lines(found, profile))
        return 0

    return each(session, [source(session, name)], one)


def _warned(profile: Profile) -> list[str]:
    return [f"warning: {text}" for text in profile.warnings]


def _print(session: Session, lines: Iterable[str]) -> None:
    paint([visible(line) for line in lines], console(session))
