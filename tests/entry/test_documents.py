import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator, ValidationError

from synctool.config.schema import published
from synctool.core.model import Content, Kind
from synctool.core.plan import Action, Brake, Notice, Why
from synctool.core.policy import Settle
from synctool.engine.outcome import Adoption, Done, Failed, Outcome
from synctool.entry.show.documents import outcome_document, plan_document
from tests.entry.plans import DELETE, EDIT, MOVE, planned, standoff, steps


def checked(document, name):
    Draft202012Validator(published(name)).validate(document)
    return json.loads(json.dumps(document))


def everything():
    gone = steps("gone.txt", *DELETE, ["s3"])
    return planned(
        steps("Pleadings/x.docx", *EDIT, ["filevine"], causes=("zdrive",), held=True),
        steps("Pleadings", Why.NEW, Action.MAKE, ["s3"], kind=Kind.FOLDER),
        steps("a.pdf", *MOVE, ["s3"], to_path="b.pdf", causes=("zdrive",)),
        steps("a.doc", Why.EDITED, Action.REPLACE, ["filevine"], to_path="a.docx"),
        steps("c.pdf", Why.CONFLICT, Action.COPY, ["filevine"]),
        steps("l.pdf", Why.LABELS, Action.LABEL, ["s3"]),
        steps("old.pdf", *DELETE, ["s3", "zdrive"], causes=("filevine",)),
        standoffs=(standoff("x.docx"), standoff("y.docx", Settle.HOLD, ())),
        notices=(Notice("z", "differs by role", "zdrive"), Notice("q", "another document has this name")),
        brakes=(
            Brake("deletes", "1 of 1", "00ffaa1122", steps=(gone[0].id,)),
            Brake("shrunk", "is empty", "11", "s3"),
        ),
        withheld=gone,
        unknown={"s3": ("is empty",)},
        put_off=(Notice("o", "is open", "zdrive"),),
        refused=(Notice("r", "too large", "filevine"),),
    )


@pytest.mark.parametrize("name", ["profile", "plan", "outcome"])
def test_a_published_schema_is_a_schema(name):
    Draft202012Validator.check_schema(published(name))


def test_both_formats_mean_the_same_by_the_words_they_share():
    plan, outcome = (dict(published(name)["$defs"]) for name in ("plan", "outcome"))
    assert outcome["step"] == {k: v for k, v in plan["step"].items() if k != "unevaluatedProperties"}
    assert {k: plan[k] for k in plan if k != "step"} == {k: outcome[k] for k in plan if k != "step"}
    shared = published("plan")["properties"].keys() & published("outcome")["properties"].keys()
    for name in shared - {"format", "summary", "exit_code"}:
        assert published("plan")["properties"][name] == published("outcome")["properties"][name]


def test_a_plan_with_everything_fits_the_published_format():
    what = everything()
    document = checked(plan_document(what, 6), "plan")
    assert document["format"] == "synctool.plan/1"
    assert document["made_at"] == "2026-11-21T12:00:00+00:00"
    assert document["loses_content"] is False
    assert document["exit_code"] == 6
    assert [step["id"] for step in document["steps"]] == [step.id for step in what.plan.steps]
    assert document["summary"] == {
        "steps": 8,
        "bytes": 3 * 1_400_000,
        "deletes": 1,
        "overwrites": 2,
        "conflicts": 2,
        "brakes": 2,
        "withheld": 1,
        "by_cause": {"edited": 2, "new": 1, "moved": 1, "conflict": 1, "labels": 1, "deleted": 2},
    }
    assert document["steps"][0] == {
        "id": what.plan.steps[0].id,
        "action": "write",
        "side": "filevine",
        "kind": "file",
        "path": "Pleadings/x.docx",
        "to_path": "Pleadings/x.docx",
        "why": "edited",
        "causes": ["zdrive"],
        "size": 1_400_000,
        "source": "zdrive",
        "layer": "write",
        "wave": 0,
    }
    assert document["steps"][-1]["size"] == 1000
    assert document["brakes"][0]["withheld"] == [document["withheld"][0]["id"]]
    assert document["unknown"] == {"s3": ["is empty"]}


def test_a_conflict_names_winner_losers_and_copies():
    first, second = checked(plan_document(everything(), 0), "plan")["conflicts"]
    assert first == {
        "path": "x.docx",
        "how": "keep-both",
        "winner": {"sides": ["filevine"], "sha256": "ab" * 32, "size": 10},
        "losers": [
            {
                "side": "zdrive",
                "sides": ["zdrive"],
                "sha256": "cd" * 32,
                "size": 12,
                "copy": "x (conflict zdrive 2026-11-21 cdcdcd).docx",
            }
        ],
    }
    assert second["losers"][0]["copy"] is None


def test_a_digest_nobody_has_read_is_null():
    unread = standoff("x.docx", Settle.HOLD, ())
    unread = unread.__class__(
        1, "x.docx", unread.conflict.__class__(Content(3, "?s3/x/1"), ("s3",), (), Settle.HOLD)
    )
    document = checked(plan_document(planned(standoffs=(unread,)), 4), "plan")
    assert document["conflicts"][0]["winner"]["sha256"] is None


def test_an_outcome_with_everything_fits_the_published_format():
    what = everything()
    first, second, *_ = what.plan.steps
    outcome = Outcome(
        what,
        12,
        3.14159,
        (Done(first, 7),),
        (Failed(second, "no", 5),),
        ("0123456789ab",),
        frozenset({"zdrive"}),
    )
    document = checked(outcome_document(outcome), "outcome")
    counts = {"done": 1, "failed": 1, "dropped": 1, "bytes": 7, "verified": 0, "unequal": 0}
    assert document["summary"] == counts
    assert document["done"][0]["copied"] == 7
    assert (document["failed"][0]["reason"], document["failed"][0]["exit_code"]) == ("no", 5)
    assert (document["exit_code"], document["run"], document["seconds"]) == (6, 12, 3.142)
    assert document["left_out"] == ["zdrive"]


@pytest.mark.parametrize("name", ["plan", "outcome"])
def test_the_formats_refuse_what_they_do_not_name(name):
    outcome = Outcome(everything(), 1, 1.0, (Done(everything().plan.steps[0], 1),))
    document = plan_document(everything(), 0) if name == "plan" else outcome_document(outcome)
    place = document["steps" if name == "plan" else "done"]
    for broken in (
        document | {"more": 1},
        document | {"loses_content": True},
        document | {"format": "other/1"},
    ):
        with pytest.raises(ValidationError):
            checked(broken, name)
    place[0]["more"] = 1
    with pytest.raises(ValidationError):
        checked(document, name)


def test_a_plan_tells_programs_what_comparing_costs():
    plan = replace(planned(), adoption=Adoption(3, 13, 6, 1.6))
    document = checked(plan_document(plan, 0), "plan")
    assert document["adoption"] == {"documents": 3, "bytes": 13, "requests": 6, "seconds": 2}
    assert checked(plan_document(planned(), 0), "plan")["adoption"] is None
