"""Feeds files that nobody wrote in good faith to whatever reads files: profiles, saved plans, markers."""

import json
import os
import random
import re
from pathlib import Path

import pytest

from synctool.config import load
from synctool.entry.cli import saved
from synctool.errors import Braked, Misuse, ProfileError, StateError
from synctool.sides.base import RESERVED
from tests.reliability.tally import tried

PROFILE = """\
version: 1
project: 2370300
sides:
  s3: {kind: s3, bucket: firm-cases, prefix: "cases/{project}/"}
  zdrive: {kind: drive, root: /srv/Z}
rules:
  - {exclude: "*.tmp"}
"""
LAUGHS = "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
BAD = {
    "a billion laughs": f"a: &a [lol]\n{LAUGHS}".encode(),
    "deep nesting": b"a: " + b"[" * 50_000,
    "deep nesting by indents": b"".join(b" " * n + b"a:\n" for n in range(500)),
    "a Python object": b"a: !!python/object/apply:os.system [echo]",
    "a local tag": b"a: !secret x",
    "an alias of itself": b"a: &a [*a]",
    "an unknown alias": b"a: *b",
    "a merge key of itself": b"a: &a\n  <<: *a",
    "a NUL byte": b"version: 1\0",
    "no UTF-8": b"version: \xff\xfe\xfa",
    "UTF-16 cut short": "version: 1".encode("utf-16")[:-1],
    "a character beyond Unicode": b'a: "\\UFFFFFFFF"',
    "half a surrogate pair": b'name: "\\ud800"',
    "an endless YAML version": b"%YAML " + b"9" * 5000 + b".1\n--- {}",
    "two documents": b"version: 1\n---\nversion: 1\n",
    "too many values": b"a: [" + b"1," * 30_000 + b"]",
    "too large": b"#" * (3 << 20),
    "a key that is a list": b"? [a]\n: b",
    "an endless number": PROFILE.encode().replace(b"2370300", b"9" * 10_000),
    "no mapping": b"- a",
    "nothing": b"",
}


def refused(path):
    """The profile is refused, in few short lines that begin with the file."""
    with pytest.raises(ProfileError) as raised:
        load(path, environ={})
    text = str(raised.value)
    assert text.startswith(f"{path.parent}{os.sep}")
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize("what", BAD)
def test_a_profile_that_is_none_is_refused_soon_and_with_its_place(tmp_path, what):
    path = tmp_path / "case.yaml"
    path.write_bytes(BAD[what])
    assert re.search(r"case\.yaml:\d+:\d+: ", refused(path))
    tried("hostile", "a hostile profile")


@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16"])
def test_a_profile_with_a_byte_order_mark_is_read(tmp_path, code):
    path = tmp_path / "case.yaml"
    path.write_text(PROFILE, code)
    assert load(path, environ={}).project == "2370300"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../outside.yaml", "outside"),
        ("/dev/zero", "not there"),
        ("link.yaml", "outside"),
        ("pipe.yaml", "not there"),
        ("self.yaml", "extends itself"),
        ("x" * 5000, "not there"),
        ("a\0b", "not there"),
        (".", "not there"),
    ],
)
def test_nothing_outside_a_profiles_folder_is_read_and_no_circle_or_device(tmp_path, name, why):
    room = tmp_path / "profiles"
    room.mkdir()
    (tmp_path / "outside.yaml").write_text("timezone: SECRET-OF-THE-OUTSIDE\n")
    (room / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    os.mkfifo(room / "pipe.yaml")
    path = room / "self.yaml"
    path.write_text(f"extends: {json.dumps(name)}\n{PROFILE}")
    text = refused(path)
    assert why in text or "cannot be read" in text
    assert "SECRET" not in text
    tried("hostile", "a fragment of a profile that leads astray")


def test_fragments_that_multiply_are_given_up_soon(tmp_path):
    for n in range(5):
        (tmp_path / f"_{n}.yaml").write_text(f"extends: [{', '.join([f'_{n + 1}.yaml'] * 50)}]\n")
    (tmp_path / "_5.yaml").write_text("rules: [{exclude: a}]\n")
    path = tmp_path / "case.yaml"
    path.write_text(f"extends: _0.yaml\n{PROFILE}")
    assert "files" in refused(path)
    tried("hostile", "a hostile profile")


def test_an_endless_device_is_no_profile():
    with pytest.raises(ProfileError):
        load(Path("/dev/zero"), environ={})
    tried("hostile", "a hostile profile")


SPICES = [
    b"\0",
    b"\xff",
    b'"',
    b"[",
    b"{",
    b"}",
    b"&a ",
    b"*a",
    b"!!",
    b"<<: ",
    b"\\ud800",
    b"9" * 40,
    b"\n",
    b": ",
    b"- ",
]


def mutated(data, chance):
    """The bytes, with some of them changed, repeated, cut or spiced."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.randint(0, 12))
        part = chance.choice(
            [b"", bytes([chance.randrange(256)]), chance.choice(SPICES), bytes(data[at:end]) * 3]
        )
        data[at:end] = part
    return bytes(data)


def test_a_mutated_profile_is_read_or_refused_and_never_anything_else(tmp_path):
    chance, path, times = random.Random(4), tmp_path / "case.yaml", 400
    read = 0
    for _ in range(times):
        path.write_bytes(mutated(PROFILE.encode(), chance))
        try:
            load(path, environ={})
            read += 1
        except ProfileError:
            continue
    assert 0 < read < times
    tried("hostile", "a mutated profile", times)


PLAN = {
    "format": "synctool plan 1",
    "profile": "case",
    "digest": "ab" * 32,
    "state": "cd" * 8,
    "steps": [{"id": "0123"}],
    "undo": {"run": 3, "path": "a.txt"},
}


@pytest.fixture
def plan():
    return PLAN | {"format": saved.documents.PLAN_FORMAT}


def test_a_mutated_plan_is_read_or_refused_and_never_anything_else(tmp_path, plan):
    chance, path, times, read = random.Random(4), tmp_path / "p.json", 500, 0
    whole = json.dumps(plan).encode()
    path.write_bytes(whole)
    assert saved.read(path).undo.run == 3
    for _ in range(times):
        path.write_bytes(mutated(whole, chance))
        try:
            saved.read(path)
            read += 1
        except (Misuse, Braked):
            continue
    assert 0 < read < times
    tried("hostile", "a mutated plan", times)


@pytest.mark.parametrize(
    "undo",
    [{"run": 10**30, "path": ""}, {"run": -1, "path": ""}, {"run": 1, "path": "\ud800"}, {"run": "1"}, []],
)
def test_a_plan_that_undoes_what_cannot_be_is_refused(tmp_path, plan, undo):
    path = tmp_path / "p.json"
    path.write_text(json.dumps(plan | {"undo": undo}))
    with pytest.raises(Misuse, match="no saved plan"):
        saved.read(path)
    tried("hostile", "a mutated plan")


def test_a_deep_plan_is_refused(tmp_path):
    path = tmp_path / "p.json"
    path.write_bytes(b"[" * 200_000)
    with pytest.raises(Misuse, match="no saved plan"):
        saved.read(path)
    tried("hostile", "a mutated plan")


def test_a_plan_with_foreign_steps_does_nothing_that_was_not_planned(office):
    office.filevine.put("Letters/a.txt", b"a")
    office.zdrive.put("Letters/keep.txt", b"keep")
    office.done()
    office.filevine.put("Letters/new.txt", b"new")
    plan = office.folder / "plan.json"
    code, _, err = office.command("plan", str(office.file), "--out", str(plan))
    assert code == 0, err
    document = json.loads(plan.read_text())
    real = document["steps"]
    foreign = [
        step | {"id": f"{n:064x}", "action": "remove", "path": path, "to_path": path}
        for n, (step, path) in enumerate(
            zip(real * 2, ["Letters/keep.txt", "../../etc/passwd"] * 2, strict=False)
        )
    ]
    bent = [
        step | {"action": "remove", "path": "Letters/keep.txt", "to_path": "../../out.txt"} for step in real
    ]
    plan.write_text(json.dumps(document | {"steps": foreign + bent}))
    before = office.trees()
    code, out, err = office.command("--profiles", str(plan.parent / "profiles"), "apply", str(plan), "--yes")
    assert "Traceback" not in out + err
    assert code in (0, 5), out + err
    assert office.zdrive.tree() == before["zdrive"] | {"Letters/new.txt": b"new"}
    assert not (office.folder / "out.txt").exists()
    office.done()
    assert office.settled().keys() >= {"Letters/a.txt", "Letters/keep.txt", "Letters/new.txt"}
    tried("hostile", "a plan with foreign steps")


MARKERS = {
    "deep nesting": b"[" * 200_000,
    "no JSON": b"\0\xff",
    "a run that is text": {"run": "many"},
    "a run that is endless": {"run": 10**400},
    "a run that is a list": {"run": []},
    "a run that is not finite": {"run": float("inf")},
    "an endless name": {"profile": "x" * (1 << 22)},
    "another installation": {"state": ["nobody"], "by": {"a": "\ud800"}},
}


@pytest.mark.parametrize("what", MARKERS)
def test_a_marker_that_somebody_rewrote_stops_a_run_in_one_line_and_never_breaks_it(office, what):
    office.zdrive.put("a.txt", b"a")
    office.done(without=frozenset({"s3"}))
    file = office.zdrive.root / RESERVED / "marker.json"
    bad = MARKERS[what]
    file.write_bytes(
        bad if isinstance(bad, bytes) else json.dumps(json.loads(file.read_bytes()) | bad).encode()
    )
    before = office.zdrive.tree()
    try:
        outcome = office.run(without=frozenset({"s3"}))
    except StateError:
        codes = {7}
    else:
        codes = {outcome.exit_code}
        assert all(len(brake.text) < 500 for brake in outcome.planned.plan.brakes)
    assert codes <= {0, 6, 7}
    assert office.zdrive.tree() == before
    tried("hostile", "a rewritten marker")
