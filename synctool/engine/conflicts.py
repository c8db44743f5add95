"""Keeps the ledger of conflicts: opens what a run found, closes what is over, and lets go of decisions that are done."""

from collections.abc import Mapping
from dataclasses import dataclass

from synctool.core.item import ItemId
from synctool.core.model import Content, SideName
from synctool.core.plan import Decision, Plan, Standoff
from synctool.core.policy import Settle
from synctool.core.ruling import Ruling, Word
from synctool.core.world import path_of
from synctool.store.disputes import Dispute, Version
from synctool.store.ledger import Ledger

SETTLED = frozenset((Settle.PREFER, Settle.NEWEST))
"""What leaves nothing to look at: it is written down, and closed at once."""


@dataclass(frozen=True, slots=True)
class Contested:
    """A conflict that somebody should look at. path: the document's now; paths: each version's, "" where it has none."""

    dispute: Dispute
    path: str
    paths: tuple[str, ...]


def contested(ledger: Ledger) -> tuple[Contested, ...]:
    """The conflicts that are open, oldest first."""
    return tuple(_contested(ledger, dispute) for dispute in ledger.disputes.standing())


def _contested(ledger: Ledger, dispute: Dispute) -> Contested:
    known, lives = ledger.remembered(), ledger.disputes.lives
    paths = tuple(
        path_of(version.item, lambda i: known.item(i).value) if lives(version.item) else ""
        for version in dispute.versions
    )
    return Contested(dispute, paths[0] or dispute.path, paths)


def note_conflicts(ledger: Ledger, plan: Plan, run: int, now_ns: int) -> None:
    """Write down the conflicts of a plan that was carried out, and close those that are over."""
    decisions = {decision.item: decision for decision in plan.decisions}
    found = {s.item: s for s in plan.standoffs if s.item in decisions}
    told = _told(ledger, decisions, found)
    for dispute in ledger.disputes.standing():
        if ending := told.get(dispute.item) or _ending(ledger, dispute, decisions, found):
            ledger.disputes.close(dispute.conflict, now_ns, ending)
    standing = {(d.item, d.how): d for d in ledger.disputes.standing()}
    for item, standoff in found.items():
        if item in told:
            continue
        versions = versions_of(standoff, decisions[item])
        how, former = standoff.conflict.how, standing.get((item, standoff.conflict.how))
        if former and (former.held or former.copies == standoff.items):
            ledger.disputes.amend(former.conflict, standoff.path, versions)
            continue
        number = ledger.disputes.open(item, standoff.path, how, versions, run, now_ns)
        if how in SETTLED:
            ledger.disputes.close(number, now_ns, f"settled by the profile: {how.value}")


def _told(
    ledger: Ledger, decisions: Mapping[ItemId, Decision], found: Mapping[ItemId, Standoff]
) -> dict[ItemId, str]:
    """The endings of conflicts by what people decided, which this run does; what no longer fits is forgotten."""
    endings: dict[ItemId, str] = {}
    for item, decided in ledger.disputes.decided().items():
        if item not in decisions:
            continue
        if _obeyed(decided.ruling, decisions[item], found.get(item)):
            endings[item] = f"{MEANING[decided.ruling.word]}, as {decided.actor} decided"
        else:
            ledger.disputes.drop(item)
    return endings


def forget_done(ledger: Ledger, plan: Plan) -> None:
    """Forget what people decided once every side has it; until then the next run decides it so again."""
    waiting = ledger.remembered().waiting()
    for item in ledger.disputes.decided().keys() & {decision.item for decision in plan.decisions}:
        if item not in waiting:
            ledger.disputes.drop(item)


MEANING = {
    Word.TAKE: "one version was chosen",
    Word.KEEP_BOTH: "all versions are kept",
    Word.GONE: "the document was removed",
}
"""What a person's word says."""


def _obeyed(ruling: Ruling, decision: Decision, standoff: Standoff | None) -> bool:
    """Whether this is what a person decided."""
    value = decision.agreed.value
    match ruling.word:
        case Word.GONE:
            return not value.exists
        case Word.TAKE:
            return value.exists and value.content == ruling.content
        case Word.KEEP_BOTH:
            return standoff is None or standoff.conflict.how is Settle.KEEP_BOTH


def versions_of(standoff: Standoff, decision: Decision) -> tuple[Version, ...]:
    """The versions of a contested document, the one that keeps the name first, with who holds each since when."""
    conflict = standoff.conflict
    kept = standoff.items or (0,) * len(conflict.losers)
    others = zip(conflict.losers, conflict.others, kept, strict=True)
    return (
        _version(conflict.winner, conflict.winners, decision, standoff.item),
        *(_version(content, sides, decision, item) for (content, _), sides, item in others),
    )


def _version(content: Content, sides: tuple[SideName, ...], decision: Decision, item: ItemId) -> Version:
    held = {side: decision.rows[side].held for side in sides}
    return Version(content, {side: entry.mtime_ns for side, entry in held.items() if entry}, item)


def _ending(
    ledger: Ledger, dispute: Dispute, decisions: Mapping[ItemId, Decision], found: Mapping[ItemId, Standoff]
) -> str:
    """Why a conflict is over; "" if it is not."""
    if not ledger.disputes.lives(dispute.item):
        return "the document was deleted"
    if not dispute.held:
        return "" if any(map(ledger.disputes.lives, dispute.copies)) else "the copy was deleted"
    decision, standoff = decisions.get(dispute.item), found.get(dispute.item)
    if decision is None or (standoff and standoff.conflict.how is Settle.HOLD):
        return ""
    taking_part = {side for version in dispute.versions for side in version.held_ns}
    if not taking_part <= decision.rows.keys():
        return ""  # somebody cannot be seen now
    return (
        "the sides hold the same again"
        if standoff is None
        else f"settled by the profile: {standoff.conflict.how.value}"
    )
