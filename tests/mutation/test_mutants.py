from pathlib import Path

import pytest

from tests.mutation.mutants import mutants

SOURCE = """
LIMIT = 3

def above(number, *, limit=LIMIT):
    '''Whether it is above.'''
    assert number
    return number > limit and not number == 7
"""


def changes():
    return {(m.change, m.of) for m in mutants(SOURCE)}


def test_what_a_careless_hand_could_change_is_changed():
    assert changes() == {
        ("one more", "3"),
        ("to None", "LIMIT = 3"),
        ("returns None", "return number > limit and not number == 7"),
        ("And to Or", "number > limit and not number == 7"),
        ("part 1 dropped", "number > limit and not number == 7"),
        ("part 2 dropped", "number > limit and not number == 7"),
        ("Gt to GtE", "number > limit"),
        ("Gt to LtE", "number > limit"),
        ("not dropped", "not number == 7"),
        ("Eq to NotEq", "number == 7"),
        ("one more", "7"),
    }


@pytest.mark.parametrize(
    ("change", "of", "says"), [("Gt to GtE", "number > limit", True), ("Eq to NotEq", "number == 7", False)]
)
def test_a_changed_function_does_something_else(change, of, says):
    def above(number, *, limit):
        raise NotImplementedError

    (mutant,) = (m for m in mutants(SOURCE) if (m.change, m.of) == (change, of))
    above.__code__ = mutant.function()
    assert above(3, limit=3) is (change == "Gt to GtE")
    assert above(4, limit=3) is says


def test_every_change_of_core_is_code():
    for path in sorted((Path(__file__).parents[2] / "synctool" / "core").glob("p*.py")):
        for mutant in mutants(path.read_text("utf-8")):
            assert mutant.function() if mutant.where else mutant.code()
