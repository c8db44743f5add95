"""Plans and applies: one profile after the other."""

import re
import sys
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from synctool.config.profile import Profile
from synctool.core.model import SideName
from synctool.core.patterns import Pattern
from synctool.engine import cycle
from synctool.engine.former import Undo
from synctool.engine.outcome import Planned
from synctool.engine.tools import Ask
from synctool.entry.cli import saved
from synctool.entry.cli.choosing import chosen, each, source
from synctool.entry.cli.ending import complain
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.noticing import Notifier, minding, wrong
from synctool.entry.cli.printing import Results, console
from synctool.entry.cli.progress import Bar
from synctool.entry.cli.session import Session
from synctool.entry.cli.words import command, given
from synctool.entry.show.documents import outcome_document, plan_document
from synctool.entry.show.outcome import outcome_lines
from synctool.entry.show.paint import paint
from synctool.entry.show.plan import plan_lines
from synctool.entry.show.plan_page import plan_page
from synctool.errors import Misuse, most_serious
from synctool.store.lease import whoami

CODE = re.compile("[0-9a-f]{10}")
"""How the code of a brake looks."""


def plan(
    session: Session,
    names: Collection[str],
    ask: Ask,
    out: Path | None,
    page: Path | None,
    *,
    as_json: bool,
    by_exit_code: bool,
) -> int:
    """Show what would happen; nothing is changed. The exit code says whether there is work if that was asked."""
    sources = chosen(session, names)
    out, page = saved.target(out, len(sources)), saved.target(page, len(sources))
    results = Results(session, as_json=as_json, several=len(sources) > 1)

    def one(profile: Profile, left_out: frozenset[SideName]) -> int:
        with Bar(console(session, err=True)) as bar:
            about = replace(ask, without=left_out)
            planned = cycle.plan(profile, about, tools_of(session, bar))
        code = plan_exit_code(planned, left_out, by_exit_code=by_exit_code)
        document = plan_document(planned, code)
        what = str(saved.save(document, out)) if out else given(profile, session)
        then = _then(profile, session, ["apply", what, *_repeated(ask)])
        if page:
            shown = plan_page(planned, then, ZoneInfo(profile.policy.timezone))
            saved.write(shown, page, f"{profile.name}.plan.html")
        results.add(lambda: plan_lines(planned, then), lambda: document)
        return code

    code = each(session, sources, one, ask.without)
    results.end()
    return code


def apply(session: Session, names: Collection[str], ask: Ask, *, as_json: bool, yes: bool) -> int:
    """Make the sides agree, and show what came of it."""
    if not (yes or sys.stdin.isatty()):
        raise Misuse(
            "apply asks first, and nobody can be asked here", hint="look at the plan, then say --yes"
        )
    plans = [name for name in names if name.endswith(".json")]
    if plans and len(names) > 1:
        raise Misuse("a saved plan is applied by itself", hint="one plan a command")
    made = saved.read(Path(plans[0])) if plans else None
    sources = [source(session, made.profile)] if made else chosen(session, names)
    results = Results(session, as_json=as_json, several=len(sources) > 1)
    unused = set(ask.accepted)
    notifier = Notifier(session)

    def one(profile: Profile, left_out: frozenset[SideName]) -> int:
        with Bar(console(session, err=True)) as bar:
            tools = tools_of(session, bar)
            confirm = cycle.always if yes else lambda planned: _agreed_to(planned, session, bar)
            about = replace(ask, without=left_out, undo=made.undo if made else None)
            outcome = cycle.apply(profile, about, tools, made, confirm)
        notifier.note(profile, wrong(profile, outcome, tools), whole=True)
        results.add(lambda: outcome_lines(outcome), lambda: outcome_document(outcome))
        unused.difference_update(brake.code for brake in outcome.planned.plan.brakes)
        return outcome.exit_code

    code = each(session, sources, minding(notifier, one), ask.without)
    results.end()
    notifier.send()
    for each_code in sorted(unused):
        complain(
            f"--accept {each_code}: no brake showed this code; it may have served, or things have changed"
        )
    return code


def undo(session: Session, name: str, undo: Undo, out: Path | None, *, as_json: bool, yes: bool) -> int:
    """Show the plan that brings former contents back, and save it if asked; carry it out if told to."""
    results = Results(session, as_json=as_json, several=False)
    ask = Ask(actor=whoami(), undo=undo)

    def one(profile: Profile, left_out: frozenset[SideName]) -> int:
        about = replace(ask, without=left_out)
        with Bar(console(session, err=True)) as bar:
            tools = tools_of(session, bar)
            if yes:
                outcome = cycle.apply(profile, about, tools)
                results.add(lambda: outcome_lines(outcome), lambda: outcome_document(outcome))
                return outcome.exit_code
            planned = cycle.plan(profile, about, tools)
        code = plan_exit_code(planned, left_out, by_exit_code=False)
        document = plan_document(planned, code)
        words = ["undo", given(profile, session), *_meant(planned.undo), "--yes"]
        words = ["apply", str(saved.save(document, out))] if out else words
        then = _then(profile, session, words)
        results.add(lambda: plan_lines(planned, then), lambda: document)
        return code

    code = each(session, [source(session, name)], one)
    results.end()
    return code


def _meant(undo: Undo | None) -> list[str]:
    """What is undone, as it is typed."""
    return [undo.path or str(undo.run)] if undo else []


def asked(only: Collection[str], without: Collection[SideName], accepted: Collection[str] = ()) -> Ask:
    """What a person asks of a run, in their own name. Raises Misuse for what is no pattern, or no code of a brake."""
    for text in only:
        Pattern(text)
    for code in accepted:
        if not CODE.fullmatch(code):
            raise Misuse(f"--accept {code}: is no code", hint="a brake shows its own, ten digits and letters")
    return Ask(tuple(only), frozenset(without), frozenset(accepted), whoami())


def plan_exit_code(planned: Planned, left_out: Collection[SideName], *, by_exit_code: bool) -> int:
    """What ``plan`` returns: 5 when a side that takes part could not be seen; the rest only if asked for."""
    plan = planned.plan
    codes = [5] * bool(set(plan.unknown) - plan.braked_sides - set(left_out))
    if by_exit_code:
        codes += [6] * any(not brake.accepted for brake in plan.brakes)
        codes += (
            [5] * bool(plan.put_off)
            + [4] * plan.waits_for_a_person
            + [3] * bool(plan.steps or planned.undecided)
        )
    return most_serious(codes)


def _agreed_to(planned: Planned, session: Session, bar: Bar) -> bool:
    """Show the plan and ask; a plan without steps needs no answer."""
    bar.pause()
    if not (planned.plan.steps or planned.undecided):
        return True
    paint(plan_lines(planned, "your answer"), console(session, err=True))
    question = "Read them, and make the whole plan?" if planned.undecided else "Apply this plan?"
    return click.confirm(question, err=True)


def _then(profile: Profile, session: Session, words: Iterable[str]) -> str:
    """What to run next, as it can be typed."""
    if profile.mode != "sync":
        return "nothing; this profile only observes, until it says mode: sync"
    return command(session, words)


def _repeated(ask: Ask) -> list[str]:
    """The words that ask the same of another command."""
    pairs = [("--only", text) for text in ask.only] + [("--without", side) for side in sorted(ask.without)]
    return [word for pair in pairs for word in pair]
