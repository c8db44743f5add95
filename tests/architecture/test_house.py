import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from synctool.config import load
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


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_in_one_sentence_what_it_does(module):
    first = (ast.get_docstring(ast.parse(text(module))) or "").split("\n\n")[0]
    assert re.fullmatch(r"[A-Z](?:(?![.!?]\s).)*\.", first.replace("\n", " ")), first


@pytest.mark.parametrize("module", MODULES)
def test_no_module_is_called_something_that_says_nothing(module):
    assert not SAYS_NOTHING & set(module.removesuffix(".py").split("/"))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short(module):
    assert len(text(module).splitlines()) <= 500 or module in LONG_FILES


@pytest.mark.parametrize("module", MODULES)
def test_a_function_is_short(module):
    long = [
        name
        for node in ast.walk(ast.parse(text(module)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and lines_of(node) > 50
        and (name := f"{module}:{node.name}") not in LONG_FUNCTIONS
    ]
    assert not long


def lines_of(function):
    """The lines of a function without its docstring."""
    first = function.body[0]
    told = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return function.end_lineno - function.lineno + 1 - (first.end_lineno - first.lineno + 1 if told else 0)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_schema_is_valid_2020_12(schema):
    rules = json.loads(text(schema))
    assert rules["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(rules)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_links_to_what_exists(page):
    links = re.findall(r"\]\((?!\w+:|#)([^)#]+)", text(page))
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_every_decision_is_listed():
    pages = {p.name for p in (ROOT / "docs/decisions").glob("[0-9]*.md")}
    assert set(re.findall(r"\]\((\d{4}-[^)]+)\)", text("docs/decisions/README.md"))) == pages


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
def test_the_wheel_holds_the_schemas_and_all_that_modules_read(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    kept = {p.relative_to(ROOT).as_posix() for p in (ROOT / "synctool").rglob("*") if p.is_file()}
    assert {n for n in kept if "__pycache__" not in n} | {f"synctool/{schema}" for schema in SCHEMAS} <= held
