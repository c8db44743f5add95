"""Changes core a little, again and again, and tells which changes no test notices.

python -m tests.mutation [--again] [--every=N] [--kept=FILE] [tests/…] [core/FILE.py…]

--again also tries those that docs/mutants.md lists; --every=N tries one in N, for an estimate. --kept=FILE adds to what
was found before, and does not try again what stands there. tests/…: judged by these tests alone.

A change inside a function is put into a process that has everything loaded, and knows which test runs which line and
what each asked the core: the process forks, exchanges the function's code, and asks all that again. The tests whose
questions are now answered otherwise are run, quick ones first, until one fails; then those that run the line. A change
of what runs on import is tried in a process that has not imported synctool yet.
"""

import importlib
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from importlib.machinery import SourceFileLoader
from pathlib import Path

from tests.mutation.forks import DIED, ROOT, SURVIVED, in_a_fork, module_of
from tests.mutation.mutants import mutants

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


def survives_import(path, mutant, by):
    """Whether nothing notices a change of what runs when a module is imported."""

    def work():
        import pytest  # noqa: PLC0415 - never in the process that forks

        usual = SourceFileLoader.get_code
        name = module_of(path)
        if mutant:
            SourceFileLoader.get_code = lambda self, full: (
                mutant.code() if full == name else usual(self, full)
            )
        return SURVIVED if pytest.main([*OPTIONS, *judges(by)]) == SURVIVED else DIED

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


class Kept:
    """What became of each mutant, in a file that several processes add to, one line a mutant."""

    def __init__(self, file):
        self.file = file

    def __call__(self, path, mutant, *, survived):
        verdict = "lived" if survived else "died"
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write("\t".join((verdict, *key(path, mutant))) + "\n")
        if survived:
            print(f"{path.name}:{mutant.line}: {mutant.change}: `{mutant.of}` in `{mutant.text}`", flush=True)

    def found(self):
        """How often each mutant died and lived: (verdict, file, change, what is changed, line) → times."""
        text = self.file.read_text("utf-8") if self.file.exists() else ""
        return Counter(tuple(line.split("\t")) for line in text.splitlines())

    def told(self, let):
        """Say what became of how many; returns how many lived that are not listed."""
        counts = Counter()
        for (verdict, name, *_), times in self.found().items():
            counts[name, verdict] += times
        for name in sorted({name for name, _ in counts} | set(let)):
            died, lived = counts[name, "died"], counts[name, "lived"]
            print(f"{name}: {died} of {died + lived + let[name]} died, {let[name]} are listed")
        died = sum(times for (_, verdict), times in counts.items() if verdict == "died")
        tried = counts.total() + let.total()
        print(f"{died} of {tried} died, {died / max(1, tried):.1%}")
        return counts.total() - died


def wanted(path, arguments, kept, let):
    """The mutants of one file that are to be tried; those that docs/mutants.md lists are counted in let."""
    spared = set() if "--again" in arguments else listed()
    known = Counter()
    for (_, *facts), times in kept.found().items():
        known[tuple(facts)] += times
    chosen = []
    for mutant in list(mutants(path.read_text("utf-8")))[:: int(option(arguments, "every", "1"))]:
        facts = key(path, mutant)
        if facts in spared:
            let[path.name] += 1
        elif known[facts]:
            known[facts] -= 1
        else:
            chosen.append(mutant)
    return chosen


def option(arguments, name, default):
    return next((a.partition("=")[2] for a in arguments if a.startswith(f"--{name}=")), default)


def main(arguments):
    """Try the mutants of some files, or of all of core; returns 1 if one lives that is not listed."""
    named = [ROOT / "synctool" / name for name in arguments if name.startswith("core/")]
    by = [name for name in arguments if name.startswith("tests/")]
    scratch = Path(tempfile.mkdtemp(prefix="mutants-"))
    kept, let = Kept(Path(option(arguments, "kept", scratch / "kept"))), Counter()
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
        found = wanted(path, arguments, kept, let)
        inside[path] = [m for m in found if m.where]
        on_import += [(path, m) for m in found if not m.where]
    assert survives_import(next(iter(inside)), None, by or QUICK), "the tests fail without any change"
    if pid := os.fork():
        os.waitpid(pid, 0)
    else:
        import pytest  # noqa: PLC0415 - never in the process that forks

        from tests.mutation.judging import Judge  # noqa: PLC0415 - it imports the core

        os._exit(pytest.main([*OPTIONS, *judges(by or JUDGES)], plugins=[Judge(inside, kept)]))
    for path, mutant in on_import:
        kept(path, mutant, survived=survives_import(path, mutant, by or QUICK))
    lived = kept.told(let)
    shutil.rmtree(scratch, ignore_errors=True)
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
