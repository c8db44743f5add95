"""A listing in which known stretches are left out says the same as a whole one."""

from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctool.core.model import Entry, Kind, Stretch, Unlisted
from synctool.errors import Unavailable
from synctool.sides.hardened import Hardened
from synctool.sides.memory import MemorySide
from synctool.sides.s3 import S3Side, arranging
from synctool.sides.s3.arranging import arrange, in_order, runs
from synctool.sides.s3.listing import found_in, parse
from synctool.sides.stretches import stretched

names = st.text("!-./09ab", min_size=1, max_size=2).filter(lambda n: "/" not in n and n not in (".", ".."))
paths = st.lists(names | st.just(".placeholder"), min_size=1, max_size=3).map("/".join)
held = st.dictionaries(paths, st.integers(1, 3), max_size=25)


def plainly(listing):
    return [each for each in listing if not isinstance(each, Stretch)]


def told(listing, former):
    """What a listing says, and how much of it was left out, to somebody who knows what it said before."""
    said, left_out = [], 0
    for each in listing:
        if isinstance(each, Stretch) and each.left_out:
            known = [e for e in former if each.after < e.handle <= each.last]
            assert len(known) == each.entries
            said += known
            left_out += 1
        elif not isinstance(each, Stretch):
            said.append(each)
    return said, left_out


def known(listing):
    stretches = [each for each in listing if isinstance(each, Stretch)]
    assert all(one.last == other.after for one, other in pairwise(stretches))
    return {each.digest: each._replace(left_out=True) for each in stretches}


def walked(held, of=None):
    rows = ((path, str(size), (path, size)) for path, size in sorted(held.items()))
    return list(stretched(rows, lambda facts: Entry(Kind.FILE, facts[0], "", "", str(facts[1])), of or {}, 4))


@given(held, held)
def test_a_walk_that_knows_an_earlier_one_says_what_one_says_that_knows_none(before, changed):
    first = walked(before)
    after = {**before, **changed}
    assert told(walked(after, known(first)), plainly(first))[0] == plainly(walked(after))
    assert plainly(walked(before, known(first))) == [
        e for e in plainly(first) if e.handle > max((s.last for s in known(first).values()), default="")
    ]


def test_what_comes_and_goes_moves_no_later_end():
    rows = {f"{number:04}": 1 for number in range(4000)}
    first = walked(rows)
    few = walked({**rows, "0000x": 1}, known(first))
    assert len(plainly(few)) < 100 < len(known(first))


def test_a_row_that_nothing_follows_any_more_is_not_left_out():
    """A stretch begins where the one before it ended: without that one, nobody knows what is between."""
    rows = {f"{number:04}": 1 for number in range(200)}
    first = walked(rows)
    (end, *_) = [each.last for each in known(first).values()]
    fewer = {path: size for path, size in rows.items() if path > end}
    assert told(walked(fewer, known(first)), plainly(first))[0] == plainly(walked(fewer))


def test_what_cannot_be_listed_is_said_beside_stretches():
    rows = [("a", "1", "a"), Unlisted("b", "why"), ("c", "1", "c")]
    assert Unlisted("b", "why") in list(stretched(rows, lambda h: Entry(Kind.FILE, h, "", h, "1"), {}))


def bucket(held, size=3):
    """The pages of a bucket, a few keys each."""
    keys = sorted(f"p/{path}" for path in held)
    cuts = [keys[start : start + size] for start in range(0, len(keys), size)] or [[]]
    for cut in cuts:
        objects = "".join(
            f"<Contents><Key>{quote(key)}</Key><LastModified>2026-11-22T21:40:00Z</LastModified>"
            f"<ETag>&quot;{held[key[2:]]}&quot;</ETag><Size>{held[key[2:]]}</Size></Contents>"
            for key in cut
        )
        text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>"
        yield parse(text.encode(), "p/")


def arranged(held, of=None):
    return list(arrange(runs(bucket(held), of or {}, 3), md5=True))


reserved = st.sampled_from([".synctool/a", ".synctool/b", ".placeholder", ".synctool"])


@given(held, held, st.sets(reserved))
def test_pages_that_are_known_say_what_they_said(before, changed, own):
    before |= dict.fromkeys(own, 1)
    first = arranged(before)
    entries = [each for each in first if isinstance(each, Entry)]
    whole = [each for each in arranged(before | changed) if isinstance(each, Entry)]
    said = told(arranged(before | changed, known_pages(first)), entries)[0]
    assert [each for each in said if isinstance(each, Entry)] == whole


def known_pages(listing):
    """As a run would note them: what holds an odd key is a difference at every look."""
    stretches, odd = {}, False
    for each in listing:
        if isinstance(each, Stretch):
            if not odd:
                stretches[each.digest] = each._replace(left_out=True)
            odd = False
        else:
            odd = odd or not isinstance(each, Entry)
    return stretches


def rest(listing, first):
    """What a listing says after the last stretch of a first one."""
    last = max(stretch.last for stretch in known(first).values())
    return [each for each in plainly(listing) if each.handle > last]


def test_objects_that_are_known_are_not_even_read(monkeypatch):
    held = {f"a/{number:03}": 1 for number in range(300)}
    first = arranged(held)
    was_read = []

    def reading(text, prefix):
        found = found_in(text, prefix)
        was_read.extend(found)
        return found

    monkeypatch.setattr(arranging, "found_in", reading)
    again = arranged(held, known(first))
    assert len(again) > 60
    assert plainly(again) == rest(first, first)
    assert [each.path for each in was_read] == [each.handle for each in plainly(again) if each.size]


def test_a_key_that_comes_moves_no_later_end():
    held = {f"{number:04}": 1 for number in range(4000)}
    first = list(arrange(runs(bucket(held, 1000), {}), md5=True))
    more = list(arrange(runs(bucket({**held, "0000x": 1}, 1000), known(first)), md5=True))
    assert len(known(first)) > 40
    assert len(plainly(more)) < 200


def test_a_folder_is_due_after_a_stretch_that_is_known():
    held = {**{f"a/!{number}": 1 for number in range(9)}, "a/x": 1}
    first = arranged(held)
    again = arranged({**held, "a/x": 2}, known(first))
    assert [each.handle for each in plainly(again)] == [each.handle for each in rest(first, first)]
    assert [each.handle for each in plainly(again)][-2:] == ["a/.placeholder", "a/x"]


def test_folders_that_nobody_asked_for_are_no_listing():
    (page,) = bucket({})
    around = "<CommonPrefixes><Prefix>p/a/</Prefix></CommonPrefixes>"
    with pytest.raises(ValueError, match="folders"):
        list(runs([page._replace(around=around)], {}))


@pytest.mark.parametrize("ordered", [True, False])
def test_pages_in_another_order_are_noticed_though_one_is_known(ordered):
    held = {f"{number:02}": 1 for number in range(60)}
    one, other = bucket(held, 30)
    pages = [one, other] if ordered else [other, one]
    listing = list(runs(pages, known(arrange(runs(pages[:1], {}, 3), md5=True)), 3))
    assert any(run.known for run in listing)
    assert in_order(listing) == ordered


def test_objects_in_another_order_are_noticed():
    (one,), (other,) = bucket({"b": 1}), bucket({"a": 1, "c": 1})
    assert not in_order(runs([one, other], {}))


class Breaking(MemorySide):
    """Breaks off once in the middle of a listing."""

    breaks_after = 0

    def relist(self, known):
        for count, row in enumerate(super().relist(known)):
            if count == self.breaks_after:
                raise Unavailable("not now", side=self.name)
            yield row


@given(st.integers(0, 40))
def test_a_listing_that_breaks_off_is_told_once_and_without_a_stretch_of_two_looks(breaks_after):
    side = Breaking("memory", clock=lambda: 1)
    for number in range(30):
        side.put(f"{number:02}.txt", b"x")
    side.breaks_after = breaks_after
    hardened = Hardened(side, sleep=lambda _: None, random=lambda: 1.0)
    listing = list(hardened.relist({}))
    assert plainly(listing) == list(side.list())
    whole = known(MemorySide.relist(side, {}))
    assert known(listing).items() <= whole.items()


class Pages:
    """What a server lists, page by page; asked: how often from the beginning."""

    def __init__(self, *pages):
        self.pages = pages
        self.asked = 0

    def unread(self, after=""):
        self.asked += 1
        yield from self.pages


def s3_side(endpoint_url, *pages):
    side = S3Side("s3", bucket="b", prefix="p/", clock=lambda: 0, endpoint_url=endpoint_url)
    side._objects = Pages(*pages)
    return side


MANY = {f"{number:04}": 1 for number in range(400)}
SERVERS = pytest.mark.parametrize("endpoint_url", [None, "http://127.0.0.1:1"])


@SERVERS
def test_a_page_with_an_object_that_cannot_be_makes_the_bucket_unavailable(endpoint_url):
    (page,) = bucket({"a": -5})
    side = s3_side(endpoint_url, page)
    with pytest.raises(Unavailable, match="listing cannot be used"):
        list(side.relist({}))
    with pytest.raises(Unavailable, match="listing cannot be used"):
        list(side.list())


@SERVERS
def test_what_is_known_of_one_prefix_is_not_known_of_another(endpoint_url):
    (page,) = bucket(MANY, len(MANY))
    first = known(s3_side(endpoint_url, page).relist({}))
    assert len(plainly(s3_side(endpoint_url, page).relist(first))) < len(MANY)
    other = plainly(s3_side(endpoint_url, page._replace(prefix="")).relist(first))
    assert [each.handle for each in other] == ["p/.placeholder", *(f"p/{name}" for name in MANY)]


def test_a_new_key_out_of_order_has_all_pages_read_again():
    pages = list(bucket(MANY, 100))
    (late,) = bucket({"0010x": 1})
    first = known(s3_side("http://127.0.0.1:1", *pages).relist({}))
    side = s3_side("http://127.0.0.1:1", *pages, late)
    assert [each.handle for each in side.relist(first)] == sorted([*MANY, "0010x"])
    assert side._objects.asked == 2
