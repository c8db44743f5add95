"""Makes the papers of a case that never was: small Office files and PDFs, always of the same bytes."""

import io
import re
import zipfile
from collections.abc import Mapping
from html import escape

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument"


def docx(*paragraphs: str) -> bytes:
    """A Word document (ECMA-376, transitional)."""
    text = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in paragraphs)
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{space}"><w:body>{text}</w:body></w:document>'
    kind = f"{_MAIN}.wordprocessingml.document.main+xml"
    return _package("word/document.xml", {"word/document.xml": kind}, {"word/document.xml": body})


def xlsx(*rows: tuple[str, str]) -> bytes:
    """An Excel workbook of one sheet (ECMA-376, transitional)."""
    lines = "".join(f"<row>{_cell(left)}{_cell(right)}</row>" for left, right in rows)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = f"{_MAIN}.spreadsheetml"
    sheet = "xl/worksheets/sheet1.xml"
    return _package(
        "xl/workbook.xml",
        {"xl/workbook.xml": f"{kind}.sheet.main+xml", sheet: f"{kind}.worksheet+xml"},
        {
            "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="Damages" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relations("worksheet", "worksheets/sheet1.xml"),
            sheet: f'<worksheet xmlns="{space}"><sheetData>{lines}</sheetData></worksheet>',
        },
    )


def pdf(line: str) -> bytes:
    """A PDF 1.4 of one page with one line of Latin letters (ISO 32000-1, 7.5)."""
    shown = re.sub(r"([()\\])", r"\\\1", line)
    text = f"BT /F1 14 Tf 72 720 Td ({shown}) Tj ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources 6 0 R >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Font << /F1 4 0 R >> >>",
    ]
    data, starts = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        starts.append(len(data))
        data += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    count = len(parts) + 1
    data += f"xref\n0 {count}\n0000000000 65535 f \n{table}"
    tail = f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{data.index('xref')}\n%%EOF\n"
    return (data + tail).encode("cp1252")


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _relations(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _package(main: str, kinds: Mapping[str, str], parts: Mapping[str, str]) -> bytes:
    """An Office package: its parts, what they are, and which is the main one."""
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in kinds.items()
    )
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    packed = {"[Content_Types].xml": types, "_rels/.rels": _relations("officeDocument", main), **parts}
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        for name, text in packed.items():
            package.writestr(zipfile.ZipInfo(name), _XML + text, zipfile.ZIP_DEFLATED)
    return data.getvalue()
