import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from synctool.config import load
from synctool.entry.cli import cli
from synctool.errors import SEVERITY

ROOT = Path(__file__).parents[2]
MODULES = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "synctool").rglob("*.py"))
PAGES = sorted(
    p.relative_to(ROOT).as_posix()
    for top in ("*.md", "docs/**/*.md", "profiles/*.md", "state/*.md")
    for p in ROOT.glob(top)
)
SCHEMAS = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "schemas").glob("*.json"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
LONG_FILES = {}  # module: why it is longer than 500 lines
LONG_FUNCTIONS = {}  # module:function: why it is longer than 50 lines


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_module_says_in_one_sentence_what_it_does():
    sentence = re.compile(r"[A-Z](?:(?![.!?]\s).)*\.", re.DOTALL)
    firsts = {m: (ast.get_docstring(ast.parse(text(m))) or "").split("\n\n")[0] for m in MODULES}
    assert {m: first for m, first in firsts.items() if not sentence.fullmatch(first)} == {}


def test_no_module_is_called_something_that_says_nothing():
    assert [m for m in MODULES if SAYS_NOTHING & set(m.removesuffix(".py").split("/"))] == []


def test_modules_are_short():
    assert {m for m in MODULES if len(text(m).splitlines()) > 500} == set(LONG_FILES)


def test_functions_are_short():
    functions = [
        (f"{module}:{node.name}", node)
        for module in MODULES
        for node in ast.walk(ast.parse(text(module)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert {name for name, function in functions if lines_of(function) > 50} == set(LONG_FUNCTIONS)


def lines_of(function):
    """The lines of a function without its docstring."""
    first = function.body[0]
    told = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return function.end_lineno - function.lineno + 1 - (first.end_lineno - first.lineno + 1 if told else 0)


def test_there_are_schemas_and_they_are_valid_2020_12():
    assert "schemas/profile.schema.json" in SCHEMAS
    for schema in map(json.loads, map(text, SCHEMAS)):
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        Draft202012Validator.check_schema(schema)


def test_pages_link_to_what_exists():
    links = [(page, link) for page in PAGES for link in re.findall(r"\]\((?!\w+:|#)([^)#]+)", text(page))]
    assert [(page, link) for page, link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_every_decision_is_listed():
    pages = {p.name for p in (ROOT / "docs/decisions").glob("[0-9]*.md")}
    assert set(re.findall(r"\]\((\d{4}-[^)]+)\)", text("docs/decisions/README.md"))) == pages


def test_the_readme_lists_the_commands_that_exist():
    assert set(re.findall(r"^\| `synctool (\w+)", text("README.md"), re.MULTILINE)) == set(cli.commands)


def test_the_readme_lists_the_exit_codes_that_exist():
    assert {int(code) for code in re.findall(r"^\| (\d) \|", text("README.md"), re.MULTILINE)} == set(
        SEVERITY
    )


def test_the_readme_s_profile_loads_without_a_warning(tmp_path):
    [profile] = re.findall(r"```yaml\n(.*?)```", text("README.md"), re.DOTALL)
    (tmp_path / "case-4711.yaml").write_text(profile)
    secrets = dict.fromkeys(re.findall(r"\$\{(\w+)\}", profile), "made up")
    assert load(tmp_path / "case-4711.yaml", environ=secrets).warnings == ()


@pytest.mark.parametrize("command", ["python dev.py demo", "python dev.py test"])
def test_the_readme_s_two_commands_exist(command):
    assert command in text("README.md")
    usage = subprocess.run([sys.executable, ROOT / "dev.py"], capture_output=True, text=True, check=False)
    assert usage.returncode == 2
    assert command in usage.stderr


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_the_project_and_pins_every_hash(lock):
    entries = re.split(r"\n(?=\w)", re.sub(r"(?m)^#.*\n", "", text(lock)).strip())
    assert [e for e in entries if "--hash=sha256:" not in e] == []
    pinned = dict(re.match(r"([\w.-]+)==(\S+)", entry).groups() for entry in entries)
    wanted = [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"]]
    wanted += PROJECT["project"]["optional-dependencies"]["demo"]
    wanted += PROJECT["dependency-groups"]["dev"] if "dev" in lock else []
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_leaves_the_choice_of_index_to_pip(lock):
    assert "://" not in text(lock)


@pytest.mark.slow
def test_the_wheel_holds_the_schemas_and_all_that_modules_read(lacking, tmp_path):
    if find_spec("hatchling") is None:
        lacking("hatchling, which builds wheels")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    kept = {p.relative_to(ROOT).as_posix() for p in (ROOT / "synctool").rglob("*") if p.is_file()}
    assert {n for n in kept if "__pycache__" not in n} | {f"synctool/{schema}" for schema in SCHEMAS} <= held
