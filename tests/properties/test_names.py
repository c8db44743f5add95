import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctool.core import names

RULES = ["posix", "windows", "s3", "filevine"]
SPIKY = st.text(st.sampled_from('aA%2eEfF. :/\\?*\0\x01\x7fé😀\ud800CONnulLPT1¹$"'), max_size=12)
NAMES = st.one_of(SPIKY, st.text(st.characters(codec=None), max_size=40), SPIKY.map(lambda name: name * 30))
on_every_side = pytest.mark.parametrize("rules", RULES)


@on_every_side
@given(name=NAMES)
def test_a_stand_in_can_be_held_and_stands_for_itself(rules, name):
    spelling = names.stand_in(name, rules)
    assert names.holds(spelling, rules)
    assert names.stand_in(spelling, rules) == spelling


@on_every_side
@given(name=NAMES, limit=st.integers(16, 80), folder=st.booleans())
def test_a_stand_in_keeps_any_limit(rules, name, limit, folder):
    spelling = names.stand_in(name, rules, folder=folder, max_length=limit)
    size = len(spelling.encode()) if rules in {"posix", "s3"} else len(spelling.encode("utf-16-le")) // 2
    assert 0 < size <= limit
    assert names.holds(spelling, rules)


@on_every_side
@given(name=SPIKY)
def test_the_name_comes_back_from_its_stand_in(rules, name):
    spelling = names.stand_in(name, rules)
    assert spelling == name or names.original(spelling) == name


@on_every_side
@given(pair=st.lists(NAMES, min_size=2, max_size=2, unique=True))
def test_no_two_names_that_need_one_share_a_stand_in(rules, pair):
    one, other = pair
    if not names.holds(one, rules) and not names.holds(other, rules):
        assert names.stand_in(one, rules) != names.stand_in(other, rules)


@given(name=st.text())
def test_folding_twice_is_folding_once(name):
    assert names.fold(names.fold(name)) == names.fold(name)


@given(name=st.text())
def test_spellings_of_one_identity_fold_alike(name):
    assert names.fold(names.identity(name)) == names.fold(name)
