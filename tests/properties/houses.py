"""A house with a profile, drawn: its sides, what the profile says, what is there, and what people then do."""

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from synctool.core.patterns import Pattern
from synctool.core.policy import Adopt, ConflictRule, Refused, Role, Settle
from synctool.sides.memory import MemorySide
from synctool.store.ledger import Ledger
from tests.properties.people import ALIKE, HOUSES, NAMES, VERBS, People, house

EXAMPLES = int(os.environ.get("SYNCTOOL_EXAMPLES", "0"))  # more than the default, and other ones each time
LAWS = settings(
    max_examples=EXAMPLES or 60,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    stateful_step_count=14,
    suppress_health_check=list(HealthCheck),
)
FEW = settings(LAWS, max_examples=max(1, LAWS.max_examples // 2))

numbers = st.integers(0, 20)
deeds = {"where": numbers, "one": numbers, "two": numbers, "name": st.sampled_from(NAMES)}
deeds |= {"verb": st.sampled_from(VERBS), "data": st.none() | st.sampled_from(ALIKE)}
trees = st.lists(st.fixed_dictionaries(deeds | {"verb": st.sampled_from(("put", "folder"))}), max_size=8)
scripts = st.lists(st.fixed_dictionaries(deeds), min_size=1, max_size=8)

HELD = Pattern("a/")
"""What every drawn hold protects: the folder that is easiest to make."""


@dataclass(frozen=True)
class Drawn:
    """kind: of HOUSES; policy: what the profile says; tree: what is there first; script: what people do then."""

    kind: str
    tree: list
    script: list
    policy: dict = field(default_factory=dict)


@st.composite
def profiles(draw, sides):
    """What a profile may say about these sides; at least one votes and one receives."""
    said = {}
    if draw(st.booleans()):
        said["roles"] = {draw(st.sampled_from(sides)): draw(st.sampled_from(list(Role)))}
    settle = draw(st.sampled_from(list(Settle)))
    side = draw(st.sampled_from(sides)) if settle is Settle.PREFER else ""
    said["conflicts"] = (ConflictRule(Pattern("**"), settle, side),)
    if draw(st.booleans()):
        said["deletes_from"] = frozenset(draw(st.sets(st.sampled_from(sides), min_size=1)))
        said["refused"] = draw(st.sampled_from(list(Refused)))
    if draw(st.booleans()):
        said["holds"] = (HELD,)
    said["adopt"] = draw(st.sampled_from(list(Adopt)))
    return said


@st.composite
def houses(draw, profile=profiles):
    """Any house; profile: makes the strategy of what its profile says, or None for the default."""
    kind = draw(st.sampled_from(sorted(HOUSES)))
    policy = draw(profile(sorted(HOUSES[kind]))) if profile else {}
    return Drawn(kind, draw(trees), draw(scripts), policy)


@contextmanager
def opened(drawn, *, agreed=True, kind=MemorySide):
    """The rig and its people, with the tree there: agreed by a run, or each side with what was put on it."""
    with TemporaryDirectory() as folder:
        rig = house(Path(folder), HOUSES[drawn.kind], kind, **drawn.policy)
        people = People(rig)
        for deed in drawn.tree:
            people.act(**deed)
        if agreed:
            settle(rig)
        yield rig, people
        rig.ledger.close()


def settle(rig):
    """Run until nothing is left to do, three times at most; the last outcome."""
    for _ in range(3):
        outcome = rig.run()
        if not outcome.done:
            break
    return outcome


def lose_state(rig):
    rig.ledger.close()
    rig.ledger = Ledger(Path(":memory:"))


def everywhere(rig):
    """Every content that some side holds or keeps."""
    held = {data for side in rig.sides.values() for path, data in side.tree().items() if path[-1] != "/"}
    return held.union(*(side.trash.values() for side in rig.sides.values()))
