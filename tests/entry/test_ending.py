import logging
from pathlib import Path

import click
import pytest

from synctool.config import load
from synctool.entry.cli.choosing import Source, each, secrets
from synctool.entry.cli.ending import ends
from synctool.entry.cli.session import Session
from synctool.errors import Busy, ProfileError, StateError

AUTH = """\
version: 1
project: 7
sides:
  fv:
    kind: filevine
    auth: {mode: token, client_id: me, client_secret: "${CASE_SECRET}", token: "file:token.txt"}
  disk: {kind: drive, root: '/nowhere'}
"""


class Noon:
    def now_ns(self):
        return 1_795_262_400 * 10**9

    def monotonic(self):
        return 0.0

    def sleep(self, seconds):
        raise AssertionError(seconds)


def fail(error):
    def act(*_):
        raise error

    return act


def test_a_foreseen_failure_is_one_line_and_its_code(tmp_path, capsys):
    assert ends(fail(Busy("another run holds it", hint="wait")), str(tmp_path)) == 8
    assert capsys.readouterr().err == "synctool: another run holds it; wait\n"
    assert ends(fail(ProfileError("x.yaml:1:1: bad", "x.yaml:2:1: worse")), str(tmp_path)) == 2
    assert capsys.readouterr().err == "synctool: x.yaml:1:1: bad\nsynctool: x.yaml:2:1: worse\n"


def test_a_failure_cannot_write_to_the_terminal_what_it_likes(tmp_path, capsys):
    ends(fail(StateError("a\x1b[2Jb")), str(tmp_path))
    assert capsys.readouterr().err == "synctool: a\\x1b[2Jb\n"


def test_what_nobody_foresaw_leaves_a_crash_file_without_secrets(tmp_path, capsys):
    error = RuntimeError(
        "token s3cr3t at https://user:pw@host/a?X-Amz-Signature=abc and Authorization: Bearer eyJhb"
    )
    assert ends(fail(error), str(tmp_path / "state"), ["s3cr3t", ""], Noon()) == 1
    report = tmp_path / "state/crash-2026-11-21T120000.000000.txt"
    assert capsys.readouterr().err == (
        f"synctool: RuntimeError: a failure that nobody foresaw; the details are in {report}\n"
    )
    text = report.read_text()
    assert "in act" in text
    assert text.endswith("RuntimeError: token *** at https://***@host/a?*** and Authorization: Bearer ***\n")


def test_a_crash_is_told_even_where_the_state_cannot_be_written(tmp_path, capsys, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ends(fail(KeyError("x")), str(tmp_path / "file"), (), Noon())
    assert (tmp_path / "crash-2026-11-21T120000.000000.txt").is_file()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    capsys.readouterr()
    assert ends(fail(KeyError("x")), str(tmp_path / "file"), (), Noon()) == 1
    assert capsys.readouterr().err.endswith("and the details could not be written anywhere\n")


@pytest.mark.parametrize(
    "error", [click.UsageError("no"), click.Abort(), BrokenPipeError(), KeyboardInterrupt()]
)
def test_what_is_no_failure_of_ours_goes_on_to_the_caller(tmp_path, error):
    with pytest.raises(type(error)):
        ends(fail(error), str(tmp_path))


def test_one_profile_that_crashes_does_not_stop_the_next_and_its_secrets_stay_secret(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("CASE_SECRET", "from-the-environment")
    (tmp_path / "token.txt").write_text("from-a-file\n")
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for file in files:
        file.write_text(AUTH)
    seen = []

    def act(profile, left_out):
        seen.append((profile.name, left_out))
        raise LookupError(secrets(profile))

    session = Session(Path(), tmp_path / "state")
    assert each(session, [Source(file) for file in files], act) == 1
    assert seen == [("a", frozenset()), ("b", frozenset())]
    assert sorted(secrets(load(files[0]))) == ["from-a-file", "from-the-environment"]
    reports = list((tmp_path / "state").glob("crash-*.txt"))
    assert len(reports) == 2
    for report in reports:
        assert "LookupError: ['***', '***']" in report.read_text()
    assert capsys.readouterr().err.count("\n") == 2


@pytest.fixture(autouse=True)
def _no_handlers_left():
    yield
    logging.getLogger("synctool").handlers = []
