import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = "requirements-dev.lock"


@pytest.fixture
def elsewhere(tmp_path):
    """A folder with dev.py, three tests, a lock that names nothing, and this Python's libraries as its .venv."""
    if os.name == "nt":
        pytest.skip("needs symbolic links")
    shutil.copy(ROOT / "dev.py", tmp_path)
    (tmp_path / LOCK).write_text("# nothing\n")
    (tmp_path / ".venv").mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (tmp_path / ".venv" / part).symlink_to(Path(sys.prefix, part))
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    (tmp_path / "test_some.py").write_text(
        "import pytest\n"
        "def test_quick(): pass\n"
        "@pytest.mark.slow\ndef test_slow(): pass\n"
        "def test_wrong(): assert False\n"
    )
    return tmp_path


def install(folder):
    digest = hashlib.sha256((folder / LOCK).read_bytes()).hexdigest()
    (folder / ".venv" / f"{LOCK}.installed").write_text(digest)


def dev(folder, *arguments, before=""):
    program = f"import sys, runpy; sys.argv = ['dev.py', *{arguments!r}]\n{before}\nrunpy.run_path('dev.py', run_name='__main__')"
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_tests_run_with_the_arguments_given_and_their_code_is_returned(elsewhere):
    install(elsewhere)
    ended = dev(elsewhere, "test", "-n", "0", "-k", "not wrong")
    assert "2 passed" in ended.stdout
    assert ended.returncode == 0
    assert dev(elsewhere, "test", "-n", "0", "-k", "wrong").returncode == 1


def test_the_fast_tests_leave_out_the_slow(elsewhere):
    install(elsewhere)
    assert "1 failed, 1 passed" in dev(elsewhere, "test", "-n", "0", "--fast").stdout


def test_a_changed_lock_is_installed_and_a_failure_of_pip_ends_the_run(elsewhere):
    install(elsewhere)
    (elsewhere / LOCK).write_text("# still nothing\n")
    ended = dev(elsewhere, "test")
    assert f"pip install -qq --disable-pip-version-check --require-hashes -r {LOCK}" in ended.stdout
    assert ended.returncode == 1  # there is no project here to install
    assert "pytest" not in ended.stdout


def test_a_command_that_is_none_is_answered_with_what_there_is(elsewhere):
    ended = dev(elsewhere, "tset")
    assert ended.returncode == 2
    assert "python dev.py test" in ended.stderr


@pytest.mark.parametrize(
    ("before", "hint"),
    [
        ("sys.version_info = (3, 9, 2)", "Python 3.11 or newer"),
        ("sys.modules['ensurepip'] = None", "sudo apt-get install python3-venv"),
    ],
)
def test_a_python_that_cannot_do_it_says_so_in_one_line(before, hint, tmp_path):
    shutil.copy(ROOT / "dev.py", tmp_path)
    (tmp_path / LOCK).write_text("")
    ended = dev(tmp_path, "test", before=before)
    assert ended.returncode == 1
    assert hint in ended.stderr
    assert ended.stderr.count("\n") == 1
