import io
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import Console

from synctool.engine.outcome import Adoption, Done, Failed
from synctool.entry.cli.progress import Bar
from tests.entry.plans import DELETE, NEW, steps

MAIN = "from synctool.entry.cli import main; raise SystemExit(main())"
HEAVY = {"boto3", "botocore", "requests", "rich", "jsonschema", "yaml", "sqlite3"}
ROOT = Path(__file__).parents[2]


def environment(**more):
    plain = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "SYNCTOOL_STATE", "SYNCTOOL_SIDES"}}
    return plain | {"PYTHONPATH": str(ROOT), "TERM": "xterm", **more}


def test_the_command_line_is_there_without_the_libraries_that_commands_need():
    script = f"import sys, synctool.entry.cli; print(*{HEAVY!r} & set(sys.modules))"
    unmeasured = environment()
    unmeasured.pop("COVERAGE_PROCESS_START", None)  # measuring imports libraries of its own
    done = subprocess.run(
        [sys.executable, "-c", script], env=unmeasured, capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_started_as_a_module_it_returns_its_exit_code(tmp_path):
    command = [sys.executable, "-m", "synctool.entry.cli", "plan", "nobody"]
    ended = subprocess.run(
        command, env=environment(), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "no profile in profiles is called 'nobody'" in ended.stderr


class Terminal:
    """A terminal of its own for one command."""

    def __init__(self, firm, *args, **variables):
        self._keys, end = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", MAIN, *args],
            cwd=firm.folder,
            env=environment(**variables),
            stdin=end,
            stdout=subprocess.PIPE,
            stderr=end,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(
                signal.SIGINT, signal.SIG_DFL
            ),  # whoever runs the tests may ignore ^C
        )
        os.close(end)
        self.shown = ""

    def until(self, text):
        while text not in self.shown:
            self.shown += os.read(self._keys, 4096).decode()

    def interrupt(self):
        """Press ^C, and again if that fell into a moment when nobody could hear it."""
        for _ in range(5):
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
                return

    def type(self, keys):
        os.write(self._keys, keys.encode())

    def result(self):
        out, _ = self.process.communicate(timeout=30)
        os.close(self._keys)
        return self.process.returncode, out.decode()


@pytest.mark.parametrize(("answer", "done"), [("y\n", True), ("n\n", False)])
def test_on_a_terminal_apply_shows_the_plan_asks_and_does_as_told(firm, answer, done):
    firm.profile("one")
    firm.write("one/left/a.txt", "a")
    terminal = Terminal(firm, "apply", NO_COLOR="1")
    terminal.until("Apply this plan? [y/N]")
    terminal.type(answer)
    code, out = terminal.result()
    assert "+ a.txt   new in left -> right" in terminal.shown
    assert (code, (firm.folder / "one/right/a.txt").exists()) == (0, done)
    assert out.startswith("one: 1 step done" if done else "one: nothing was done, as you said")


def test_an_interrupt_at_the_question_returns_130_and_does_nothing(firm):
    firm.profile("one")
    firm.write("one/left/a.txt", "a")
    terminal = Terminal(firm, "apply")
    terminal.until("Apply this plan? [y/N]")
    terminal.interrupt()
    assert terminal.result() == (130, "")
    assert not (firm.folder / "one/right/a.txt").exists()


@pytest.mark.parametrize(("answer", "code", "done"), [("y", 0, True), ("n", 0, False), ("\x04", 130, False)])
def test_the_question_is_asked_on_stderr_of_whoever_is_at_the_terminal(firm, monkeypatch, answer, code, done):
    firm.profile("one")
    firm.write("one/left/a.txt", "a")
    keys, end = pty.openpty()
    os.write(keys, f"{answer}\n".encode())
    with os.fdopen(end) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        ran = firm.run("apply")
        assert firm.run("apply").code == 0 if done else True
    os.close(keys)
    assert "Apply this plan? [y/N]" in ran.err
    assert (ran.code, (firm.folder / "one/right/a.txt").exists()) == (code, done)


@pytest.mark.parametrize(
    ("args", "variables", "coloured"),
    [
        ([], {}, True),
        (["--no-color"], {}, False),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(firm, args, variables, coloured):
    firm.profile("one")
    firm.write("one/left/a.txt", "a")
    keys, end = pty.openpty()
    command = [sys.executable, "-c", MAIN, *args, "plan"]
    subprocess.run(
        command, cwd=firm.folder, env=environment(**variables), stdout=end, stderr=subprocess.PIPE, check=True
    )
    os.close(end)
    shown = os.read(keys, 65536).decode()
    os.close(keys)
    assert "+ a.txt   new in left -> right" in shown
    assert ("\x1b[" in shown) == coloured


def test_a_closed_pipe_is_no_crash(firm):
    firm.profile("one")
    for number in range(30):
        firm.write(f"one/left/{number}.txt", "x")
    command = f"{sys.executable} -c '{MAIN}' plan --json | head -c 1"
    done = subprocess.run(
        command, shell=True, cwd=firm.folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("{", "")
    assert not list((firm.folder / "state").glob("crash-*"))


def test_the_bar_tells_how_far_a_run_is_and_leaves_the_terminal_clean():
    shown = io.StringIO()
    (new,), (gone,) = steps("a.pdf", *NEW, ["s3"]), steps("b.pdf", *DELETE, ["s3"])
    with Bar(Console(file=shown, force_terminal=True, width=80)) as bar:
        bar.looking("zdrive", 1200)
        bar.looking("s3", 7)
        bar._shown.refresh()
        bar.pause()
        bar.planned(2, 1_400_000)
        bar.took(Done(new, 1_400_000))
        bar.took(Failed(gone, "no", 5))
        bar._shown.refresh()
        assert bar._shown.finished
    assert "looking: zdrive 1,200, s3 7" in shown.getvalue()
    assert "2 of 2 steps" in shown.getvalue()
    assert shown.getvalue().endswith("\x1b[2K")


def test_the_bar_is_silent_where_there_is_no_terminal():
    shown = io.StringIO()
    with Bar(Console(file=shown)) as bar:
        bar.looking("zdrive", 5)
        bar.planned(1, 5)
    assert shown.getvalue() == ""


def test_long_reading_is_announced_in_any_case():
    shown = io.StringIO()
    with Bar(Console(file=shown, width=200)) as bar:
        bar.reading(Adoption(2000, 5_000_000, 4000, 1000.0))
    assert shown.getvalue() == (
        "reading 2,000 documents (5.0 MB, 4,000 requests, an estimated 17 minutes) so that copies can be compared\n"
    )
