"""Writes docs/cases.md from the catalogue: what people do, and what comes of it, in words."""

import re
from itertools import groupby

import yaml

from tests.cases.reading import HERE, catalogue

PAGE = HERE.parents[1] / "docs" / "cases.md"
HEADINGS = {
    "A": "Nothing has to be done",
    "B": "One person changes something",
    "C": "One deletes, another changes",
    "D": "Two people edit the same document",
    "E": "A document becomes a folder, or a folder a document",
    "F": "Documents are renamed and moved",
    "G": "Folders are renamed and moved",
    "H": "Letter case, accents and names that a side cannot hold",
    "I": "What the profile leaves out",
    "J": "What cannot be seen or may not be written",
    "K": "Many deletes at once, empty sides, legal holds",
    "L": "First runs, and a lost state",
    "M": "Runs that are interrupted",
    "N": "Changes while a run is under way",
    "O": "Dates, sizes and empty documents",
    "P": "Open documents, and how programs save",
    "Q": "Sides that are only written, or only read",
    "X": "Three people change something",
}
SIDES = {"filevine": "Filevine", "s3": "the bucket", "zdrive": "the drive"}
INTRODUCTION = """\
# What happens when

This page is made from the cases that every version of synctool is tried with: {count} of them, played with the real
command line, {real} also on a real drive, an S3 server and a Filevine emulator. In each one synctool must also end with the
right exit code, plan the same twice, find nothing left to do at a second run, and keep every version that anybody had.

Unless it says otherwise, a profile has three sides, *Filevine*, *the bucket* and *the drive*, ranked in this order, which
held the same documents before. Versions are called *one*, *two*, *three*. The numbers on the right are only for finding
a case again.

"""
DAY = "2026-05-28"
EXITS = {
    4: "something waits for a person",
    5: "the rest is done at the next run",
    6: "a brake waits for a person",
}


def page():
    """The whole page."""
    cases = catalogue()
    played = [case for case in cases if not case.out]
    text = INTRODUCTION.format(count=len(played), real=sum("real" in case.on for case in played))
    for letter, rows in groupby(sorted(played, key=_order), key=lambda case: case.section):
        text += f"## {HEADINGS[letter]}\n\n| When … | then … | |\n|---|---|---|\n"
        text += "".join(f"| {_when(case)} | {_then(case)} | {case.id} |\n" for case in rows) + "\n"
    text += "## Not among these cases\n\n| | why |\n|---|---|\n"
    text += "".join(f"| {case.id} | {_cell(case.out)} |\n" for case in cases if case.out)
    return text


def _order(case):
    letter, number, variant = re.fullmatch(r"([A-Z])(\d+)(.*)", case.id).groups()
    return letter, int(number), variant


def write():
    """Write the page where it belongs."""
    PAGE.write_text(page(), encoding="utf-8")


def _when(case):
    told = f"**{_cell(case.title)}**"
    if case.profile:
        told += f"<br>The profile says {_profile(case.profile)}"
    acts = [_act(list(same)) for _, same in groupby(case.when, key=_alike)]
    if not case.agreed:
        held = (f"{_side(side)}: {_tree(held, {}) or 'nothing'}" for side, held in case.given.items())
        acts = [f"there was no run before, and the sides hold: {', '.join(held)}", *acts]
    return told + ("<br>" + _sentence("; ".join(acts)) if acts else "")


def _profile(changes):
    """What a profile says, in its own words."""
    parts = ({key: value} for key, value in changes.items())
    written = (yaml.safe_dump(part, default_flow_style=True, width=10**6).strip()[1:-1] for part in parts)
    return " and ".join(map(_code, written))


def _sentence(text):
    return text[:1].upper() + text[1:]


def _alike(act):
    """What several acts in a row have in common when one phrase tells them all."""
    numberless = re.sub(r"\d+", "#", act.path)
    return act.who, act.verb, numberless, re.sub(r"\d+", "#", act.text) if numberless != act.path else act


def _act(acts):
    first = acts[0]
    path = _code(first.path) if len(acts) == 1 else f"{_code(first.path)} … {_code(acts[-1].path)}"
    match first.who:
        case "apply":
            left_out = f" with {_code(first.text)}" if first.text else ""
            return f"*a run{left_out}*"
        case "command":
            return f"*{_code('synctool ' + first.text)}*"
        case "wait":
            return f"*{_waited(int(first.text))} later*"
        case "profile":
            return f"the profile now says {_profile(first.change)}"
        case "state":
            return f"the state {first.verb}"
    return f"{_side(first.who)} {_did(first, path)}"


def _did(act, path):
    text = re.sub(r"\d+$", "…", act.text) if "…" in path else act.text
    said = {
        "edit": f"saves {path} as {_version(text)}",
        "add": f"adds {path}, {_version(text)}",
        "mkdir": f"makes the folder {path}",
        "rename": f"renames {path} to {_code(act.new)}",
        "touch": f"saves {path} again, unchanged",
        "delete": f"deletes {path}",
        "hide": f"may not read {path} any more",
        "show": f"may read {path} again",
        "jam": f"cannot read {path} any more",
        "free": f"can read {path} again",
        "vanish": f"does not show {path} any more",
        "reappear": f"shows {path} again",
        "lock": f"has {path} open ({_cell(act.text)})",
        "unlock": f"closes {path}",
        "link": f"makes {path} a link to {_code(act.new)}",
        "leave": "is out of reach",
        "return": "is back",
    }
    return said[act.verb]


def _then(case):
    then = case.then
    told = [_everywhere(case)]
    if "kept" in then:
        kept = (f"{_listed(map(_version, texts))} (by {_side(side)})" for side, texts in then["kept"].items())
        told.append(f"kept in trash or as a version: {_listed(kept)}")
    if then.get("moved"):
        told.append("no bytes are copied")
    if code := then.get("exit"):
        told.append(f"exit {code}: {EXITS[code]}")
    why = f"<br>*{_cell(case.why)}*" if case.why else ""
    later = f"<br>**Not yet so:** {_cell(case.xfail)}" if case.xfail else ""
    return _sentence("; ".join(told)) + why + later


def _everywhere(case):
    before = case.given.get("", {}) if case.agreed else {}
    if "everywhere" in case.then:
        told = _tree(case.then["everywhere"], before)
        return f"everywhere {told}" if told else "all is as before"
    alike = {}
    for side, held in case.then["sides"].items():
        alike.setdefault(tuple(sorted(held.items())), []).append(side)
    return "; ".join(
        f"{_listed(map(_side, sides))}: {_tree(dict(held), before) or ('as before' if held else 'nothing')}"
        for held, sides in alike.items()
    )


def _tree(held, before):
    """What is told of a tree: what it holds that was not there, and what of it is gone."""
    inside = {folder for path in held for folder in _above(path)}
    news = {path: data for path, data in held.items() if before.get(path) != data and path not in inside}
    gone = [path for path in before if path not in held]
    told = _some(
        _code(path) + ("" if path.endswith("/") else f" is {_version(data.decode())}")
        for path, data in news.items()
    )
    if gone:
        top = [path for path in gone if not {*_above(path)} & {*gone}]
        told.append(f"no {_listed(_some(map(_code, top)), 'or')}")
    return ", ".join(told)


def _some(many):
    """At most four of many texts, the last one last."""
    many = list(many)
    return many if len(many) <= 4 else [*many[:2], "…", many[-1]]


def _above(path):
    parts = path.rstrip("/").split("/")[:-1]
    return ["/".join(parts[: n + 1]) + "/" for n in range(len(parts))]


def _side(name):
    return SIDES.get(name, f"side *{name}*")


def _version(text):
    return f"*{_cell(str(text))}*" if str(text) else "empty"


def _listed(texts, last="and"):
    *many, end = texts
    return f"{', '.join(many)} {last} {end}" if many else end


def _waited(seconds):
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            return f"{seconds // length} {unit}{'s' * (seconds // length > 1)}"
    return f"{seconds} seconds"


def _code(text):
    return f"`{_cell(text)}`"


def _cell(text):
    return text.replace("|", "\\|").replace("\n", " ").replace("TODAY", DAY)


if __name__ == "__main__":
    write()
