"""Names one time round the line: whose, what was asked, with what, from which state, on which sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from synctool.config.profile import Profile
from synctool.core.item import ItemId
from synctool.core.plan import Notice
from synctool.core.ruling import Ruling
from synctool.engine.connect import Connected
from synctool.engine.tools import Ask, Tools
from synctool.store.lease import ALONE, Lease
from synctool.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Round:
    """Everything a run is made of.

    patient: wait once for files that are being written, as a run that acts does; rulings: what is decided for this
    round alone; told: what a person should know of it; lease: our right to act.
    """

    profile: Profile
    ask: Ask
    tools: Tools
    ledger: Ledger
    sides: Connected
    patient: bool = False
    rulings: Mapping[ItemId, Ruling] = field(default_factory=dict)
    told: tuple[Notice, ...] = ()
    lease: Lease = ALONE
