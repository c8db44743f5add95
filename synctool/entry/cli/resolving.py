"""Lets a person decide a conflict: shows the effect, and writes the decision down."""

from synctool.config.profile import Profile
from synctool.core.model import SideName
from synctool.core.ruling import Word
from synctool.engine.resolve import Choice
from synctool.engine.resolve import resolve as decide
from synctool.engine.tools import Ask
from synctool.entry.cli.choosing import each, source
from synctool.entry.cli.equipping import tools_of
from synctool.entry.cli.printing import console
from synctool.entry.cli.session import Session
from synctool.entry.cli.words import typed
from synctool.entry.show.conflicts import resolved_lines
from synctool.entry.show.paint import paint
from synctool.errors import Misuse
from synctool.store.lease import whoami


def chosen_way(take: SideName | None, *, keep_both: bool, gone: bool) -> Choice:
    """What the options say. Raises Misuse unless they say exactly one thing."""
    ways = [Choice(Word.TAKE, take)] if take else []
    ways += [Choice(Word.KEEP_BOTH)] * keep_both + [Choice(Word.GONE)] * gone
    if len(ways) != 1:
        raise Misuse("say what is to become of it", hint="one of --take SIDE, --keep-both, --gone")
    return ways[0]


def resolve(session: Session, name: str, path: str, choice: Choice, *, yes: bool) -> int:
    """Show what the next run would do, and write the decision down if that was said."""

    def one(profile: Profile, left_out: frozenset[SideName]) -> int:
        if choice.side and choice.side not in profile.policy.ranks:
            raise Misuse(
                f"no side is called {choice.side!r}", hint=f"it has {', '.join(profile.policy.ranks)}"
            )
        ask = Ask(without=left_out, actor=whoami())
        planned = decide(profile, path, choice, ask, tools_of(session), record=yes)
        way = [f"--{choice.word.value}"] + [choice.side] * bool(choice.side)
        again = typed(session, profile, ["resolve", path, *way, "--yes"])
        then = typed(session, profile, ["apply"]) if yes else again
        paint(resolved_lines(planned, then, recorded=yes), console(session))
        return 0

    return each(session, [source(session, name)], one)
