"""Finds out, and keeps to, what a disk makes of the case of names."""

import os
import stat

from synctool.core.names import fold
from synctool.sides.drive.folder import Folder, temp_name


def spelled(folder: Folder, name: str) -> str:
    """A name that is there, as the disk spells it."""
    names = folder.names()
    return name if name in names else next((other for other in names if fold(other) == fold(name)), name)


def folds_case(root: Folder) -> bool:
    """Whether one name is found under another case; yes, to be safe, when the root holds nothing to try it with."""
    for name in root.names():
        other = name.swapcase()
        if name.isascii() and other != name:
            one, two = root.look(name), root.look(other)
            return bool(one and two and os.path.samestat(one, two))
    return True


def respell(old: Folder, name: str, new: Folder, wanted: str) -> bool:
    """Rename a file or folder whose new name already leads to it; False when that cannot be.

    Either only the case differs, on a disk that ignores it: at once, and where that is taken for no change, in two
    steps. Or a rename was interrupted after its link: the old name goes.
    """
    one_folder = os.path.samestat(old.status(), new.status())
    if one_folder and name == wanted:
        return True
    if one_folder and not {name, wanted} <= old.names():
        old.replace(name, old, wanted)
        if wanted not in old.names():
            temp = temp_name()
            old.rename(name, old, temp)
            old.rename(temp, old, wanted)
        return True
    status = old.look(name)
    if not status or not stat.S_ISREG(status.st_mode) or status.st_nlink == 1:
        return False
    new.sync()
    old.unlink(name)
    return True
