"""Merges what the sides hold of one item into one value, property by property, losing nothing.

The rules are those of one item: a side votes when what it holds differs from its own row; one distinct vote wins; a row
older than the agreed version is *behind*, and if every voter is behind, the agreed value votes too and ranks first; a
delete counts only when nothing else was changed and the deleter was behind in nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from synctool.core.item import NO_ROW, PROPERTIES, Agreed, Rows, Value, Versions
from synctool.core.model import Content, Gap, SideName
from synctool.core.policy import ConflictRule, Settle
from synctool.core.ruling import HELD, VOID, Ruling, Word

AGREED: SideName = ""
"""The voter that stands for the agreed value."""

Sight = Value | Gap
MINUTES_APART = 2 * 60 * 10**9  # nanoseconds by which "newest" must differ before clocks are believed


@dataclass(frozen=True, slots=True)
class Voice:
    """Who may say what about one item. ranks holds every side; times are the sides' own, in ns since the epoch.

    ruling: what a person decided about it; held: whether it is under a legal hold.
    """

    ranks: tuple[SideName, ...]
    voters: frozenset[SideName]
    deleters: frozenset[SideName]
    settle: ConflictRule
    times: Mapping[SideName, int] = field(default_factory=dict)
    ruling: Ruling | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Contents that cannot both be the one. losers are in rank order, each with the first side that holds it.

    how tells what was done; HOLD means that nothing was, and that the votes stand. others: for each loser, every side
    that holds it.
    """

    winner: Content
    winners: tuple[SideName, ...]
    losers: tuple[tuple[Content, SideName], ...]
    how: Settle
    others: tuple[tuple[SideName, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """The new agreed value. voters: who caused each property's value; apart: properties that had several votes.

    deleted_by, overruled: sides whose delete counted, or did not. contested: unread contents that must be read before
    anything can be said; nothing else in the value then counts. ruling: what a person decided, and void why it was not
    obeyed, "" if it was.
    """

    agreed: Agreed
    voters: Mapping[str, tuple[SideName, ...]]
    conflict: Conflict | None = None
    apart: tuple[str, ...] = ()
    deleted_by: tuple[SideName, ...] = ()
    overruled: tuple[SideName, ...] = ()
    contested: frozenset[Content] = frozenset()
    ruling: Ruling | None = None
    void: str = ""


def merge(agreed: Agreed, rows: Rows, sights: Mapping[SideName, Sight], voice: Voice) -> Merged:
    """Decide one item. sights holds every side: the value it holds, ABSENT, or UNKNOWN.

    The word of a person outranks every vote, as long as what they saw is still so; a legal hold outranks the person.
    """
    ruling = voice.ruling
    if ruling is None:
        return _merged(agreed, rows, sights, voice)
    unread = ruling.unread(sights)
    if unread:
        return Merged(agreed, dict.fromkeys(PROPERTIES, ()), contested=unread)
    contents = _votes("content", agreed, rows, sights, voice)
    fits = ruling.fits(sights, contents.keys() - {AGREED})
    if not fits or (voice.held and ruling.word is Word.GONE):
        return replace(_merged(agreed, rows, sights, voice), void=HELD if fits else VOID)
    if ruling.word is Word.KEEP_BOTH:
        both = replace(voice, settle=replace(voice.settle, settle=Settle.KEEP_BOTH))
        return replace(_merged(agreed, rows, sights, both), ruling=ruling)
    merged = _merged(agreed, rows, sights, voice)
    value = merged.agreed.value._replace(exists=False)
    if ruling.word is Word.TAKE:
        value = value._replace(exists=True, content=ruling.content)
    voters = {**merged.voters, "content": _causes(contents, value.content)}
    return Merged(revised(agreed, value), voters, apart=merged.apart, ruling=ruling)


def _merged(agreed: Agreed, rows: Rows, sights: Mapping[SideName, Sight], voice: Voice) -> Merged:
    """What follows from the votes alone."""
    votes = {name: _votes(name, agreed, rows, sights, voice) for name in PROPERTIES}
    deleters = tuple(
        side for side in voice.ranks if sights[side] is Gap.ABSENT and rows.get(side, NO_ROW).value.exists
    )
    if not any(votes.values()):
        return _without_votes(agreed, rows, sights, voice, deleters)
    winners: dict[str, Any] = {}
    apart: list[str] = []
    for name in ("folder", "name"):
        winners[name], several = _first(getattr(agreed.value, name), votes[name])
        apart += [name] * several
    content, conflict, contested = _content(agreed, rows, sights, votes["content"], voice)
    value = Value(exists=agreed.value.exists, content=content, **winners)
    if conflict is None or conflict.how is not Settle.HOLD:
        value = value._replace(exists=True)
    return Merged(
        agreed=_outvoted(agreed, revised(agreed, value), deleters),
        voters={name: _causes(votes[name], getattr(value, name)) for name in PROPERTIES},
        conflict=conflict,
        apart=tuple(apart),
        overruled=deleters,
        contested=contested | _maybe_equal(content, sights, voice),
    )


def _outvoted(before: Agreed, now: Agreed, deleters: tuple[SideName, ...]) -> Agreed:
    """The agreed item in which those who deleted it in vain are behind, so that their delete is not heard again."""
    if now.versions != before.versions or not (deleters and now.value.exists):
        return now
    return replace(now, versions=now.versions._replace(exists=now.versions.exists + 1))


def _maybe_equal(
    winner: Content | None, sights: Mapping[SideName, Sight], voice: Voice
) -> frozenset[Content]:
    """What must be read because a side that has no vote may hold the winning bytes already."""
    held = (s.content for side, s in sights.items() if side not in voice.voters and isinstance(s, Value))
    if winner is None:
        return frozenset()
    twins = {c for c in held if c and not c.read and c.size == winner.size and c != winner}
    return frozenset(twins | {winner} if twins and not winner.read else twins)


def _votes(
    name: str, agreed: Agreed, rows: Rows, sights: Mapping[SideName, Sight], voice: Voice
) -> dict[SideName, Any]:
    """Each voter's value of one property, in rank order; the agreed value first when every voter is behind."""
    votes: dict[SideName, Any] = {}
    behind = True
    for side in voice.ranks:
        sight, row = sights[side], rows.get(side, NO_ROW)
        if side not in voice.voters or not isinstance(sight, Value):
            continue
        held = getattr(sight, name)
        if not row.value.exists or held != getattr(row.value, name):
            votes[side] = held
            behind &= getattr(row.versions, name) < getattr(agreed.versions, name)
    if votes and behind and agreed.value.exists and (name != "content" or _is_held(agreed, rows, sights)):
        return {AGREED: getattr(agreed.value, name), **votes}
    return votes


def _first(standing: Any, votes: Mapping[SideName, Any]) -> tuple[Any, bool]:
    """The first vote in rank order, and whether there were several."""
    for value in votes.values():
        return value, len(set(votes.values())) > 1
    return standing, False


def _causes(votes: Mapping[SideName, Any], value: Any) -> tuple[SideName, ...]:
    return tuple(side for side, vote in votes.items() if vote == value and side is not AGREED)


def _without_votes(
    agreed: Agreed, rows: Rows, sights: Mapping[SideName, Sight], voice: Voice, deleters: tuple[SideName, ...]
) -> Merged:
    """Nobody changed anything: a delete counts if one of those who deleted, and may, was behind in nothing."""
    counting = tuple(
        side
        for side in deleters
        if side in voice.deleters and side in voice.voters and rows[side].versions == agreed.versions
    )
    value = agreed.value
    if counting:
        value = value._replace(exists=False)
    elif value.exists and value.content is not None and not _is_held(agreed, rows, sights):
        known = any(row.value.exists for row in rows.values()) or Gap.UNKNOWN in sights.values()
        newest = _newest_held(rows, sights, voice) or value.content
        value = value._replace(exists=known, content=newest)  # what no side ever received cannot be given
    elif not value.exists and voice.held and (last := _newest_held(rows, sights, voice)):
        value = value._replace(
            exists=True, content=last
        )  # deleted before it came under the hold, but not everywhere
    return Merged(
        agreed=revised(agreed, value),
        voters=dict.fromkeys(PROPERTIES, ()),
        deleted_by=counting,
        overruled=deleters if value.exists else (),
    )


def _content(
    agreed: Agreed,
    rows: Rows,
    sights: Mapping[SideName, Sight],
    votes: Mapping[SideName, Content],
    voice: Voice,
) -> tuple[Content | None, Conflict | None, frozenset[Content]]:
    """The winning content, the conflict it came from, and what must be read to tell."""
    distinct = tuple(dict.fromkeys(votes.values()))
    if not distinct:
        if _is_held(agreed, rows, sights):
            return agreed.value.content, None, frozenset()
        return _newest_held(rows, sights, voice), None, frozenset()
    if len(distinct) == 1:
        return distinct[0], None, frozenset()
    conflict = _settled(votes, distinct, sights, voice)
    sizes = Counter(content.size for content in distinct)
    named = {content for content, _ in conflict.losers} if conflict.how is Settle.KEEP_BOTH else set()
    contested = frozenset(c for c in distinct if not c.read and (sizes[c.size] > 1 or c in named))
    if conflict.how is Settle.HOLD:
        return agreed.value.content, conflict, contested
    return conflict.winner, conflict, contested


def _settled(
    votes: Mapping[SideName, Content],
    distinct: tuple[Content, ...],
    sights: Mapping[SideName, Sight],
    voice: Voice,
) -> Conflict:
    """Settle a conflict of contents as the profile says; in doubt keep both."""
    how, winner = voice.settle.settle, distinct[0]
    if how is Settle.PREFER:
        preferred = votes.get(voice.settle.side)
        how, winner = (how, preferred) if preferred is not None else (Settle.KEEP_BOTH, winner)
    elif how is Settle.NEWEST:
        newest = _newest(distinct, sights, voice)
        how, winner = (how, newest) if newest is not None else (Settle.KEEP_BOTH, winner)
    holders = {content: _holders(content, sights, voice) for content in distinct}
    lost = [c for c in distinct if c != winner and holders[c]]  # an unseen side alone may hold the agreed
    losers = tuple((content, holders[content][0]) for content in lost)
    return Conflict(winner, holders[winner], losers, how, tuple(holders[content] for content in lost))


def _holders(content: Content, sights: Mapping[SideName, Sight], voice: Voice) -> tuple[SideName, ...]:
    return tuple(
        side for side in voice.ranks if isinstance(s := sights[side], Value) and s.content == content
    )


def _newest(distinct: tuple[Content, ...], sights: Mapping[SideName, Sight], voice: Voice) -> Content | None:
    """The content whose own time is the latest by more than two minutes, if there is one."""
    timed = sorted(
        (max((voice.times.get(side, 0) for side in _holders(content, sights, voice)), default=0), index)
        for index, content in enumerate(distinct)
    )
    (second, _), (first, index) = timed[-2:]
    return distinct[index] if second and first - second > MINUTES_APART else None


def _is_held(agreed: Agreed, rows: Rows, sights: Mapping[SideName, Sight]) -> bool:
    """Whether the agreed bytes are, or may be, on some side."""
    for side, sight in sights.items():
        row = rows.get(side, NO_ROW)
        current = row.versions.content == agreed.versions.content
        if sight is Gap.UNKNOWN and row.value.exists:
            return True
        if isinstance(sight, Value) and (
            sight.content == agreed.value.content or (current and sight.content == row.value.content)
        ):
            return True
    return False


def _newest_held(rows: Rows, sights: Mapping[SideName, Sight], voice: Voice) -> Content | None:
    """The content of the highest version that a visible side still holds."""
    held = [
        (rows.get(side, NO_ROW).versions.content, sight.content)
        for side in voice.ranks
        if isinstance(sight := sights[side], Value)
    ]
    return max(held, key=itemgetter(0))[1] if held else None


def revised(agreed: Agreed, value: Value) -> Agreed:
    """The agreed item with a new value; the version of what changed, or came to be, is one more than before."""
    if agreed.new and not value.exists:
        return replace(agreed, value=value)
    grown = (
        was + (agreed.new or old != now)
        for was, old, now in zip(agreed.versions, agreed.value, value, strict=True)
    )
    return Agreed(agreed.kind, value, Versions(*grown))
