"""Every request of a busy day meets every kind of weather; a clean run afterwards makes all of it good."""

import os
from itertools import chain

import pytest

from synctool.emulators.filevine.weather import FAULTS, Spell
from tests.reliability.firm import Firm, busy_day
from tests.reliability.tally import tried

REQUESTS = {"share": 33, "filevine": 17}
EVERY = tuple((who, n) for who, requests in REQUESTS.items() for n in range(1, requests + 1))
DEATHS = {
    "the program dies before it": {"fault": "die", "times": None},
    "the program dies before the answer": {"fault": "die_after", "times": None},
}
ONCE = {
    fault: {"fault": fault}
    for fault in (
        *("reset before", "reset after", "truncated", "cut short", "html", "html 502"),
        *("500", "503", "429", "429 without Retry-After", "401", "403", "token_ends"),
    )
}
STUBBORN = {
    f"{fault}, again and again": {"fault": fault, "stubborn": True}
    for fault in ("reset before", "reset after", "500", "401", "truncated", "html")
}
FOR_GOOD = {
    f"{fault}, from then on": {"fault": fault, "times": None} for fault in ("reset before", "403", "html 502")
}
KINDS = tuple(chain(*zip(STUBBORN, ONCE, strict=False), list(ONCE)[len(STUBBORN) :], FOR_GOOD))
SPELLS = DEATHS | ONCE | STUBBORN | FOR_GOOD
WRONG_PAGES = (
    "first page again",
    "entry missing",
    "no more",
    "always more",
    "empty page",
    "nothing",
    "unsorted",
)
RETRIED = {"reset before", "500", "503", "429", "429 without Retry-After", "html", "html 502", "token_ends"}
ALL = 1000  # examples from which on nothing is left out
LEFT = 12  # uploads at most that come to nothing: what is asked for and never answered cannot be taken back


@pytest.fixture(scope="module")
def agreed(tmp_path_factory):
    with Firm(tmp_path_factory.mktemp("agreed") / "state") as firm:
        assert firm.run().exit_code == 0
        return firm.agreed()


@pytest.fixture(scope="module")
def fair(tmp_path_factory, agreed):
    """What a day comes to in good weather, by who was busy."""
    ends = {}
    for who, requests in REQUESTS.items():
        with day(tmp_path_factory.mktemp("fair") / who, agreed, who) as firm:
            assert firm.run().exit_code == 0
            assert firm.seen() == requests
            ends[who] = firm.trees(), firm.leaves(), firm.kept()
    return ends


@pytest.fixture
def play(tmp_path, agreed, fair):
    """One day in some weather: what the run came to; all that must be good afterwards is."""

    def played(who, *spells, **firms):
        with day(tmp_path / str(len(list(tmp_path.iterdir()))), agreed, who, **firms) as firm:
            return in_bad_weather(firm, fair[who], *spells)

    return played


def day(folder, agreed, who, protected="exclude", page_size=1000):
    firm = Firm(folder, agreed)
    firm.protected = protected
    firm.fv.switch(page_size=page_size)
    if protected == "include":
        firm.fv.colleague.add_folder(firm.project, "Pleadings", protected=True)
    busy_day(firm.people[who])
    return firm


def in_bad_weather(firm, fair, *spells):
    before = firm.leaves()
    firm.fv.weather(*(over(firm, **spell) for spell in spells))
    outcome = firm.run()
    firm.fv.clear_up()
    firm.fv.switch(hide_protected=False)
    assert outcome is None or outcome.exit_code in (0, 5) or outcome.planned.plan.brakes, outcome.failed
    assert_nothing_lost(firm, fair)
    again = firm.run()
    plan = again.planned.plan
    assert again.exit_code == 0, (again.failed, plan.unknown, plan.brakes, plan.refused, plan.standoffs)
    assert_nothing_lost(firm, fair)
    assert_good_again(firm, fair, before)
    assert not firm.run().planned.plan.steps
    return firm, outcome


def over(firm, fault, **which):
    """A spell whose fault may be one of the firm's."""
    return Spell(fault=fault if fault in FAULTS or callable(fault) else getattr(firm, fault), **which)


def assert_nothing_lost(firm, fair):
    trees, _, kept = fair
    everything = kept.union(*(tree.values() for tree in trees.values()))
    assert everything <= firm.contents(), everything - firm.contents()
    assert firm.kept() <= kept, "nothing was removed or replaced but what people removed or replaced"


def assert_good_again(firm, fair, before):
    trees, leaves, _ = fair
    assert firm.trees() == trees
    now = firm.leaves()
    assert len(now) == len(leaves), "no document is there twice"
    assert {n: now[n] for n in before} == {n: leaves[n] for n in before}, (
        "they are the same documents as before"
    )
    pending = firm.fv.colleague.pending()
    assert not any(pending.values()), "no upload that came to nothing keeps the partner id of a document"
    assert len(pending) <= LEFT


def locked(firm):
    return [n for n in firm.leaves() if firm.fv.colleague.lock_holder(n)]


def kinds(n):
    """What request n meets here: a death and another kind, or all that there are."""
    if int(os.environ.get("SYNCTOOL_EXAMPLES", "0")) >= ALL:
        return SPELLS
    return list(DEATHS)[n % 2], KINDS[n % len(KINDS)]


@pytest.mark.parametrize(("who", "n"), EVERY)
def test_any_request_may_fail_or_be_the_last_of_the_program(play, who, n):
    for kind in kinds(n):
        firm, outcome = play(who, SPELLS[kind] | {"first": n})
        if kind in RETRIED:
            assert not locked(firm)
        if kind in FOR_GOOD:
            assert outcome.exit_code == 5
        firm.clock.tick(24 * 3600)
        assert not locked(firm), "no lock is for ever"
        tried("faults", f"Filevine: a request meets this over HTTP: {kind}")


def listings(fault):
    """A fault of long lists alone: what is looked at singly is told truly."""

    def struck(request, answer):
        return answer(request) if request.query.get("limit") == "1" else FAULTS[fault](request, answer)

    return struck


@pytest.mark.parametrize("fault", WRONG_PAGES)
@pytest.mark.parametrize("who", REQUESTS)
def test_wrong_pages_are_never_read_as_deletes(play, who, fault):
    lists = ("/DocumentSeries", "/Folders/list", "/Folders/{folderId}/children")
    for route in lists[:2]:
        play(who, {"fault": listings(fault), "route": route, "times": None}, page_size=3)
    play(who, *({"fault": listings(fault), "route": route, "times": None} for route in lists))
    tried("faults", f"Filevine: every page of a list is wrong: {fault}", 3)


@pytest.mark.parametrize("route", ["/DocumentSeries", "/Folders/list"])
@pytest.mark.parametrize("who", REQUESTS)
def test_one_wrong_page_among_many_is_never_read_as_deletes(play, who, route):
    for page in range(1, 5):
        for fault in ("first page again", "entry missing", "no more", "nothing")[page % 2 :: 2]:
            play(who, {"fault": fault, "route": route, "first": page}, page_size=3)
            tried("faults", f"Filevine: one of many pages is wrong: {fault}")


@pytest.mark.parametrize("who", REQUESTS)
def test_a_lost_permission_for_a_folder_is_never_read_as_deletes(play, who):
    for n in range(4, REQUESTS[who], 4):
        play(who, {"fault": "permission_ends", "first": n, "times": None}, protected="include")
        tried("faults", "Filevine: the permission for a folder is lost in the middle of a run")


@pytest.mark.parametrize("seed", range(6))
def test_a_day_of_changing_weather_is_made_good(play, seed):
    faults = ("reset before", "reset after", "500", "truncated", "html 502", "429", "token_ends", "401")
    for who in REQUESTS:
        play(
            who,
            *(
                {"fault": f, "times": None, "share": 0.08, "seed": seed * 100 + i}
                for i, f in enumerate(faults)
            ),
        )
        tried("faults", "Filevine: half of all requests meet something")
