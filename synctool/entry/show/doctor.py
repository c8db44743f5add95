"""Shows people what was examined, and a manifest of documents as text for spreadsheets or programs."""

import csv
import io
import json
from collections.abc import Iterable

from synctool.engine.doctor import Check
from synctool.engine.manifest import Document, Manifest
from synctool.entry.show.visible import INDENT, iso, visible

MANIFEST_FORMAT = "synctool.manifest/1"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def check_lines(profile: str, checks: Iterable[Check]) -> list[str]:
    """One line for each thing that was looked at; what is wrong begins with ``!``."""
    lines = [f"{profile}:"]
    for check in checks:
        sign = "!" if check.code or check.warn else "+"
        lines.append(f"{sign} {check.what:<10}{check.text}")
    return [visible(line) for line in lines]


def manifest_text(found: Manifest, form: str) -> str:
    """The manifest, in ``csv`` or ``json``."""
    return _as_json(found) if form == "json" else _as_csv(found)


def _as_json(found: Manifest) -> str:
    facts = {
        "format": MANIFEST_FORMAT,
        "profile": found.profile,
        "exported": iso(found.made_ns),
        "audit": {"records": found.head.seq, "head": found.head.hash},
        "documents": [
            document._asdict() | {"changed": _when(document)} | {"changed_ns": document.changed_ns}
            for document in found.documents
        ],
    }
    return json.dumps(facts, indent=1) + "\n"


def _as_csv(found: Manifest) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("profile", found.profile))
    writer.writerow(("exported", iso(found.made_ns)))
    writer.writerow(("audit log", f"{found.head.seq} records, head {found.head.hash}"))
    writer.writerow(())
    writer.writerow(
        ("path", "bytes", "sha256", "sides", "filevine id", "changed", "author", "synced", "synced by")
    )
    for each in found.documents:
        facts = (f"/{each.path}", each.size, each.sha256, " ".join(each.sides), each.filevine, _when(each))
        writer.writerow((*facts, _plain(each.author), each.synced, _plain(each.synced_by)))
    return out.getvalue()


def _when(document: Document) -> str:
    return iso(document.changed_ns) if document.changed_ns else ""


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def migrated_lines(profile: str, aside: str) -> list[str]:
    """What became of a shared state of an older version."""
    if not aside:
        return [visible(f"{profile}: nothing to migrate")]
    return [
        visible(f"{profile}: brought to this version; a copy of the former state is kept as {aside}"),
        f"{INDENT}programs of the older version cannot use it any more",
    ]


def rebuilt_lines(profile: str, aside: str, then: str) -> list[str]:
    """What became of the former state, and what follows."""
    return [
        visible(f"{profile}: a new state was begun; the former one is kept as {aside}"),
        f"{INDENT}what is equal will be adopted, what differs is a conflict, and nothing is deleted",
        f"{INDENT}what people had decided and no run had done is not known any more, nor is what waited",
        f"{INDENT}what the brakes count of the last 24 hours, and codes that served, come from the audit log",
        visible(f"{INDENT}look first: {then}"),
    ]
