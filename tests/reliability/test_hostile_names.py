"""Gives documents and folders the worst names there are, in Filevine, in the bucket and on the drive."""

import os
from urllib.parse import quote

import pytest

from synctool.core import names
from synctool.core.model import DEEPEST
from tests.reliability.liar import between, page
from tests.reliability.tally import tried
from tests.scenarios.test_bad_input import Hurried

LISTING = (
    b"<ListBucketResult><Contents><Key>KEY</Key><LastModified>2026-11-22T12:00:00Z</LastModified>"
    b"<ETag>&quot;0cc175b9c0f1b6a831c399e269772661&quot;</ETag><Size>1</Size></Contents>"
    b"<IsTruncated>false</IsTruncated></ListBucketResult>"
)

NAMES = [
    "..",
    ".",
    "../out.txt",
    "../../out.txt",
    "/etc/passwd",
    "C:\\out.txt",
    "\\\\server\\share\\out.txt",
    "..\\..\\out.txt",
    "a\\b.txt",
    "nul\0byte.txt",
    "line\nbreak.txt",
    "escape\x1b[31m.txt",
    "right\u202eto left.txt",
    "CON",
    "con.txt",
    "NUL.txt",
    "COM¹",
    "LPT9.tar.gz",
    "CONIN$",
    ".synctool",
    ".placeholder",
    "~$x.docx",
    "ends in a dot.",
    "ends in a space ",
    "stream.txt:hidden",
    "a.txt::$DATA",
    "%2e%2e%2fout.txt",
    "%41.txt",
    "BRIEF~1.DOC",
    'Re: "Smith" <v> Jones?|*.docx',
    "é.txt",
    "e\u0301 apart.txt",
    "ﬁ.txt",
    "x" * 10_000 + ".txt",
    "x" * 251 + ".txt",
    "é" * 251 + ".txt",
    "\U0001f4c4" * 126 + ".txt",
    "-rf",
    "$(touch out.txt)",
    "desktop.ini",
]


def outside(office):
    """Everything around the root of the drive, but what synctool keeps for itself."""
    own = (office.zdrive.root, office.state, office.folder / "profiles")
    return {
        path: path.read_bytes() if path.is_file() else b""
        for path in office.folder.rglob("*")
        if not any(path.is_relative_to(each) for each in own)
    }


def inside(office):
    """The bytes of every document that the drive holds."""
    root = os.fsencode(office.zdrive.root)
    found = []
    for folder, folders, files in os.walk(root):
        if b".synctool" in folders:
            folders.remove(b".synctool")
        for name in files:
            with open(os.path.join(folder, name), "rb") as file:  # noqa: PTH118, PTH123 - names that are no text
                found.append(file.read())
    return found


def told(outcome):
    """Every path that the run says something about."""
    plan = outcome.planned.plan
    notices = (*plan.notices, *plan.put_off, *plan.refused)
    return {notice.path for notice in notices} | {failed.step.path for failed in outcome.failed}


def listed_in_s3(office):
    return {office.s3.get(key) for key in iter(office.s3.keys())}


@pytest.mark.slow
@pytest.mark.parametrize("rules", ["windows", "posix"])
def test_whatever_filevine_calls_a_document_it_stays_inside_the_root_or_is_told(office, rules):
    office.says(sides={"zdrive": {"names": rules}})
    given = {}
    for n, name in enumerate(NAMES):
        data = b"document %d" % n
        office.fv.colleague.upload(office.project, (name,), data)
        office.fv.colleague.upload(office.project, ("Folders", name, "inside.txt"), b"inside %d" % n)
        given |= {data: name}
    before = outside(office)
    outcome = office.run(clock=Hurried())
    assert outside(office) == before
    assert outcome.exit_code in (0, 4, 5), outcome.failed
    known = told(outcome)
    for held in (set(inside(office)), listed_in_s3(office)):
        missing = {name.replace("\ud800", "?") for data, name in given.items() if data not in held}
        assert not {name for name in missing if not names.is_noise(name)} - known - {".placeholder"}
    again = office.run(clock=Hurried())
    assert not again.done, [done.step for done in again.done]
    assert outside(office) == before
    tried("hostile", "a hostile name of a document or folder in Filevine", 2 * len(NAMES))


def test_names_on_the_drive_that_are_no_text_are_told_and_keep_nothing_from_travelling(office):
    office.says(sides={"zdrive": {"names": "posix"}})
    root = os.fsencode(office.zdrive.root)
    for n, name in enumerate(
        (b"\xff.txt", b"a\xed\xa0\x80.txt", b"caf\xe9.txt", b"honest.txt", b"bell\x07.txt")
    ):
        with open(root + b"/" + name, "wb") as file:  # noqa: PTH123 - names that are no text
            file.write(b"document %d" % n)
    outcome = office.run(clock=Hurried())
    assert outcome.exit_code in (0, 4)
    assert {"honest.txt"} <= office.filevine.tree().keys()
    assert len([notice for notice in outcome.planned.plan.notices if "no text" in notice.text]) == 3
    assert sorted(inside(office)) == [b"document %d" % n for n in range(5)]
    assert not office.run().done
    tried("hostile", "a name on the drive that is no text", 3)


@pytest.mark.parametrize(
    "key", ["../out.txt", "a/../../out.txt", "/etc/passwd", "a//b.txt", "./x.txt", "C:\\out.txt", "a:b"]
)
def test_no_key_in_the_bucket_leads_out_of_the_root(office, key):
    """The server of the tests keeps no keys with such segments, so a listing is bent on its way."""
    office.s3.put("honest.txt", b"honest")
    bent = f"cases/{office.project}/{key}".encode()

    def listing():
        text = LISTING.replace(b"KEY", quote(bent, safe="/").encode())
        yield page(text, kind="application/xml")

    before = outside(office)
    with between(office.weed.endpoint) as liar:
        office.says(sides={"s3": {"endpoint_url": liar.url}})
        liar.lies = [("list-type=2", listing)]
        outcome = office.run(clock=Hurried())
    assert outcome.exit_code in (0, 4, 5)
    assert outside(office) == before
    assert set(inside(office)) <= {b"honest"}
    tried("hostile", "a key in the bucket that leads astray")


@pytest.mark.timeout(60)
def test_a_thousand_folders_inside_one_another_are_told_and_hinder_no_other_document(office):
    office.fv.colleague.upload(office.project, (*["d"] * 1000, "deep.txt"), b"deep")
    office.filevine.put("honest.txt", b"honest")
    plan = office.plan()
    assert {step.side for step in plan.steps if step.path == "honest.txt"} == {"s3", "zdrive"}
    assert not [step for step in plan.steps if step.path.count("/") > DEEPEST]
    assert any("too many folders" in why for why in plan.unknown["filevine"])
    tried("hostile", "folders a thousand deep")
