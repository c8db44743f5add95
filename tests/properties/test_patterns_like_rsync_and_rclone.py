"""Our patterns decide about files as rclone's do, and as rsync's do when no folder is pruned.

Both programs walk one tree that holds every path of up to three short names. What is known to differ is not asked:
rclone has braces, no ``[!…]``, and no leading ``**/`` for the top; rsync prunes what lies in an excluded folder.
"""

import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synctool.core.patterns import Pattern, decide
from synctool.core.policy import Rule

NAMES = ["a", "b", "ab", "ba", "a.b", "a-c"]
FILES = ["/".join(names) + ".f" for depth in (1, 2, 3) for names in product(NAMES, repeat=depth)]
SIGNS = ["a", "b", ".", "f", "*", "**", "?", "[ab]", "[!a]", "[a-c]", "/", "/", "\\*", "-"]

RCLONE = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
RSYNC = shutil.which("rsync")

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sound(text):
    """Whether all three programs read the text as the pattern it looks like: rsync takes the root for a folder, too."""
    return text.strip("/*") and "//" not in text and "***" not in text


patterns = st.lists(st.sampled_from(SIGNS), min_size=1, max_size=7).map("".join).filter(sound)
rules = st.lists(st.builds(Rule, patterns.map(Pattern), st.booleans()), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    root = tmp_path_factory.mktemp("tree")
    for file in FILES:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    (root.parent / "empty").mkdir(exist_ok=True)
    return root


def printed(*command):
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines())


def read_alike_by_rclone(chosen):
    return not any(rule.pattern.text.startswith("**/") or "[!" in rule.pattern.text for rule in chosen)


def ours(chosen):
    decided = {file: decide(chosen, file) for file in FILES}
    return {file for file, rule in decided.items() if rule is None or rule.include}


def lines(chosen, spelled=str):
    return [f"--filter={'+' if rule.include else '-'} {spelled(rule.pattern.text)}" for rule in chosen]


@pytest.mark.skipif(not RCLONE, reason="rclone is not installed")
@few
@given(rules.filter(read_alike_by_rclone))
def test_the_same_files_are_included_as_by_rclone(tree, chosen):
    assert printed(RCLONE, "lsf", "--config=", "-R", "--files-only", *lines(chosen), tree) == ours(chosen)


def inside(text):
    """The sign of rsync for a folder and all in it, which needs no pruning."""
    return f"{text}**" if text.endswith("/") else text


def listed_by_rsync(tree, *filters):
    empty = tree.parent / "empty"
    printed_lines = printed(RSYNC, "-rn", "--out-format=%n", *filters, f"{tree}/", f"{empty}/")
    return {line for line in printed_lines if not line.endswith("/")}


@pytest.mark.skipif(not RSYNC, reason="rsync is not installed")
@few
@given(rules)
def test_the_same_files_are_included_as_by_rsync_without_pruning(tree, chosen):
    assert listed_by_rsync(tree, "--filter=+ */", *lines(chosen, inside)) == ours(chosen)


@pytest.mark.skipif(not RSYNC, reason="rsync is not installed")
@few
@given(st.lists(patterns, min_size=1, max_size=4))
def test_excluded_folders_are_excluded_as_by_rsync(tree, texts):
    chosen = [Rule(Pattern(text.rstrip("/") + "/"), include=False) for text in texts]
    assert listed_by_rsync(tree, *lines(chosen)) == ours(chosen)
