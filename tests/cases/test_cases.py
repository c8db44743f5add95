import pytest

from tests.cases.playing import play
from tests.cases.reading import catalogue
from tests.cases.stage import in_memory

CASES = [case for case in catalogue() if "memory" in case.on and not case.out]


def row(case):
    marks = [pytest.mark.xfail(reason=case.xfail, strict=True)] * bool(case.xfail)
    return pytest.param(case, id=case.id, marks=marks)


@pytest.mark.parametrize("case", [row(case) for case in CASES])
def test_in_memory(case, tmp_path, capsys, monkeypatch):
    play(case, in_memory(case, tmp_path, capsys, monkeypatch))
