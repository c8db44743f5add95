"""What Tab offers: commands, options and names of profiles, in every shell."""

import os
import subprocess
import sys

import pytest

from tests.entry.test_start import MAIN, environment


def offered(firm, shell, line, begun):
    """What is answered to a shell that asks as its script does."""
    words = line.split()
    asked = {"bash": (line, str(len(words) - (begun != ""))), "zsh": (line, str(len(words) - (begun != "")))}
    words, word = asked.get(shell, (line, begun))
    variables = {"_SYNCTOOL_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": word}
    ended = subprocess.run(
        [sys.executable, "-c", MAIN],
        env=environment(**variables),
        cwd=firm.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout


@pytest.mark.parametrize("shell", ["bash", "powershell"])
def test_names_of_profiles_are_offered_by_the_name_that_commands_take(firm, shell):
    firm.profile("case-1")
    firm.profile("case-2", "name: smith-v-jones\n")
    firm.profile("other")
    told = offered(firm, shell, "synctool plan case", "case")
    assert "plain,case-1" in told
    assert "case-2" not in told
    assert "other" not in told
    assert "plain,smith-v-jones" in offered(firm, shell, "synctool log smi", "smi")


def test_commands_are_offered_in_powershell_with_what_they_do(firm):
    assert "plain,doctor\tExamine everything" in offered(firm, "powershell", "synctool doc", "doc")


def test_where_there_are_no_profiles_none_is_offered(firm):
    assert offered(firm, "powershell", "synctool --profiles nowhere plan ", "").strip() == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_every_shell_has_a_script(firm, shell):
    printed = firm.run("completion", shell)
    assert printed.code == 0
    assert f"_SYNCTOOL_COMPLETE{' = ' if shell == 'powershell' else '='}" in printed.out
    assert f"{shell}_complete" in printed.out


def test_bash_completes_with_the_script(firm, tmp_path):
    firm.profile("case-1")
    program = tmp_path / "bin/synctool"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\n{MAIN}\n")
    program.chmod(0o755)
    script = 'eval "$(synctool completion bash)"; COMP_WORDS=(synctool explain ca); COMP_CWORD=2; _synctool_completion synctool; echo "${COMPREPLY[@]}"'
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", script],
        env=environment(PATH=path),
        cwd=firm.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "case-1\n", ended.stderr
