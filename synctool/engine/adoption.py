"""Compares copies that nobody has compared yet: says what reading them costs, and reads them if that is little or wanted."""

from collections.abc import Iterable
from dataclasses import replace

from synctool.config.profile import FilevineSettings
from synctool.core.decide import Question, decide
from synctool.core.plan import Plan
from synctool.engine.outcome import Adoption
from synctool.engine.reading import Reader, Wanted
from synctool.engine.rounds import Round
from synctool.engine.sieve import put_off

MANY = 1_000
"""Requests that a plan may make unasked for reading: four minutes at Filevine's ordinary pace."""

MUCH = 1 << 30
"""Bytes that a plan may read unasked: two minutes of a good line."""

BANDWIDTH = 10 << 20
"""Bytes a second by which the time for reading is estimated: what an office line does beside its other work."""


def compared(
    this: Round, reader: Reader, question: Question, *, freely: bool
) -> tuple[Plan, Adoption | None]:
    """The answer to a question, and what had to be read far away for it.

    Unless freely, what is more than a little is left: nothing is said of those documents.
    """
    done: list[Wanted] = []
    left: list[Wanted] = []
    answer, looks = decide(question), question.looks
    while answer.to_read:
        looks = reader.read_near(answer.to_read, looks)
        owed = reader.owed(answer.to_read)
        cost = cost_of(this, [*done, owed])
        much = cost.requests > MANY or cost.size > MUCH
        if much and not freely:
            left.append(owed)
            looks = {**looks, **{side: put_off(looks[side], owed[side]) for side in owed}}
        else:
            if much:
                this.tools.progress.reading(cost_of(this, [owed]))
            done.append(owed)
            looks = reader.read(owed, looks)
        answer = decide(replace(question, looks=looks))
    cost = replace(cost_of(this, left or done), read=not left)
    return answer, cost if cost.documents else None


def cost_of(this: Round, readings: Iterable[Wanted]) -> Adoption:
    """What these readings cost."""
    documents = size = requests = 0
    seconds = 0.0
    for wanted in readings:
        for side, entries in wanted.items():
            settings = this.profile.sides.get(side)
            asked = len(entries) * this.sides.traits[side].requests_per_read
            documents += len(entries)
            size += sum(entry.size for entry in entries)
            requests += asked
            if isinstance(settings, FilevineSettings):
                seconds += asked / settings.requests_per_second
    return Adoption(documents, size, requests, seconds + size / BANDWIDTH)
