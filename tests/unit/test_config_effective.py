"""What a profile comes to, and what a change of it means."""

from dataclasses import replace
from pathlib import Path

import pytest

from synctool import config
from synctool.config.document import dump, parse, plain
from synctool.config.effective import changes, composed, effective, places
from synctool.core.policy import Role

GOOD = sorted(
    path for path in (Path(__file__).parent / "corpus" / "good").glob("*.yaml") if path.name[0] != "_"
)


def meaning(path):
    """A profile without its file, and with what it means by saying nothing of roles and deletes."""
    profile = config.load(path, sides=(), environ={})
    policy = profile.policy
    roles = {side: policy.role(side) for side in policy.ranks}
    peers = frozenset(side for side, role in roles.items() if role is Role.PEER)
    policy = replace(policy, roles=roles, deletes_from=policy.deletes_from or peers)
    return replace(profile, file=Path(), policy=policy, digest="", rules_digest="", warnings=())


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
@pytest.mark.parametrize("told", [composed, effective])
def test_what_a_profile_comes_to_is_a_profile_that_means_the_same(tmp_path, path, told):
    copy = tmp_path / path.name
    copy.write_text(dump(told(path)), "utf-8")
    assert meaning(copy) == meaning(path)
    assert not list(changes(effective(path), effective(copy)))


def test_what_a_profile_comes_to_says_everything_and_no_secret():
    whole = effective(next(path for path in GOOD if path.stem == "minimal"))
    assert whole["deletes"] == {"from": ["s3", "zdrive"], "refused": "restore", "trash_days": 30}
    assert whole["sides"]["zdrive"]["names"] == "windows"


def test_a_change_is_told_a_line_each():
    before = {"max_age": "24h", "rules": [{"exclude": "*.tmp"}], "watch": {"poll": "5m"}}
    after = {
        "max_age": "2h",
        "rules": [{"include": "a"}, {"exclude": "*.tmp"}],
        "watch": {"poll": "5m"},
        "mode": "sync",
    }
    assert list(changes(before, after)) == [
        "max_age: 24h -> 2h",
        "rules: + {include: a}",
        "mode: nothing -> sync",
    ]


@pytest.mark.parametrize(
    "text", ["no", "0o7", "1e3", "~", "", "- a", "a: b", "ä", "#", "1_0", "null", "x\n", "2026-11-22"]
)
def test_every_text_that_is_written_is_read_as_that_text(text):
    assert plain(parse(dump({"a": text}).encode(), "x")[0]) == {"a": text}
    assert "\n" not in dump(text, one_line=True) or "\n" in text


def test_a_line_is_told_where_it_was_written(tmp_path):
    (tmp_path / "_firm.yaml").write_text("rules:\n  - exclude: '*.tmp'\n")
    (tmp_path / "case-1.yaml").write_text(
        "version: 1\nextends: _firm.yaml\nrules:\n  - include: /a\n"
        "sides: {s3: {kind: s3, bucket: firm}, zdrive: {kind: drive, root: /cases}}\n"
    )
    where = places(tmp_path / "case-1.yaml")
    assert where(("rules", 0, "include"), "x") == f"{tmp_path}/case-1.yaml:4:5: rules.0.include: x"
    assert where(("rules", 1, "exclude"), "x") == f"{tmp_path}/_firm.yaml:2:5: rules.1.exclude: x"
