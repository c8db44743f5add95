import json
import shutil

import pytest


@pytest.fixture
def emptied(firm):
    """A case whose only folder was deleted on one side, and therefore on the other."""
    firm.profile("case")
    for name in ("a", "b"):
        firm.write(f"case/left/f/{name}.docx", name)
    firm.write("case/left/kept.docx", "kept")
    assert firm.run("apply", "--yes").code == 0
    shutil.rmtree(firm.folder / "case/left/f")
    assert firm.run("apply", "--yes").code == 0
    return firm


def there(firm):
    return {
        str(p.relative_to(firm.folder / "case"))
        for p in (firm.folder / "case").rglob("*.docx")
        if ".synctool" not in p.parts
    } - {"left/kept.docx", "right/kept.docx"}


BOTH = {f"{side}/f/{name}.docx" for side in ("left", "right") for name in ("a", "b")}


def test_an_undo_is_shown_and_says_what_to_type(emptied):
    ran = emptied.run("undo", "case")
    assert (ran.code, ran.err) == (0, "")
    assert "Decided by a person: 3" in ran.out
    assert "+ f/a.docx   brought back -> left, right" in ran.out
    assert ran.out.endswith("No content is lost. Next: synctool undo case 2 --yes\n")
    assert there(emptied) == set()


def test_an_undo_is_done_when_told_to(emptied):
    ran = emptied.run("undo", "case", "f/", "--yes")
    assert ran.code == 0
    assert "(run 3)" in ran.out
    assert there(emptied) == BOTH
    assert "all sides agree" in emptied.run("plan").out
    assert "run 3" in emptied.run("log", "case", "f/a.docx").out


def test_a_saved_undo_is_applied_like_any_plan(emptied):
    ran = emptied.run("undo", "case", "2", "--out", "back.json")
    assert ran.out.endswith("Next: synctool apply back.json\n")
    saved = json.loads(emptied.read("back.json"))
    assert saved["undo"] == {"run": 2, "path": ""}
    assert emptied.run("apply", "back.json", "--yes").code == 0
    assert there(emptied) == BOTH


def test_an_undo_of_one_path_is_saved_as_such(emptied):
    emptied.run("undo", "case", "f/a.docx", "--out", "back.json")
    saved = json.loads(emptied.read("back.json"))
    assert saved["undo"] == {"run": 0, "path": "f/a.docx"}
    assert emptied.run("apply", "back.json", "--yes").code == 0
    assert there(emptied) == {"left/f/a.docx", "right/f/a.docx"}


def test_programs_get_the_plan_or_the_outcome(emptied):
    planned = json.loads(emptied.run("undo", "case", "--json").out)
    assert planned["undo"] == {"run": 2, "path": ""}
    assert {step["why"] for step in planned["steps"]} == {"decided by a person"}
    done = json.loads(emptied.run("undo", "case", "--json", "--yes").out)
    assert done["exit_code"] == 0
    assert len(done["done"]) == len(planned["steps"])


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("7", "run 7 replaced and removed nothing"),
        ("x.docx", "nothing that is or was at x.docx was ever replaced or removed"),
    ],
)
def test_nothing_to_undo_is_a_mistake_in_the_command(emptied, what, said):
    ran = emptied.run("undo", "case", what)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
