"""Prepares first copies: from a drive to S3 servers, of one large file, and from Filevine."""

import os
import shutil
from pathlib import Path

from benchmarks import tools
from benchmarks.contest import Setting
from benchmarks.ground import Ground, drive, filevine, s3
from benchmarks.tools import ROUND, Contestant
from benchmarks.trees import Tree
from benchmarks.unchanged import filled

ROUNDS = 5
BLOCK = 1 << 20


def to_weed(ground: Ground, tree: Tree) -> Setting:
    """From a drive to empty prefixes on SeaweedFS."""
    return _copies(ground, ground.copy(ground.tree(tree), f"{tree.name}-first"), ground.weed.endpoint)


def to_weed_once(ground: Ground, tree: Tree) -> Setting:
    """The same once, as it takes long; later cases go on from there."""
    _, took = filled(ground, tree)
    return Setting([], {}, already=took)


def to_thin(ground: Ground, tree: Tree) -> Setting:
    """From a drive to empty prefixes on a server that costs next to nothing."""
    source = ground.copy(ground.tree(tree), f"{tree.name}-first-thin")
    setting = _copies(ground, source, ground.thin)
    lean = tools.rclone_copy(source, f"{source.name}-lean-{ROUND}")
    return Setting([*setting.contestants, lean], setting.settings, setting.before, ground.requests)


def large(ground: Ground, size: int) -> Setting:
    """One file of so many bytes, which repeat nowhere near, to SeaweedFS."""
    source = ground.folder / "large"
    source.mkdir()
    block = bytearray(os.urandom(BLOCK))
    with (source / "deposition.mp4").open("wb") as file:
        for number in range(size // BLOCK):
            block[:8] = number.to_bytes(8)
            file.write(block)
    return _copies(ground, source, ground.weed.endpoint)


def from_filevine(ground: Ground, tree: Tree) -> Setting:
    """From Filevine to an empty drive and an empty prefix of the thin server; beside it, the bare download."""
    firm, settings = ground.firm(tree), ground.settings(ground.thin)
    for number in range(ROUNDS):
        root = ground.folder / f"from-filevine-{number}"
        root.mkdir()
        sides = {"filevine": filevine(firm), "s3": s3(ground.thin, f"{root.name}/"), "zdrive": drive(root)}
        ground.profile(f"from-filevine-{number}", **sides)
    ours = tools.synctool(ground, "apply", ground.profiles / f"from-filevine-{ROUND}.yaml")
    return Setting([ours, tools.download(firm)], settings, counted=lambda: sum(firm.counted().values()))


def _copies(ground: Ground, source: Path, endpoint: str) -> Setting:
    """Every tool copies a folder to a prefix of its own, another one each round."""
    for number in range(ROUNDS):
        sides = {"s3": s3(endpoint, f"{source.name}-{number}/"), "zdrive": drive(source)}
        ground.profile(f"{source.name}-{number}", **sides)
    contestants = [
        tools.synctool(ground, "apply", ground.profiles / f"{source.name}-{ROUND}.yaml"),
        tools.s5cmd_cp(source, f"{source.name}-s5cmd-{ROUND}/", endpoint),
        tools.rclone_sync(source, f"{source.name}-rclone-{ROUND}"),
        tools.aws_sync(source, f"{source.name}-aws-{ROUND}"),
    ]

    def before(_: Contestant, __: int) -> None:
        shutil.rmtree(source / ".synctool", ignore_errors=True)  # it says to which profile the drive belongs

    return Setting(contestants, ground.settings(endpoint), before)
