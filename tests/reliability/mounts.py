"""Mounts small disks that a test may fill up, take away, or cut the power of."""

import subprocess
from contextlib import contextmanager


@contextmanager
def mounted(place, lacking, *words):
    """A file system at a place, made if it must be; words are those of ``mount``."""
    place.mkdir(exist_ok=True)
    if mount(*words, place):
        lacking("may not mount a disk, to fill it up or to cut its power")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def mount(*words):
    return subprocess.run(["mount", *words], check=False, capture_output=True).returncode


def small_disk(place, size, lacking):
    return mounted(place, lacking, "-t", "tmpfs", "-o", f"size={size}", "none")


def on_image(image, place, lacking):
    return mounted(place, lacking, "-o", "loop", image)
