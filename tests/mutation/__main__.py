"""Changes core a little, again and again, and tells which changes no test notices.

python -m tests.mutation [--again] [--every=N] [core/FILE.py…]

--again also tries those that docs/mutants.md lists; --every=N tries one in N, for an estimate.

A change inside a function is put into a process that has everything loaded and knows which test runs which line: the
process forks, exchanges the function's code, and runs those tests, quick ones first, until one fails. A change of what
runs on import is tried in a process that has not imported synctool yet.
"""

import gc
import importlib
import os
import re
import shutil
import signal
import sys
import tempfile
from collections import Counter
from importlib.machinery import SourceFileLoader
from itertools import accumulate
from pathlib import Path
from time import process_time

from tests.mutation.mutants import mutants

ROOT = Path(__file__).parents[2]
LISTED = ROOT / "docs" / "mutants.md"
QUICK = (
    *(f"tests/unit/test_{name}.py" for name in ("decision_table", "rulings", "identity", "place", "steps")),
    *(f"tests/unit/test_{name}.py" for name in ("brakes", "edges", "names", "patterns", "store")),
    "tests/unit/core",
    "tests/engine",
    "tests/properties/test_names.py",
)
LONGER = ("tests/cases/test_cases.py", "tests/properties/test_laws.py", "tests/properties/test_symmetry.py")
JUDGES = (*QUICK, *LONGER)
OPTIONS = (
    "-p",
    "no:cacheprovider",
    "-p",
    "no:terminal",
    "-o",
    "addopts=--import-mode=importlib",
    "--hypothesis-seed=0",
    "--timeout=30",
    "-x",
    "-m",
    "not slow",
)
PATIENCE = 4  # times what the tests take unchanged
LEAST = 3  # seconds of processor time
ENOUGH = 4  # seconds of processor time for one mutant
SURVIVED, DIED = 0, 1


class Judge:
    """A plugin of pytest that, once the tests are collected, tries mutants instead of running them once."""

    def __init__(self, tried, tell):
        self.tried = tried  # path → mutants
        self.tell = tell
        self.seconds = {}
        self.killed = Counter()  # test → mutants that it noticed
        self.child = None  # where a fork says which test noticed

    def pytest_runtestloop(self, session):
        import coverage  # noqa: PLC0415 - only here, and after the fork for what runs on import
        from hypothesis.internal.conjecture import engine  # noqa: PLC0415

        engine.MAX_SHRINKING_SECONDS = 0
        measure = coverage.Coverage(
            data_file=None, source=[str(ROOT / "synctool" / "core")], config_file=False
        )
        items = {item.nodeid: item for item in session.items}
        for name, item in items.items():
            measure.start()
            measure.switch_context(name)
            begun = process_time()
            self._run(item)
            self.seconds[name] = process_time() - begun
            measure.stop()
        data = measure.get_data()
        gc.freeze()
        for path, found in self.tried.items():
            lines = {line: set(names) for line, names in data.contexts_by_lineno(str(path)).items()}
            for mutant in found:
                names = set().union(*(lines.get(n, ()) for n in range(mutant.line, mutant.last + 1))) - {""}
                chosen = self._quick(names, path)
                survived = self._survives(path, mutant, [items[name] for name in chosen])
                self.tell(path, mutant, survived=survived)
        return True

    def pytest_runtest_logreport(self, report):
        if report.failed and self.child is not None:
            os.write(self.child, report.nodeid.encode())
            os._exit(DIED)
        assert not report.failed, report.longreprtext

    def _quick(self, names, path):
        """The tests of this very module, then what notices most in its time; as many as a mutant may cost."""

        def order(name):
            return f"test_{path.stem}" not in name, -(self.killed[name] + 1) / self.seconds[name]

        quick = sorted(names, key=order)
        spent = accumulate(self.seconds[name] for name in quick)
        return [name for name, seconds in zip(quick, spent, strict=True) if seconds <= ENOUGH]

    def _run(self, item):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

    def _survives(self, path, mutant, items):
        seconds = sum(self.seconds[item.nodeid] for item in items)

        told, child = os.pipe()

        def work():
            self.child = child
            put(path, mutant)
            for item in items:
                self._run(item)
            return SURVIVED

        survived = in_a_fork(work, LEAST + PATIENCE * seconds) == SURVIVED
        os.close(child)
        with os.fdopen(told) as names:
            self.killed.update(names.read().split("\n")[:1])
        return survived


def in_a_fork(work, seconds):
    """What work returns, in a process of its own that may use so much processor time; DIED if it needs more."""
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else DIED
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    code = DIED
    try:
        code = work()
    finally:
        os._exit(code)


def put(path, mutant):
    """Exchange the code of the function that a mutant changes."""
    module = sys.modules[module_of(path)]
    thing = module
    for name in mutant.where.split("."):
        thing = vars(thing)[name]
    function = getattr(thing, "fget", None) or thing
    function = getattr(function, "__func__", None) or getattr(function, "__wrapped__", None) or function
    function.__code__ = mutant.function()
    for loaded in [m for name, m in sys.modules.items() if name.startswith("synctool.")]:
        for value in vars(loaded).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def survives_import(path, mutant):
    """Whether nothing notices a change of what runs when a module is imported."""

    def work():
        import pytest  # noqa: PLC0415 - never in the process that forks

        usual = SourceFileLoader.get_code
        name = module_of(path)
        if mutant:
            SourceFileLoader.get_code = lambda self, full: (
                mutant.code() if full == name else usual(self, full)
            )
        return SURVIVED if pytest.main([*OPTIONS, *judges(QUICK)]) == SURVIVED else DIED

    return in_a_fork(work, 60) == SURVIVED


def judges(paths):
    return [path for path in paths if (ROOT / path).exists()]


def listed():
    """What docs/mutants.md says may live: file, change, what is changed, line."""
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| `(.*?)` \| `(.*?)` \|", _text(), re.MULTILINE)
    return {tuple(cell.replace("\\|", "|") for cell in row) for row in rows}


def _text():
    return LISTED.read_text("utf-8") if LISTED.exists() else ""


def key(path, mutant):
    return path.name, mutant.change, mutant.of, mutant.text


def warm():
    """Load what every test needs and no mutant changes."""
    for name in ("yaml", "jsonschema", "boto3", "xxhash", "requests", "sqlite3", "rich"):
        importlib.import_module(name)


class Count:
    """How many mutants of each file died; tells at once of each that lives."""

    def __init__(self, file):
        self.file = file  # what several processes write to, one line a mutant

    def __call__(self, path, mutant, *, survived):
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(f"{path.name} {'lived' if survived else 'died'}\n")
        if survived:
            print(f"{path.name}:{mutant.line}: {mutant.change}: `{mutant.of}` in `{mutant.text}`", flush=True)

    def told(self, let):
        """Say what became of how many; returns how many lived that are not listed."""
        counts = Counter(self.file.read_text("utf-8").splitlines())
        for name in sorted({line.split()[0] for line in counts} | set(let)):
            died, lived = counts[f"{name} died"], counts[f"{name} lived"]
            print(f"{name}: {died} of {died + lived + let[name]} died, {let[name]} are listed")
        died = sum(n for line, n in counts.items() if line.endswith(" died"))
        tried = counts.total() + let.total()
        print(f"{died} of {tried} died, {died / max(1, tried):.1%}")
        return counts.total() - died


def main(arguments):
    """Try the mutants of some files, or of all of core; returns 1 if one lives that is not listed."""
    spared = set() if "--again" in arguments else listed()
    every = next((int(a.partition("=")[2]) for a in arguments if a.startswith("--every=")), 1)
    named = [ROOT / "synctool" / name for name in arguments if not name.startswith("--")]
    scratch = Path(tempfile.mkdtemp(prefix="mutants-"))
    tell, let = Count(scratch / "counted"), Counter()
    os.environ |= {
        "SYNCTOOL_EXAMPLES": "8",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(scratch),
        "TMPDIR": str(scratch),
    }
    tempfile.tempdir = str(scratch)
    os.nice(4)
    warm()
    inside, on_import = {}, []
    for path in named or sorted((ROOT / "synctool" / "core").glob("*.py")):
        found = list(mutants(path.read_text("utf-8")))[::every]
        wanted = [m for m in found if key(path, m) not in spared]
        let[path.name] += len(found) - len(wanted)
        inside[path] = [m for m in wanted if m.where]
        on_import += [(path, m) for m in wanted if not m.where]
    assert survives_import(next(iter(inside)), None), "the tests fail without any change"
    if pid := os.fork():
        os.waitpid(pid, 0)
    else:
        import pytest  # noqa: PLC0415 - never in the process that forks

        os._exit(pytest.main([*OPTIONS, *judges(JUDGES)], plugins=[Judge(inside, tell)]))
    for path, mutant in on_import:
        tell(path, mutant, survived=survives_import(path, mutant))
    lived = tell.told(let)
    shutil.rmtree(scratch, ignore_errors=True)
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
