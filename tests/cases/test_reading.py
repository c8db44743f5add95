import re

import pytest

from tests.cases.reading import HERE, Mistake, catalogue, read, tree

ROWS = (HERE / "rows.txt").read_text().split()
GOOD = """\
- id: X1
  title: It is so
  given: {a: one}
  when: [{s3: edit a = two}]
  then: {everywhere: {a: two}}
"""


def test_every_row_of_the_catalogue_is_a_case_or_out_of_scope_with_a_reason():
    told = {re.match(r"[A-Z]\d+", case.id)[0] for case in catalogue()}
    assert [row for row in ROWS if row not in told] == []


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("titel", "title", "'titel'"),
        ("edit a = two", "edit a two", "s3: nobody knows how to 'edit a two'"),
        ("{s3: edit", "{s3: move", "nobody knows how to"),
        ("everywhere", "evrywhere", "'evrywhere'"),
        ("id: X1", "id: Y1", "an id here is X and a number"),
        ("{a: one}", "{a: true}", "put True in quotes"),
        ("{a: one}", "{a: one, a: two}", "['a'] twice"),
        ("when: [{s3: edit a = two}]", "on: [real]\n  when: [{s3: go away}]", "cannot be done for real"),
        ("given", "out: no\n  given", "a reason and no more"),
    ],
)
def test_a_wrong_word_is_named_with_its_file_and_id(tmp_path, wrong, right, told):
    file = tmp_path / "X.yaml"
    first, second = (wrong, right) if wrong in GOOD else (right, wrong)
    file.write_text(GOOD.replace(first, second))
    with pytest.raises(Mistake) as raised:
        read(file)
    assert "X.yaml" in str(raised.value)
    assert told in str(raised.value)


def test_an_id_stands_once(tmp_path):
    (tmp_path / "X.yaml").write_text(GOOD + GOOD)
    with pytest.raises(Mistake, match="X1 stand there twice"):
        catalogue(tmp_path)


def test_a_range_counts_in_paths_and_texts():
    assert tree({"d/{09..11}.txt": "page #"}, "here") == {
        "d/": b"",
        "d/09.txt": b"page 09",
        "d/10.txt": b"page 10",
        "d/11.txt": b"page 11",
    }
