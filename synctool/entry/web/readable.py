"""Makes text of documents that can be compared: plain text, Word, e-mail; of hostile ones too, within limits."""

import io
import zipfile
from collections.abc import Callable, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

LARGEST = 20 * 10**6  # bytes that a packed document may come to
MOST = 20_000  # lines; what is longer is cut

TEXTS = {".txt", ".md", ".csv", ".json", ".yaml", ".yml", ".xml", ".html", ".htm", ".log", ".ini"}


def readable(name: str, data: bytes) -> list[str] | None:
    """The lines, or paragraphs, of a document; None for what cannot be read as text."""
    suffix = PurePosixPath(name).suffix.lower()
    read = _READ.get(suffix, _text if suffix in TEXTS or not suffix else None)
    try:
        lines = read(data) if read else None
    except Exception:  # noqa: BLE001 - what hostile bytes make zipfile and email raise is no short list
        return None
    return lines if lines is None else lines[:MOST]


def _text(data: bytes) -> list[str]:
    """Raises ValueError for what is no text."""
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("it is no text")
    try:
        return data.decode(
            "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        ).splitlines()
    except UnicodeDecodeError:
        return data.decode("cp1252").splitlines()


def _word(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed, packed.open("word/document.xml") as file:
        xml = file.read(LARGEST + 1)
    if len(xml) > LARGEST:
        raise ValueError("it unpacks to too much")
    return _Paragraphs().of(xml)


class _Paragraphs:
    """The text of a Word document's XML, a paragraph a line."""

    def __init__(self) -> None:
        self._lines = [""]
        self._inside = False

    def of(self, xml: bytes) -> list[str]:
        """Raises ExpatError, and ValueError for a document that declares entities: no honest one does."""
        parser = expat.ParserCreate()
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._add
        parser.Parse(xml, True)
        return self._lines[:-1] if not self._lines[-1] else self._lines

    def _refuse(self, *_: Any) -> None:
        raise ValueError("it declares entities")

    def _begin(self, name: str, _: Mapping[str, str]) -> None:
        self._inside = name == "w:t"
        self._lines[-1] += {"w:tab": "\t", "w:br": " "}.get(name, "")

    def _end(self, name: str) -> None:
        self._inside = False
        if name == "w:p":
            self._lines.append("")

    def _add(self, text: str) -> None:
        if self._inside:
            self._lines[-1] += text


def _mail(data: bytes) -> list[str]:
    mail = message_from_bytes(data, policy=policy.default)
    if not isinstance(mail, EmailMessage) or not mail.keys():
        raise ValueError("it is no mail")
    lines = [f"{name}: {mail[name]}" for name in ("From", "To", "Cc", "Date", "Subject") if mail[name]]
    body = mail.get_body(preferencelist=("plain", "html"))
    lines += ["", *str(body.get_content()).splitlines()] if body else []
    lines += [
        f"Attachment: {each.get_filename() or each.get_content_type()}" for each in mail.iter_attachments()
    ]
    return lines


_READ: Mapping[str, Callable[[bytes], list[str]]] = {
    ".docx": _word,
    ".docm": _word,
    ".dotx": _word,
    ".eml": _mail,
}
