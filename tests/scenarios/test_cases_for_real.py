from datetime import UTC, datetime

import pytest

from synctool.engine.clock import SYSTEM
from synctool.entry.cli import main
from tests.cases.playing import play, rows
from tests.cases.stage import Shown, merged


class AtTheOffice:
    """A case's stage on the real sides of an office."""

    volatile = frozenset({"made_at"})

    def __init__(self, office, case, capsys):
        office.case = self.profile = merged(office.case | {"name": "case"}, case.profile)
        self.office, self.people, self.capsys = office, office.people, capsys
        office.file  # noqa: B018  asking for it writes it

    @property
    def today(self):
        return f"{datetime.fromtimestamp(SYSTEM.now_ns() / 1e9, UTC):%Y-%m-%d}"

    def settle(self):
        self.office.zdrive.age()

    def pass_by(self, seconds):
        assert seconds <= 60, "nobody waits that long for real"

    def command(self, *words):
        self.capsys.readouterr()
        places = ("--profiles", str(self.office.folder / "profiles"), "--state", str(self.office.state))
        return Shown(main([*places, *words]), *self.capsys.readouterr())

    def trees(self):
        return self.office.trees()

    def kept(self):
        return {name: person.kept() for name, person in self.people.items()}

    def documents(self):
        door = self.office.fv.colleague
        return {leaf.id for leaf in door.tree(self.office.project)}


@pytest.mark.slow
@pytest.mark.parametrize("case", rows("real"))
def test_for_real(case, office, capsys, monkeypatch):
    for name, secret in office.environ.items():
        monkeypatch.setenv(name, secret)
    play(case, AtTheOffice(office, case, capsys))
