"""Prepares runs that find nothing to do: two drives, and a drive with a bucket."""

from pathlib import Path

from benchmarks import tools
from benchmarks.contest import Setting, done
from benchmarks.ground import BUCKET, Ground, drive, s3
from benchmarks.trees import Tree


def drives(ground: Ground, tree: Tree) -> Setting:
    """Two drives that agree; peers have another copy of the first as their second."""
    one = ground.copy(ground.tree(tree), f"{tree.name}-one")
    other = ground.copy(one, f"{tree.name}-other")
    settings = ground.settings()
    profile = ground.profile(f"drives-{tree.files}", one=drive(one), other=drive(other))
    apply = tools.synctool(ground, "apply", profile)
    for _ in range(2):
        done(apply, ground, settings)
    theirs = ground.copy(one, f"{tree.name}-theirs")
    peers = [tools.rsync(one, theirs)]
    if tree.files < 1_000_000:
        bisync = tools.rclone_bisync(ground, one, theirs)
        peers += [tools.unison(one, theirs), tools.rclone_sync(one, theirs), bisync]
        done(tools.rclone_bisync(ground, one, theirs, "--resync"), ground, settings)
        done(tools.unison(one, theirs), ground, settings)
    manifest = ground.folder / f"{tree.name}-drives.manifest"
    done(tools.floor(manifest, str(one), str(other), noting=True), ground, settings)
    floor = tools.floor(manifest, str(one), str(other))
    return Setting([tools.synctool(ground, "plan", profile), apply, floor, *peers], settings)


def bucket(ground: Ground, tree: Tree) -> Setting:
    """A drive that agrees with a bucket on SeaweedFS; peers have another prefix of it."""
    weed = ground.weed
    settings = ground.settings(weed.endpoint)
    one = filled(ground, tree)
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


def filled(ground: Ground, tree: Tree) -> Path:
    """A drive whose documents lie in a bucket on SeaweedFS already: synctool's copy of them, and that of its peers."""
    weed = ground.weed
    settings = ground.settings(weed.endpoint)
    one = ground.copy(ground.tree(tree), f"{tree.name}-bucket")
    profile = ground.profile(f"bucket-{tree.files}", s3=s3(weed.endpoint, f"{one.name}/"), zdrive=drive(one))
    for _ in range(2):
        done(tools.synctool(ground, "apply", profile), ground, settings)
    done(tools.s5cmd_cp(one, f"{one.name}-theirs/", weed.endpoint), ground, settings)
    return one
