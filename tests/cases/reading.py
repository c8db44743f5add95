"""Reads the catalogue: every case of every section, checked, with its file and id in every complaint."""

import re
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import yaml

HERE = Path(__file__).parent
WORDS = {"id", "title", "why", "on", "profile", "given", "given_on", "when", "then", "out", "xfail"}
OUTCOMES = {
    *(
        "exit",
        "plan",
        "everywhere",
        "sides",
        "says",
        "never_says",
        "kept",
        "moved",
        "same_documents",
        "again",
    ),
}
ACTS = {
    "edit": r"edit (?P<path>.+?) = (?P<text>.*)",
    "add": r"add (?P<path>.+?) = (?P<text>.*)",
    "mkdir": r"mkdir (?P<path>.+/)",
    "rename": r"rename (?P<path>.+?) -> (?P<new>.+)",
    "touch": r"touch (?P<path>.+)",
    "delete": r"delete (?P<path>.+)",
    "hide": r"hide (?P<path>.+/)",
    "show": r"show (?P<path>.+/)",
    "jam": r"make (?P<path>.+) unreadable",
    "free": r"make (?P<path>.+) readable",
    "vanish": r"take (?P<path>.+/) out of sight",
    "reappear": r"give (?P<path>.+/) back",
    "lock": r"lock (?P<path>.+?) by (?P<text>.+)",
    "unlock": r"unlock (?P<path>.+)",
    "hold": r"check out (?P<path>.+?) by (?P<text>.+)",
    "release": r"check in (?P<path>.+)",
    "link": r"link (?P<path>.+?) to (?P<new>.+)",
    "leave": r"go away",
    "return": r"come back",
}


IN_MEMORY = {"hide", "show", "jam", "free", "vanish", "reappear", "hold", "release"}
"""What nobody can do to a real side, as which goes away only the drive."""


@dataclass(frozen=True)
class Act:
    """What somebody does at a side (who), or a run (``apply``, ``command``), time (``wait``), the ``profile``, the ``state``."""

    who: str
    verb: str
    path: str = ""
    new: str = ""
    text: str = ""
    exit: int = 0
    change: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One row of the catalogue. given maps sides to their trees; agreed says whether a first apply agreed on them."""

    file: str
    id: str
    title: str = ""
    why: str = ""
    on: tuple = ("memory",)
    profile: dict = field(default_factory=dict)
    given: dict = field(default_factory=dict)
    agreed: bool = True
    when: tuple = ()
    then: dict = field(default_factory=dict)
    out: str = ""
    xfail: str = ""

    @property
    def section(self):
        return self.id[0]

    def __str__(self):
        return f"{self.file}: {self.id}"


class Mistake(ValueError):
    """A case that cannot be understood."""


class _Loader(yaml.CSafeLoader):
    """YAML in which only null, true, false and plain numbers are no text, and no key stands twice."""

    yaml_implicit_resolvers = {}

    def construct_mapping(self, node, deep=False):  # noqa: FBT002  the library's own signature
        keys = [key.value for key, _ in node.value]
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise Mistake(f"{node.start_mark.line + 1}: {sorted(twice)} twice")
        return super().construct_mapping(node, deep)


for _tag, _first, _form in (
    ("null", ["~", "n", ""], r"~|null|"),
    ("bool", ["t", "f"], r"true|false"),
    ("int", list("0123456789"), r"0|[1-9]\d*"),
    ("float", list("0123456789"), r"\d+\.\d+"),
    ("merge", ["<"], r"<<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_form})$"), _first)


def sections(folder=HERE):
    return sorted(folder.glob("[A-Z].yaml"))


def catalogue(folder=HERE):
    """Every case of every section, in the order of the files."""
    cases = [case for file in sections(folder) for case in read(file)]
    ids = [case.id for case in cases]
    if twice := sorted({case for case in ids if ids.count(case) > 1}):
        raise Mistake(f"{folder}: {', '.join(twice)} stand there twice")
    return cases


def read(file):
    """The cases of one section."""
    try:
        rows = yaml.load(file.read_text(encoding="utf-8"), _Loader)
    except (yaml.YAMLError, Mistake) as error:
        raise Mistake(f"{file.name}: {error}") from error
    return [_case(file, row) for row in rows or ()]


def _case(file, row):
    where = f"{file.name}: {row.get('id', 'a case without an id')}"

    def must(right, text):
        if not right:
            raise Mistake(f"{where}: {text}")

    must(
        re.fullmatch(rf"{file.stem}\d+[a-z]*", str(row.get("id"))), f"an id here is {file.stem} and a number"
    )
    _known(row, WORDS, where)
    if "out" in row:
        must(set(row) <= {"id", "out"} and row["out"], "a row that is out of scope has a reason and no more")
        return Case(file.name, row["id"], out=row["out"])
    must(row.get("title"), "needs a title")
    must(row.get("then"), "needs a then")
    _known(row["then"], OUTCOMES, where)
    must(("given" in row) != ("given_on" in row), "has either given or given_on")
    must(set(row.get("on", ())) <= {"memory", "real"}, "on is a list of memory and real")
    when = tuple(act for each in row.get("when") or () for act in _acts(each, where))
    if "real" in row.get("on", ()):
        away = {act.who for act in when if act.verb == "leave"} - {"zdrive"}
        must(not away and not IN_MEMORY & {act.verb for act in when}, "that cannot be done for real")
    return Case(
        file=file.name,
        id=row["id"],
        title=row["title"],
        why=row.get("why", ""),
        on=tuple(row.get("on", ["memory"])),
        profile=row.get("profile") or {},
        given=_given(row, where),
        agreed="given" in row,
        when=when,
        then=_then(row["then"], where),
        xfail=row.get("xfail", ""),
    )


def _known(row, words, where):
    if unknown := sorted(set(row) - words):
        raise Mistake(f"{where}: nobody knows {unknown[0]!r} here; there is {', '.join(sorted(words))}")


def _given(row, where):
    if "given" in row:
        return {"": tree(row["given"], where)}
    return {side: tree(held, where) for side, held in row["given_on"].items()}


def tree(written, where):
    """Paths and bytes; every folder above is in it, with a final slash, and ``{1..3}`` counts, for ``#`` in the text."""
    found = {}
    for pattern, text in (written or {}).items():
        if not isinstance(text, str | int | None) or isinstance(text, bool):
            raise Mistake(f"{where}: {pattern}: put {text!r} in quotes")
        for path, number in spread(str(pattern)):
            parts = path.rstrip("/").split("/")[:-1]
            found |= {"/".join(parts[: n + 1]) + "/": b"" for n in range(len(parts))}
            found[path] = (
                b"" if path.endswith("/") or text is None else str(text).replace("#", number).encode()
            )
    return found


def spread(pattern):
    """Every path that ``a{1..3}.txt`` means, and its number."""
    ranges = re.findall(r"\{(\d+)\.\.(\d+)\}", pattern)
    counted = [[f"{n:0{len(low)}}" for n in range(int(low), int(high) + 1)] for low, high in ranges]
    for numbers in product(*counted):
        path = pattern
        for number in numbers:
            path = re.sub(r"\{\d+\.\.\d+\}", number, path, count=1)
        yield path, "-".join(numbers)


def _acts(written, where):
    ((who, what),) = written.items() if isinstance(written, dict) and len(written) == 1 else ((None, None),)
    if who is None:
        raise Mistake(f"{where}: {written!r} should say who does what")
    if who in {"apply", "command"}:
        code, words = re.fullmatch(r"(?:exit (\d+))? ?(.*)", str(what or "")).groups()
        return [Act(who, who, text=words, exit=int(code or 0))]
    if who in {"profile", "state"}:
        return [Act(who, "", change=what) if who == "profile" else Act(who, what)]
    if who == "wait":
        if not (match := re.fullmatch(r"(\d+) (minute|hour|day)s?", str(what))):
            raise Mistake(f"{where}: wait for minutes, hours or days, not {what!r}")
        seconds = {"minute": 60, "hour": 3600, "day": 86400}[match[2]]
        return [Act(who, who, text=str(int(match[1]) * seconds))]
    for verb, form in ACTS.items():
        if match := re.fullmatch(form, str(what), re.DOTALL):
            said = match.groupdict(default="")
            paths = list(spread(said.pop("path", "")))
            return [Act(who, verb, path=path, **_numbered(said, number)) for path, number in paths]
    raise Mistake(f"{where}: {who}: nobody knows how to {what!r}")


def _numbered(said, number):
    return {key: value.replace("#", number) if number else value for key, value in said.items()}


def _then(then, where):
    trees = {"everywhere": lambda held: tree(held, where)}
    trees["sides"] = lambda sides: {side: tree(held, where) for side, held in sides.items()}
    if ("everywhere" in then) == ("sides" in then):
        raise Mistake(f"{where}: then says what is everywhere, or on which sides")
    return {word: trees.get(word, lambda value: value)(value) for word, value in then.items()}
