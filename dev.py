"""Sets up .venv beside this file, and runs the demo, the tests and the checks in it.

python dev.py demo [arguments of synctool demo]
python dev.py test [--fast] [arguments of pytest]   --fast leaves out what takes more than a few seconds
python dev.py check                                 everything that CI runs
python dev.py docs [--pictures] [--reliability]     writes docs/cases.md anew from tests/cases, draws the pictures, and
                                                    writes docs/reliability.md from a run of what tries to break it
python dev.py audit                                 asks the package index which locked versions are known to be vulnerable
python dev.py mutate [core/FILE.py…]                changes core a little at a time; tells which changes no test notices
python dev.py simulate [--seeds N] [--from SEED] [--seed SEED]
                                                    lives through simulated worlds, one a seed; or tells one of them
python dev.py bench [arguments of benchmarks]       measures synctool beside its peers, and writes docs/performance.md
python dev.py lock [--upgrade]                      writes the locks anew from pyproject.toml
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this may have any Python
    sys.exit("dev.py: synctool needs Python 3.11 or newer, and this is " + sys.version.split()[0])

import hashlib
import importlib.util
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
USERS, DEVELOPERS = "requirements.lock", "requirements-dev.lock"
CLOUD = "tests/aws/requirements"  # what stands in for AWS has an environment of its own
PEERS = "benchmarks/peers"  # and so has what synctool is measured beside
BUILD = (
    "hatchling\neditables\n"  # what installing the project itself takes; pip would fetch it without a hash
)


def main(arguments: list[str]) -> int:
    """Do what the command line asks; returns the exit code of what was run, 2 for a command that is none."""
    offered = (demo, test, check, docs, audit, mutate, simulate, bench, lock)
    commands = {command.__name__: command for command in offered}
    name, *rest = arguments or [""]
    if name in commands:
        return commands[name](rest)
    print(__doc__, file=sys.stderr)
    return 2


def demo(arguments: list[str]) -> int:
    """Run ``synctool demo`` with what it needs and nothing more."""
    return install(USERS) or run("synctool", "demo", *arguments)


def test(arguments: list[str]) -> int:
    """Run pytest in two processes; a later ``-n`` among the arguments wins."""
    chosen = ["-m", "not slow"] if "--fast" in arguments else []
    rest = [argument for argument in arguments if argument != "--fast"]
    return install(DEVELOPERS) or run("python", "-m", "pytest", "-n", "2", *chosen, *rest)


def docs(arguments: list[str]) -> int:
    """Write the page that is made from what is tested, and if asked what takes longer and is of the day."""
    asked = {
        "--pictures": ("docs.pictures.draw", "docs.pictures.photograph"),
        "--reliability": ("tests.reliability.page",),
    }
    wanted = (module for option, modules in asked.items() if option in arguments for module in modules)
    modules = ("tests.cases.page", "docs.reference", *wanted)
    code = install(DEVELOPERS)
    for module in modules:
        code = code or run("python", "-m", module)
    return code


def check(arguments: list[str]) -> int:
    """Run everything that CI runs, to the end even if some of it fails; returns the first code that is not 0."""
    if code := install(DEVELOPERS):
        return code
    run("coverage", "erase")
    # Coverage measures every Python that is told where its settings are: pytest, its workers, what tests start.
    measured = {
        "COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml"),
        "COVERAGE_FILE": str(ROOT / ".coverage"),
    }
    codes = (
        run("ruff", "format", "--check", "."),
        run("ruff", "check", "."),
        run("mypy"),
        run("mypy", "dev.py"),
        run("lint-imports", "--no-logo"),
        run(sys.executable, "dev.py", "test", "-m", "not slow", *arguments, settings=measured),
        # Measuring doubles their time, and they run nothing that the others do not.
        run(sys.executable, "dev.py", "test", "-m", "slow", *arguments),
        run("coverage", "combine", "--quiet"),
        covered("--include=synctool/core/*", "--fail-under=100"),
        covered("--fail-under=95"),
        audit([]),
    )
    print("check:", f"{len(codes) - codes.count(0)} of {len(codes)} failed" if any(codes) else "all is well")
    return next(filter(None, codes), 0)


def mutate(arguments: list[str]) -> int:
    """Say which small changes of core no test notices: hours for all of it, minutes for one file; 1 if there are any."""
    return install(DEVELOPERS) or run("python", "-m", "tests.mutation", *arguments)


def simulate(arguments: list[str]) -> int:
    """Let worlds be drawn and live, to see whether the promises hold in them; 1 if one was broken."""
    return install(DEVELOPERS) or run("python", "-m", "tests.simulation", *arguments)


def bench(arguments: list[str]) -> int:
    """Measure synctool beside its peers, those of the package index installed; benchmarks/README.md names the others."""
    own = ROOT / ".venv-peers"
    python = own / BIN.relative_to(VENV) / "python"
    options = ("-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes")
    return (
        install(DEVELOPERS)
        or run(sys.executable, "-m", "venv", str(own))
        or run(str(python), *options, "-r", f"{PEERS}.lock")
        or run("python", "-m", "benchmarks", *arguments)
    )


def audit(_: list[str]) -> int:
    """Say what is known against the versions that users get; 1 if anything is. What an index does not tell is named, and no failure."""
    options = ("--require-hashes", "--disable-pip", "--progress-spinner", "off")
    return install(DEVELOPERS) or run("pip-audit", "--requirement", USERS, *options)


def covered(*arguments: str) -> int:
    """Say how much the tests ran of the code, and if that is too little, what they did not; returns 0 if it is enough."""
    report = ("coverage", "report", *arguments)
    return run(*report, "--format=total") and run(*report, "--skip-covered", "--show-missing")


def lock(arguments: list[str]) -> int:
    """Write the locks: versions and hashes for Linux, macOS and Windows, Python 3.11 and newer."""
    make_environment()
    shape = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--quiet")
    compile_ = ("uv", "pip", "compile", *shape, *arguments)
    compiled = (*compile_, "pyproject.toml", "-", "--extra", "demo")
    header = {"UV_CUSTOM_COMPILE_COMMAND": "python dev.py lock"}
    return (
        pip_install("uv")
        or run(*compiled, "-o", USERS, settings=header, stdin=BUILD)
        or run(*compiled, "--group", "dev", "-c", USERS, "-o", DEVELOPERS, settings=header, stdin=BUILD)
        or run(*compile_, f"{CLOUD}.in", "-o", f"{CLOUD}.lock", settings=header)
        or run(*compile_, f"{PEERS}.in", "-o", f"{PEERS}.lock", settings=header)
    )


def install(requirements: str) -> int:
    """Install what a lock names, and the project, unless that was done; returns pip's exit code."""
    wanted = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    stamp = VENV / f"{requirements}.installed"
    if stamp.is_file() and stamp.read_text() == wanted:
        return 0
    make_environment()
    code = pip_install("--require-hashes", "-r", requirements) or pip_install(
        "--no-deps", "--no-build-isolation", "-e", "."
    )
    if not code:
        stamp.write_text(wanted)
    return code


def pip_install(*arguments: str) -> int:
    """Run pip in .venv; returns its exit code."""
    return run("python", "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments)


def make_environment() -> None:
    """Make .venv unless there is a whole one; ends the program where this Python cannot."""
    if any(BIN.glob("pip*")):  # pip comes last, so one that was interrupted is made again
        return
    if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        sys.exit("dev.py: this Python cannot make environments; on Debian: sudo apt-get install python3-venv")
    if code := run(sys.executable, "-m", "venv", "--clear", str(VENV)):
        sys.exit(code)


def run(
    program: str, *arguments: str, settings: Mapping[str, str] | None = None, stdin: str | None = None
) -> int:
    """Say and run one command, of .venv unless its path is given; returns its exit code."""
    print("$", shlex.join((Path(program).stem, *arguments)), flush=True)
    command = (str(BIN / program), *arguments)
    environment = {**os.environ, **(settings or {})}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, text=True, input=stdin).returncode


if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for what runs; we wait until it has cleaned up
    sys.exit(main(sys.argv[1:]))
