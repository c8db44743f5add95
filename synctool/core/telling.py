"""Says what was settled without asking anybody, and why a delete does not count."""

from collections.abc import Iterator

from synctool.core.known import Looks
from synctool.core.model import Kind, SideName
from synctool.core.plan import Notice
from synctool.core.policy import Role
from synctool.core.world import Case, World


def reported(looks: Looks) -> tuple[Notice, ...]:
    """What the looks themselves had to tell."""
    return tuple(Notice(path, text, side) for side, look in looks.items() for path, text in look.reported)


def settled(world: World) -> tuple[Notice, ...]:
    """Of every item: a decision that no longer fits, moves or names in two ways, deletes that do not count."""
    told: list[Notice] = []
    for item, case in world.cases.items():
        path = world.path(item)
        if case.merged.void:
            told.append(Notice(path, case.merged.void))
        for name in case.merged.apart:
            winner = next(iter(case.merged.voters[name]), "what was agreed")
            verb = "renamed" if name == "name" else "moved"
            told.append(Notice(path, f"was {verb} in more than one way; {winner} goes first"))
        told += _overruled(world, case, path)
    return tuple(told)


def _overruled(world: World, case: Case, path: str) -> Iterator[Notice]:
    """Why the deletes of some sides do not count; of one that is left as it is, the steps tell."""
    for side in case.merged.overruled:
        if case.merged.ruling is None and world.receives(side) and not world.is_left(side, case):
            yield Notice(path, f"was deleted there{_why(world, case, side, path)}", side)


def _why(world: World, case: Case, side: SideName, path: str) -> str:
    policy, folder = world.policy, case.before.kind is Kind.FOLDER
    if any(row.value.exists and not row.versions.content for row in case.rows.values()):
        return " before the copies were compared; put back"
    if any(case.merged.voters.values()):
        return " and changed elsewhere; the change stands"
    if any(hold.matches(path, folder=folder) for hold in policy.holds):
        return "; put back, because it is under a legal hold"
    obeyed = policy.deletes_from is None or side in policy.deletes_from
    if obeyed and policy.role(side) is Role.PEER:
        return " in an older version; put back"
    return "; put back, as the profile says"
