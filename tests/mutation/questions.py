"""Keeps the questions that tests put to the core, so that a changed core is asked them without the tests."""

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import process_time

from synctool.core import decide as core
from synctool.store.remembered import Remembered
from tests.unit.core.recalled import Recalled


@dataclass
class Asked:
    """One question, the tests that asked it, what the unchanged core says, and how long that takes in seconds."""

    name: str
    question: core.Question
    tests: set = field(default_factory=set)
    answer: object = None
    seconds: float = 0

    def settle(self):
        """Take what the core says now for right."""
        begun = process_time()
        self.answer = said(self.question)
        self.seconds = process_time() - begun

    @property
    def differs(self):
        return said(self.question) != self.answer


def said(question):
    """The answer, or the failure by name."""
    try:
        return core.decide(question)
    except Exception as error:  # noqa: BLE001 - whatever a changed core does
        return type(error)


class Questions:
    """Every question once, as they come in while ``noted``."""

    def __init__(self):
        self._asked = {}

    def __iter__(self):
        return iter(self._asked.values())

    @contextmanager
    def noted(self, test):
        """Keep what is asked meanwhile as this test's."""
        usual = core.decide

        def decide(question):
            known = question.known
            kept = replace(question, known=Recalled.of(known) if isinstance(known, Remembered) else known)
            name = f"question {hash(repr(kept))}"
            self._asked.setdefault(name, Asked(name, kept)).tests.add(test)
            return usual(question)

        askers = [m for m in list(sys.modules.values()) if vars(m).get("decide") is usual and m is not core]
        for module in askers:
            module.decide = decide
        try:
            yield
        finally:
            for module in askers:
                module.decide = usual
