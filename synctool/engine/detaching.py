"""Takes a profile out of service: every document stays where it is, its marks are taken away, its state is put aside."""

from datetime import UTC, datetime
from typing import NamedTuple

from synctool.config.profile import Profile
from synctool.core.model import SideName
from synctool.engine import markers, renewing
from synctool.engine.connect import connected
from synctool.engine.record import at_hand, holding, remembering
from synctool.engine.tools import Tools
from synctool.errors import Misuse, SideError
from synctool.store.borrowed import Borrowed
from synctool.store.ledger import Ledger


class Detached(NamedTuple):
    """marked: the sides whose mark is ours; unseen: those that do not answer, and why; aside: what the state is called then."""

    marked: tuple[SideName, ...]
    unseen: dict[SideName, str]
    aside: str = ""


def foreseen(profile: Profile, tools: Tools) -> Detached:
    """What detaching would do. Raises Misuse for a profile that has no state."""
    with at_hand(profile, tools) as here:
        _must_exist(profile, here)
        with Ledger(here.database(profile.name)) as ledger:
            return _marks(profile, ledger, tools, away=False)


def detach(profile: Profile, actor: str, tools: Tools) -> Detached:
    """Do it. Raises SideError, and changes nothing, when a side does not answer; Busy while a run is going on."""
    moment = datetime.fromtimestamp(tools.clock.now_ns() // 10**9, UTC)
    stamp = f"{moment:%Y-%m-%dT%H%M%S}"
    with holding(profile, tools) as (lease, here):
        state = here.database(profile.name)
        _must_exist(profile, here)
        with remembering(profile, here) as ledger:
            found = _marks(profile, ledger, tools, away=True)
        if isinstance(lease, Borrowed):
            aside = lease.aside(stamp)
            state.unlink()
        else:
            aside = renewing.put_aside(state, stamp).name
        facts = {"at": moment.isoformat(), "actor": actor, "action": "detach", "aside": aside}
        renewing.noted(profile, here, {**facts, "unmarked": list(found.marked)})
    return found._replace(aside=aside)


def _must_exist(profile: Profile, here: Tools) -> None:
    if not here.database(profile.name).exists():
        raise Misuse(f"{profile.name} has no state, and so nothing to detach")


def _marks(profile: Profile, ledger: Ledger, tools: Tools, *, away: bool) -> Detached:
    """The sides that are marked as ours; away: their marks are taken away, if every side answers."""
    with connected(profile, frozenset(), tools) as sides:
        unseen = dict(sides.closed)
        if away and unseen:
            name, why = next(iter(unseen.items()))
            raise SideError(
                f"{why.removeprefix(f'{name}: ')}; its mark would stay there",
                side=name,
                hint="bring it back first",
            )
        ours = [side for side in sides.open.values() if markers.is_ours(profile, ledger, side)]
        for side in ours if away else ():
            side.mark(None)
        return Detached(tuple(side.name for side in ours), unseen)
