"""Which folders are likely to be one, though they are called otherwise."""

import pytest

from synctool.engine.founding import pairs


@pytest.mark.parametrize(
    ("tops", "likely"),
    [
        ([{"Discovery"}, {"02 Discovery"}], [{"at": "Discovery", "zdrive": "02 Discovery"}]),
        (
            [{"Bills & Liens"}, {"3. bills_and-liens"}],
            [{"at": "Bills & Liens", "zdrive": "3. bills_and-liens"}],
        ),
        ([{"Discovery"}, {"Discovery"}], []),
        ([{"Discovery"}, {"DISCOVERY"}], []),
        ([{"Discovery"}, {"01 Discovery", "02 Discovery"}], []),
        ([{"2024"}, {"2025"}], []),
        ([{"--"}, {"!!"}], []),
        ([{"Discovery"}, set()], []),
    ],
)
def test_a_number_in_front_signs_and_letter_case_make_no_other_folder_and_doubt_makes_no_pair(tops, likely):
    assert pairs(dict(zip(("filevine", "zdrive"), map(frozenset, tops), strict=True))) == likely
