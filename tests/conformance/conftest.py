"""Finds every side there is to test: each module in ``makers`` offers ``MAKERS``.

MAKERS maps a name to a function of pytest's ``request`` that gives a context manager, which yields a ``Rig``.
"""

import pkgutil
import random
from importlib import import_module
from pathlib import Path

import pytest

from synctool.sides.hardened import Hardened

MAKERS = {
    name: make
    for module in pkgutil.iter_modules([str(Path(__file__).parent / "makers")])
    for name, make in import_module(f"tests.conformance.makers.{module.name}").MAKERS.items()
}


HARDENED = ("drive", "filevine", "memory", "s3-plain")  # one of each kind: what it wraps it does not know


@pytest.fixture(params=[*sorted(MAKERS), *(f"{name}-hardened" for name in HARDENED)])
def rig(request):
    name, hardened, _ = request.param.partition("-hardened")
    with MAKERS[name](request) as plain:
        rig = plain.wrapped(_harden) if hardened else plain
        rig.side.open()
        yield rig
        rig.side.close()
        rig.side.close()


def _harden(side):
    return Hardened(side, sleep=lambda _: None, random=random.random)
