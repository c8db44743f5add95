from tests.reliability.page import counted, page
from tests.reliability.tally import VARIABLE, tried


def test_what_was_tried_is_counted_by_group_and_words(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "tally"))
    tried("faults", "a lost reply", 3)
    tried("faults", "a lost reply")
    tried("large", "a broken transfer")
    counts = counted(tmp_path / "tally")
    assert counts == {("faults", "a lost reply"): 4, ("large", "a broken transfer"): 1}
    text = page(counts)
    assert "5 trials" in text
    assert "| a lost reply | 4 |" in text
    assert text.index("n-th call") < text.index("Large documents")


def test_without_a_file_to_write_to_nothing_is_counted(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    tried("world", "a seed")
    assert not list(tmp_path.iterdir())
