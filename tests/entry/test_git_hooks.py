"""Profiles in git: what a hook refuses and says before a commit, and what the action says on a pull request."""

import io
import os
import re
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from synctool.entry.demo.stage import staged
from synctool.entry.demo.telling import Teller
from tests.entry.test_profiling import git
from tests.entry.test_start import MAIN, environment

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "deploy/github/action.yml"
BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c")
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


@pytest.fixture(scope="module")
def offline(tmp_path_factory, lacking):
    """Variables under which pip installs synctool without a network: what it needs is that of these tests."""
    if find_spec("hatchling") is None:
        lacking("hatchling, which builds synctool")
    known = tmp_path_factory.mktemp("known")
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if "synctool" not in each.name and each.suffix != ".pth":
            (known / each.name).symlink_to(each)
    # pip takes the "false" of this switch for its name without "no"
    plain = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "false"}
    return {**plain, "PYTHONPATH": str(known), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def called(repository, *command, **more):
    path = f"{repository.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    home = {"PRE_COMMIT_HOME": str(repository.folder / ".cache"), "PATH": path} | more
    ended = subprocess.run(
        command,
        cwd=repository.folder,
        env=environment(**home),
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


@pytest.mark.slow
def test_the_hooks_are_installed_from_this_repository_and_run(repository, offline, lacking):
    if find_spec("pre_commit") is None:
        lacking("pre-commit, which runs hooks")
    if not (ROOT / ".git").exists():
        lacking("the repository of synctool itself")
    command = (sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "--all-files", "--color=never")
    code, said = called(repository, *command, **offline)
    assert code == 0, said
    assert said.count("Passed") == 2
    assert "profiles/case-1.yaml: max_age: 24h -> 2h\n" in said
    file = repository.folder / "profiles/case-1.yaml"
    file.write_text(file.read_text() + "max_ages: 2h\n")
    code, said = called(repository, *command, **offline)
    assert code == 1
    assert "profiles/case-1.yaml:7:1: 'max_ages' is not known; did you mean 'max_age'?\n" in said


@pytest.fixture(scope="module")
def fresh(offline, tmp_path_factory):
    """Variables under which ``python3`` and what it installs are those of an environment that held nothing."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run((sys.executable, "-m", "venv", folder), check=True)
    return offline | {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}


class Runner:
    """Takes the steps of the action as a runner of GitHub does."""

    def __init__(self, repository, base, **variables):
        self._repository = repository
        self._github = {"github.event.pull_request.base.sha || 'HEAD^'": base}
        self._summary = repository.folder / "summary.md"
        self._variables = variables | {
            "GITHUB_ACTION_PATH": str(ACTION.parent),
            "GITHUB_STEP_SUMMARY": str(self._summary),
        }

    def run(self, **inputs):
        """The exit code of the first step that fails, or 0; everything that was said; the summary."""
        self._summary.write_text("")
        action, told = yaml.safe_load(ACTION.read_text()), ""
        given = {name: inputs.get(name, each["default"]) for name, each in action["inputs"].items()}
        known = {f"inputs.{name}": self._meant(value, self._github) for name, value in given.items()}
        for step in action["runs"]["steps"]:
            if step.get("if", "") == "inputs.plan == 'true'" and known["inputs.plan"] != "true":
                continue
            env = {name: self._meant(value, known) for name, value in step.get("env", {}).items()}
            script = (*BASH, step["run"])
            code, said = called(self._repository, *script, **self._variables, **env)
            told += said
            if code:
                return code, told, self._summary.read_text()
        return 0, told, self._summary.read_text()

    @staticmethod
    def _meant(text, known):
        """A text whose expressions are replaced; one that nobody knows is an error."""
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], text)


@pytest.fixture
def head(repository):
    """The revision that a pull request goes to; its own change is committed."""
    base = subprocess.run(
        ("git", "-C", repository.folder, "rev-parse", "HEAD"), capture_output=True, text=True, check=True
    )
    git(repository.folder, "commit", "-qam", "older agreements are told")
    return base.stdout.strip()


@pytest.mark.slow
def test_the_action_says_what_a_change_and_the_plan_come_to(repository, head, fresh):
    repository.write("case-1/left/a.txt", "hello")
    runner = Runner(repository, head, **fresh)
    code, told, summary = runner.run()
    assert code == 0, told
    assert "    profiles/case-1.yaml: max_age: 24h -> 2h\n" in summary
    assert "What would happen" not in summary
    code, told, summary = runner.run(plan="true")
    assert code == 0, told
    assert "a.txt" in summary.partition("### What would happen")[2]
    assert not (repository.folder / "case-1/right/a.txt").exists()
    repository.write("profiles/case-1.yaml", "nonsense")
    code, told, summary = runner.run()
    assert (code, "profiles/case-1.yaml:1:1" in told, summary) == (2, True, "")


@pytest.mark.slow
def test_the_action_plans_with_credentials_and_writes_nowhere(repository, head, fresh, tmp_path_factory):
    with staged(tmp_path_factory.mktemp("firm") / "demo", Teller(Console(file=io.StringIO()))) as stage:
        stage.filevine.colleague.upload(stage.project, "Answer.docx", b"an answer")
        profile = stage.profile.read_text().replace("enabled: false", "enabled: true")
        repository.write("profiles/demo.yaml", profile)
        (repository.folder / "profiles/case-1.yaml").unlink()
        secrets = dict(
            line.split("=", 1) for line in stage.profile.with_name(".env").read_text().splitlines()
        )
        stage.filevine.forget_requests()
        runner = Runner(repository, head, **fresh, **secrets)
        code, told, summary = runner.run(plan="true", without="zdrive")
        asked = {route for method, route in stage.filevine.requests_seen if method != "GET"}
        held = stage.client.list_objects_v2(Bucket="firm-cases")["KeyCount"]
    assert code == 0, told
    assert "    profiles/demo.yaml: is new\n" in summary
    assert "Answer.docx" in summary.partition("### What would happen")[2]
    assert (asked, held) == ({"/connect/token", "/utils/GetUserOrgsWithToken"}, 0)  # to sign in


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
