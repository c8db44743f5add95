"""Text of documents, honest and hostile, and what differs in two of them."""

import io
import zipfile
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctool.entry.web import readable as limits
from synctool.entry.web.comparing import MOST, Row, rows
from synctool.entry.web.readable import readable

WORDS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(body, prolog=""):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "word/document.xml", f"{prolog}<w:document {WORDS}><w:body>{body}</w:body></w:document>"
        )
    return packed.getvalue()


def test_word_is_read_a_paragraph_a_line():
    body = "<w:p><w:r><w:t>One </w:t></w:r><w:r><w:t>&amp; two</w:t></w:r></w:p><w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r></w:p>"
    assert readable("Brief.DOCX", word(body)) == ["One & two", "a\tb"]


def test_a_mail_is_read_with_its_head_and_the_names_of_what_is_attached():
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@firm.example", "b@firm.example", "Smith v Jones"
    mail.set_content("See below.\n")
    mail.add_attachment(b"x", maintype="application", subtype="pdf", filename="exhibit.pdf")
    assert readable("x.eml", bytes(mail)) == [
        "From: a@firm.example",
        "To: b@firm.example",
        "Subject: Smith v Jones",
        "",
        "See below.",
        "Attachment: exhibit.pdf",
    ]


@pytest.mark.parametrize(
    "data", ["ä\nb".encode(), "ä\nb".encode("utf-8-sig"), "ä\nb".encode("utf-16"), "ä\nb".encode("cp1252")]
)
def test_text_is_read_in_whatever_it_is_written(data):
    assert readable("notes.txt", data) == ["ä", "b"]


def struck(data, at, value):
    """The bytes with one of them another."""
    return data[:at] + bytes([value]) + data[at + 1 :]


SOUND = word("<w:p><w:r><w:t>One two three</w:t></w:r></w:p>")
TORN = struck(SOUND, 30 + len("word/document.xml"), 0xFF)
LOCKED = struck(SOUND, SOUND.index(b"PK\1\2") + 8, 1)
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", b"no zip"),
        ("a.docx", word("<w:p>&b;</w:p>", BOMB)),
        ("a.docx", word("<w:p>")),
        ("a.docx", zipfile.ZipFile(io.BytesIO(), "w").fp.getvalue()),
        ("a.pdf", b"%PDF"),
        ("a.txt", b"a\0b"),
        ("a.eml", b""),
        ("a.docx", TORN),
        ("a.docx", LOCKED),
    ],
)
def test_what_cannot_be_read_is_not_shown(name, data):
    assert readable(name, data) is None


def test_what_unpacks_to_too_much_is_not_read(monkeypatch):
    monkeypatch.setattr(limits, "LARGEST", 1000)
    assert readable("a.docx", word("<w:p><w:r><w:t>" + "a" * 10_000 + "</w:t></w:r></w:p>")) is None


@given(st.data())
def test_a_broken_document_is_text_or_nothing(data):
    mail = b"From: A <a@firm.example>\nTo: b: c@firm.example;\nSubject: =?utf-8?q?x?=\nContent-Type: text/plain\n\nx\n"
    name, sound = data.draw(st.sampled_from([("a.docx", SOUND), ("a.eml", mail)]))
    for at in data.draw(st.lists(st.integers(0, len(sound) - 1), max_size=4)):
        sound = struck(sound, at, data.draw(st.integers(0, 255)))
    found = readable(name, sound)
    assert found is None or all(isinstance(line, str) for line in found)


@given(st.binary(max_size=200), st.sampled_from(["a.docx", "a.eml", "a.txt", "a", "a.pdf"]))
def test_whatever_bytes_there_are_it_is_text_or_nothing(data, name):
    found = readable(name, data)
    assert found is None or all(isinstance(line, str) for line in found)


def test_only_what_changed_is_shown_with_a_little_around_it():
    left = [f"line {n}" for n in range(20)]
    right = [*left[:10], "new", *left[11:]]
    found = list(rows(left, right))
    assert found[0] == Row("gap", "8 equal lines")
    assert Row("changed", "line 10", "new") in found
    assert len(found) == 6
    assert list(rows(left, left)) == []


def test_of_long_texts_the_beginning_is_compared():
    left = ["x"] * (MOST + 1)
    assert list(rows(left, ["y", *left]))[-1] == Row("gap", f"only the first {MOST:,} lines are compared")
