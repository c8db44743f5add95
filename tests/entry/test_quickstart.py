"""Whoever types what the quick start shows, in its order, sees what it shows."""

import os
import re
import subprocess
import sys

import pytest

from tests.entry.test_demo import ROOT, SYNCTOOL, serving

PAGE = ROOT / "docs/quickstart.md"
SHOWN = re.compile(r"^```console$\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARIES = (
    (r"http://127\.0\.0\.1:\d+", "ADDRESS"),
    (r"\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?", "DATE"),
    (r"\d+\.\d GB free", "SOME GB free"),
    (r"in \d+\.\d s", "in TIME"),
    (r"\bDATE(\s+)", "DATE "),  # a date may be where a line is broken
)


def steps():
    """Each command of the page, and what the page says it prints."""
    for block in SHOWN.findall(PAGE.read_text("utf-8")):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = step.partition("\n")
            yield command, printed.strip()


def constant(text):
    """A text without what is different each time."""
    for pattern, word in VARIES:
        text = re.sub(pattern, word, text)
    return text.strip()


def at_hand(folder):
    """An environment in which `synctool` is this one."""
    shim = folder / "bin" / "synctool"
    shim.parent.mkdir()
    shim.write_text(f'#!{sys.executable}\nimport sys\nsys.path.insert(0, "{ROOT}")\n{SYNCTOOL[-1]}')
    shim.chmod(0o755)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SYNCTOOL_"))}
    return own | {"PATH": f"{shim.parent}{os.pathsep}{own['PATH']}", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(240)
@pytest.mark.skipif(os.name == "nt", reason="the page is typed into a Unix shell")
def test_the_quick_start_goes_as_it_says(tmp_path):
    environ = at_hand(tmp_path)
    with serving(tmp_path) as (_, said):
        filevine = re.search(r"--api-url (\S+)", said)[1]
        bucket = re.search(r"--endpoint-url (\S+)", said)[1]
        for command, printed in steps():
            typed = command.replace("http://127.0.0.1:8001", filevine).replace(
                "http://127.0.0.1:8002", bucket
            )
            ran = subprocess.run(
                typed,
                shell=True,
                cwd=tmp_path / "demo",
                env=environ,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            assert constant(ran.stdout.replace(str(tmp_path), "")) == constant(printed), command
            assert ran.returncode == 0, command
