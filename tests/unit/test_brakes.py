"""Why a person should look first: each limit, exactly at it and one beyond."""

from dataclasses import replace

import pytest

from synctool.core.brakes import History
from synctool.core.patterns import Pattern
from synctool.core.policy import Brakes, Role
from tests.properties.people import DRIVE, FILEVINE, S3, house
from tests.properties.questions import Asker


@pytest.fixture
def rig(tmp_path):
    """Twenty documents on three sides, of which one is kept outside the folder."""
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE}, brakes=Brakes())
    for number in range(19):
        rig.sides["filevine"].put(f"d/{number}.txt", b"%d" % number)
    rig.run()
    yield rig
    rig.ledger.close()


def plan(rig, accepted=frozenset(), **history):
    """The plan for what the sides hold now; history: what else was done in the last 24 hours."""
    asker = Asker(rig)
    asked = asker.differences()
    facts = {"documents": rig.ledger.journal.history(0).documents, **history}  # not what the rig did itself
    return asker.answer(replace(asked, history=History(**facts), accepted=frozenset(accepted)))


def rules(*args, **history):
    return [brake.rule for brake in plan(*args, **history).brakes]


def delete(rig, count):
    for number in range(count):
        rig.sides["zdrive"].delete(f"d/{number}.txt")


def edit(rig, count, data=b"edited %d"):
    for number in range(count):
        rig.sides["zdrive"].put(f"d/{number}.txt", data % number if b"%" in data else data)


@pytest.mark.parametrize(("count", "expected"), [(5, []), (6, ["deletes"])])
def test_deletes_above_a_share_are_withheld(rig, count, expected):
    delete(rig, count)
    assert rules(rig) == expected


@pytest.mark.parametrize(("count", "expected"), [(3, []), (4, ["deletes"])])
def test_deletes_above_a_count_are_withheld(rig, count, expected):
    rig.policy(brakes=Brakes(deletes_count=3, deletes_share=1))
    delete(rig, count)
    assert rules(rig) == expected


def test_deletes_of_the_last_day_count_too(rig):
    delete(rig, 1)
    assert rules(rig, deleted=5) == []
    assert rules(rig, deleted=6) == ["deletes"]
    assert "6 more in the last 24 hours" in plan(rig, deleted=6).brakes[0].text


def test_deletes_of_the_last_day_alone_withhold_nothing(rig):
    assert rules(rig, deleted=500, overwritten=500) == []


def test_moves_are_no_deletes(rig):
    rig.sides["zdrive"].rename("d", "e")
    for number in range(12):
        rig.sides["zdrive"].rename(f"e/{number}.txt", f"{number}.txt")
    assert rules(rig) == []


def test_of_a_few_documents_a_share_says_nothing(rig):
    rig.policy(brakes=Brakes(1000, 1000, 1000, 0))
    for number in range(11):
        rig.sides["filevine"].delete(f"d/{number}.txt")
    rig.run()
    rig.policy(brakes=Brakes())
    for number in range(11, 19):
        rig.sides["zdrive"].delete(f"d/{number}.txt")
    assert rules(rig) == []
    assert rules(rig, deleted=1) == ["deletes"]


@pytest.mark.parametrize(("count", "expected"), [(10, []), (11, ["overwrites"])])
def test_overwrites_above_a_share_are_withheld(rig, count, expected):
    edit(rig, count)
    assert rules(rig) == expected


def test_an_edit_of_what_no_other_side_ever_got_overwrites_nothing(rig):
    rig.down |= {"filevine", "s3"}
    for number in range(30):
        rig.sides["zdrive"].put(f"new {number}.txt", b"new %d" % number)
    rig.run()
    rig.down.clear()
    for number in range(30):
        rig.sides["zdrive"].put(f"new {number}.txt", b"edited %d" % number)
    assert rules(rig) == []


def test_overwrites_of_the_last_day_count_too(rig):
    edit(rig, 1)
    assert rules(rig, overwritten=9) == []
    assert rules(rig, overwritten=10) == ["overwrites"]
    assert "10 more in the last 24 hours" in plan(rig, overwritten=10).brakes[0].text


def test_a_brake_withholds_what_it_counted_and_lets_the_rest_go_on(rig):
    delete(rig, 6)
    rig.sides["zdrive"].put("new.txt", b"new")
    result = plan(rig)
    assert {step.path for step in result.steps} == {"new.txt"}
    assert {step.path for step in result.withheld} == {f"d/{number}.txt" for number in range(6)}
    assert not {d.path for d in result.decisions} & {step.path for step in result.withheld}


def test_folders_stay_with_the_documents_that_a_brake_keeps_in_them(rig):
    rig.sides["zdrive"].delete("d")
    result = plan(rig)
    assert not result.steps
    assert "d" in {step.path for step in result.withheld}


def test_a_code_serves_for_its_finding_and_for_no_other(rig):
    delete(rig, 6)
    (brake,) = plan(rig).brakes
    (accepted,) = plan(rig, {brake.code}).brakes
    assert accepted.accepted
    assert not plan(rig, {brake.code}).withheld
    rig.sides["zdrive"].delete("d/6.txt")
    (other,) = plan(rig, {brake.code}).brakes
    assert other.code != brake.code
    assert not other.accepted


def test_a_code_names_the_versions_that_were_found(rig):
    delete(rig, 6)
    (brake,) = plan(rig).brakes
    rig.sides["filevine"].touch("d/0.txt")
    for number in (0, 7):
        rig.sides["zdrive"].put(f"d/{number}.txt", b"%d" % number)
        rig.sides["zdrive"].delete(f"d/{number}.txt")
    assert brake.code not in {b.code for b in plan(rig).brakes}


@pytest.mark.parametrize(("count", "expected"), [(9, []), (10, ["ransomware"])])
@pytest.mark.parametrize("extension", [".locked", ".txt.locked"])
def test_extensions_that_change_at_once_refuse_the_plan(rig, count, expected, extension):
    rig.sides["s3"].put("innocent.txt", b"new")
    for number in range(count):
        rig.sides["zdrive"].rename(f"d/{number}.txt", f"d/{number}{extension}")
    result = plan(rig)
    assert [brake.rule for brake in result.brakes] == expected
    assert bool(result.steps) is not bool(expected)


@pytest.mark.parametrize("extension", [".locked", ".txt.locked"])
def test_changed_bytes_under_a_changed_extension_refuse_the_plan(rig, extension):
    rig.policy(brakes=Brakes(1000, 1000, 1000, 0))
    for number in range(10):
        rig.sides["zdrive"].delete(f"d/{number}.txt")
        rig.sides["zdrive"].put(f"d/{number}{extension}", b"scrambled %d" % number)
    result = plan(rig)
    assert [brake.rule for brake in result.brakes] == ["ransomware"]
    assert not result.steps


def test_other_documents_in_place_of_deleted_ones_are_no_ransom(rig):
    rig.policy(brakes=Brakes(1000, 1000, 1000, 0))
    for number in range(10):
        rig.sides["zdrive"].delete(f"d/{number}.txt")
        rig.sides["zdrive"].put(f"d/new {number}.txt", b"another %d" % number)
    assert rules(rig) == []


@pytest.mark.parametrize(("count", "expected"), [(9, []), (10, ["ransomware"])])
def test_documents_that_become_empty_at_once_refuse_the_plan(rig, count, expected):
    edit(rig, count, b"")
    assert rules(rig) == expected


def test_ransoms_share_is_of_all_documents(rig):
    edit(rig, 10, b"")
    assert rules(rig, documents=40) == []
    assert rules(rig, documents=39) == ["ransomware"]


def test_a_held_document_is_not_deleted_anywhere(rig):
    rig.policy(holds=(Pattern("d/"),), brakes=Brakes(1000, 1000, 1000, 0))
    delete(rig, 2)
    result = plan(rig)
    assert {(step.side, step.action.value) for step in result.steps} == {("zdrive", "write")}


def test_a_hold_speaks_for_every_path_that_a_document_has(rig):
    rig.policy(holds=(Pattern("held/"),), brakes=Brakes(1000, 1000, 1000, 0))
    rig.sides["filevine"].put("held/")
    rig.sides["filevine"].rename("d/0.txt", "held/0.txt")
    rig.sides["zdrive"].delete("d/0.txt")
    assert [s.action.value for s in plan(rig).steps if s.kind.value == "file" and s.side == "zdrive"] == [
        "write"
    ]


def test_a_mirrors_losses_are_no_deletes(rig):
    rig.policy(roles={"zdrive": Role.MIRROR})
    delete(rig, 19)
    assert rules(rig) == []


def test_what_a_brake_says_is_what_it_counted(rig):
    delete(rig, 6)
    (brake,) = plan(rig).brakes
    assert brake.text == "6 of 20 documents would be deleted"
    assert set(brake.steps) == {step.id for step in plan(rig).withheld}
    assert not brake.accepted


def test_what_overwrites_says_is_what_it_counted(rig):
    edit(rig, 11)
    assert [b.text for b in plan(rig).brakes] == ["11 of 20 documents would be overwritten"]


def test_what_ransomware_says_is_what_it_counted(rig):
    edit(rig, 10, b"")
    assert [b.text for b in plan(rig).brakes] == [
        "10 of 20 documents changed their extension or became empty at once, as ransomware does"
    ]
