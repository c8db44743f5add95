"""Judges mutants inside a run of pytest: asks the core again what the tests asked, and runs those whose answers are others."""

import gc
import os
import sys
from collections import Counter
from itertools import accumulate, islice
from time import process_time

from tests.mutation.forks import DIED, ROOT, SURVIVED, in_a_fork, may_use, module_of
from tests.mutation.questions import Questions

PATIENCE = 4  # times what the tests take unchanged
LEAST = 3  # seconds of processor time
ENOUGH = 2  # seconds of processor time for the tests that run a changed line
OTHERWISE = 12  # questions answered otherwise whose tests are run


class Judge:
    """A plugin of pytest that, once the tests are collected, tries mutants instead of running them once."""

    def __init__(self, tried, tell):
        self.tried = tried  # path → mutants
        self.tell = tell
        self.items = {}  # test → what runs it
        self.seconds = {}
        self.lines = {}  # path → line → tests and questions, by name
        self.questions = Questions()
        self.killed = Counter()  # test → mutants that it noticed
        self.child = None  # where a fork says which test noticed

    def pytest_runtestloop(self, session):
        from hypothesis.internal.conjecture import engine  # noqa: PLC0415 - after the fork for what runs on import

        engine.MAX_SHRINKING_SECONDS = 0
        self.items = {item.nodeid: item for item in session.items}
        self._watch()
        gc.freeze()
        for path, found in self.tried.items():
            for mutant in found:
                self.tell(path, mutant, survived=self._survives(path, mutant))
        return True

    def pytest_runtest_logreport(self, report):
        if report.failed and self.child is not None:
            os.write(self.child, report.nodeid.encode())
            os._exit(DIED)
        assert not report.failed, report.longreprtext

    def _watch(self):
        """Run every test once, and ask every question once: which lines each runs, and how long it takes."""
        import coverage  # noqa: PLC0415 - only here, and after the fork for what runs on import

        measure = coverage.Coverage(
            data_file=None, source=[str(ROOT / "synctool" / "core")], config_file=False
        )
        for name in self.items:
            with self.questions.noted(name):
                measure.start()
                measure.switch_context(name)
                begun = process_time()
                self._run(name)
                self.seconds[name] = process_time() - begun
                measure.stop()
        for asked in self.questions:
            measure.start()
            measure.switch_context(asked.name)
            asked.settle()
            measure.stop()
        data = measure.get_data()
        for path in self.tried:
            lines = data.contexts_by_lineno(str(path))
            self.lines[path] = {line: set(names) - {""} for line, names in lines.items()}

    def _run(self, name):
        item = self.items[name]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

    def _survives(self, path, mutant):
        lines = range(mutant.line, mutant.last + 1)
        names = set().union(*(self.lines[path].get(line, ()) for line in lines))
        questions = sorted(
            (asked for asked in self.questions if asked.name in names), key=lambda asked: asked.seconds
        )
        told, child = os.pipe()

        def work():
            self.child = child
            put(path, mutant)
            chosen = list(dict.fromkeys((*self._otherwise(questions), *self._quick(names, path))))
            may_use(LEAST + PATIENCE * sum(self.seconds[name] for name in chosen))
            for name in chosen:
                self._run(name)
            return SURVIVED

        survived = in_a_fork(work, LEAST + PATIENCE * sum(a.seconds for a in questions)) == SURVIVED
        os.close(child)
        with os.fdopen(told) as noticed:
            self.killed.update(noticed.read().split("\n")[:1])
        return survived

    def _otherwise(self, questions):
        """The tests that asked what is now answered otherwise, quick ones first."""
        asked = islice((asked for asked in questions if asked.differs), OTHERWISE)
        quickest = (min(each.tests, key=self.seconds.get) for each in asked)
        return sorted(set(quickest), key=self.seconds.get)

    def _quick(self, names, path):
        """The tests of this very module, then what notices most in its time; as many as a mutant may cost."""

        def order(name):
            return f"test_{path.stem}" not in name, -(self.killed[name] + 1) / self.seconds[name]

        quick = sorted(names & self.items.keys(), key=order)
        spent = accumulate(self.seconds[name] for name in quick)
        return [name for name, seconds in zip(quick, spent, strict=True) if seconds <= ENOUGH]


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
