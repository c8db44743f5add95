"""Profiles in git: what a hook refuses and says before a commit, and what the action says on a pull request."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tests.entry.test_profiling import git
from tests.entry.test_start import MAIN, environment

ROOT = Path(__file__).parents[2]
SECRET = "sides: {{left: {{kind: drive, root: '${{NOT_SET_HERE}}/left'}}, right: {{kind: drive, root: '{right}'}}}}\n"


@pytest.fixture
def repository(firm):
    """A repository with one profile, a change of it that is not committed, and ``synctool`` to call."""
    program = firm.folder / "bin/synctool"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\n{MAIN}\n")
    program.chmod(0o755)
    (firm.folder / ".gitignore").write_text("bin\ncase-1\nstate\nsummary.md\n.cache\n")
    firm.profile("case-1")
    git(firm.folder, "init", "-q")
    git(firm.folder, "add", ".")
    git(firm.folder, "commit", "-qm", "before")
    file = firm.folder / "profiles/case-1.yaml"
    file.write_text(file.read_text() + "max_age: 2h\n")
    return firm


def called(repository, *command, **more):
    path = f"{repository.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    home = {"PRE_COMMIT_HOME": str(repository.folder / ".cache"), "PATH": path}
    ended = subprocess.run(
        command,
        cwd=repository.folder,
        env=environment(**home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout


def test_a_hook_says_what_a_change_comes_to_and_refuses_a_mistake(repository, lacking):
    if find_spec("pre_commit") is None:
        lacking("pre-commit, which runs hooks")
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    ours = [hook | {"language": "system"} for hook in hooks]  # synctool is there; nothing is installed for it
    config = {"repos": [{"repo": "local", "hooks": ours}]}
    (repository.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    git(repository.folder, "add", ".")
    run = (sys.executable, "-m", "pre_commit", "run", "--color=never")
    code, said = called(repository, *run)
    assert code == 0, said
    assert "profiles/case-1.yaml: max_age: 24h -> 2h\n" in said
    file = repository.folder / "profiles/case-1.yaml"
    file.write_text(file.read_text() + "max_ages: 2h\n")
    git(repository.folder, "add", ".")
    code, said = called(repository, *run)
    assert code == 1
    assert "profiles/case-1.yaml:7:1: 'max_ages' is not known; did you mean 'max_age'?\n" in said


def test_the_action_writes_what_a_change_and_the_plan_come_to(repository):
    repository.write("case-1/left/a.txt", "hello")
    steps = yaml.safe_load((ROOT / "deploy/github/action.yml").read_text())["runs"]["steps"]
    summary = repository.folder / "summary.md"
    said = {"PROFILES": "profiles", "BEFORE": "HEAD", "WITHOUT": "", "GITHUB_STEP_SUMMARY": str(summary)}
    for step in steps[1:]:
        code, told = called(repository, "bash", "-e", "-o", "pipefail", "-c", step["run"], **said)
        assert code == 0, told
    text = summary.read_text()
    assert "    profiles/case-1.yaml: max_age: 24h -> 2h\n" in text
    assert "a.txt" in text.partition("### What would happen")[2]


def test_the_action_fails_for_a_profile_with_a_mistake(repository):
    repository.write("profiles/case-1.yaml", "nonsense")
    steps = yaml.safe_load((ROOT / "deploy/github/action.yml").read_text())["runs"]["steps"]
    code, told = called(repository, "bash", "-e", "-c", steps[1]["run"], PROFILES="profiles")
    assert (code, "profiles/case-1.yaml:1:1" in told) == (2, True)


def test_a_profile_is_checked_without_the_variables_that_it_names(firm):
    firm.profile("case-1")
    right = firm.folder / "case-1/right"
    firm.write("profiles/case-1.yaml", "version: 1\n" + SECRET.format(right=right))
    assert "${NOT_SET_HERE} is not set" in firm.run("validate").out + firm.run("validate").err
    assert firm.run("validate", "--no-secrets").out == "profiles/case-1.yaml: ok\n"
    assert firm.run("validate", "--no-secrets", "--online").code == 2


def test_before_the_first_commit_every_profile_is_new(firm):
    firm.profile("case-1")
    git(firm.folder, "init", "-q")
    assert firm.run("profile", "diff").out == "profiles/case-1.yaml: is new\n"
    (firm.folder / "README.md").write_text("a firm")
    git(firm.folder, "add", "README.md")
    git(firm.folder, "commit", "-qm", "no profile yet")
    assert firm.run("profile", "diff").out == "profiles/case-1.yaml: is new\n"
