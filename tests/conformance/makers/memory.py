"""Makes sides in memory: like a drive, like Filevine, like a disk that ignores case and rounds its times."""

import itertools
from contextlib import contextmanager
from dataclasses import replace

from synctool.sides.memory import PATHS, REFS, MemorySide
from tests.conformance.rig import Rig


def maker(**options):
    @contextmanager
    def make(request):
        seconds = itertools.count(1_790_000_000)
        side = MemorySide("memory", clock=lambda: next(seconds) * 10**9, **options)
        yield Rig(
            side=side,
            put=side.put,
            delete=side.delete,
            rename=side.rename,
            touch=side.touch,
            tree=side.tree,
            kept=lambda: set(side.trash.values()),
            ignores_case=side.traits.folds_case,
            mtime_step_ns=options.get("mtime_step_ns", 1),
            streams=False,
        )

    return make


MAKERS = {
    "memory": maker(),
    "memory-refs": maker(traits=REFS),
    "memory-coarse": maker(traits=replace(PATHS, folds_case=True, names="windows"), mtime_step_ns=2 * 10**9),
}
