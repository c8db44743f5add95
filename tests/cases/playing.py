"""Plays a case and checks what came of it."""

import json
import re
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from synctool.config.schema import published
from synctool.core.names import fold
from tests.cases.reading import catalogue
from tests.cases.stage import codes_in, words

OWNER = "~$"
PLAN, OUTCOME = (Draft202012Validator(published(name)) for name in ("plan", "outcome"))


def rows(where):
    """The cases that are played there, as parameters of a test; what is not right yet must fail."""
    cases = [case for case in catalogue() if where in case.on and not case.out]
    return [pytest.param(case, id=case.id, marks=_marks(case)) for case in cases]


def _marks(case):
    return [pytest.mark.xfail(reason=case.xfail, strict=True)] * bool(case.xfail)


def play(case, stage):
    """Agree on what was given, do what people do, run once more, and compare."""
    shown = begin(case, stage)
    for act in case.when:
        shown += perform(act, stage, shown)
    before, documents = stage.trees(), stage.documents()
    planned = _planned(stage)
    ended = run(stage, "apply", "case", "--yes", expected=case.then.get("exit", 0), safe=not _waited(case))
    shown += [planned[0], ended]
    _compare(case.then, stage, planned[1], shown)
    if case.then.get("moved"):
        assert case.then["moved"] == "no bytes", f"{case}: moved can only be 'no bytes'"
        assert ", 0 B copied" in ended.out, ended.out
    if case.then.get("same_documents"):
        assert stage.documents() <= documents, f"Filevine has new documents; before: {before}"
    again(case, stage)


def begin(case, stage):
    """Put everything where it is given, and agree on it if it is given to all."""
    assert set(case.given) <= {"", *stage.people}, f"{case}: no such side"
    for name in stage.profile["sides"]:
        person = stage.people[name]
        for path, data in case.given.get("" if case.agreed else name, {}).items():
            person.put(_dated(path, stage), data)
    if not case.agreed:
        return []
    stage.settle()
    run(stage, "apply", "case", "--yes")
    return []


def perform(act, stage, shown):
    """One act; what it showed, if it is a command."""
    stage.pass_by(60)
    act = replace(act, path=_dated(act.path, stage), new=_dated(act.new, stage), text=_dated(act.text, stage))
    match act.who:
        case "apply" | "command":
            rest = words(act.text, [code for each in shown[-1:] for code in codes_in(each)])
            line = ["apply", "case", "--yes", *rest] if act.who == "apply" else rest
            return [run(stage, *line, expected=act.exit)]
        case "profile":
            stage.change(act.change)
        case "state":
            stage.spoil_state(SPOILS[act.verb])
        case "wait":
            stage.pass_by(int(act.text))
        case side:
            do(act, stage.people[side])
    return []


def do(act, person):
    """What one person does at one side."""
    if act.verb in {"edit", "add"}:
        assert (act.path in person.tree()) == (act.verb == "edit"), f"cannot {act.verb} {act.path}"
    DOES[act.verb](person, act)


DOES = {
    "edit": lambda person, act: person.put(act.path, act.text.encode()),
    "add": lambda person, act: person.put(act.path, act.text.encode()),
    "mkdir": lambda person, act: person.put(act.path),
    "rename": lambda person, act: person.rename(act.path, act.new),
    "touch": lambda person, act: person.touch(act.path),
    "delete": lambda person, act: person.delete(act.path),
    "hide": lambda person, act: person.hide(act.path),
    "show": lambda person, act: person.show(act.path),
    "jam": lambda person, act: person.jam(act.path),
    "free": lambda person, act: person.free(act.path),
    "vanish": lambda person, act: person.vanish(act.path),
    "reappear": lambda person, act: person.reappear(act.path),
    "lock": lambda person, act: person.put(owner_file(act.path), b"\x07" + act.text.encode() + b"\0" * 40),
    "unlock": lambda person, act: person.delete(owner_file(act.path)),
    "hold": lambda person, act: person.locked.update({act.path: act.text}),
    "release": lambda person, act: person.locked.pop(act.path),
    "link": lambda person, act: person.link(act.path, act.new),
    "leave": lambda person, _: person.leave(),
    "return": lambda person, _: person.come_back(),
}


SPOILS = {"is lost": None, "is damaged": b"these are no bytes of a database"}


def owner_file(path):
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{OWNER}{name}"


def run(stage, *line, expected=0, safe=True):
    """One command: it ends as expected, and nothing that was there is gone."""
    live, kept = _bytes(stage.trees()), set().union(*stage.kept().values())
    shown = stage.command(*line)
    assert shown.code == expected, f"synctool {' '.join(line)} ended with {shown.code}:\n{shown.text}"
    assert "Traceback" not in shown.text, shown.text
    left = _bytes(stage.trees()).union(*stage.kept().values())
    lost = (live | kept if safe else live) - left
    assert not lost, f"lost: {lost}\n{shown.text}"
    return shown


def again(case, stage):
    """Another run finds nothing to do, unless the case says that there is something."""
    stage.settle()
    trees = stage.trees()
    shown = stage.command("apply", "case", "--yes", "--json")
    done = json.loads(shown.out)
    OUTCOME.validate(done)
    if case.then.get("again", "nothing") == "nothing":
        assert (done["done"], done["failed"]) == ([], []), shown.out
        assert stage.trees() == trees
    else:
        assert done["done"] or done["failed"], "there was nothing to do after all"


def _planned(stage):
    """The plan as text and as a document; it is the same twice, and changes nothing."""
    before = stage.trees()
    text = stage.command("plan", "case")
    one, two = (json.loads(stage.command("plan", "case", "--json").out) for _ in range(2))
    PLAN.validate(one)
    differ = {key: (one[key], two[key]) for key in one if one[key] != two[key]}
    assert set(differ) <= stage.volatile, differ
    assert [*map(_told, one["steps"])] == [*map(_told, two["steps"])]
    assert stage.trees() == before
    return text, one


def _compare(then, stage, plan, shown):
    told = re.sub(r"\s+", " ", " ".join(each.text for each in shown))
    expected = then.get("sides") or dict.fromkeys(stage.people, then.get("everywhere"))
    assert set(expected) == set(stage.people), "say of every side what it holds"
    expected = _dated(expected, stage)
    found = {name: _seen(tree) for name, tree in stage.trees().items()}
    assert found == expected, f"{found}\n{told}"
    if "plan" in then:
        steps = [_told(step) for step in plan["steps"] if step["action"] != "label"]
        assert sorted(steps) == sorted(then["plan"]), told
    for text in then.get("says", ()):
        assert text in told, f"does not say {text!r}: {told}"
    for text in then.get("never_says", ()):
        assert text not in told, f"says {text!r}: {told}"
    kept = stage.kept()
    for side, texts in then.get("kept", {}).items():
        assert {str(text).encode() for text in texts} <= kept[side], (side, kept)


def _dated(value, stage):
    """What is expected, with the day of the case where it says TODAY."""
    match value:
        case dict():
            return {_dated(key, stage): _dated(each, stage) for key, each in value.items()}
        case str():
            return value.replace("TODAY", stage.today)
    return value


def _told(step):
    paths = [step["path"], step["to_path"]]
    slash = "/" * (step["kind"] == "folder")
    return f"{step['side']}: {step['action']} " + " => ".join(
        f"{path}{slash}" for path in dict.fromkeys(paths)
    )


def _seen(tree):
    """A tree without the owner files by which people lock."""
    return {path: data for path, data in tree.items() if not path.rpartition("/")[2].startswith(OWNER)}


def _bytes(trees):
    return {
        data
        for tree in trees.values()
        for path, data in tree.items()
        if not (path.endswith("/") or fold(path.rpartition("/")[2]).startswith(OWNER))
    }


def _waited(case):
    return any(act.who == "wait" for act in case.when)
