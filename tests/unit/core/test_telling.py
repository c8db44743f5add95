"""What a person is told was settled without being asked."""

import pytest

from synctool.core.known import Look
from synctool.core.merge import Merged
from synctool.core.model import Gap, Kind
from synctool.core.patterns import Pattern
from synctool.core.policy import Refused, Role
from synctool.core.ruling import Ruling, Word
from synctool.core.telling import reported, settled
from tests.unit.core.made import Made


@pytest.fixture
def made():
    made = Made()
    made.folder(1, "d")
    made.hold(2, "a.txt", 1)
    return made


def told(made, item=2, **merged):
    facts = {"agreed": None, "voters": {"content": (), "folder": (), "name": ()}, **merged}
    gone = dict.fromkeys(facts.get("overruled", ()), Gap.ABSENT)
    made.say(item, merged=Merged(**facts), shows=gone)
    return [(n.path, n.text, n.side) for n in settled(made.world)]


def test_what_a_look_reports_is_told(made):
    looks = {"s3": Look("s3", reported=(("x", "a link"), ("y", "a socket"))), "zdrive": Look("zdrive")}
    assert [(n.path, n.text, n.side) for n in reported(looks)] == [
        ("x", "a link", "s3"),
        ("y", "a socket", "s3"),
    ]


def test_a_decision_that_does_not_fit_is_told(made):
    assert told(made, void="no longer fits") == [("d/a.txt", "no longer fits", "")]
    assert told(made) == []


@pytest.mark.parametrize(
    ("name", "voters", "text"),
    [
        ("name", ("s3", "zdrive"), "was renamed in more than one way; s3 goes first"),
        ("folder", ("zdrive",), "was moved in more than one way; zdrive goes first"),
        ("name", (), "was renamed in more than one way; what was agreed goes first"),
    ],
)
def test_of_two_ways_it_is_told_which_goes_first(made, name, voters, text):
    voters = {"content": (), "folder": (), "name": (), name: voters}
    assert told(made, apart=(name,), voters=voters) == [("d/a.txt", text, "")]


@pytest.mark.parametrize(
    ("policy", "merged", "text"),
    [
        ({}, {}, "was deleted there in an older version; put back"),
        ({}, {"voters": {"content": (), "name": ("s3",)}}, "was deleted there and changed elsewhere; the change stands"),
        ({"holds": (Pattern("x"), Pattern("/d/a.txt"))}, {}, "was deleted there; put back, because it is under a legal hold"),
        ({"holds": (Pattern("/d/a.txt/"),)}, {}, "was deleted there in an older version; put back"),
        ({"deletes_from": frozenset({"s3"})}, {}, "was deleted there; put back, as the profile says"),
        ({"deletes_from": frozenset({"zdrive"})}, {}, "was deleted there in an older version; put back"),
        ({"roles": {"zdrive": Role.MIRROR}}, {}, "was deleted there; put back, as the profile says"),
        ({"roles": {"zdrive": Role.SOURCE}}, {}, None),
        ({"deletes_from": frozenset(), "refused": Refused.LEAVE}, {}, None),
        ({}, {"ruling": Ruling(Word.TAKE)}, None),
    ],
)  # fmt: skip
def test_why_a_delete_does_not_count_is_told(made, policy, merged, text):
    made.policy |= policy
    expected = [("d/a.txt", text, "zdrive")] if text else []
    assert told(made, overruled=("zdrive",), **merged) == expected


def test_a_hold_on_a_folder_is_told_as_such(made):
    made.policy["holds"] = (Pattern("d/"),)
    ((path, text, _),) = told(made, item=1, overruled=("zdrive",))
    assert (path, text) == ("d", "was deleted there; put back, because it is under a legal hold")
    assert made.world.kind(1) is Kind.FOLDER
