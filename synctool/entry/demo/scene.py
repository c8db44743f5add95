"""Plans and applies before the reader's eyes, and checks what came of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from synctool.config import load
from synctool.core.plan import Step
from synctool.engine import cycle
from synctool.engine.former import Undo
from synctool.engine.outcome import Outcome, Planned
from synctool.engine.tools import Ask
from synctool.entry.demo import witness
from synctool.entry.demo.stage import Stage
from synctool.entry.demo.telling import Teller
from synctool.entry.show.outcome import outcome_lines
from synctool.entry.show.plan import plan_lines

MOTION = 'Pleadings/Motion: re "Smith"?.docx'

SPELLED = "Pleadings/Motion%3A re %22Smith%22%3F.docx"
"""How Windows, which has no such signs in names, sees MOTION."""


def plan(stage: Stage, teller: Teller, undo: str = "") -> Planned:
    """Plan, and show it as the command does. undo: the path of what shall come back, if anything."""
    planned = cycle.plan(load(stage.profile, environ={}), _ask(undo), stage.tools)
    words, then = (f"undo demo {undo}", f"undo demo {undo} --yes") if undo else ("plan demo", "apply demo")
    teller.command(f"synctool {words}", plan_lines(planned, f"synctool {then}"))
    return planned


def run(stage: Stage, teller: Teller, undo: str = "") -> Outcome:
    """Plan and apply, as the commands do."""
    planned = plan(stage, teller, undo)
    outcome = cycle.apply(load(stage.profile, environ={}), _ask(undo), stage.tools)
    teller.command(
        f"synctool undo demo {undo} --yes" if undo else "synctool apply demo", outcome_lines(outcome)
    )
    teller.lines([""])
    differing = _named(planned.plan.steps) ^ _named(done.step for done in outcome.done)
    undone = [f"exit {outcome.exit_code}"] * bool(outcome.exit_code)
    teller.check("what was planned was done, and nothing else", [*undone, *sorted(differing)])
    return outcome


def _ask(undo: str) -> Ask:
    return Ask(actor="demo", undo=Undo(path=undo) if undo else None)


def _named(steps: Iterable[Step]) -> set[str]:
    return {f"{step.side}: {step.to_path}: {step.action.value}" for step in steps}


def check_same(stage: Stage, teller: Teller, case: witness.Tree) -> None:
    """Say that all three places hold this, and raise SyncError if not."""
    folders = sum(path.endswith("/") for path in case)
    teller.check(
        f"Filevine, S3 and the Z-Drive hold the same {len(case) - folders} documents in the same {folders} folders, "
        "byte for byte",
        witness.differences(case, witness.trees(stage, {SPELLED: MOTION})),
    )
    teller.check(
        "every object in S3 names its Filevine document and its folder",
        witness.unlabelled(stage),
    )


def check_kept(stage: Stage, teller: Teller, former: list[bytes], *sides: str) -> None:
    """Say that these sides keep former bytes, and raise SyncError if not."""
    kept = witness.kept(stage)
    teller.check(
        f"what was replaced or deleted is still kept, {' and '.join(map(_HOW.__getitem__, sides))}",
        [f"{side}: former bytes are gone" for side in sides for data in former if data not in kept[side]],
    )


_HOW = {
    "filevine": "in Filevine (versions, trash folder)",
    "s3": "in S3 (versions)",
    "zdrive": "on the Z-Drive (.synctool/trash)",
}


def leaves(stage: Stage) -> Mapping[str, Any]:
    """Filevine's documents, by path."""
    return {leaf.path: leaf for leaf in stage.filevine.colleague.tree(stage.project)}


def numbers(stage: Stage) -> Mapping[str, int]:
    """Filevine's numbers of its documents, by path."""
    return {path: leaf.id for path, leaf in leaves(stage).items()}


def save(stage: Stage, path: str, data: bytes) -> None:
    """Save a file on the Z-Drive."""
    file = stage.drive / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
