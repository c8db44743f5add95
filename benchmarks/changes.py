"""Prepares runs that find a little to do: a hundred changes of many, and one that a hint tells of."""

import time

from benchmarks import tools
from benchmarks.contest import Setting, done
from benchmarks.ground import Ground, drive, s3
from benchmarks.tools import Contestant
from benchmarks.trees import Tree, change
from benchmarks.unchanged import agreed, filled, held
from synctool.core.model import document_handle

STILL = 4.0  # seconds after which a file counts as written
UNCHANGED = "synctool apply, nothing changed"


def hundred(ground: Ground, tree: Tree) -> Setting:
    """A hundred files changed on a drive that agreed with SeaweedFS; for each tool other ones.

    The first peer finds what was changed for synctool; before the next one, others are.
    """
    one, _ = filled(ground, tree)
    weed = ground.weed
    settings = ground.settings(weed.endpoint)
    profile = ground.profile(f"bucket-{tree.files}", s3=s3(weed.endpoint, f"{one.name}/"), zdrive=drive(one))
    apply = tools.synctool(ground, "apply", profile)
    theirs = f"{one.name}-theirs"
    contestants = [
        Contestant(UNCHANGED, apply.command),
        apply,
        tools.rclone_sync(one, theirs),
        tools.s5cmd_sync(one, f"{theirs}/", weed.endpoint),
        tools.aws_sync(one, theirs),
    ]
    done(tools.rclone_sync(one, theirs), ground, settings)

    def before(contestant: Contestant, number: int) -> None:
        if contestant.name == UNCHANGED:
            done(apply, ground, settings)  # what was changed for the others
        elif contestant.tool != "rclone":
            change(one, 10 * number + contestants.index(contestant))
            time.sleep(STILL)

    return Setting(contestants, settings, before)


def hint(ground: Ground, tree: Tree) -> Setting:
    """A hint at one edited document: on a drive, planned and applied; and in Filevine, planned."""
    one, profile = held(ground, tree)
    _, three = agreed(ground, tree)
    firm = ground.firm(tree)
    file = next(path for path in sorted(one.rglob("*")) if path.is_file() and ".synctool" not in path.parts)
    told = file.relative_to(one).as_posix()
    on_drive = tools.inside(ground, "apply", profile, "zdrive", told)
    in_filevine = tools.inside(ground, "plan", three, "filevine", document_handle(firm.document))

    def before(contestant: Contestant, number: int) -> None:
        if contestant is on_drive:
            file.write_text(f"edit {number}")
            time.sleep(STILL)
        else:
            firm.revise(f"edit {number}")

    return Setting([on_drive, in_filevine], ground.settings(ground.thin), before, ground.requests)
