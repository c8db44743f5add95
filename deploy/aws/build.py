"""Builds synctool.zip for AWS Lambda: synctool, what it needs at the locked versions, and your profiles.

python deploy/aws/build.py [--profiles FOLDER] [--out FILE] [--python 3.13] [--machine x86_64|aarch64]

The same inputs give the same file. Secrets are not put in: name them in the profiles as aws-sm:ID#KEY.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEVER = {".env", "__pycache__"}
LIMIT = 250 * 2**20  # bytes that a function may weigh unpacked, by AWS's quotas


def main() -> int:
    """Build it, and say what to do next."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--profiles", type=Path, default=ROOT / "profiles")
    words.add_argument("--out", type=Path, default=Path("synctool.zip"))
    words.add_argument("--python", default="3.13", help="the Python of the function, as in template.yaml")
    words.add_argument("--machine", default="x86_64", choices=["x86_64", "aarch64"])
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as room:
        inside = Path(room)
        install(inside, asked.python, asked.machine)
        for package in ("synctool", "schemas"):
            at = inside / "synctool" / (package if package != "synctool" else "")
            shutil.copytree(ROOT / package, at, ignore=shutil.ignore_patterns(*NEVER), dirs_exist_ok=True)
        shutil.copytree(asked.profiles, inside / "profiles", ignore=shutil.ignore_patterns(*NEVER))
        weight = pack(inside, asked.out)
    if weight > LIMIT:
        print(f"{asked.out} is {weight >> 20} MiB unpacked, more than a function may weigh", file=sys.stderr)
        return 1
    print(f"{asked.out}: {asked.out.stat().st_size >> 20} MiB; docs/aws.md says how to deploy it")
    return 0


def install(inside: Path, python: str, machine: str) -> None:
    """Put what synctool needs at run time into a folder, for the function's machine and at the locked versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [each for each in project["dependencies"] if "sys_platform" not in each]
    target = ("--platform", f"manylinux2014_{machine}", "--python-version", python, "--only-binary=:all:")
    locked = ("--require-hashes", "--constraint", ROOT / "requirements.lock")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-compile")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *quiet, "--target", inside, *target, *locked, *needed],
        check=True,
    )


def pack(inside: Path, out: Path) -> int:
    """Zip a folder, always the same way; how many bytes it holds."""
    weight = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in inside.rglob("*") if path.is_file()):
            data = file.read_bytes()
            weight += len(data)
            named = zipfile.ZipInfo(file.relative_to(inside).as_posix(), (1980, 1, 1, 0, 0, 0))
            named.external_attr = 0o644 << 16
            archive.writestr(named, data, zipfile.ZIP_DEFLATED)
    return weight


if __name__ == "__main__":
    sys.exit(main())
