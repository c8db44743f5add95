"""What a run of one profile did, as a value."""

from dataclasses import dataclass

from synctool.core.model import SideName
from synctool.core.plan import Plan, Step
from synctool.engine.former import Undo
from synctool.errors import most_serious


@dataclass(frozen=True, slots=True)
class Adoption:
    """What it costs to read contents far away, because only they tell whether copies are equal.

    size in bytes; seconds is an estimate; read: whether they were read for this plan. What was not is left undecided.
    """

    documents: int
    size: int
    requests: int
    seconds: float
    read: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and what it was made from. digest: of the profile; state: the database's own number; made_ns: when.

    adoption: what had to be read far away, or will have to be; None if nothing.
    adopted: of a first plan, how many documents are the same everywhere already, and are taken as agreed; None later.
    undo: what it undoes, if that is what was asked. glanced: sides of which not all was looked at; again: those where
    that should be done soon, because what was missed may lie elsewhere.
    """

    profile: str
    digest: str
    state: str
    made_ns: int
    plan: Plan
    adoption: Adoption | None = None
    adopted: int | None = None
    undo: Undo | None = None
    glanced: frozenset[SideName] = frozenset()
    again: frozenset[SideName] = frozenset()

    @property
    def undecided(self) -> bool:
        """Whether copies were not compared, because reading them takes long."""
        return self.adoption is not None and not self.adoption.read


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was taken: bytes moved, and what there was to say about it."""

    step: Step
    size: int = 0  # bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """A step that was not taken, why (one line), the exit code it stands for, and whether somebody works on the document.

    moved: whether the side was no longer as we had looked at it.
    """

    step: Step
    reason: str
    exit_code: int
    in_use: bool = False
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """How many copies that were assumed to be equal were read, and were or were not."""

    equal: int = 0
    unequal: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan.

    dropped: steps of a saved plan whose rows or stamps moved meanwhile; left_out: sides that were not asked to take part;
    agreed: whether nothing waits, and every side was seen.
    """

    planned: Planned
    run: int
    seconds: float
    done: tuple[Done, ...] = ()
    failed: tuple[Failed, ...] = ()
    dropped: tuple[str, ...] = ()
    left_out: frozenset[SideName] = frozenset()
    verified: Verified = Verified()
    agreed: bool = False

    @property
    def again(self) -> frozenset[SideName]:
        """Sides to look at in full soon: what was missed there may lie elsewhere, or a step failed unexpectedly."""
        failed = {failed.step.side for failed in self.failed}
        return self.planned.again | (failed & self.planned.glanced)

    @property
    def exit_code(self) -> int:
        """The most serious of what happened, as the command returns it."""
        codes = [failed.exit_code for failed in self.failed]
        plan = self.planned.plan
        codes += [6 for brake in plan.brakes if not brake.accepted]
        unseen = set(plan.unknown) - plan.braked_sides - self.left_out
        codes += [5] * bool(self.dropped or unseen or plan.put_off or self._unsettled)
        codes += [4] * plan.waits_for_a_person
        return most_serious(codes)

    @property
    def _unsettled(self) -> bool:
        """Whether copies are not compared yet, or turned out to be unequal; the next run settles that."""
        return self.planned.undecided or bool(self.verified.unequal)
