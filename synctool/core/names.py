"""Spells names so that every side can hold them, and knows the names that are nobody's document.

The rules are those of ``Traits.names``. ``windows`` follows Microsoft's "Naming Files, Paths, and Namespaces"; a name is
judged here and not by a server's refusal, because a share takes ``a:b`` and hides it as a stream of ``a``. ``filevine``
takes any text; its length is assumed. ``s3`` may be as long as a Windows name gets in UTF-8, and holds no control
characters, because a listing in XML cannot.
"""

import re
from collections.abc import Set as AbstractSet
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from unicodedata import normalize


class _Rules(NamedTuple):
    banned: AbstractSet[str]  # characters
    unit: tuple[str, int]  # the encoding that length is counted in, and the bytes of one unit
    limit: int  # units


_SEPARATORS = frozenset("/\0")
_CONTROLS = frozenset(map(chr, range(1, 32)))
_UTF8, _UTF16 = ("utf-8", 1), ("utf-16-le", 2)
_RULES = {
    "posix": _Rules(_SEPARATORS, _UTF8, 255),
    "windows": _Rules(_SEPARATORS | _CONTROLS | frozenset('"*:<>?\\|'), _UTF16, 255),
    "s3": _Rules(_SEPARATORS | _CONTROLS | {"\x7f", "\\"}, _UTF8, 765),
    "filevine": _Rules(frozenset(), _UTF16, 255),
}
_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|(?:COM|LPT)[0-9¹²³]|CONIN\$|CONOUT\$) *(?:\..*)?", re.IGNORECASE | re.DOTALL
)
_ESCAPE = re.compile("(?:%[0-9A-F]{2})+")
_LITERAL = re.compile("%(?=[0-9A-Fa-f]{2})")
_EXTENSION = re.compile(r"(.+?)(\.[^\s.]{1,16})?", re.DOTALL)
_REF = re.compile(r".* \[fv-([0-9]{1,12})\]", re.DOTALL)
_MOVING = re.compile(r".* \(moving ([0-9]{1,18})'*\)", re.DOTALL)
_CONFLICT = re.compile(r" \(conflict .+ [0-9a-f]{6,12}\)( \[fv-[0-9]{1,12}\])?", re.DOTALL)
_EMPTY = "%"  # no other stand-in is a bare percent sign

_OWNER = re.compile(r"~\$(.+)|\.~lock\.(.+)#|(.+)\.dwl2?", re.DOTALL | re.IGNORECASE)
_DRAWING = r"\.(?:dwg|dxf|dwt|dws)"
_NOISE = re.compile(
    r"""
      ~\$.* | \.~lock\..*\# | .*\.(?:tmp|laccdb|ldb|dwl2?|crdownload|part|partial|filepart)
    | thumbs\.db | ehthumbs(?:_vista)?\.db | desktop\.ini
    | \.DS_Store | \._.* | \.(?:TemporaryItems|Trashes|fseventsd|Spotlight-V100|apdisk|AppleDouble)
    | \$RECYCLE\.BIN | System\ Volume\ Information | \.synctool.* | \.~synctool-.*
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_EXCEL_TEMP = re.compile(r"(?=.*[A-F])[0-9A-F]{8}")  # with a letter: 20261122 is somebody's folder


def identity(name: str) -> str:
    """The spelling by which all sides mean the same name (NFC)."""
    return normalize("NFC", name)


@lru_cache(1 << 14)  # a decision asks for the same names again and again
def fold(name: str) -> str:
    """The key by which a side that ignores case tells names apart: É is é, ß is not ss.

    Every character is mapped to its simple upper case, as NTFS does; where Python's upper case is several characters,
    the title case is the simple one, or there is none.
    """
    return identity("".join(map(_upper, identity(name))))


def _upper(char: str) -> str:
    return next((form for form in (char.upper(), char.title()) if len(form) == 1), char)


def holds(name: str, rules: str) -> bool:
    """Whether a side of these rules can hold the name as it is."""
    return stand_in(name, rules) == name


def stand_in(name: str, rules: str, *, folder: bool = False, max_length: int | None = None) -> str:
    """The name itself where it can be held, else a stable spelling of it that can.

    What cannot be held is percent-encoded (``a:b`` is ``a%3Ab``, ``CON`` is ``%43ON``), so ``original`` gets it back
    and no two such names get one stand-in. One that is too long is cut, and carries a hash of the whole name before the
    extension (of a folder: at the end). max_length, at least 16, lowers the limit; it is counted in bytes of UTF-8, on
    Windows and Filevine in units of UTF-16.
    """
    held = _escaped(name, rules)
    limit = min(max_length or _RULES[rules].limit, _RULES[rules].limit)
    if _length(held, rules) <= limit:
        return held
    stem, extension = (held, "") if folder else split_extension(held)
    tail = f"~{sha256(name.encode(errors='surrogatepass')).hexdigest()[:10]}"
    if _length(tail + extension, rules) < limit:
        tail += extension
    stem = stem[:limit]
    while _length(stem + tail, rules) > limit:
        stem = stem[:-1]
    return stem + tail


def original(spelling: str) -> str:
    """The name that an uncut stand-in stands for."""
    if spelling == _EMPTY:
        return ""
    return _ESCAPE.sub(
        lambda run: bytes.fromhex(run[0].replace("%", "")).decode(errors="surrogatepass"), spelling
    )


def split_extension(name: str) -> tuple[str, str]:
    """Stem and extension with its dot; a leading dot, or a dot before a space, starts no extension."""
    parts = _EXTENSION.fullmatch(name)
    return (parts[1], parts[2] or "") if parts else (name, "")


def ref_of(handle: str) -> str:
    """What tells a document or folder from its namesakes, made of its lasting handle: ``fv-1200000002``."""
    return f"fv-{int(handle[1:])}"


def handle_in(name: str, *, folder: bool) -> str:
    """The lasting handle whose ref a name carries; "" if it carries none."""
    carried = _REF.fullmatch(name if folder else split_extension(name)[0])
    return f"{'f' if folder else 'd'}{int(carried[1]):012d}" if carried else ""


def with_ref(name: str, ref: str, *, folder: bool = False) -> str:
    """The name that carries a lasting ref, for namesakes: ``brief [fv-1200000002].docx``."""
    stem, extension = (name, "") if folder else split_extension(name)
    return f"{stem} [{ref}]{extension}"


def making_room(name: str, item: int, times: int) -> str:
    """What an item's entry is called while it makes room for another: ``brief (moving 7).docx``.

    times: how many such names are taken. Begins with no more of the name than any side has room for.
    """
    stem, extension = split_extension(name)
    marks = "'" * times
    return f"{stem[:50]} (moving {item}{marks}){extension}"


def makes_room(name: str) -> int:
    """The number of the item whose entry has this name only while it makes room for another; 0 for every other name."""
    moving = _MOVING.fullmatch(split_extension(name)[0])
    return int(moving[1]) if moving else 0


def conflict_name(name: str, side: str, date: str, digest: str, digits: int = 6) -> str:
    """The name of a conflict copy: ``brief (conflict zdrive 2026-11-22 3fa9c1).docx``.

    date as shown; so many digits of digest, a SHA-256.
    """
    stem, extension = split_extension(name)
    return f"{stem} (conflict {side} {date} {digest[:digits]}){extension}"


def copied(name: str) -> str:
    """The name of the document that a conflict copy, or a copy of a copy, was made of; any other name is its own."""
    return _CONFLICT.sub("", name)


def is_noise(name: str) -> bool:
    """Whether a file or folder of this name is made by programs for themselves, and never travels."""
    return bool(_NOISE.fullmatch(name) or _EXCEL_TEMP.fullmatch(name))


def owner_file_targets(name: str) -> re.Pattern[str] | None:
    """What the documents are called whose being open this file announces; None when it is no owner file.

    Word drops up to two letters of the document's name (``~$ief.docx`` speaks for ``brief.docx``), AutoCAD its extension
    (``Plan.dwl`` and ``Plan.dwl2`` speak for ``Plan.dwg``). Use ``fullmatch``.
    """
    owner = _OWNER.fullmatch(name)
    if not owner:
        return None
    word, office, drawing = (re.escape(part or "") for part in owner.groups())
    target = ".{0,2}" + word if word else office or drawing + _DRAWING
    return re.compile(target, re.IGNORECASE | re.DOTALL)


def _escaped(name: str, rules: str) -> str:
    banned = _banned_at(name, rules)
    if not banned:
        return name or _EMPTY
    literal = {found.start() for found in _LITERAL.finditer(name)}
    return "".join(_percent(char) if at in banned | literal else char for at, char in enumerate(name))


def _banned_at(name: str, rules: str) -> set[int]:
    """The indexes of the characters that keep the name from being held."""
    banned = {
        at for at, char in enumerate(name) if char in _RULES[rules].banned or "\ud800" <= char <= "\udfff"
    }
    windows = rules == "windows"
    if (name in {".", ".."} and rules != "filevine") or (windows and name.endswith((".", " "))):
        banned.add(len(name) - 1)
    if windows and _DEVICE.fullmatch(name):
        banned.add(0)
    return banned


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode(errors="surrogatepass"))


def _length(name: str, rules: str) -> int:
    encoding, size = _RULES[rules].unit
    return len(name.encode(encoding)) // size
