"""Pages of documents that are known are asked for as ever, and not read again."""

from collections import Counter

import pytest

from synctool.core.model import Entry, Stretch, Unlisted
from synctool.sides.filevine import client
from tests.sides.filevine.conftest import side_of


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(client, "PAGE", 2)


@pytest.fixture
def documents(fv, project):
    folder = fv.colleague.add_folder(project, "Pleadings")
    return [
        fv.colleague.upload(project, f"Pleadings/{number}.txt", b"x" * number) for number in range(7)
    ], folder


def known(listing):
    return {each.digest: each._replace(left_out=True) for each in listing if isinstance(each, Stretch)}


def handles(listing):
    return [each.handle for each in listing if isinstance(each, Entry)]


def test_all_but_the_last_page_are_left_out_and_cost_the_same_requests(fv, side, documents):
    began = Counter(fv.requests_seen)
    first = list(side.relist({}))
    asked = Counter(fv.requests_seen) - began
    again = list(side.relist(known(first)))
    assert Counter(fv.requests_seen) - began - asked == asked
    assert [e for e in first if not isinstance(e, Stretch)] == list(side.list())
    stretches = [each for each in again if isinstance(each, Stretch)]
    assert [(each.left_out, each.entries) for each in stretches] == [(True, 2)] * 3
    assert handles(again) == handles(first)[6:]


def test_what_changes_has_its_page_read(fv, side, documents):
    first = list(side.relist({}))
    fv.colleague.rename(documents[0][2], "renamed.txt")
    again = list(side.relist(known(first)))
    assert [each.name for each in again if isinstance(each, Entry)][:2] == ["renamed.txt", "3.txt"]
    assert [each.left_out for each in again if isinstance(each, Stretch)] == [True, False, True]


def test_a_document_that_goes_is_not_among_what_is_left_out(fv, side, documents):
    first = list(side.relist({}))
    fv.colleague.delete(documents[0][0])
    again = list(side.relist(known(first)))
    assert handles(again) == [h for h in handles(side.list()) if h in handles(again)]
    assert not any(each.left_out for each in again if isinstance(each, Stretch))


@pytest.mark.parametrize("change", ["rename_folder", "protect"])
def test_a_change_of_the_folders_has_every_page_read(fv, project, side, documents, change):
    first = list(side.relist({}))
    if change == "rename_folder":
        fv.colleague.rename_folder(documents[1], "Motions")
    else:
        side = side_of(fv, project, protected="include")
        side.open()
    again = list(side.relist(known(first)))
    assert not any(each.left_out for each in again if isinstance(each, Stretch))
    assert len(handles(again)) == 8


def test_where_a_folder_had_to_be_fetched_nothing_is_told_as_known(fv, side, documents):
    fv.switch(omit_folders={documents[1]})
    listing = list(side.relist({}))
    assert known(listing) == {}
    assert len(handles(listing)) == 8
    assert not any(isinstance(each, Unlisted) for each in listing)
