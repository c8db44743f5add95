"""Prepares runs that find nothing to do: two drives, and a drive with a bucket."""

from functools import cache
from pathlib import Path

from benchmarks import tools
from benchmarks.contest import Setting, done
from benchmarks.ground import BUCKET, Ground, drive, filevine, s3
from benchmarks.measuring import Run
from benchmarks.trees import Tree

FIRST = "synctool apply, first over equal copies"
LARGE = 1_000_000  # files, from which on only the quickest take part


def drives(ground: Ground, tree: Tree) -> Setting:
    """Two drives that agree; peers have another copy of the first as their second."""
    one = ground.copy(ground.tree(tree), f"{tree.name}-one")
    other = ground.copy(one, f"{tree.name}-other")
    settings = ground.settings()
    profile = ground.profile(f"drives-{tree.files}", one=drive(one), other=drive(other))
    apply = tools.synctool(ground, "apply", profile)
    first = done(apply, ground, settings)
    done(apply, ground, settings)
    theirs = ground.copy(one, f"{tree.name}-theirs")
    peers = [tools.rsync(one, theirs)]
    if tree.files < LARGE:
        bisync = tools.rclone_bisync(ground, one, theirs)
        peers += [tools.unison(one, theirs), tools.rclone_sync(one, theirs), bisync]
        done(tools.rclone_bisync(ground, one, theirs, "--resync"), ground, settings)
        done(tools.unison(one, theirs), ground, settings)
    manifest = ground.folder / f"{tree.name}-drives.manifest"
    done(tools.floor(manifest, str(one), str(other), noting=True), ground, settings)
    floor = tools.floor(manifest, str(one), str(other))
    return Setting([tools.synctool(ground, "plan", profile), apply, floor, *peers], settings, already={FIRST: first})


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
            tools.synctool(ground, "plan", profile),
            tools.synctool(ground, "apply", profile),
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
    one = ground.copy(ground.tree(tree), f"{tree.name}-bucket")
    profile = ground.profile(f"bucket-{tree.files}", s3=s3(weed.endpoint, f"{one.name}/"), zdrive=drive(one))
    ours = tools.synctool(ground, "apply", profile)
    theirs = tools.s5cmd_cp(one, f"{one.name}-theirs/", weed.endpoint)
    took = {each.name: done(each, ground, settings) for each in (ours, theirs)}
    done(ours, ground, settings)
    return one, took


def thin(ground: Ground, tree: Tree) -> Setting:
    """A drive that agrees with a bucket on a server that costs next to nothing; also what the parts of a run take."""
    one, profile, first = held(ground, tree)
    settings, theirs = ground.settings(ground.thin), f"{one.name}-theirs"
    ground.hold(one, f"{theirs}/")
    manifest = ground.folder / f"{one.name}.manifest"
    places = (str(one), ground.thin, BUCKET, f"{theirs}/")
    done(tools.floor(manifest, *places, noting=True), ground, settings)
    contestants = [
        tools.synctool(ground, "plan", profile),
        tools.synctool(ground, "apply", profile),
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
        already={FIRST: first},
    )


@cache
def held(ground: Ground, tree: Tree) -> tuple[Path, Path, Run]:
    """A drive and a thin server that agree, the profile that joins them, and what the first run took."""
    settings = ground.settings(ground.thin)
    one = ground.copy(ground.tree(tree), f"{tree.name}-held")
    ground.hold(one, f"{one.name}/")
    profile = ground.profile(f"held-{tree.files}", s3=s3(ground.thin, f"{one.name}/"), zdrive=drive(one))
    apply = tools.synctool(ground, "apply", profile)
    first = done(apply, ground, settings)
    done(apply, ground, settings)
    return one, profile, first


@cache
def agreed(ground: Ground, tree: Tree) -> tuple[Path, Path, Run]:
    """A Filevine, a thin server and a drive that agree: the drive, the profile that joins them, and what the first run took.

    Filevine's documents are taken to be equal for their sizes; later runs that act would read a hundred each.
    """
    firm = ground.firm(tree)
    one = ground.copy(ground.tree(tree), f"{tree.name}-three")
    ground.hold(one, f"{one.name}/")
    sides = {"filevine": filevine(firm), "s3": s3(ground.thin, f"{one.name}/"), "zdrive": drive(one)}
    profile = ground.profile(f"three-{tree.files}", **sides)
    with profile.open("a", encoding="utf-8") as file:
        file.write("adopt: size\n")
    return one, profile, done(tools.synctool(ground, "apply", profile), ground, ground.settings(ground.thin))


def three(ground: Ground, tree: Tree) -> Setting:
    """Three sides that agree, one of them Filevine; beside it, the bare listings of all three."""
    one, profile, first = agreed(ground, tree)
    firm = ground.firm(tree)
    listings = tools.download(firm, str(one), ground.thin, BUCKET, f"{one.name}/", fetching=False)
    return Setting(
        [tools.synctool(ground, "plan", profile), listings],
        ground.settings(ground.thin),
        counted=lambda: sum(firm.counted().values()),
        already={FIRST: first},
    )
