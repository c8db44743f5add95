"""Stands up a case: its sides, the people at them, its profile, and the command line."""

import copy
import dataclasses
import re
import shlex
from datetime import UTC, datetime
from typing import NamedTuple

import yaml

from synctool.core.model import Kind, Unlisted
from synctool.engine import connect
from synctool.entry.cli import main
from synctool.errors import Denied
from synctool.sides.hardened import Hardened
from synctool.sides.memory import MemorySide
from tests.engine.rig import StillClock
from tests.properties.people import DRIVE, FILEVINE, S3

TRAITS = {"filevine": FILEVINE, "s3": S3, "drive": DRIVE}
STANDARD = {
    "version": 1,
    "name": "case",
    "sides": {"filevine": {"kind": "filevine"}, "s3": {"kind": "s3"}, "zdrive": {"kind": "drive"}},
}
SIGN_IN = {"mode": "token", "client_id": "us", "client_secret": "${FV_SECRET}", "token": "${FV_TOKEN}"}


class Shown(NamedTuple):
    """What a command returned and showed."""

    code: int
    out: str
    err: str

    @property
    def text(self):
        return f"{self.out}\n{self.err}"


class Desk(MemorySide):
    """A side in memory that may show less than it holds to those who lost a permission."""

    def __init__(self, name, **facts):
        super().__init__(name, **facts)
        self.out_of_sight = set()
        self._implied = set()

    def list(self):
        return (
            entry
            for entry in super().list()
            if isinstance(entry, Unlisted) or not self._is_out_of_sight(entry)
        )

    def stat(self, entry):
        if self._is_out_of_sight(entry):
            raise Denied("it lies in a folder that cannot be seen", side=self.name, path=entry.name)
        return super().stat(entry)

    def _is_out_of_sight(self, entry):
        node = self._nodes.find(entry.handle)
        return node is not None and self._nodes.path(node).startswith(tuple(self.out_of_sight))

    def move(self, entry, to, meta=None):
        """Where folders do not move whole, the one that is left is there as long as something lies in it."""
        if entry.kind is Kind.FILE or self.traits.moves_folders:
            moved = super().move(entry, to, meta)
        else:
            left = self._same(self._nodes.find(entry.handle), entry)
            moved = self.make_folder(to)
            self._implied = self._implied - {self._nodes.find(moved.handle).key} | {left.key}
        self._forget_implied()
        return moved

    def remove(self, entry):
        super().remove(entry)
        self._forget_implied()

    def _forget_implied(self):
        while empty := self._implied - {node.parent for node in self._nodes}:
            for node in [node for node in self._nodes if node.key in empty]:
                self._nodes.forget(node)
            self._implied -= empty

    def documents(self):
        return {self._nodes.handle(node) for node in self._nodes if node.kind is Kind.FILE}

    def hide(self, path):
        self.unreadable.add(path)

    def show(self, path):
        self.unreadable.remove(path)

    jam, free = hide, show

    def vanish(self, path):
        self.out_of_sight.add(path)

    def reappear(self, path):
        self.out_of_sight.remove(path)

    def leave(self):
        self.away = True

    def come_back(self):
        self.away = False


class Stage:
    """One case's sides by name (people), a profile, and ``command`` to run synctool on them."""

    volatile = frozenset({"made_at"})

    def __init__(self, folder, capsys, people, profile, clock):
        self.folder, self.people, self.clock, self.profile = folder, people, clock, profile
        self._capsys = capsys
        (folder / "profiles").mkdir(exist_ok=True)
        self.change({})

    def change(self, changes):
        """Edit the profile: mappings merge, the rest replaces, null takes away."""
        self.profile = merged(self.profile, changes)
        text = yaml.safe_dump(self.profile, sort_keys=False, allow_unicode=True)
        (self.folder / "profiles" / "case.yaml").write_text(text, encoding="utf-8")

    def spoil_state(self, data):
        """Put other bytes in the place of the state; None: nothing."""
        for file in (self.folder / "state").glob("case.db*"):
            file.unlink()
        if data is not None:
            (self.folder / "state" / "case.db").write_bytes(data)

    def command(self, *words):
        self._capsys.readouterr()
        places = ("--profiles", str(self.folder / "profiles"), "--state", str(self.folder / "state"))
        code = main([*places, *words], clock=self.clock)
        return Shown(code, *self._capsys.readouterr())

    @property
    def today(self):
        """The day, as conflict names say it."""
        return f"{datetime.fromtimestamp(self.clock.now_ns() / 1e9, UTC):%Y-%m-%d}"

    def settle(self):
        """Let what was saved become old enough to be trusted."""
        self.clock.tick(3600)

    def pass_by(self, seconds):
        self.clock.tick(seconds)

    def documents(self):
        """Filevine's numbers of its documents."""
        return self.people["filevine"].documents() if "filevine" in self.people else set()

    def trees(self):
        return {name: person.tree() for name, person in self.people.items()}

    def kept(self):
        return {name: set(person.trash.values()) for name, person in self.people.items()}


def merged(standard, changes):
    """Mappings merge, the rest replaces, and nothing takes a word away."""
    result = copy.deepcopy(standard)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else copy.deepcopy(value)
    return {key: value for key, value in result.items() if value is not None}


def in_memory(case, folder, capsys, monkeypatch):
    """The stage of a case on sides in memory."""
    profile = merged(STANDARD, case.profile)
    for name, side in profile["sides"].items():
        profile["sides"][name] = {**_place(side["kind"], folder / name), **side}
    clock = StillClock()
    sides = dict(profile["sides"])
    for act in case.when:
        sides |= {name: side for name, side in act.change.get("sides", {}).items() if name not in sides}
    traits = {name: _traits(side) for name, side in sides.items()}
    people = {name: Desk(name, clock=clock.now_ns, traits=each) for name, each in traits.items()}

    def lend(name, settings, tools, pacer, *, read_only):
        return Hardened(people[name], sleep=tools.clock.sleep, random=lambda: 0.5, read_only=read_only)

    monkeypatch.setattr(connect, "make_side", lend)
    monkeypatch.chdir(folder)
    for secret in ("FV_SECRET", "FV_TOKEN"):
        monkeypatch.setenv(secret, "made up")
    for name in ("SYNCTOOL_STATE", "SYNCTOOL_SIDES"):
        monkeypatch.delenv(name, raising=False)
    return Stage(folder, capsys, people, profile, clock)


def _place(kind, folder):
    match kind:
        case "filevine":
            return {"project": 4711, "auth": SIGN_IN}
        case "s3":
            return {"bucket": f"firm-{folder.name}", "prefix": "cases/4711/"}
        case _:
            return {"root": str(folder)}


def _traits(side):
    posix = {"names": "posix", "folds_case": False} if side.get("names") == "posix" else {}
    return dataclasses.replace(TRAITS[side["kind"]], **posix) if posix else TRAITS[side["kind"]]


def words(text, codes):
    """The words of a command; CODE stands for every code that was shown last."""
    found = shlex.split(text)
    if "CODE" in found:
        at = found.index("CODE")
        found[at - 1 : at + 1] = [word for code in codes for word in ("--accept", code)]
    return found


def codes_in(shown):
    return list(dict.fromkeys(re.findall(r"--accept (\w+)", shown.text)))
