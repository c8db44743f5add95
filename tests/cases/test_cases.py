import pytest

from tests.cases.playing import play, rows
from tests.cases.stage import in_memory


@pytest.mark.parametrize("case", rows("memory"))
def test_in_memory(case, tmp_path, capsys, monkeypatch):
    play(case, in_memory(case, tmp_path, capsys, monkeypatch))
