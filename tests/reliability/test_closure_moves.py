"""A move in two steps that broke off between them leaves one document, wherever the next run finds it."""

import time

import pytest

from synctool.sides.drive import DriveSide
from synctool.sides.drive import folder as folders
from synctool.store.audit import entries
from tests.engine.rig import Rig, StillClock
from tests.properties.people import LENIENT
from tests.reliability.tally import tried


class PowerCutError(BaseException):
    """Nothing after this is done."""


@pytest.fixture
def rig(tmp_path):
    sides = {}
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        sides[name] = DriveSide(name, root=tmp_path / name, clock=time.time_ns)
        sides[name].open()
    (tmp_path / "state").mkdir()
    rig = Rig(tmp_path / "state", sides, StillClock(time.time_ns() + 10**12), brakes=LENIENT)
    (tmp_path / "a" / "x.txt").write_bytes(b"one document")
    assert rig.run().exit_code == 0
    yield rig
    for side in sides.values():
        side.close()
    rig.ledger.close()


def names(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def cut_between_link_and_unlink(rig, monkeypatch):
    def cut(*_):
        raise PowerCutError

    with monkeypatch.context() as patched:
        patched.setattr(folders, "renamed", lambda *_: False)
        patched.setattr(folders.Folder, "unlink", cut)
        with pytest.raises(PowerCutError):
            rig.run()


@pytest.mark.parametrize("meanwhile", ["nothing", "edited", "renamed again", "gone"])
def test_a_document_under_both_names_is_one_document(rig, tmp_path, monkeypatch, meanwhile):
    a, b = tmp_path / "a", tmp_path / "b"
    (a / "x.txt").rename(a / "y.txt")
    cut_between_link_and_unlink(rig, monkeypatch)
    assert set(names(b)) == {"x.txt", "y.txt"}
    end = {"y.txt": b"one document"}
    if meanwhile == "edited":
        (a / "y.txt").write_bytes(b"edited")
        end = {"y.txt": b"edited"}
    elif meanwhile == "renamed again":
        (a / "y.txt").rename(a / "z.txt")
        end = {"z.txt": b"one document"}
    elif meanwhile == "gone":
        (b / "x.txt").unlink()
    assert rig.run().exit_code == 0
    assert names(a) == names(b) == end
    assert not rig.plan().steps
    swept = [e["path"] for e in entries(tmp_path / "state" / "case.audit.jsonl") if e["action"] == "sweep"]
    assert swept == ["y.txt"] * (meanwhile != "gone")
    tried("faults", "a move in two steps breaks off between them")


def test_what_somebody_else_put_at_the_new_name_stays_a_document_of_its_own(rig, tmp_path, monkeypatch):
    a, b = tmp_path / "a", tmp_path / "b"
    (a / "x.txt").rename(a / "y.txt")
    cut_between_link_and_unlink(rig, monkeypatch)
    (b / "y.txt").unlink()
    (b / "y.txt").write_bytes(b"another one!")
    assert rig.run().exit_code == 0
    assert names(a) == names(b)
    assert set(names(a).values()) == {b"one document", b"another one!"}
    tried("faults", "a move in two steps breaks off between them")
