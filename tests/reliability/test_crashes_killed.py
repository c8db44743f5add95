import os

import pytest

from tests.entry.profiles import write
from tests.reliability.tally import tried
from tests.reliability.traced import calls, needs_strace, site, struck
from tests.reliability.two_drives import SIDES, with_work

STRIDE = 1 if os.environ.get("SYNCTOOL_EXAMPLES") else 400  # of the calls whose site was met already


@pytest.fixture(scope="module")
def work(tmp_path_factory, lacking):
    needs_strace(lacking)
    return with_work(tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def undisturbed(work, tmp_path_factory):
    """What the case is when nothing happens to it, and the calls that bring it there."""
    case = work.like(tmp_path_factory.mktemp("undisturbed"))
    made = calls(case)
    assert case.records() > work.records()
    return made, case.documents(), case.folders()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_whenever_it_is_killed_another_run_brings_about_what_one_would_have(work, undisturbed, tmp_path):
    made, documents, folders = undisturbed
    moments = chosen(made)
    before = set(work.documents().values())
    for call in moments:
        case = work.like(tmp_path / f"{call.name}{call.number}")
        assert struck(case, call.name, call.number, "signal=SIGKILL").returncode == -9, call
        half_way = case.documents()
        assert set(half_way.values()) <= before, (call, "a torn document")
        assert before <= {*half_way.values(), *case.kept()}, (call, "a lost content")
        healed(case, call, documents, folders)
    tried("crashes", "killed at a call of the system, on two drives", len(moments))


def chosen(made):
    """The first call of every site, and some of the others."""
    sites = {site(call): call for call in reversed(made)}
    return sorted({*sites.values(), *made[::STRIDE]}, key=made.index)


def healed(case, what, documents, folders):
    before = {*case.documents().values(), *case.kept()}
    assert case.run("apply", "--yes") == 0, what
    assert case.documents() == documents, what
    assert case.folders() == folders, what
    assert before <= {*case.documents().values(), *case.kept()}, what
    assert case.run("plan", "--exit-code") == 0, what
    assert case.records() > 0
    if case.leftovers():  # of a marker: its side is marked anew when there is work on it
        for side, other in zip(SIDES, reversed(SIDES), strict=True):
            write(case.folder / side / f"for {other}.txt", f"work on {other}")
        assert case.run("apply", "--yes") == 0, what
        assert not case.leftovers(), what
