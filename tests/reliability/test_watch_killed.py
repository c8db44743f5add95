"""A watch that is killed while people work: whenever that is, the next one makes both sides the same, and nothing is lost."""

import time

import pytest

from tests.entry.conftest import Firm
from tests.entry.test_watch_command import started
from tests.entry.watched import QUICK, until
from tests.reliability.tally import tried

DELAYS = (0.0, 0.02, 0.05, 0.1, 0.2)
"""Seconds between the first document of a burst and the end of the watch."""


@pytest.fixture
def firm(tmp_path, capsys):
    (tmp_path / "profiles").mkdir()
    return Firm(tmp_path, capsys)


def documents(root):
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in root.rglob("*.txt")
        if ".synctool" not in file.parts
    }


@pytest.mark.slow
def test_a_watch_that_is_killed_in_a_burst_of_work_loses_nothing(firm):
    firm.profile("case-1", QUICK)
    left, right = firm.folder / "case-1/left", firm.folder / "case-1/right"
    written = set()
    for number, delay in enumerate(DELAYS):
        with started(firm) as process:
            until(lambda: documents(left) == documents(right))
            (left / f"{number}").mkdir()
            for each in range(60):
                data = f"{number} {each}".encode()
                (left / f"{number}" / f"{each}.txt").write_bytes(data)
                (right / f"{each}.txt").write_bytes(data)
                written.add(data)
            time.sleep(delay)
            process.kill()
        tried("crashes", "a watch killed while documents come on both sides")
    with started(firm):
        until(lambda: documents(left) == documents(right))
    kept = {file.read_bytes() for root in (left, right) for file in root.rglob("*") if file.is_file()}
    assert written <= kept
    assert firm.run("audit", "verify").code == 0
    assert firm.run("apply", "--yes").code == 0
