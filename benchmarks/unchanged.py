"""Prepares runs that find nothing to do: two drives, and a drive with a bucket."""

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from benchmarks import tools
from benchmarks.contest import Setting, done
from benchmarks.ground import BUCKET, Ground, drive, filevine, s3
from benchmarks.measuring import Run
from benchmarks.tools import Contestant
from benchmarks.trees import Tree
from synctool.sides.base import PLACEHOLDER, RESERVED

LARGE = 1_000_000  # files, from which on only the quickest take part


def drives(ground: Ground, tree: Tree) -> Setting:
    """Two drives that agree; peers have another copy of the first as their second."""
    one = start(ground, tree, "one")
    other = ground.copy(one, f"{tree.name}-other")
    settings = ground.settings()
    profile = ground.profile(f"drives-{tree.files}", one=drive(one), other=drive(other))
    settled(ground, profile, settings)
    manifest = ground.folder / f"{tree.name}-drives.manifest"
    done(tools.floor(manifest, str(one), str(other), noting=True), ground, settings)
    own = [*_own(ground, profile, tree), tools.floor(manifest, str(one), str(other))]
    if tree.files >= LARGE:
        return Setting([*own, tools.rsync(one, other, "--dry-run")], settings)
    theirs = ground.copy(one, f"{tree.name}-theirs")
    done(tools.rclone_bisync(ground, one, theirs, "--resync"), ground, settings)
    done(tools.unison(one, theirs), ground, settings)
    peers = [tools.rsync(one, theirs), tools.unison(one, theirs), tools.rclone_sync(one, theirs)]
    return Setting([*own, *peers, tools.rclone_bisync(ground, one, theirs)], settings)


def bucket(ground: Ground, tree: Tree) -> Setting:
    """A drive that agrees with a bucket on SeaweedFS; peers have another prefix of it."""
    weed = ground.weed
    settings = ground.settings(weed.endpoint)
    one, _ = filled(ground, tree)
    profile = ground.profile(f"bucket-{tree.files}", s3=s3(weed.endpoint, f"{one.name}/"), zdrive=drive(one))
    theirs = f"{one.name}-theirs"
    bisync = tools.rclone_bisync(ground, one, theirs)
    done(tools.rclone_bisync(ground, one, theirs, "--resync"), ground, settings)
    manifest = ground.folder / f"{one.name}.manifest"
    places = (str(one), weed.endpoint, BUCKET, f"{theirs}/")
    done(tools.floor(manifest, *places, noting=True), ground, settings)
    return Setting(
        [
            *_own(ground, profile, tree),
            tools.floor(manifest, *places),
            tools.rclone_sync(one, theirs),
            bisync,
            tools.s5cmd_sync(one, f"{theirs}/", weed.endpoint),
            tools.aws_sync(one, theirs),
        ],
        settings,
    )


@cache
def filled(ground: Ground, tree: Tree) -> tuple[Path, dict[str, Run]]:
    """A drive whose documents lie in a bucket on SeaweedFS already, and what it took: synctool's copy, and its peers'."""
    weed = ground.weed
    settings = ground.settings(weed.endpoint)
    one = start(ground, tree, "bucket")
    profile = ground.profile(f"bucket-{tree.files}", s3=s3(weed.endpoint, f"{one.name}/"), zdrive=drive(one))
    ours = tools.synctool(ground, "apply", profile)
    theirs = tools.s5cmd_cp(one, f"{one.name}-theirs/", weed.endpoint)
    took = {each.name: done(each, ground, settings) for each in (ours, theirs)}
    done(ours, ground, settings)
    return one, took


def thin(ground: Ground, tree: Tree) -> Setting:
    """A drive that agrees with a bucket on a server that costs next to nothing; also what the parts of a run take."""
    one, profile = held(ground, tree)
    settings, theirs = ground.settings(ground.thin), f"{one.name}-theirs"
    ground.hold(one, f"{theirs}/")
    manifest = ground.folder / f"{one.name}.manifest"
    places = (str(one), ground.thin, BUCKET, f"{theirs}/")
    done(tools.floor(manifest, *places, noting=True), ground, settings)
    contestants = [
        *_own(ground, profile, tree),
        tools.inside(ground, "look", profile),
        tools.floor(manifest, *places),
        tools.rclone_sync(one, theirs),
    ]
    if tree.files < LARGE:
        done(tools.rclone_bisync(ground, one, theirs, "--resync"), ground, settings)
        contestants += [
            tools.rclone_bisync(ground, one, theirs),
            tools.s5cmd_sync(one, f"{theirs}/", ground.thin),
            tools.aws_sync(one, theirs),
        ]
    return Setting(
        contestants,
        settings,
        counted=ground.requests,
    )


@cache
def held(ground: Ground, tree: Tree) -> tuple[Path, Path]:
    """A drive and a thin server that agree, and the profile that joins them."""
    one = start(ground, tree, "held")
    ground.hold(one, f"{one.name}/", mark=PLACEHOLDER)
    profile = ground.profile(f"held-{tree.files}", s3=s3(ground.thin, f"{one.name}/"), zdrive=drive(one))
    settled(ground, profile, ground.settings(ground.thin))
    return one, profile


@cache
def agreed(ground: Ground, tree: Tree) -> tuple[Path, Path]:
    """The same with a Filevine that has it all too."""
    one = start(ground, tree, "three")
    ground.hold(one, f"{one.name}/", mark=PLACEHOLDER)
    sides = {
        "filevine": filevine(ground.firm(tree)),
        "s3": s3(ground.thin, f"{one.name}/"),
        "zdrive": drive(one),
    }
    profile = ground.profile(f"three-{tree.files}", **sides)
    settled(ground, profile, ground.settings(ground.thin))
    return one, profile


def settled(ground: Ground, profile: Path, settings: Mapping[str, str]) -> None:
    """Write the state of a profile whose sides agree; a run marks the places, another one sees the marks in the listings."""
    done(tools.agreeing(ground, profile), ground, settings)
    for _ in range(2):
        done(tools.synctool(ground, "apply", profile), ground, settings)


def start(ground: Ground, tree: Tree, name: str) -> Path:
    """A copy of a tree to begin with; of a large one, to save time, the tree itself as if nobody had synced it."""
    root = ground.tree(tree)
    if tree.files < LARGE:
        return ground.copy(root, f"{tree.name}-{name}")
    shutil.rmtree(root / RESERVED, ignore_errors=True)
    return root


def _own(ground: Ground, profile: Path, tree: Tree) -> list[Contestant]:
    """What of synctool is measured; a plan that finds something to do does not count."""
    words = ("plan", "apply") if tree.files < LARGE else ("plan",)
    return [tools.synctool(ground, each, profile) for each in words]


def three(ground: Ground, tree: Tree) -> Setting:
    """Three sides that agree, one of them Filevine; beside it, the bare listings of all three."""
    one, profile = agreed(ground, tree)
    firm = ground.firm(tree)
    listings = tools.download(firm, str(one), ground.thin, BUCKET, f"{one.name}/", fetching=False)
    return Setting(
        [tools.synctool(ground, "plan", profile), listings],
        ground.settings(ground.thin),
        counted=lambda: sum(firm.counted().values()),
    )
