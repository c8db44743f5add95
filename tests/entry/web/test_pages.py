"""What the web page shows, and what its buttons do."""

import pytest

HOLD = 'conflicts: [{match: "**", policy: hold}]\n'
BRAKES = "brakes: {deletes: {count: 1}}\n"
HOSTILE = "<b>&amp;\u202e '\"{{ 7*7 }}.txt"


@pytest.fixture
def agreed(firm):
    firm.profile("case-1")
    firm.write("case-1/left/a.txt", "hello")
    assert firm.run("apply", "--yes").code == 0
    return firm


@pytest.fixture
def contested(firm):
    firm.profile("case-1", HOLD)
    firm.write("case-1/left/Brief.txt", "one\ntwo\nthree\n")
    firm.run("apply", "--yes")
    firm.write("case-1/left/Brief.txt", "one\nTWO here\nthree\n")
    firm.write("case-1/right/Brief.txt", "one\ntwo there\nthree\n")
    assert firm.run("apply", "--yes").code == 4
    return firm


def test_profiles_are_listed_the_worst_first(contested, visit):
    contested.profile("case-0")
    contested.write("case-0/left/a.txt", "a")
    contested.run("apply", "--yes", "case-0")
    with visit() as visitor:
        assert visitor.text.index("case-1") < visitor.text.index("case-0")
        assert "1 conflict to decide" in visitor.text
        assert "all sides agree" in visitor.text
        assert "read-only" in visitor.text


def test_a_profile_whose_state_cannot_be_used_is_listed_with_the_reason(agreed, visit):
    (agreed.folder / "state/case-1.db").write_bytes(b"no database" * 999)
    with visit() as visitor:
        assert "case-1.db" in visitor.get("/").text
        assert visitor.get("/p/case-1").answer.status_code == 502


def test_a_plan_is_made_when_it_is_asked_for_and_shown_with_the_command(agreed, visit):
    agreed.write("case-1/left/new.txt", "new")
    with visit() as visitor:
        visitor.get("/p/case-1").press("Make a plan")
        assert "new.txt new in left -> right" in visitor.text
        assert "To do it, type synctool" in visitor.text
        assert "Do this" not in visitor.text
        refused = visitor.post("/p/case-1/apply", made="1")
        assert (refused.answer.status_code, "this page only shows" in refused.text) == (404, True)
    assert not (agreed.folder / "case-1/right/new.txt").exists()


def test_a_plan_is_carried_out_as_it_was_shown_and_nothing_else(agreed, visit):
    agreed.write("case-1/left/new.txt", "new")
    with visit(may_act=True) as visitor:
        visitor.get("/p/case-1").press("Make a plan")
        agreed.write("case-1/left/later.txt", "later")
        visitor.press("Do this")
        assert "1 step done" in visitor.text
    assert agreed.read("case-1/right/new.txt") == "new"
    assert not (agreed.folder / "case-1/right/later.txt").exists()
    assert "on the page" in agreed.read("state/case-1.audit.jsonl")


def test_a_plan_that_is_not_the_last_one_is_not_carried_out(agreed, visit):
    with visit(may_act=True) as visitor:
        visitor.get("/p/case-1").press("Make a plan")
        assert "this plan is not the last one" in visitor.post("/p/case-1/apply", made="1").text


def test_a_brake_shows_what_it_withholds_and_is_overridden_by_looking_first(firm, visit):
    firm.profile("case-1", BRAKES)
    for name in "abcdef":
        firm.write(f"case-1/left/{name}.txt", name)
    firm.run("apply", "--yes")
    for name in "abcd":
        (firm.folder / f"case-1/left/{name}.txt").unlink()
    with visit(may_act=True) as visitor:
        visitor.get("/p/case-1").press("Make a plan")
        assert "4 of 6 documents would be deleted" in visitor.text
        assert "Withheld 4" in visitor.text
        visitor.press("That is right: plan with it")
        assert "accepted" in visitor.text
        assert "Deleted 4" in visitor.text
        visitor.press("Do this")
        assert visitor.answer.ok
    assert sorted(path.name for path in (firm.folder / "case-1/right").glob("*.txt")) == ["e.txt", "f.txt"]


def test_a_conflict_is_shown_side_by_side_with_what_differs(contested, visit):
    with visit() as visitor:
        visitor.get("/p/case-1")
        assert "Brief.txt" in visitor.text
        visitor.get("/p/case-1/conflicts/1")
        assert "Z-Drive (left) saved 2023-11-14" in visitor.text
        assert "Z-Drive (right)" in visitor.text
        assert "TWO here two there" in visitor.text
        visitor.press("Take this one", 1)
        assert "What this does" in visitor.text
        assert "To decide so, type" in visitor.text
        assert "--take right --yes" in visitor.text
    assert contested.read("case-1/left/Brief.txt") == "one\nTWO here\nthree\n"


def test_a_conflict_is_decided_by_a_button_after_its_effect_was_shown(contested, visit):
    with visit(may_act=True) as visitor:
        visitor.get("/p/case-1/conflicts/1").press("Take this one", 1)
        visitor.press("Decide so")
        assert "Written down" in visitor.text
        visitor.press("Make a plan")
        visitor.press("Do this")
    assert contested.read("case-1/left/Brief.txt") == "one\ntwo there\nthree\n"


def test_a_conflict_that_is_over_says_so(contested, visit):
    with visit() as visitor:
        assert "this conflict is not open any more" in visitor.get("/p/case-1/conflicts/7").text


def test_the_history_of_a_document_is_shown_and_its_last_change_undone(agreed, visit):
    agreed.write("case-1/left/a.txt", "changed")
    agreed.run("apply", "--yes")
    with visit(may_act=True) as visitor:
        visitor.get("/p/case-1/document?path=a.txt")
        assert "run 2" in visitor.text
        visitor.press("Show what undoing the last change brings back")
        assert "What undoing brings back" in visitor.text
        visitor.press("Do this")
    assert agreed.read("case-1/right/a.txt") == "hello"


def test_runs_are_drawn_and_listed(agreed, visit):
    agreed.write("case-1/left/a.txt", "changed")
    agreed.run("apply", "--yes")
    with visit() as visitor:
        visitor.get("/p/case-1/runs")
        assert visitor.answer.text.count("<svg") == 4
        assert "run 2" in visitor.answer.text
        visitor.press("Show undo")
        assert "a.txt" in visitor.text


def test_what_is_not_there_is_said(agreed, visit):
    with visit() as visitor:
        assert visitor.get("/p/nobody").answer.status_code == 404
        assert visitor.get("/nowhere").answer.status_code == 404
        assert "nothing is recorded" in visitor.get("/p/case-1/document?path=nothing").text
        assert visitor.post("/p/case-1/conflicts/1", way="--all").answer.status_code == 404
        assert visitor.get("/p/case-1/jobs/nothing").answer.url.endswith("/p/case-1")


def test_a_side_that_is_gone_is_told_where_it_was_asked(agreed, visit):
    (agreed.folder / "case-1/right").rename(agreed.folder / "case-1/gone")
    with visit() as visitor:
        visitor.get("/p/case-1").press("Make a plan")
        assert "not all of right seen" in visitor.text


def test_a_hostile_name_is_only_text(firm, visit):
    firm.profile("case-1", HOLD)
    firm.write(f"case-1/left/{HOSTILE}", "one")
    with visit() as visitor:
        visitor.get("/p/case-1").press("Make a plan")
        page = visitor.answer.text
    assert "&lt;b&gt;&amp;amp;\\u202e &#39;&#34;{{ 7*7 }}.txt" in page
    assert "<b>" not in page
    assert "\u202e" not in page


def test_a_page_has_nothing_that_its_own_policy_forbids(contested, visit):
    with visit(may_act=True) as visitor:
        for path in ("/", "/p/case-1", "/p/case-1/conflicts/1", "/p/case-1/runs", "/p/case-1/document"):
            page = visitor.get(path).answer.text
            assert "style=" not in page
            assert " on" not in page.replace(" on record", "").split("<main")[0]
            assert page.count("<script") == page.count('<script src="/static/htmx-2.0.11.min.js" defer>')
            assert "http://" not in page.replace(visitor.root, "")
