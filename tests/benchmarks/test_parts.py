"""Tries the parts that measuring rests on: the state it writes, the thin server, and the page made of what is kept."""

import sqlite3

import pytest

from benchmarks import page, tools
from benchmarks.contest import Setting, done, measured
from benchmarks.ground import drive, ground, s3
from benchmarks.trees import Tree
from synctool.sides.base import PLACEHOLDER

TREE = Tree(files=30, folders=5)


@pytest.fixture
def here(tmp_path):
    with ground(tmp_path) as made:
        yield made


def state_of(here, name):
    """Every item and row of a state, without the name of the profile."""
    with sqlite3.connect(here.folder / "state" / f"{name}.db") as db:
        return [db.execute(f"SELECT * FROM {table} ORDER BY item").fetchall() for table in ("items", "rows")]


def test_the_state_that_is_written_is_the_one_that_a_first_run_leaves(here):
    one, settings = here.copy(here.tree(TREE), "one"), here.settings(here.thin)
    here.hold(one, "one/", mark=PLACEHOLDER)
    profiles = [
        here.profile(name, s3=s3(here.thin, "one/"), zdrive=drive(one)) for name in ("run", "written")
    ]
    done(tools.agreeing(here, profiles[1]), here, settings)
    done(tools.synctool(here, "apply", profiles[0]), here, settings)
    assert state_of(here, "written") == state_of(here, "run")
    assert len(state_of(here, "run")[1]) > 2 * TREE.files


def test_a_run_tells_what_it_took_and_a_failure_does_not_count(here):
    found = here.settings(here.thin)
    setting = Setting([], found, counted=here.requests)
    one = here.copy(here.tree(TREE), "one")
    here.hold(one, "one/")
    manifest = here.folder / "manifest"
    places = (str(one), here.thin, "measured", "one/")
    done(tools.floor(manifest, *places, noting=True), here, found)
    unchanged = measured(tools.floor(manifest, *places), setting, here, limit=30)
    assert (unchanged.trouble, unchanged.requests) == ("", 1)
    assert unchanged.cpu > 0
    assert unchanged.memory > 1 << 20
    next(path for path in one.rglob("*") if path.is_file()).write_bytes(b"changed")
    assert measured(tools.floor(manifest, *places), setting, here, limit=30).trouble == "ended with 1"


def test_the_page_says_what_is_kept():
    assert page.PAGE.read_text("utf-8") == page.written()
    assert page.PICTURE.read_text("utf-8") == page.draw()
