import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from synctool.entry.cli import cli

SERVICE = Path(__file__).parents[2] / "docs" / "service"
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@pytest.mark.parametrize("name", ["synctool-watch.service", "synctool-apply.service", "synctool-apply.timer"])
def test_systemd_finds_nothing_wrong_with_a_unit(lacking, tmp_path, name):
    if shutil.which("systemd-analyze") is None:
        lacking("systemd-analyze, which verifies units")
    for file in SERVICE.glob("synctool-*.*"):
        text = file.read_text().replace("/opt/synctool/.venv/bin/synctool", shutil.which("true"))
        (tmp_path / file.name).write_text(
            text.replace("WorkingDirectory=/opt/synctool", "WorkingDirectory=/")
        )
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in verified.stderr.splitlines() if "synctool" in line] == []
    assert verified.returncode == 0


@pytest.mark.parametrize("name", ["synctool-watch.service", "synctool-apply.service"])
def test_a_unit_starts_a_command_that_exists(name):
    [words] = re.findall(r"^ExecStart=\S+ (.*)$", (SERVICE / name).read_text(), re.MULTILINE)
    assert cli.commands[words.split()[0]].make_context("it", words.split()[1:]).params


@pytest.mark.parametrize("name", ["watch", "apply"])
def test_a_task_starts_a_command_that_exists(name):
    task = ET.parse(SERVICE / f"synctool-{name}.xml").getroot()
    words = task.find(f".//{TASK}Arguments").text.split()
    assert words[:3] == ["--state", r"C:\synctool\state", name]
    assert cli.commands[name].make_context("it", words[3:]).params
    assert task.find(f".//{TASK}ExecutionTimeLimit").text == "PT0S"
    assert task.find(f".//{TASK}MultipleInstancesPolicy").text == "IgnoreNew"
