import os
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

HOMES = {  # the emulators stand alone, and take what their servers need
    "boto3": {"sides.s3", "store.queue"},
    "botocore": {"sides.s3", "store.queue"},
    "click": {"entry"},
    "cryptography": set(),
    "jsonschema": {"config"},
    "jwt": {"entry.webhook"},
    "requests": {"sides.filevine"},
    "rich": {"entry"},
    "sqlite3": {"store"},
    "urllib3": {"sides.filevine", "sides.patience", "sides.s3"},
    "watchdog": {"engine.watching"},
    "xxhash": {"engine.look", "sides.drive"},
    "yaml": {"config"},
}


def test_imports_run_to_the_right_only():
    found = subprocess.run(LINT, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core/model.py", "import socket"),
        ("core/model.py", "import synctool.sides.base"),
        ("config/schema.py", "import synctool.sides.base"),
        ("emulators/__init__.py", "import synctool.core.model"),
        ("newcomer.py", ""),
    ],
)
def test_an_import_against_the_grain_is_found(module, line, tmp_path):
    shutil.copytree(ROOT / "synctool", tmp_path / "synctool")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "synctool" / module).open("a") as file:
        file.write(f"\n{line}\n")
    plain = {name: text for name, text in os.environ.items() if name != "COVERAGE_PROCESS_START"}
    found = subprocess.run(LINT, cwd=tmp_path, env=plain, capture_output=True, text=True, check=False)
    assert found.returncode == 1, found.stdout


def test_each_library_has_one_home():
    graph = grimp.build_graph("synctool", include_external_packages=True, cache_dir=None)
    users = {
        library: graph.find_modules_that_directly_import(library) if library in graph.modules else set()
        for library in HOMES
    }
    assert {
        (library, user)
        for library, found in users.items()
        for user in found
        if not any(f"{user}.".startswith(f"synctool.{home}.") for home in (*HOMES[library], "emulators"))
    } == set()
