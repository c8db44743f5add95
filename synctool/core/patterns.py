r"""Matches paths against the one pattern language of rules, conflicts, holds and ``--only``.

    /a/b     the leading slash anchors: exactly this path
    b, a/b   without it the pattern is a tail of the path, cut at a slash
    b/       the folder and all in it; so does ``b/**``
    *  ?     any text, any one character, inside one name
    **       any text, slashes too; a leading ``**/`` says no more than no leading slash
    [a-z]    one character of a set; ``[!…]`` and ``[^…]`` one of no such set; never a slash
    \*       the character itself: ``\* \? \[ \] \\``

A pattern that matches a folder does not match what lies in it, unless it ends in ``/`` or ``/**``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeVar
from unicodedata import normalize

from synctool.errors import Misuse

_SIGN = re.compile(
    r"(?P<star>\*+)|(?P<one>\?)|\\(?P<escaped>[*?\[\]\\])|(?P<plain>[^\\\[])"
    r"|\[(?!\[[:.=])(?P<negated>[!^]?)(?P<members>(?:\\.|[^\\])(?:\\.|[^\]\\])*)\]",
    re.DOTALL,
)
_MEMBERS = re.compile(r"\\?(.)(?:-\\?(.))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, as written. Letter case and Unicode composition make no difference.

    Raises Misuse for a text that is no pattern.
    """

    text: str

    def __post_init__(self) -> None:
        _compiled(self.text, folder=False)

    def matches(self, path: str, *, folder: bool = False) -> bool:
        """Whether the pattern names this path, given relative and without outer slashes; folder: it is a folder."""
        return _compiled(self.text, folder=folder).fullmatch(normalize("NFC", path)) is not None


class _Ruled(Protocol):
    @property
    def pattern(self) -> Pattern: ...


_RuleT = TypeVar("_RuleT", bound=_Ruled)


def decide(rules: Iterable[_RuleT], path: str, *, folder: bool = False) -> _RuleT | None:
    """The first rule whose pattern matches the path; None when none does."""
    return next((rule for rule in rules if rule.pattern.matches(path, folder=folder)), None)


@cache
def _compiled(text: str, *, folder: bool) -> re.Pattern[str]:
    body = re.sub(r"(?<=[^/])/\*\*+$", "/", normalize("NFC", text))
    anchored, whole = body.startswith("/"), body.endswith("/")
    body = re.sub(r"^/|^(\*\*+/)+(?=.)", "", body.removesuffix("/"))
    if not body:
        raise Misuse(f"pattern {text!r} is empty", hint="** matches everything")
    inside = ("(?:/.*)?" if folder else "/.*") if whole else ""
    try:
        return re.compile(_regex(body, anchored=anchored) + inside, re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise Misuse(f"pattern {text!r}: {error.msg}") from error


def _regex(body: str, *, anchored: bool) -> str:
    """The pattern as a regular expression that hardly goes back.

    The earliest place where the text between two stars fits is the best one, for the later star takes up the rest.
    So all but the last are atomic, and the time is a polynomial of small degree whatever the pattern.
    """
    chunks = [[""]]
    for sign in _signs(body):
        if sign == "**":
            chunks.append([""])
        elif sign == "*":
            chunks[-1].append("")
        else:
            chunks[-1][-1] += sign
    leads = ["" if anchored else "(?:.*?/)??", *[".*?"] * (len(chunks) - 1)]
    *former, (first, *rest) = [
        [lead + head, *tail] for lead, (head, *tail) in zip(leads, chunks, strict=True)
    ]
    last = "[^/]*" + rest.pop() if rest else ""
    return "".join(f"(?>{_near(*pieces)})" for pieces in former) + _near(first, *rest) + last


def _near(first: str, *rest: str) -> str:
    return first + "".join(f"(?>[^/]*?{piece})" for piece in rest)


def _signs(body: str) -> Iterator[str]:
    """``**``, ``*``, or the regular expression of exactly one character."""
    at = 0
    while at < len(body):
        found = _SIGN.match(body, at)
        if found is None:
            raise Misuse(
                f"pattern {body!r}: {body[at:]!r} is not understood", hint="folders are divided by /"
            )
        at = found.end()
        yield _sign(**found.groupdict(""))


def _sign(*, star: str, one: str, escaped: str, plain: str, negated: str, members: str) -> str:
    if star:
        return star[:2]
    if one:
        return "[^/]"
    if not members:
        return re.escape(escaped + plain)
    inner = _MEMBERS.sub(lambda found: "-".join(map(re.escape, filter(None, found.groups()))), members)
    return f"(?!/)[{'^' if negated else ''}{inner}]"
