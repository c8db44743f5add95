"""What the web page shows, and what its buttons do."""

import hashlib
import re
import threading
from contextlib import closing
from html import unescape
from urllib.parse import urlencode

import pytest

from synctool.core.model import Kind
from synctool.core.plan import Action, Layer, Step, Why
from synctool.engine import versions
from synctool.engine.clock import SYSTEM
from synctool.engine.outcome import Adoption, Done
from synctool.entry.cli.session import Session
from synctool.entry.show.visible import visible
from synctool.entry.web.desk import KEPT, Desk
from synctool.entry.web.office import Office
from synctool.entry.web.pages import Pages
from synctool.entry.web.serving import _listening, _running
from synctool.errors import Misuse
from synctool.store.ledger import Ledger
from tests.entry.watched import until
from tests.entry.web.conftest import Visitor

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


@pytest.fixture
def desk(firm):
    with closing(Desk(str(firm.folder / "state"), SYSTEM)) as desk:
        yield desk


@pytest.fixture
def unguarded(firm, desk):
    """Somebody at a page that lets everybody in."""
    session = Session(firm.folder / "profiles", firm.folder / "state")
    pages = Pages(Office(session, (), desk, may_act=True))
    with _listening("127.0.0.1", 0, "") as listener, _running(pages.app(), listener):
        yield Visitor(f"http://127.0.0.1:{listener.getsockname()[1]}/")


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


def test_each_version_can_be_saved_and_is_opened_by_no_browser(firm, visit):
    name = "Brief \u202etxt.docx"
    firm.profile("case-1", HOLD)
    for text in ("agreed", None):
        for side in ("left", "right"):
            firm.write(f"case-1/{side}/{name}", text or f"<script>of {side}</script>" * 60_000)
        firm.run("apply", "--yes")
    with visit() as visitor:
        links = re.findall(r'<a href="([^"]+)" download', visitor.get("/p/case-1/conflicts/1").answer.text)
        for side, link in zip(("left", "right"), links, strict=True):
            answer = visitor.get(link).answer
            assert answer.text == f"<script>of {side}</script>" * 60_000
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["x-content-type-options"] == "nosniff"
            spelled = f"Brief%20%5Cu202etxt%20%28Z-Drive%20%28{side}%29%29.docx"
            assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{spelled}"
        assert visitor.get("/p/case-1/conflicts/1/versions/2").answer.status_code == 404
        (firm.folder / "case-1/right").rename(firm.folder / "case-1/gone")
        gone = visitor.get(links[1])
        assert (gone.answer.status_code, "no side that holds it answers" in gone.text) == (502, True)


def test_three_versions_are_all_compared_and_none_is_without_its_digest(firm, visit):
    firm.profile("case-1", HOLD)
    third = firm.folder / "case-1/third"
    third.mkdir()
    profile = firm.read("profiles/case-1.yaml")
    left = next(line for line in profile.splitlines() if line.strip().startswith("left:"))
    added = left.replace("left", "third")
    firm.write("profiles/case-1.yaml", profile.replace(left, f"{left}\n{added}"))
    for text in ("agreed", None):
        for side in ("left", "right", "third"):
            firm.write(f"case-1/{side}/a.txt", text or f"of {side}")
        firm.run("apply", "--yes")
    with visit() as visitor:
        visitor.get("/p/case-1/conflicts/1")
        assert "of left of right" in visitor.text
        assert "of left of third" in visitor.text
        for side in ("left", "right", "third"):
            assert hashlib.sha256(f"of {side}".encode()).hexdigest() in visitor.text


def test_who_waits_is_told_how_far_it_is(agreed, desk, unguarded):
    go_on = threading.Event()
    step = Step(
        layer=Layer.WRITE,
        action=Action.WRITE,
        side="right",
        item=1,
        kind=Kind.FILE,
        path="a.txt",
        to_path="a.txt",
        why=Why.NEW,
    )

    def act(meter):
        meter.looking("left", 1200)
        meter.reading(Adoption(7, 3000, 14, 0.0))
        meter.planned(3, 4_000_000)
        meter.carrying("big.mp4", 2_000_000)
        meter.took(Done(step, 5))
        go_on.wait(60)

    desk.begin(("case-1", "plan"), act, [])
    far = ("left: 1,200 seen", "1 of 3 steps done, 4.0 MB in all", "reading 7 documents", "big.mp4: 2.0 MB")
    try:
        until(lambda: all(line in unguarded.get_once("/p/case-1/jobs/plan") for line in far))
    finally:
        go_on.set()


def test_what_goes_on_ends_with_the_page_after_the_step_it_is_in(agreed, desk, unguarded):
    agreed.write("case-1/left/new.txt", "new")
    unguarded.get("/p/case-1").press("Make a plan")
    desk.stopped.set()
    unguarded.press("Do this")
    assert "stopped before it was begun; the next run goes on" in unguarded.text
    assert not (agreed.folder / "case-1/right/new.txt").exists()


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
        assert visitor.text.index("run 2") < visitor.text.index("run 1")
        visitor.get("/p/case-1/document")
        [link] = {*re.findall(r'<a href="(/p/case-1/document[^"]+)"', visitor.answer.text)}
        assert "run 2" in visitor.get(unescape(link)).text
        visitor.press("Show what undoing the last change brings back")
        assert "What undoing brings back" in visitor.text
        visitor.press("Do this")
    assert agreed.read("case-1/right/a.txt") == "hello"


def test_why_a_document_is_as_it_is_stands_above_its_history(agreed, visit):
    agreed.write("case-1/left/a.txt", "changed")
    with visit() as visitor:
        assert "Why it is as it is" not in visitor.get("/p/case-1/why?path=a.txt").text
        visitor.press("Why is it as it is?")
        assert "Z-Drive (left) 7 B" in visitor.text
        assert "other bytes than left" in visitor.text
        assert "right will get the version of left, because it was changed in left" in visitor.text
        assert "write" in visitor.text.partition("What happened")[2]
        assert visitor.get("/p/case-1/document?path=a.txt").text.count("will get the version") == 0
        (agreed.folder / "case-1/left").rename(agreed.folder / "case-1/gone")
        visitor.get("/p/case-1/document?path=a.txt").press("Why is it as it is?")
        assert "could not be looked at now" in visitor.text


def test_a_profile_that_never_ran_has_no_runs(firm, visit):
    firm.profile("case-1")
    with visit() as visitor:
        assert "None has ended yet" in visitor.get("/p/case-1/runs").text


def test_why_a_document_is_contested_leads_to_its_versions(contested, visit):
    with visit() as visitor:
        visitor.get("/p/case-1/document?path=Brief.txt").press("Why is it as it is?")
        assert '<a href="/p/case-1/conflicts/1">' in visitor.answer.text


def test_the_list_of_profiles_is_told_again_to_who_has_the_page(agreed, visit):
    with visit() as visitor:
        again = visitor.requests.get(visitor.root, headers={"HX-Request": "true"}, timeout=30).text
        assert "all sides agree" in again
        assert "<html" not in again


def test_what_somebody_is_at_work_on_and_a_run_that_was_cut_off_are_shown(agreed, visit):
    agreed.write("case-1/left/~$brief.docx", "\x07J. Deer" + " " * 154)
    agreed.write("case-1/left/brief.docx", "words")
    agreed.run("apply", "--yes")
    with Ledger(agreed.folder / "state/case-1.db") as ledger:
        ledger.journal.begin_run(10**18, "J. Doe")
    with visit() as visitor:
        visitor.get("/p/case-1")
        assert "brief.docx in left: is open" in visitor.text
        assert "A run began 2001-09-08 19:46 MDT and has not ended" in visitor.text


def test_runs_are_drawn_by_their_documents_and_listed(firm, visit):
    firm.profile("case-1")
    firm.write("case-1/left/folder/a.txt", "hello")
    firm.write("case-1/left/b.txt", "")
    firm.run("apply", "--yes")
    firm.write("case-1/left/folder/a.txt", "changed")
    firm.run("apply", "--yes")
    with visit() as visitor:
        visitor.get("/p/case-1/runs")
        drawn = re.findall(r'aria-label="([^"]+)"', visitor.answer.text)
        [copied, took] = (said for said in drawn if said.startswith(("Copied", "Duration")))
        assert {*drawn} == {
            "Places",
            "Documents, 2 runs, at most 2 documents",
            copied,
            took,
            "Failures, 2 runs, none",
        }
        assert copied == "Copied, 2 runs, at most 7 B"
        assert re.fullmatch(r"Duration, 2 runs, at most [0-9]+[.][0-9] s", took)
        assert re.search("<title>run 2, [^<]+ M[DS]T: 1 document</title>", visitor.answer.text)
        visitor.press("Show undo")
        assert "a.txt" in visitor.text


@pytest.mark.parametrize("name", ["3", "a\xa0b \u200f.txt", "c&d=e#f%20.txt"])
def test_what_is_undone_is_the_document_or_the_run_that_was_shown(firm, visit, name):
    firm.profile("case-1")
    for path in (name, "other.txt"):
        firm.write(f"case-1/left/{path}", "first")
    firm.run("apply", "--yes")
    for path in (name, "other.txt"):
        firm.write(f"case-1/left/{path}", "second, longer")
        firm.run("apply", "--yes")
    with visit() as visitor:
        visitor.get("/p/case-1/document?" + urlencode({"path": name}))
        visitor.press("Show what undoing the last change brings back")
        assert "What undoing brings back" in visitor.text
        assert f" {visible(name)} " in visitor.text
        assert "other.txt" not in visitor.text
        visitor.get("/p/case-1/runs").press("Show undo")
        assert "What undoing brings back" in visitor.text
        assert "other.txt" in visitor.text


def test_a_profile_with_a_mistake_is_not_passed_over(agreed, visit):
    agreed.write("profiles/case-2.yaml", "version: 1\nname: case-2\nsides: 7\n")
    with visit() as visitor:
        assert "case-2.yaml" in visitor.text
        assert "case-1" in visitor.text
        (agreed.folder / "profiles/case-2.yaml").unlink()
        assert "case-2.yaml" not in visitor.get("/").text


def test_a_page_of_a_profile_that_is_not_there_is_refused(agreed, visit):
    with pytest.raises(Misuse, match="is called 'nobody'"), visit("case-1", "nobody"):
        pass


def test_every_other_way_to_settle_a_conflict_shows_what_it_does(contested, visit):
    with visit() as visitor:
        visitor.get("/p/case-1/conflicts/1").press("Keep both")
        assert "What this does" in visitor.text
        assert "--keep-both --yes" in visitor.text
        visitor.get("/p/case-1/conflicts/1").press("Remove the document")
        assert "Kept in trash or as versions: 1 deleted" in visitor.text
        assert "--gone --yes" in visitor.text


def test_why_versions_are_not_compared_is_said(contested, visit, monkeypatch):
    def said():
        with visit() as visitor:
            text = visitor.get("/p/case-1/conflicts/1").text
            assert "there is nothing to show" in visitor.get("/p/case-1/jobs/conflict 1").text
            return text

    with monkeypatch.context() as patch:
        patch.setattr(versions, "LARGEST", 5)
        assert "it is larger than" in said()
    (contested.folder / "case-1/left/Brief.txt").unlink()
    assert "left: Brief.txt: it is not there" in said()
    (contested.folder / "case-1/right").rename(contested.folder / "case-1/gone")
    (contested.folder / "case-1/left").rename(contested.folder / "case-1/gone too")
    assert "no side that holds it answers" in said()


def test_one_job_of_a_name_goes_on_at_a_time_and_old_ones_are_let_go(desk):
    go_on = threading.Event()
    first = desk.begin("plan", lambda _: go_on.wait(60), [])
    assert desk.begin("plan", lambda _: None, []) is first
    go_on.set()
    until(lambda: first.ended)
    for number in range(KEPT + 9):
        job = desk.begin(number, lambda _: None, [])
        until(lambda job=job: job.ended)
    assert desk.find("plan") is None
    assert desk.find(KEPT + 8) is job


def test_the_page_is_for_this_machine_alone(agreed):
    refused = agreed.run("serve", "--page", "0.0.0.0:0")
    assert (refused.code, "is not an address of this machine alone" in refused.err) == (2, True)


def test_an_address_that_is_taken_is_told_in_few_words(agreed, visit):
    with visit() as visitor:
        at = visitor.root.removeprefix("http://")
        refused = agreed.run("serve", "--page", at)
    assert (refused.code, refused.err) == (
        2,
        f"synctool: --page {at}: cannot be listened at: address already in use; choose another port\n",
    )


def test_what_is_not_there_is_said(agreed, visit):
    with visit() as visitor:
        assert visitor.get("/p/nobody").answer.status_code == 404
        assert visitor.get("/nowhere").answer.status_code == 404
        assert "Nothing is recorded" in visitor.get("/p/case-1/document?path=nothing").text
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
            assert page.count("<script") == page.count('<script src="/static/') == 2
            assert "http://" not in page.replace(visitor.root, "")
