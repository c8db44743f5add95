"""Every file of the corpus says in its first lines what ``load`` finds wrong with it: all of it, in this order.

``says``: the editor marks the line as well. ``means``: only synctool can know.
"""

import re
from pathlib import Path

import pytest

from synctool import config
from synctool.errors import ProfileError

CORPUS = Path(__file__).parent / "corpus"
ENVIRON = {"ID": "id", "SECRET": "a secret", "PAT": "a token", "BUCKET": "firm-cases"}


def promised(path):
    lines = [re.fullmatch(r"# (?:says|means): (.*)", line) for line in path.read_text("utf-8").splitlines()]
    return [line[1] for line in lines if line]


@pytest.mark.parametrize("path", sorted((CORPUS / "bad").glob("[!_]*.yaml")), ids=lambda path: path.stem)
def test_all_mistakes_of_a_file_are_told_at_once_and_in_place(path):
    with pytest.raises(ProfileError) as told:
        config.load(path, environ=ENVIRON)
    folder = str(path.parent) + "/"
    found = [mistake.removeprefix(f"{path}:").replace(folder, "") for mistake in told.value.mistakes]
    assert found == promised(path) != []


@pytest.mark.parametrize("path", sorted((CORPUS / "good").glob("[!_]*.yaml")), ids=lambda path: path.stem)
def test_good_profiles_load(path):
    assert config.load(path, environ=ENVIRON).file == path


def test_no_message_ever_shows_a_literal_secret():
    with pytest.raises(ProfileError) as told:
        config.load(CORPUS / "bad" / "literal_secret.yaml", environ=ENVIRON)
    assert "hunter2" not in str(told.value)
    assert "12345" not in str(told.value)
