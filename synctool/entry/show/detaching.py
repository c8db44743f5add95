"""Shows what taking a profile out of service does, or did."""

from synctool.engine.detaching import Detached
from synctool.entry.show.visible import columns, visible


def detached_lines(profile: str, found: Detached, file: str, then: str) -> list[str]:
    """What stays, what goes, and what to do next. then: how it is done; "" when it is."""
    tense = "is" if then else "was"
    rows = [(f"  {side}", f"its mark {tense} taken away; its trash stays") for side in found.marked]
    rows += [
        (f"? {side}", f"does not answer: {why.removeprefix(f'{side}: ')}")
        for side, why in found.unseen.items()
    ]
    rows.append(("  state", f"{'is put aside' if then else f'is {found.aside} now'}; the audit log stays"))
    first = f"{profile}: {'detaching leaves' if then else 'is detached;'} every document {'' if then else 'stays '}where it is"
    last = (
        f"Next: {then}"
        if then
        else f"Next: remove {file} or set enabled: false, or the next apply begins anew"
    )
    return [visible(line) for line in [first, *columns(rows), "", last]]
