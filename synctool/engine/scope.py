"""Follows changes of a profile's rules and sides: newly excluded is forgotten, newly included is adopted."""

import json
from collections.abc import Callable, Iterator, Mapping

from synctool.config.profile import Profile
from synctool.core import patterns
from synctool.core.item import ItemId
from synctool.core.model import Kind, SideName
from synctool.core.world import path_of
from synctool.engine.folders import in_scope
from synctool.engine.rounds import Round
from synctool.store.ledger import Ledger

Places = Mapping[str, Mapping[SideName, str | None]]


def note_rules(this: Round) -> None:
    """Newly excluded is forgotten, newly included is adopted; and a new side has everything to catch up with."""
    ledger, facts = this.ledger, _facts(this.profile)
    former = {key: ledger.get(key, fact) for key, fact in facts.items()}
    if former["rules"] != facts["rules"]:
        _forget_excluded(this.profile, ledger)
    if former["folders"] != facts["folders"]:
        _forget_remapped(json.loads(former["folders"]), json.loads(facts["folders"]), this)
    if former["sides"] != facts["sides"]:
        ledger.await_all()
    for key, fact in facts.items():
        ledger.put(key, fact)


def is_noted(this: Round) -> bool:
    """Whether the rules and sides are those of the last run."""
    return all(this.ledger.get(key, fact) == fact for key, fact in _facts(this.profile).items())


def _facts(profile: Profile) -> dict[str, str]:
    """What a change of the profile is told by."""
    folders = {mapped.at: dict(mapped.sides) for mapped in profile.policy.folders}
    return {
        "rules": profile.rules_digest,
        "folders": json.dumps(folders, sort_keys=True),
        "sides": ",".join(profile.policy.ranks),
    }


def _forget_remapped(former: Places, places: Places, this: Round) -> None:
    """Let a side that now keeps a folder elsewhere be met there anew: what lies there is adopted, and nothing deleted."""
    remembered = this.ledger.remembered()
    for side in this.profile.policy.ranks:
        moved = [
            at
            for at in sorted({*former, *places})
            if former.get(at, {}).get(side, at) != places.get(at, {}).get(side, at)
        ]
        items = [
            item
            for item in (remembered.everything() if moved else ())
            if any(
                f"{path_of(item, lambda i: remembered.item(i).value)}/".startswith(f"{at}/") for at in moved
            )
        ]
        this.ledger.forget_on(side, items)


def _forget_excluded(profile: Profile, ledger: Ledger) -> None:
    """Forget the items that the rules no longer include; no side is touched."""
    remembered = ledger.remembered()
    gone: list[ItemId] = []
    for item in remembered.everything():
        path = path_of(item, lambda i: remembered.item(i).value)
        folder = remembered.item(item).kind is Kind.FOLDER
        rule = patterns.decide(profile.policy.rules, path, folder=folder)
        if not in_scope(path, profile.policy, folder=folder) or (rule is not None and not rule.include):
            gone.append(item)
    alive = set(remembered.everything()) - set(gone)
    needed = {folder for item in alive for folder in _above(item, lambda i: remembered.item(i).value.folder)}
    ledger.forget(item for item in gone if item not in needed)


def _above(item: ItemId, folder_of: Callable[[ItemId], ItemId]) -> Iterator[ItemId]:
    folder = folder_of(item)
    while folder:
        yield folder
        folder = folder_of(folder)
