"""The page of a plan: what it says, and that nothing in it can do anything."""

from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from synctool.core.plan import Brake, Notice
from synctool.entry.show.plan_page import OPEN, plan_page
from tests.entry.plans import DELETE, EDIT, MOVE, NEW, planned, standoff, steps

DENVER = ZoneInfo("America/Denver")
HOSTILE = "<script>alert(1)</script> &amp; \x1b[2J \u202e ' \".docx"


class Read(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def read(*groups, **facts):
    return Read(plan_page(planned(*groups, **facts), "synctool apply case-1", DENVER))


def test_the_page_says_what_the_text_says_and_folds_nothing_away():
    many = [steps(f"New/{n}.docx", *NEW, ["s3"], causes=("filevine",)) for n in range(OPEN + 10)]
    page = read(
        *many,
        steps("a/brief.docx", *EDIT, ["s3", "zdrive"], causes=("filevine",), held=True),
        steps("gone.docx", *DELETE, ["s3"], causes=("zdrive",)),
        steps("old.docx", *MOVE, ["s3"], to_path="new.docx", causes=("zdrive",)),
        standoffs=(standoff("Motion.docx"),),
        brakes=(Brake("deletes", "62 of 240 documents would be deleted", "0123456789"),),
        unknown={"zdrive": ("the folder is not there",)},
        put_off=(Notice("open.docx", "in use by J. Doe", "zdrive"),),
        notices=(Notice("x", "a notice"),),
    )
    for n in range(OPEN + 10):
        assert f"New/{n}.docx" in page.text
    for text in (
        "case-1", "Plan of 2026-11-21 05:00 MST", "1 brake, 1 conflict, 1 delete", "a/brief.docx",
        "edited in filevine -> s3, zdrive", "old.docx => new.docx", "Motion.docx", "62 of 240 documents",
        "--accept 0123456789", "the folder is not there", "in use by J. Doe", "a notice",
        "No content is lost. Next: synctool apply case-1",
    ):  # fmt: skip
        assert text in page.text, text


def test_long_groups_are_folded_and_short_ones_open():
    page = plan_page(planned(*(steps(f"{n}", *NEW, ["s3"]) for n in range(OPEN + 1))), "", DENVER)
    assert "<details class=long>" in page
    page = plan_page(planned(*(steps(f"{n}", *NEW, ["s3"]) for n in range(OPEN))), "", DENVER)
    assert "<details open>" in page


def test_nothing_in_a_page_can_act_or_reach_out_whatever_documents_are_called():
    page = read(
        steps(HOSTILE, *NEW, ["s3"], causes=(HOSTILE,)),
        standoffs=(standoff(HOSTILE),),
        brakes=(
            Brake("deletes", HOSTILE, "0123456789", HOSTILE),
            Brake("deletes", HOSTILE, "x", accepted=True),
        ),
        unknown={HOSTILE: (HOSTILE,)},
        notices=(Notice(HOSTILE, HOSTILE, HOSTILE),),
    )
    assert not {"script", "img", "link", "iframe", "a", "form", "base"} & {*page.tags}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in {"src", "href"}]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert "<script>alert(1)</script> &amp; \\x1b[2J \\u202e ' \".docx" in page.text
    assert not {"\x1b", "\u202e"} & {*page.text}


def test_a_page_is_written_beside_what_is_printed(firm):
    firm.profile("case-1")
    firm.write("case-1/left/a.txt", "hello")
    assert firm.run("plan", "case-1", "--html", "plan.html").code == 0
    assert "a.txt" in Read(firm.read("plan.html")).text
    firm.profile("case-2")
    assert firm.run("plan", "--html", "pages").code == 0
    assert "all sides agree" in Read(firm.read("pages/case-2.plan.html")).text
    assert firm.run("plan", "case-1", "--html", "nowhere/x.html").err == (
        "synctool: nowhere/x.html: cannot be written: No such file or directory\n"
    )
