"""Follows changes of a profile's rules and sides: newly excluded is forgotten, newly included is adopted."""

from collections.abc import Callable, Iterator

from synctool.config.profile import Profile
from synctool.core import patterns
from synctool.core.item import ItemId
from synctool.core.model import Kind
from synctool.core.world import path_of
from synctool.engine.folders import in_scope
from synctool.engine.rounds import Round
from synctool.store.ledger import Ledger


def note_rules(this: Round) -> None:
    """Newly excluded is forgotten, newly included is adopted; and a new side has everything to catch up with."""
    ledger, profile = this.ledger, this.profile
    if ledger.get("rules", profile.rules_digest) != profile.rules_digest:
        forget_excluded(profile, ledger)
    ledger.put("rules", profile.rules_digest)
    sides = ",".join(profile.policy.ranks)
    if ledger.get("sides", sides) != sides:
        ledger.await_all()
    ledger.put("sides", sides)


def forget_excluded(profile: Profile, ledger: Ledger) -> None:
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
